// Servers changed by hand (management manual 9.3): `set server`, `set weight`, `set maxconn server`, `enable|disable server`.
import { isIPv4, isIPv6 } from 'node:net';
import { addressIp } from '../../datapath/proto/address.js';
import {
  SRV_ADMIN_DRAIN,
  SRV_ADMIN_MAINT,
  SRV_ADMIN_UP,
  SRV_ST_RUNNING,
  SRV_ST_STOPPED,
  SRV_ST_STOPPING,
  type Server,
} from '../../proxy/server.js';
import { srvSetAddress, srvSetAdmin, srvSetHealth, srvSetMaxconn, srvSetWeightText } from '../../proxy/server-state.js';
import { AF_UNIX } from '../../sys/constants.js';
import { serverOf } from './find.js';
import { cliErr, cliWarning, DONE, isMessage } from './message.js';
import type { CliAnswer, CliCall, CliCommand } from './types.js';

const PORT_MAX = 65535;
const ADDRESS_SUFFIX = ` by 'stats socket command'\n`;
const LATER_WORDS: readonly string[] = [
  ...['agent', 'agent-addr', 'agent-port', 'agent-send', 'check-addr', 'check-port', 'fqdn', 'ssl'],
];

/** Runs `change` on the server that the word at `at` names. */
const onServer =
  (at: number, change: (server: Server, call: CliCall) => CliAnswer) =>
  (call: CliCall): CliAnswer => {
    const server = serverOf(call, call.words[at]);
    return isMessage(server) ? server : change(server, call);
  };

const admin =
  (to: number) =>
  (server: Server): CliAnswer => {
    srvSetAdmin(server, to);
    return DONE;
  };

function weight(server: Server, text: string | undefined): CliAnswer {
  if (text === undefined) return cliErr('Require <weight> or <weight%>.\n');
  const wrong = srvSetWeightText(server, text);
  return wrong === '' ? DONE : cliErr(wrong);
}

/** Negative values are taken as the reference takes them: no limit. */
function maxconn(server: Server, text: string | undefined): CliAnswer {
  if (text === undefined) return cliErr('Require <maxconn>.\n');
  const m = /^\s*([+-]?\d+)(.*)$/s.exec(text);
  if (m === null) return cliErr('maxconn string empty or preceded by garbage');
  if (m[2] !== '') return cliErr('Trailing garbage in maxconn string');
  srvSetMaxconn(server, Math.max(0, Math.min(Number(m[1]), 0x7fffffff)));
  return DONE;
}

const STATES: Readonly<Record<string, number>> = {
  ready: SRV_ADMIN_UP,
  drain: SRV_ADMIN_DRAIN,
  maint: SRV_ADMIN_MAINT,
};

function state(server: Server, word: string | undefined): CliAnswer {
  const to = word === undefined || !Object.hasOwn(STATES, word) ? undefined : STATES[word];
  if (to === undefined) return cliErr(`'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n`);
  srvSetAdmin(server, to);
  return DONE;
}

const HEALTHS: Readonly<Record<string, number>> = {
  up: SRV_ST_RUNNING,
  down: SRV_ST_STOPPED,
  stopping: SRV_ST_STOPPING,
};

function health(server: Server, word: string | undefined): CliAnswer {
  const to = word === undefined || !Object.hasOwn(HEALTHS, word) ? undefined : HEALTHS[word];
  if (to === undefined) return cliErr(`'set server <srv> health' expects 'up', 'stopping', or 'down'.\n`);
  srvSetHealth(server, to);
  return DONE;
}

/** `set server … addr IP [port PORT]`: says what changed, and what did not. */
function address(server: Server, call: CliCall): CliAnswer {
  const [, , , , host, portWord, portText = ''] = call.words;
  if (host === undefined) return cliErr('set server <b>/<s> addr requires an address and optionally a port.\n');
  const said = (text: string): CliAnswer => cliWarning(`${text}${ADDRESS_SUFFIX}`);
  if (!isIPv4(host) && !isIPv6(host)) return said(`Invalid addr '${host}'`);
  const before = server.address;
  if (before.family === AF_UNIX)
    return said('Update for the current server address family is only supported through configuration file');
  const next = addressIp(host, before.port);
  const moved = next.host !== before.host;
  const parts = [moved ? `IP changed from '${before.host}' to '${next.host}'` : 'no need to change the addr'];
  const move = (): void => {
    if (moved) srvSetAddress(server, next, server.mapPorts ? server.portOffset : null);
  };
  if (portWord !== 'port') {
    move();
    return said(parts.join(''));
  }
  const port = /^\d+$/.test(portText) ? Number(portText) : -1;
  if (/^[+-]/.test(portText) || port < 0 || port > PORT_MAX) {
    move(); // the address alone, as the reference does
    parts.push(
      /^[+-]/.test(portText)
        ? `can't change <port> to port map because it is incompatible with current health check port configuration (use 'port' statement from the 'server' directive.`
        : `problem converting port '${portText}' to an int`,
    );
    return said(parts.join(', '));
  }
  const shown = server.mapPorts ? `+${server.portOffset & PORT_MAX}` : String(before.port); // 16 bits, as the reference
  const same = !server.mapPorts && port === before.port;
  parts.push(same ? 'no need to change the port' : `port changed from '${shown}' to '${port}'`);
  if (moved || !same) srvSetAddress(server, addressIp(host, port));
  return said(parts.join(', '));
}

const SET_SERVER_USAGE = cliErr(
  'usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | check-addr | check-port | ' +
    'fqdn | health | ssl | state | weight\n',
);

function setServer(server: Server, call: CliCall): CliAnswer {
  const [, , , what, value] = call.words;
  if (what === 'weight') return weight(server, value);
  if (what === 'state') return state(server, value);
  if (what === 'addr') return address(server, call);
  if (what === 'health') return health(server, value);
  if (what !== undefined && LATER_WORDS.includes(what))
    return cliErr(`'set server ${what}' is known to HAProxy, but not in sluice yet.\n`);
  return SET_SERVER_USAGE;
}

export const serverCommands: readonly CliCommand[] = [
  {
    name: 'disable server',
    usage: 'disable server (DEPRECATED)',
    help: `disable a server for maintenance (use 'set server' instead)`,
    level: 'admin',
    run: onServer(2, admin(SRV_ADMIN_MAINT)),
  },
  {
    name: 'enable server',
    usage: 'enable server  (DEPRECATED)',
    help: `enable a disabled server (use 'set server' instead)`,
    level: 'admin',
    run: onServer(2, admin(SRV_ADMIN_UP)),
  },
  {
    name: 'get weight',
    usage: 'get weight <bk>/<srv>',
    help: `report a server's current weight`,
    level: 'user',
    run: onServer(2, (s) => `${s.weight} (initial ${s.weightInitial})\n`),
  },
  {
    name: 'set maxconn server',
    usage: 'set maxconn server <bk>/<srv>',
    help: `change a server's maxconn setting`,
    level: 'admin',
    run: onServer(3, (s, call) => maxconn(s, call.words[4])),
  },
  {
    name: 'set server',
    usage: 'set server <bk>/<srv> [opts]',
    help: `change a server's state, weight or address`,
    level: 'admin',
    run: onServer(2, setServer),
  },
  {
    name: 'set weight',
    usage: 'set weight <bk>/<srv>  (DEPRECATED)',
    help: `change a server's weight (use 'set server' instead)`,
    level: 'admin',
    run: onServer(2, (s, call) => weight(s, call.words[3])),
  },
];
