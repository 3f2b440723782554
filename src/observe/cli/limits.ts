// Limits that change while the program runs (management manual 9.3): `set maxconn frontend|global`, `set rate-limit`.
import { frontendOf, looseInt } from './find.js';
import { cliErr, DONE, isMessage } from './message.js';
import type { CliAnswer, CliCall, CliCommand } from './types.js';

const OUT_OF_RANGE = cliErr('Value out of range.\n');

function setMaxconnFrontend(call: CliCall): CliAnswer {
  const px = frontendOf(call, call.words[3]);
  if (isMessage(px)) return px;
  const text = call.words[4];
  if (text === undefined) return cliErr('Integer value expected.\n');
  const max = looseInt(text);
  if (max < 0) return OUT_OF_RANGE;
  px.limit.setMax(max);
  return DONE;
}

/** 0 and less go back to what the program started with, which is the most there may be. */
function setMaxconnGlobal(call: CliCall): CliAnswer {
  const text = call.words[3];
  if (text === undefined) return cliErr('Expects an integer value.\n');
  const max = looseInt(text);
  const { instance, hardMaxconn } = call.env;
  if (max > hardMaxconn) return OUT_OF_RANGE;
  instance.limit.setMax(max > 0 ? max : hardMaxconn);
  return DONE;
}

const RATE_USAGE = cliErr(
  `'set rate-limit' only supports :\n` +
    `   - 'connections global' to set the per-process maximum connection rate\n` +
    `   - 'sessions global' to set the per-process maximum session rate\n` +
    `   - 'ssl-sessions global' to set the per-process maximum SSL session rate\n` +
    `   - 'http-compression global' to set the per-process maximum compression speed in kB/s\n`,
);

function setRateLimit(call: CliCall): CliAnswer {
  const [, , what, where, text] = call.words;
  if (where !== 'global') return RATE_USAGE;
  if (what === 'ssl-sessions' || what === 'http-compression')
    return cliErr(`'set rate-limit ${what}' is known to HAProxy, but not in sluice yet.\n`);
  if (what !== 'connections' && what !== 'sessions') return RATE_USAGE;
  if (text === undefined) return cliErr('Expects an integer value.\n');
  const max = looseInt(text);
  if (max < 0) return OUT_OF_RANGE;
  const { instance } = call.env;
  instance.setRateLimit(what === 'connections' ? instance.connGate : instance.sessGate, max);
  return DONE;
}

export const limitCommands: readonly CliCommand[] = [
  {
    name: 'set maxconn frontend',
    usage: 'set maxconn frontend <frontend> <value>',
    help: `change a frontend's maxconn setting`,
    level: 'admin',
    run: setMaxconnFrontend,
  },
  {
    name: 'set maxconn global',
    usage: 'set maxconn global <value>',
    help: 'change the per-process maxconn setting',
    level: 'admin',
    run: setMaxconnGlobal,
  },
  {
    name: 'set rate-limit',
    usage: 'set rate-limit <setting> <value>',
    help: 'change a rate limiting value',
    level: 'admin',
    run: setRateLimit,
  },
];
