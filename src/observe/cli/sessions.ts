// `show sess` and what ends sessions (management manual 9.3).
import { SF_ERR_KILLED } from '../../datapath/stream/flags.js';
import { streamShutdown } from '../../datapath/stream/stream.js';
import { serverOf } from './find.js';
import { cliErr, DONE, isMessage } from './message.js';
import { sessByName, showSess } from './show-sess.js';
import type { CliAnswer, CliCall, CliCommand } from './types.js';

const KILLED = SF_ERR_KILLED;

function shutdownSession(call: CliCall): CliAnswer {
  const name = call.words[2];
  if (name === undefined) return cliErr(`Session pointer expected (use 'show sess').\n`);
  const s = sessByName(call, name);
  if (s === null) return cliErr(`No such session (use 'show sess').\n`);
  streamShutdown(s, KILLED);
  return DONE;
}

function shutdownServer(call: CliCall): CliAnswer {
  const server = serverOf(call, call.words[3]);
  if (isMessage(server)) return server;
  for (const s of call.env.instance.streams) if (s.srvConn === server) streamShutdown(s, KILLED);
  return DONE;
}

export const sessionCommands: readonly CliCommand[] = [
  {
    name: 'show sess',
    usage: 'show sess [id]',
    help: 'report the list of current sessions or dump this exact session',
    level: 'operator',
    run: showSess,
  },
  {
    name: 'shutdown session',
    usage: 'shutdown session [id]',
    help: 'kill a specific session',
    level: 'admin',
    run: shutdownSession,
  },
  {
    name: 'shutdown sessions server',
    usage: 'shutdown sessions server <bk>/<srv>',
    help: 'kill sessions on a server',
    level: 'admin',
    run: shutdownServer,
  },
];
