// The commands of the runtime CLI (management manual 9.3) that belong to no room of their own, and the whole table.
import { SF_ERR_KILLED, SF_FINST_D } from '../../datapath/stream/flags.js';
import { streamShutdown } from '../../datapath/stream/stream.js';
import { addressText } from '../../datapath/proto/address.js';
import { AF_INET6, AF_UNIX } from '../../sys/constants.js';
import type { Listener } from '../../datapath/proto/listener.js';
import { statsCommands } from '../stats/cli.js';
import { byApplet } from './applet.js';
import { helpText, levelAllows } from './lookup.js';
import { showFd } from './show-fd.js';
import { sessByName, showSess } from './show-sess.js';
import type { CliAnswer, CliCall, CliCommand } from './types.js';

function showErrors(call: CliCall): CliAnswer {
  const name = call.words[2];
  const { instance } = call.env;
  if (name !== undefined && !/^-?\d+$/.test(name) && !instance.proxies.some((p) => p.name === name))
    return 'No such proxy.\n';
  const d = new Date(instance.thr.sys.date());
  const two = (n: number): string => String(n).padStart(2, '0');
  const month = d.toLocaleString('en-US', { month: 'short' });
  const time = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, '0')}`;
  return `Total events captured on [${two(d.getDate())}/${month}/${d.getFullYear()}:${time}] : 0\n`;
}

function showActivity(call: CliCall): CliAnswer {
  const { thr } = call.env.instance;
  const { sched, loop, counters } = thr;
  const now = thr.sys.date();
  const rows: readonly (readonly [string, number | string])[] = [
    ['thread_id', '1 (1..1)'],
    ['date_now', `${Math.floor(now / 1000)}.${String(Math.floor((now % 1000) * 1000)).padStart(6, '0')}`],
    ['ctxsw', sched.taskCalls + sched.taskletCalls],
    ['tasksw', sched.taskCalls],
    ['taskletsw', sched.taskletCalls],
    ['empty_rq', loop.emptyRounds],
    ['loops', loop.rounds],
    ['wake_tasks', sched.timersFired],
    ['poll_drop_fd', thr.fdtab.stale],
    ['buf_wait', thr.bufs.failed],
    ['stream_calls', sched.taskCalls],
    ['accepted', call.env.instance.connTotal],
    ['accept_errors', counters.acceptErrors],
    ['crashes', counters.crashes],
    ['spins', loop.spins],
  ];
  return rows.map(([name, value]) => `${name}: ${value}\n`).join('');
}

function showPools(call: CliCall): CliAnswer {
  const { bufs, pipes } = call.env.instance.thr;
  const lines = Array.from(bufs.sizes, (size, cls) => {
    const used = bufs.used[cls]!;
    return `  - Pool buffer_${size} (${size} bytes) : ${used} allocated (${used * size} bytes), ${used} used, ${bufs.failed} failures\n`;
  });
  return (
    'Dumping pools usage.\n' +
    lines.join('') +
    `  - Pipes : ${pipes.total} allocated, ${pipes.used} used, ${pipes.failed} failures\n` +
    `Total: ${bufs.sizes.length} pools, ${bufs.usedBytes} bytes allocated, ${bufs.usedBytes} used.\n`
  );
}

function socketText(l: Listener): string {
  if (l.family === AF_UNIX) return `${l.address.abstract ? 'abns' : 'unix'}@${l.address.host}`;
  return `${l.family === AF_INET6 ? 'ipv6' : 'ipv4'}@${addressText(l.address)}`;
}

function showSockets(call: CliCall): CliAnswer {
  return `# socket lvl processes\n${call.env.sockets.map((l) => `${socketText(l)} ${l.conf.level} all\n`).join('')}`;
}

function showEnv(call: CliCall): CliAnswer {
  const name = call.words[2];
  if (name === undefined) return map(Object.keys(process.env), (n) => `${n}=${process.env[n] ?? ''}\n`);
  const value = process.env[name];
  return value === undefined ? 'Variable not found\n' : `${name}=${value}\n`;
}

function* map<T>(all: Iterable<T>, text: (one: T) => string): Generator<string> {
  for (const one of all) yield text(one);
}

function showBackend(call: CliCall): CliAnswer {
  const names = call.env.instance.proxies.filter((p) => p.isBackend && !p.disabled).map((p) => `${p.name}\n`);
  return `# name\n${names.join('')}`;
}

function clearCounters(call: CliCall): CliAnswer {
  const all = call.words[2] === 'all';
  if (all && !levelAllows(call.session.level, 'admin')) return 'Permission denied\n';
  for (const px of call.env.instance.proxies) {
    const lists = [px.fe, px.be, ...px.servers.map((s) => s.counters), ...px.listeners.map((l) => l.counters)];
    for (const c of lists) {
      if (all) c.clear();
      else c.clearMax();
    }
    px.feRate.max = 0;
    px.beRate.max = 0;
    for (const s of px.servers) s.rate.max = 0;
  }
  call.env.instance.connRate.max = 0;
  call.env.instance.sessRate.max = 0;
  return '';
}

function shutdownSession(call: CliCall): CliAnswer {
  const name = call.words[2];
  if (name === undefined) return `Session pointer expected (use 'show sess').\n`;
  const s = sessByName(call, name);
  if (s === null) return `No such session (use 'show sess').\n`;
  streamShutdown(s, SF_ERR_KILLED | SF_FINST_D);
  return '';
}

const SECOND_MS = 1000;
const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: SECOND_MS, m: 60000, h: 3600000, d: 86400000 };

/** `set timeout cli TIME`: seconds where no unit is given. */
function setTimeoutCli(call: CliCall): CliAnswer {
  if (call.words[2] !== 'cli') return `'set timeout' only supports 'cli'.\n`;
  const text = call.words[3];
  if (text === undefined) return 'Expects an integer value.\n';
  const m = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text);
  const ms = m === null ? 0 : Math.floor(Number(m[1]) * UNITS[m[2] ?? 's']!);
  if (ms <= 0 || ms > 0x7fffffff) return 'Invalid timeout value.\n';
  const { req, res } = call.session.stream;
  req.rto = ms;
  res.wto = ms;
  return '';
}

function lower(call: CliCall, to: 'user' | 'operator'): CliAnswer {
  call.session.level = to;
  return '';
}

/** Every command, in the order of `help`. */
export const cliCommands: readonly CliCommand[] = [
  {
    name: 'clear counters',
    usage: 'clear counters [all]',
    help: 'clear max statistics counters (or all counters)',
    level: 'operator',
    run: clearCounters,
  },
  {
    name: 'operator',
    usage: 'operator',
    help: 'lower the level of the current CLI session to operator',
    level: 'operator',
    run: (call) => lower(call, 'operator'),
  },
  {
    name: 'set timeout',
    usage: 'set timeout [cli] <delay>',
    help: 'change a timeout setting',
    level: 'user',
    run: setTimeoutCli,
  },
  {
    name: 'show activity',
    usage: 'show activity',
    help: 'show activity of the thread',
    level: 'user',
    run: showActivity,
  },
  {
    name: 'show backend',
    usage: 'show backend',
    help: 'list backends of the running config',
    level: 'user',
    run: showBackend,
  },
  {
    name: 'show cli level',
    usage: 'show cli level',
    help: 'display the level of the current CLI session',
    level: 'user',
    run: (call) => `${call.session.level}\n`,
  },
  {
    name: 'show cli sockets',
    usage: 'show cli sockets',
    help: 'dump list of cli sockets',
    level: 'user',
    run: showSockets,
  },
  {
    name: 'show env',
    usage: 'show env [var]',
    help: 'dump environment variables of the process',
    level: 'operator',
    run: showEnv,
  },
  {
    name: 'show errors',
    usage: 'show errors [<px>]',
    help: 'report last request and/or response errors for each proxy',
    level: 'operator',
    run: showErrors,
  },
  {
    name: 'show fd',
    usage: 'show fd [num]',
    help: 'dump list of file descriptors in use or a specific one',
    level: 'operator',
    run: showFd,
  },
  ...statsCommands.filter((c) => c.name === 'show info'),
  {
    name: 'show pools',
    usage: 'show pools',
    help: 'report memory usage of buffers and pipes',
    level: 'user',
    run: showPools,
  },
  {
    name: 'show sess',
    usage: 'show sess [id]',
    help: 'report the list of current sessions or dump this exact session',
    level: 'operator',
    run: showSess,
  },
  ...statsCommands.filter((c) => c.name === 'show stat'),
  {
    name: 'show version',
    usage: 'show version',
    help: 'show version of the current process',
    level: 'user',
    run: (call) => `${call.env.version}\n`,
  },
  {
    name: 'shutdown session',
    usage: 'shutdown session [id]',
    help: 'kill a specific session',
    level: 'admin',
    run: shutdownSession,
  },
  {
    name: 'user',
    usage: 'user',
    help: 'lower the level of the current CLI session to user',
    level: 'user',
    run: (call) => lower(call, 'user'),
  },
  {
    name: 'help',
    usage: 'help [<command>]',
    help: 'list matching or all commands',
    level: 'user',
    run: (call) => helpText(cliCommands, call.words.slice(1)),
  },
  {
    name: 'prompt',
    usage: 'prompt',
    help: 'toggle interactive mode with prompt',
    level: 'user',
    run: (call) => {
      call.session.prompt = !call.session.prompt;
      return '';
    },
  },
  { name: 'quit', usage: 'quit', help: 'disconnect', level: 'user', run: byApplet },
];
