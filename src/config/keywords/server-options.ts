// Options of server and default-server lines (configuration manual 5.2).

import type { ServerKeyword } from '../keyword.js';
import type { Line } from '../line.js';
import { initAddrMistake } from '../init-addr.js';
import { clip } from '../reports.js';
import type { ServerConf } from '../types.js';
import { readInt, readTime } from '../values.js';
import { serverProto, tcpUserTimeout } from './bind-options.js';
import { serverHttp } from './server-http.js';
import { serverLater } from './server-later.js';
import { serverProxy } from './server-proxy.js';
import { serverSource, serverSourceCount } from './source.js';

const flag = (set: (s: ServerConf) => void): NonNullable<ServerKeyword['parse']> => {
  return (_line, _at, server) => {
    set(server);
    return '';
  };
};

/** Settings that later questions (checks, pools) will ask for: stored, of no effect alone, as with the reference. */
const count = (set: (s: ServerConf, n: number) => void, min: number): NonNullable<ServerKeyword['parse']> => {
  return (line, at, server) => {
    const word = line.arg(at);
    if (line.arg(at + 1) === '') return `'${word}' expects an integer argument.`;
    const n = line.int(at + 1);
    if (n < min) return min === 1 ? `'${word}' has to be > 0.` : `'${word}' : invalid value ${n}.`;
    set(server, n);
    return '';
  };
};

/** `maxconn x`: the reference takes whatever atol makes of it. */
const plainInt = (set: (s: ServerConf, n: number) => void): NonNullable<ServerKeyword['parse']> => {
  return (line, at, server) => {
    set(server, Math.max(0, line.int(at + 1)));
    return '';
  };
};

const delay = (
  set: (s: ServerConf, ms: number) => void,
  positive: boolean,
  unit: 'ms' | 's' = 'ms',
): NonNullable<ServerKeyword['parse']> => {
  return (line, at, server) => {
    const word = line.arg(at);
    const text = line.arg(at + 1);
    if (text === '') return `'${word}' expects a delay as argument.`;
    const t = readTime(text, unit);
    if (!t.ok && t.why === 'overflow') {
      return `timer overflow in argument <${clip(text)}> to <${word}> of server ${server.name}, maximum value is 2147483647 ms (~24.8 days).`;
    }
    if (!t.ok) return `unexpected character '${t.character}' in '${word}' argument of server ${server.name}.`;
    if (positive && t.ms === 0) return `invalid value ${t.ms} for argument '${word}' of server ${server.name}.`;
    set(server, t.ms);
    return '';
  };
};

function serverId(line: Line, at: number, server: ServerConf): string {
  if (line.arg(at + 1) === '') return `'id' : expects an integer argument`;
  const { value } = readInt(line.arg(at + 1));
  if (value <= 0) return `'id' : custom id has to be > 0`;
  server.id = value;
  server.idForced = true;
  return '';
}

function serverWeight(line: Line, at: number, server: ServerConf): string {
  const w = line.int(at + 1);
  if (w < 0 || w > 256) return `weight of server ${server.name} is not within 0 and 256 (${w}).`;
  server.weight = w;
  return '';
}

function poolMax(line: Line, at: number, server: ServerConf): string {
  if (line.arg(at + 1) === '') return `'pool-max-conn' expects <value> as argument.`;
  const n = line.int(at + 1);
  if (n < -1) return `'pool-max-conn' must be >= -1`;
  server.poolMaxConn = n;
  return '';
}

/** Of two words, where the second one is the only one there is. */
function onMarked(only: string, set: (s: ServerConf) => void): NonNullable<ServerKeyword['parse']> {
  return (line, at, server) => {
    const got = line.arg(at + 1);
    if (got !== only) return `'${line.arg(at)}' expects '${only}' but got '${clip(got)}'`;
    set(server);
    return '';
  };
}

function initAddr(line: Line, at: number, server: ServerConf): string {
  const methods = line.arg(at + 1).split(',');
  const mistake = initAddrMistake(methods);
  if (mistake === '') server.initAddr = methods;
  return mistake;
}

/** An argument that means something to checks, pools or resolvers: it must be there, nothing else is looked at. */
function takes(what: string): NonNullable<ServerKeyword['parse']> {
  return (line, at) => (line.arg(at + 1) === '' ? `'${line.arg(at)}' expects ${what} as argument.` : '');
}

const serverDone: readonly ServerKeyword[] = [
  { words: 'backup', args: 0, syntax: 'backup', status: 'implemented', parse: flag((s) => (s.backup = true)) },
  { words: 'no-backup', args: 0, syntax: 'no-backup', status: 'implemented', parse: flag((s) => (s.backup = false)) },
  {
    words: 'check-proto',
    args: 1,
    syntax: 'check-proto <name>',
    status: 'notice',
    parse: (line, at, s) => serverProto(line, at, (p) => (s.checkProto = p)),
  },
  { words: 'disabled', args: 0, syntax: 'disabled', status: 'implemented', parse: flag((s) => (s.disabled = true)) },
  { words: 'enabled', args: 0, syntax: 'enabled', status: 'implemented', parse: flag((s) => (s.disabled = false)) },
  {
    words: 'downinter',
    args: 1,
    syntax: 'downinter <delay>',
    status: 'notice',
    parse: delay(() => undefined, true),
  },
  { words: 'fall', args: 1, syntax: 'fall <count>', status: 'notice', parse: count((s, n) => (s.fall = n), 1) },
  {
    words: 'fastinter',
    args: 1,
    syntax: 'fastinter <delay>',
    status: 'notice',
    parse: delay(() => undefined, true),
  },
  { words: 'id', args: 1, syntax: 'id <id>', status: 'implemented', parse: serverId },
  {
    words: 'init-addr',
    args: 1,
    syntax: 'init-addr {last | libc | none | <ip>},[...]*',
    status: 'implemented',
    parse: initAddr,
  },
  {
    words: 'inter',
    args: 1,
    syntax: 'inter <delay>',
    status: 'notice',
    parse: delay((s, ms) => (s.interMs = ms), true),
  },
  {
    words: 'maxconn',
    args: 1,
    syntax: 'maxconn <maxconn>',
    status: 'implemented',
    parse: plainInt((s, n) => (s.maxconn = n)),
  },
  {
    words: 'maxqueue',
    args: 1,
    syntax: 'maxqueue <maxqueue>',
    status: 'implemented',
    parse: plainInt((s, n) => (s.maxqueue = n)),
  },
  {
    words: 'minconn',
    args: 1,
    syntax: 'minconn <minconn>',
    status: 'implemented',
    parse: plainInt((s, n) => (s.minconn = n)),
  },
  { words: 'no-agent-check', args: 0, syntax: 'no-agent-check', status: 'implemented', parse: flag(() => undefined) },
  { words: 'no-check', args: 0, syntax: 'no-check', status: 'implemented', parse: flag((s) => (s.check = false)) },
  {
    words: 'no-check-send-proxy',
    args: 0,
    syntax: 'no-check-send-proxy',
    status: 'implemented',
    parse: flag(() => undefined),
  },
  { words: 'no-check-ssl', args: 0, syntax: 'no-check-ssl', status: 'implemented', parse: flag(() => undefined) },
  { words: 'no-ssl', args: 0, syntax: 'no-ssl', status: 'implemented', parse: flag(() => undefined) },
  { words: 'no-tfo', args: 0, syntax: 'no-tfo', status: 'implemented', parse: flag((s) => (s.tfo = false)) },
  { words: 'non-stick', args: 0, syntax: 'non-stick', status: 'implemented', parse: flag(() => undefined) },
  {
    words: 'on-marked-down',
    args: 1,
    syntax: 'on-marked-down shutdown-sessions',
    status: 'implemented',
    parse: onMarked('shutdown-sessions', (s) => (s.onMarkedDown = true)),
  },
  {
    words: 'on-marked-up',
    args: 1,
    syntax: 'on-marked-up shutdown-backup-sessions',
    status: 'implemented',
    parse: onMarked('shutdown-backup-sessions', (s) => (s.onMarkedUp = true)),
  },
  { words: 'max-reuse', args: 1, syntax: 'max-reuse <count>', status: 'notice', parse: takes('<value>') },
  { words: 'pool-low-conn', args: 1, syntax: 'pool-low-conn <max>', status: 'notice', parse: takes('<value>') },
  { words: 'port', args: 1, syntax: 'port <port>', status: 'notice', parse: takes('a port number') },
  { words: 'pool-max-conn', args: 1, syntax: 'pool-max-conn <max>', status: 'notice', parse: poolMax },
  {
    words: 'pool-purge-delay',
    args: 1,
    syntax: 'pool-purge-delay <delay>',
    status: 'notice',
    parse: delay((s, ms) => (s.poolPurgeDelayMs = ms), false),
  },
  {
    words: 'proto',
    args: 1,
    syntax: 'proto { none | h1 | h2 }',
    status: 'implemented',
    parse: (line, at, s) => serverProto(line, at, (p) => (s.proto = p)),
  },
  { words: 'rise', args: 1, syntax: 'rise <count>', status: 'notice', parse: count((s, n) => (s.rise = n), 1) },
  {
    words: 'slowstart',
    args: 1,
    syntax: 'slowstart <start_time_in_ms>',
    status: 'implemented',
    parse: delay((s, ms) => (s.slowstartMs = ms), false, 's'),
  },
  {
    words: 'source',
    args: -1,
    syntax: 'source <addr>[:<pl>[-<ph>]] [usesrc { <addr2>[:<port2>] | client | clientip }] [interface <name>]',
    status: 'implemented',
    parse: serverSource,
    count: serverSourceCount,
  },
  { words: 'stick', args: 0, syntax: 'stick', status: 'implemented', parse: flag(() => undefined) },
  {
    words: 'log-proto',
    args: 1,
    syntax: 'log-proto { legacy | octet-count }',
    status: 'implemented',
    parse: logProto,
  },
  {
    words: 'tcp-ut',
    args: 1,
    syntax: 'tcp-ut <delay>',
    status: 'implemented',
    parse: (line, at, s) => tcpUserTimeout(line, at, (ms) => (s.tcpUt = ms)),
  },
  { words: 'tfo', args: 0, syntax: 'tfo', status: 'implemented', parse: flag((s) => (s.tfo = true)) },
  {
    words: 'usesrc',
    args: 1,
    syntax: 'source … usesrc <address>',
    status: 'implemented',
    parse: () => `'usesrc' only allowed after a 'source' statement.`,
  },
  { words: 'weight', args: 1, syntax: 'weight <weight>', status: 'implemented', parse: serverWeight },
];

export const serverKeywords: readonly ServerKeyword[] = [...serverDone, ...serverProxy, ...serverHttp, ...serverLater];

/** How the messages of a ring are framed (RFC 6587 §3.4). */
function logProto(line: Line, at: number, s: ServerConf): string {
  const word = line.arg(at + 1);
  if (word !== 'legacy' && word !== 'octet-count')
    return `'log-proto' expects one of 'legacy' or 'octet-count' but got '${word}'`;
  s.logProto = word;
  return '';
}
