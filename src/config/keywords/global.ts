// Keywords of the global section (configuration manual, section 3) that do something here.

import { type GlobalKeyword, type KeywordGroup, SEC_GLOBAL } from '../keyword.js';
import type { Line } from '../line.js';
import { clip } from '../reports.js';
import type { Scope } from '../scope.js';
import type { GlobalConf, TransportName, TuneConf } from '../types.js';
import { overflowText, readInt, readMode, readTime } from '../values.js';
import { parseStatsMaxconn, parseStatsSocket, parseStatsTimeout } from './bind.js';
import { globalEnvironment } from './environment.js';
import { globalVariables } from './variables.js';
import { badGlobalArguments } from './global-checks.js';
import { globalLater } from './global-later.js';
import { parseLog } from './log.js';
import { noEffect } from './status.js';

type Parse = NonNullable<GlobalKeyword['parse']>;

/** True after the reference's alert (not a fatal one) that the keyword was there before. */
function again(line: Line, scope: Scope, key: string, text: string, form: 'parsing' | 'tight' = 'parsing'): boolean {
  if (scope.seen.has(key)) {
    line.alert(0, 'duplicate', text, { fatal: false, form });
    return true;
  }
  return false;
}

/** The keyword has been there, from now on. */
function mark(line: Line, scope: Scope, key: string): void {
  scope.seen.set(key, line.pos(0));
}

function needs(line: Line, text: string, form: 'parsing' | 'tight' = 'parsing'): boolean {
  if (line.arg(1) !== '') return true;
  line.alert(1, 'missing-argument', text, { form });
  return false;
}

/** Those that count the first time only. */
const ONCE = new Set([
  'fd-hard-limit',
  'maxconn',
  'maxconnrate',
  'maxpipes',
  'maxsessrate',
  'tune.maxaccept',
  'tune.maxpollevents',
  'tune.runqueue-depth',
]);

/** An integer as atol reads it, clamped to what the field can hold. */
function int(set: (g: GlobalConf, n: number) => void, min = 0): Parse {
  return (line, global, scope) => {
    const word = line.arg(0);
    if (line.tooMany(1)) return;
    if (ONCE.has(word) && again(line, scope, word, `'${word}' already specified. Continuing.`)) return;
    if (ONCE.has(word) && line.arg(1) !== '') mark(line, scope, word);
    if (!needs(line, `'${line.arg(0)}' expects an integer argument.`)) return;
    set(global, Math.max(min, Math.min(0x7fffffff, line.int(1))));
  };
}

function tuneInt(field: keyof TuneConf & NumberField, min = 0): Parse {
  return int((g, n) => (g.tune[field] = n), min);
}

type NumberField = { [K in keyof TuneConf]: TuneConf[K] extends number ? K : never }[keyof TuneConf];

function socketBuffer(field: NumberField): Parse {
  return (line, global) => {
    if (line.tooMany(1)) return;
    const word = line.arg(0);
    if (global.tune[field] !== 0) {
      line.alert(0, 'duplicate', `'${word}' already specified. Continuing.`, { fatal: false });
      return;
    }
    if (!needs(line, `'${word}' expects an integer argument.`)) return;
    global.tune[field] = Math.max(0, line.int(1));
  };
}

function flag(set: (g: GlobalConf, on: boolean) => void): Parse {
  return (line, global) => {
    if (!line.tooMany(0)) set(global, line.prefix === '');
  };
}

/** A word kept as it is; `key` says what may stand once. */
function text(set: (g: GlobalConf, s: string) => void, missing: string): Parse {
  return (line, global, scope) => {
    const word = line.arg(0);
    if (line.tooMany(1)) return;
    if (again(line, scope, word, `'${word}' already specified. Continuing.`)) return;
    if (!needs(line, missing)) return;
    mark(line, scope, word);
    set(global, line.arg(1));
  };
}

function bufsize(line: Line, global: GlobalConf): void {
  if (line.tooMany(1)) return;
  if (!needs(line, `'tune.bufsize' expects an integer argument.`)) return;
  const { value, clean } = readInt(line.arg(1));
  if (value <= 0 || !clean) {
    line.alert(1, 'bad-number', `'tune.bufsize' expects a positive integer argument.`, {
      expected: 'a number of bytes',
    });
    return;
  }
  global.tune.bufsize = Math.min(value, 1 << 20);
}

function idletimer(line: Line, global: GlobalConf): void {
  if (line.tooMany(1)) return;
  const range = `'tune.idletimer' expects a timer value between 0 and 65535 ms.`;
  if (line.arg(1) === '') {
    line.alert(1, 'missing-argument', range);
    return;
  }
  const t = readTime(line.arg(1));
  if (!t.ok && t.why === 'character') {
    const message = `unexpected character '${t.character}' in argument to <tune.idletimer>.`;
    line.alert(1, 'bad-time', message, { form: 'tight' });
    return;
  }
  if (!t.ok) {
    const message = `timer overflow in argument <${clip(line.arg(1))}> to <tune.idletimer>, maximum value is 65535 ms.`;
    line.alert(1, 'bad-time', message, { form: 'tight' });
    return;
  }
  if (t.ms > 65535) {
    line.alert(1, 'bad-time', range);
    return;
  }
  global.tune.idletimer = t.ms;
}

function duration(set: (g: GlobalConf, ms: number) => void): Parse {
  return (line, global) => {
    const word = line.arg(0);
    if (!needs(line, `'${word}' expects <time> as argument.`)) return;
    const t = readTime(line.arg(1));
    if (!t.ok) {
      const message =
        t.why === 'overflow'
          ? overflowText(clip(line.arg(1)), word)
          : `unexpected character '${t.character}' in argument to <${word}>.`;
      line.alert(1, 'bad-time', message);
      return;
    }
    if (line.tooMany(1)) return;
    set(global, t.ms);
  };
}

/** Node raises the limit to the highest allowed one when it starts; nobody can go beyond that from within. */
function ulimitN(line: Line, global: GlobalConf, scope: Scope): void {
  if (line.tooMany(1)) return;
  if (!needs(line, `'ulimit-n' expects an integer argument.`)) return;
  const n = Math.max(0, line.int(1));
  const limit = scope.host.descriptorLimit?.() ?? -1;
  if (limit >= 0 && n > limit) {
    const message = `'ulimit-n' ${n} is above the limit of this process, ${limit}, which cannot be raised from within.`;
    line.alert(1, 'limit', message, { expected: `at most ${limit}, or a higher 'ulimit -n' before the start` });
    return;
  }
  global.ulimitN = n;
  noEffect(line, 0, 'ulimit-n', scope, 'accepted: the limit of descriptors is as high as allowed already');
}

const THREADS_MAX = 64;

function nbthread(line: Line, global: GlobalConf, scope: Scope): void {
  const { value, clean } = readInt(line.arg(1));
  if (!clean || line.arg(1) === '') {
    const message = `'nbthread' passed a missing or unparsable integer value in '${clip(line.arg(1))}'`;
    line.alert(1, 'bad-number', message, { expected: 'an integer' });
    return;
  }
  if (line.tooMany(1)) return;
  if (value < 1 || value > THREADS_MAX) {
    line.alert(1, 'bad-number', `'nbthread' value must be between 1 and ${THREADS_MAX} (was ${value})`);
    return;
  }
  global.nbthread = value;
  if (value > 1) noEffect(line, 0, 'nbthread', scope, 'accepted, but one thread runs for now');
}

function nbproc(line: Line): void {
  const message = `nbproc is not supported any more since HAProxy 2.5. Threads will automatically be used on multi-processor machines if available.`;
  line.alert(0, 'removed', message);
}

function owner(kind: 'user' | 'group', field: 'uid' | 'gid'): Parse {
  return (line, global, scope) => {
    if (line.tooMany(1)) return;
    if (again(line, scope, field, `${kind}/${field} already specified. Continuing.`)) return;
    const name = line.arg(1);
    const id = kind === 'user' ? scope.host.userId(name) : scope.host.groupId(name);
    if (id < 0) {
      const message = `cannot find ${kind} id for '${clip(name)}' (0:Success)`;
      line.alert(1, 'unknown-owner', message, { expected: `a ${kind} of this system` });
      return;
    }
    mark(line, scope, field);
    global[kind] = name;
    global[field] = id;
  };
}

function ownerId(kind: 'user' | 'group', field: 'uid' | 'gid'): Parse {
  return (line, global, scope) => {
    if (line.tooMany(1)) return;
    if (again(line, scope, field, `${kind}/${field} already specified. Continuing.`)) return;
    if (!needs(line, `'${field}' expects an integer argument.`)) return;
    const { value, clean } = readInt(line.arg(1));
    if (!clean) {
      const message = ` ${field}: string '${clip(line.arg(1))}' is not a number.`;
      const tail = `\n   | You might want to use the '${kind}' parameter to use a system ${kind} name.`;
      line.warning(1, 'not-a-number', message, { tail, expected: `a number; '${kind}' takes a name` });
      return;
    }
    mark(line, scope, field);
    global[field] = value;
  };
}

function node(line: Line, global: GlobalConf): void {
  if (!/^[A-Za-z0-9._-]+$/.test(line.arg(1))) {
    const message = `'node' requires valid node name - non-empty string with digits(0-9), letters(A-Z, a-z), dot(.), hyphen(-) or underscode(_).`;
    line.alert(1, 'bad-name', message, { form: 'tight' });
    return;
  }
  if (line.tooMany(1)) return;
  global.node = line.arg(1);
}

function description(line: Line, global: GlobalConf): void {
  if (needs(line, `'description' expects a string argument.`, 'tight')) global.description = line.rest(1);
}

function logTag(line: Line, global: GlobalConf): void {
  if (line.tooMany(1)) return;
  if (needs(line, `'log-tag' expects a tag for use in syslog.`)) global.logTag = line.arg(1);
}

function masterWorker(line: Line, global: GlobalConf): void {
  if (line.arg(1) !== '' && line.arg(1) !== 'no-exit-on-failure') {
    line.alert(1, 'bad-argument', `'master-worker' only supports 'no-exit-on-failure' option.`);
    return;
  }
  global.masterWorker = true;
  line.alert(0, 'not-yet', `'master-worker' is known to HAProxy, but not in sluice yet`);
}

function spreadChecks(line: Line, global: GlobalConf, scope: Scope): void {
  if (line.tooMany(1)) return;
  if (again(line, scope, 'spread-checks', `spread-checks already specified. Continuing.`, 'tight')) return;
  if (!needs(line, `'spread-checks' expects an integer argument (0..50).`, 'tight')) return;
  const n = line.int(1);
  if (n < 0 || n > 50) {
    line.alert(1, 'bad-number', `'spread-checks' needs a positive value in range 0..50.`, { form: 'tight' });
    return;
  }
  mark(line, scope, 'spread-checks');
  global.spreadChecks = n;
}

function unixBind(line: Line, global: GlobalConf, scope: Scope): void {
  const u = global.unixBind;
  for (let i = 1; i < line.count; i += 2) {
    const word = line.arg(i);
    const value = line.arg(i + 1);
    if (word === 'prefix') u.prefix = value;
    else if (word === 'mode') u.mode = Math.max(0, readMode(value));
    else if (word === 'uid' || word === 'gid') u[word] = line.int(i + 1);
    else if (word === 'user' || word === 'group') {
      const id = word === 'user' ? scope.host.userId(value) : scope.host.groupId(value);
      if (id < 0) {
        line.alert(i + 1, 'unknown-owner', `'unix-bind' : '${clip(value)}' unknown ${word}.`);
        return;
      }
      u[word] = value;
      u[word === 'user' ? 'uid' : 'gid'] = id;
    } else {
      const list = `'prefix', 'mode', 'uid', 'gid', 'user' and 'group'`;
      line.alert(i, 'unknown-option', `'unix-bind' only supports the ${list} options.`, {
        keyword: word,
        expected: list,
      });
      return;
    }
  }
}

const POLLERS: readonly Exclude<TransportName, ''>[] = ['epoll', 'kqueue', 'uring', 'js'];

/** Ours: the transport that is asked for. */
function poller(line: Line, global: GlobalConf): void {
  const name = POLLERS.find((p) => p === line.arg(1));
  const list = POLLERS.map((p) => `'${p}'`).join(', ');
  if (name === undefined) {
    line.alert(1, 'unknown-word', `'tune.poller' expects one of ${list} (got '${clip(line.arg(1))}').`, {
      expected: list,
    });
    return;
  }
  if (!line.tooMany(1)) global.tune.poller = name;
}

function entry(
  syntax: string,
  parse: Parse,
  extra: { status?: 'notice' | 'later'; negatable?: boolean; ours?: boolean } = {},
): GlobalKeyword {
  const { status, ...rest } = extra;
  return {
    words: syntax.split(' ')[0]!,
    sections: SEC_GLOBAL,
    syntax,
    status: status ?? 'implemented',
    parse,
    ...rest,
  };
}

function two(words: string, syntax: string, parse: Parse): GlobalKeyword {
  return { words, sections: SEC_GLOBAL, syntax, status: 'implemented', parse };
}

export const globalKeywords: readonly GlobalKeyword[] = [
  entry(
    'chroot <jail dir>',
    text((g, s) => (g.chroot = s), `'chroot' expects a directory as an argument.`),
  ),
  entry(
    'daemon',
    flag((g) => (g.daemon = true)),
    { status: 'later' },
  ),
  entry('description <text>', description, { status: 'notice' }),
  entry(
    'expose-experimental-directives',
    flag(() => undefined),
  ),
  entry('external-check [preserve-env]', (_line, g) => void (g.externalCheck = true), { status: 'notice' }),
  entry(
    'fd-hard-limit <number>',
    int((g, n) => (g.fdHardLimit = n)),
  ),
  entry('gid <number>', ownerId('group', 'gid')),
  entry(
    'grace <time>',
    duration((g, ms) => (g.graceMs = ms)),
    { status: 'later' },
  ),
  entry('group <group name>', owner('group', 'gid')),
  entry(
    'hard-stop-after <time>',
    duration((g, ms) => (g.hardStopAfterMs = ms)),
  ),
  entry(
    'localpeer <name>',
    text((g, s) => (g.other['localpeer'] = s), `'localpeer' expects a name as an argument.`),
    { status: 'notice' },
  ),
  entry(
    'log <target> [len <length>] [format <format>] [sample <ranges>:<sample_size>] <facility> [max level [min level]]',
    (line, g, scope) => parseLog(line, g.logs, true, scope),
    { negatable: true },
  ),
  entry('log-send-hostname [<string>]', (line, g) => {
    if (!line.tooMany(1)) g.logSendHostname = line.arg(1);
  }),
  entry('log-tag <string>', logTag),
  entry('master-worker [no-exit-on-failure]', masterWorker),
  entry(
    'maxconn <number>',
    int((g, n) => (g.maxconn = n)),
  ),
  entry(
    'maxconnrate <number>',
    int((g, n) => (g.maxconnrate = n)),
  ),
  entry(
    'maxpipes <number>',
    int((g, n) => (g.maxpipes = n)),
  ),
  entry(
    'maxsessrate <number>',
    int((g, n) => (g.maxsessrate = n)),
  ),
  entry('nbproc <number>', nbproc),
  entry('nbthread <number>', nbthread),
  entry('node <name>', node),
  entry(
    'noepoll',
    flag((g) => (g.noEpoll = true)),
    { status: 'notice' },
  ),
  entry(
    'nogetaddrinfo',
    flag((g) => (g.noGetaddrinfo = true)),
    { status: 'notice' },
  ),
  entry(
    'nokqueue',
    flag((g) => (g.noKqueue = true)),
    { status: 'notice' },
  ),
  entry(
    'nopoll',
    flag((g) => (g.noPoll = true)),
    { status: 'notice' },
  ),
  entry(
    'noreuseport',
    flag((g) => (g.noReuseport = true)),
  ),
  entry(
    'nosplice',
    flag((g) => (g.noSplice = true)),
  ),
  entry(
    'pidfile <pidfile>',
    text((g, s) => (g.pidfile = s), `'pidfile' expects a file name as an argument.`),
  ),
  entry('profiling.tasks { auto | on | off }', (line, g) => {
    if (!badGlobalArguments(line)) g.profilingTasks = line.arg(1) === 'on';
  }),
  entry(
    'quiet',
    flag((g) => (g.quiet = true)),
  ),
  entry('spread-checks <0..50, in percent>', spreadChecks, { status: 'notice' }),
  { ...two('stats bind-process', 'stats bind-process [ all | <process_num> ] ...', () => undefined), status: 'notice' },
  two('stats maxconn', 'stats maxconn <connections>', parseStatsMaxconn),
  two('stats socket', 'stats socket [<address:port>|<path>] [param*]', parseStatsSocket),
  two('stats timeout', 'stats timeout <timeout, in milliseconds>', parseStatsTimeout),
  entry(
    'strict-limits',
    flag((g, on) => (g.strictLimits = on)),
    { negatable: true },
  ),
  entry('tune.buffers.limit <number>', tuneInt('buffersLimit')),
  entry('tune.buffers.reserve <number>', tuneInt('buffersReserve', 2), { status: 'notice' }),
  entry('tune.bufsize <number>', bufsize),
  entry('tune.http.maxhdr <number>', (line, g) => {
    if (!badGlobalArguments(line)) g.tune.maxHeaders = readInt(line.arg(1)).value;
  }),
  entry('tune.idletimer <timeout>', idletimer, { status: 'notice' }),
  entry('tune.maxaccept <number>', tuneInt('maxaccept', -1)),
  entry('tune.maxpollevents <number>', tuneInt('maxpollevents'), { status: 'notice' }),
  entry('tune.maxrewrite <number>', tuneInt('maxrewrite')),
  entry('tune.pipesize <number>', tuneInt('pipesize')),
  entry('tune.poller { epoll | kqueue | uring | js }', poller, { ours: true }),
  entry('tune.rcvbuf.client <number>', socketBuffer('rcvbufClient')),
  entry('tune.rcvbuf.server <number>', socketBuffer('rcvbufServer')),
  entry('tune.recv_enough <number>', tuneInt('recvEnough'), { status: 'notice' }),
  entry('tune.runqueue-depth <number>', tuneInt('runqueueDepth')),
  entry('tune.sndbuf.client <number>', socketBuffer('sndbufClient')),
  entry('tune.sndbuf.server <number>', socketBuffer('sndbufServer')),
  entry('uid <number>', ownerId('user', 'uid')),
  entry('ulimit-n <number>', ulimitN),
  entry(
    'unix-bind [ prefix <prefix> ] [ mode <mode> ] [ user <user> ] [ uid <uid> ] [ group <group> ] [ gid <gid> ]',
    unixBind,
  ),
  entry('user <user name>', owner('user', 'uid')),
  entry(
    'zero-warning',
    flag((g) => (g.zeroWarning = true)),
  ),
  ...globalEnvironment,
  ...globalVariables,
  ...globalLater,
];

export const statsGroup: KeywordGroup = {
  word: 'stats',
  unknown: (line, nearest) => {
    const message = `'stats' only supports 'socket', 'maxconn', 'bind-process' and 'timeout' (got '${clip(line.arg(1))}')`;
    line.alert(1, 'unknown-keyword', message, { keyword: `stats ${line.arg(1)}`, nearest });
  },
};
