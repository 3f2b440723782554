// What the CLI tells of the process (management manual 9.3): activity, pools, environment, errors, its own sockets.
import { addressText } from '../../datapath/proto/address.js';
import type { Thread } from '../../datapath/fd/thread.js';
import type { Listener } from '../../datapath/proto/listener.js';
import { AF_INET6, AF_UNIX } from '../../sys/constants.js';
import { cliErr, cliInfo } from './message.js';
import { stampMs } from './stamp.js';
import type { CliAnswer, CliCall, CliCommand } from './types.js';

function showErrors(call: CliCall): CliAnswer {
  const name = call.words[2];
  const { instance } = call.env;
  if (name !== undefined && !/^-?\d+$/.test(name) && !instance.proxies.some((p) => p.name === name))
    return cliErr('No such proxy.\n');
  return `Total events captured on [${stampMs(instance.thr.sys.date())}] : 0\n`;
}

function showActivity(call: CliCall): CliAnswer {
  const { instance } = call.env;
  const { thr } = instance;
  const { sched, loop, counters, fdtab, bufs } = thr;
  const now = thr.sys.date();
  const cpu = process.cpuUsage();
  const cpuMs = Math.floor((cpu.user + cpu.system) / 1000);
  const rows: readonly (readonly [string, number | string])[] = [
    ['thread_id', '1 (1..1)'],
    ['date_now', `${Math.floor(now / 1000)}.${String(Math.floor((now % 1000) * 1000)).padStart(6, '0')}`],
    ['ctxsw', sched.taskCalls + sched.taskletCalls],
    ['tasksw', sched.taskCalls],
    ['empty_rq', loop.emptyRounds],
    ['long_rq', 0],
    ['loops', loop.rounds],
    ['wake_tasks', sched.timersFired],
    ['wake_signal', 0],
    ['poll_io', loop.events],
    ['poll_exp', sched.timersFired],
    ['poll_drop_fd', fdtab.stale],
    ['poll_skip_fd', 0],
    ['conn_dead', 0],
    ['stream_calls', sched.taskCalls],
    ['pool_fail', bufs.failed],
    ['buf_wait', bufs.failed],
    ['cpust_ms_tot', 0],
    ['cpust_ms_1s', 0],
    ['cpust_ms_15s', 0],
    ['avg_loop_us', loop.rounds === 0 ? 0 : Math.floor((cpuMs * 1000) / loop.rounds)],
    ['accepted', instance.connTotal],
    ['accq_pushed', 0],
    ['accq_full', 0],
    ['accq_ring', 0],
    ['fd_takeover', 0],
    // Ours.
    ['taskletsw', sched.taskletCalls],
    ['accept_errors', counters.acceptErrors],
    ['crashes', counters.crashes],
    ['spins', loop.spins],
    ['cpu_ms_tot', cpuMs],
  ];
  return rows.map(([name, value]) => `${name}: ${value}\n`).join('');
}

/** How much of the buffers and pipes is in use. */
export function poolsText({ bufs, pipes }: Thread): string {
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

/** Values may hold line feeds; an empty line would end the answer for those who read it. */
const oneLine = (text: string): string => text.replaceAll('\n', '\\n');

function showEnv(call: CliCall): CliAnswer {
  const name = call.words[2];
  if (name === undefined) return allEnv();
  const value = process.env[name];
  return value === undefined ? cliErr('Variable not found\n') : `${name}=${oneLine(value)}\n`;
}

function* allEnv(): Generator<string> {
  for (const [name, value] of Object.entries(process.env)) yield `${name}=${oneLine(value ?? '')}\n`;
}

export const processCommands: readonly CliCommand[] = [
  {
    name: 'show activity',
    usage: 'show activity',
    help: 'show activity of the thread',
    level: 'user',
    run: showActivity,
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
    help: 'dump environment variables known to the process',
    level: 'operator',
    run: showEnv,
  },
  {
    name: 'show errors',
    usage: 'show errors [<px>] [request|response]',
    help: 'report last request and/or response errors for each proxy',
    level: 'operator',
    run: showErrors,
  },
  {
    name: 'show pools',
    usage: 'show pools',
    help: 'report memory usage of buffers and pipes',
    level: 'user',
    run: (call) => poolsText(call.env.instance.thr),
  },
  {
    name: 'show version',
    usage: 'show version',
    help: 'show version of the current process',
    level: 'user',
    run: (call) => cliInfo(`${call.env.version}\n`),
  },
];
