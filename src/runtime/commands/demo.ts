// `sluice demo`: an embedded configuration with embedded origins, one visible proof, then yours to try until Ctrl-C. It is
// what `./scripts/start` runs without arguments.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { collectStats } from '../../extend/stats.js';
import { humanReports } from '../../config/print-human.js';
import { addressText } from '../../datapath/proto/address.js';
import { compile } from '../compile.js';
import { Engine } from '../engine.js';
import { openProcessLog } from '../log.js';
import { askStats, csvRows } from './ask-stats.js';
import { CallCounts } from './count-calls.js';
import type { PeersReady, ProofRequest, ProofResult } from './demo-peers.js';
import { byteText, countText, tableText } from './text.js';

export const DEMO_HELP = `sluice demo [--once]

Starts a proxy with an embedded configuration and three origins of its own, sends data through it both ways, checks it,
and tells what it took. Then it stays up for you to try until Ctrl-C; with --once it ends there.

  sluice demo
  SLUICE_TRANSPORT=uring sluice demo
`;

const ORIGINS = 3;
const CONNECTIONS = 4;
const BYTES_EACH = 16 << 20;
const PORT = 8080;

const say = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

/** Runs the demonstration. Resolves to an exit status, or to null while it stays up. */
export async function demoCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const once = args.includes('--once');
  const other = args.find((a) => a !== '--once');
  if (other !== undefined) {
    const help = other === '--help' || other === '-h';
    if (help) process.stdout.write(DEMO_HELP);
    else process.stderr.write(`sluice demo: unknown argument '${other}'\n\n${DEMO_HELP}`);
    return help ? 0 : 1;
  }
  const dir = mkdtempSync(path.join(tmpdir(), 'sluice-'));
  process.once('exit', () => {
    rmSync(dir, { recursive: true, force: true });
  });
  const peers = new Worker(new URL('./demo-peers.js', import.meta.url), { workerData: { origins: ORIGINS } });
  try {
    const demo = await startDemo(peers, path.join(dir, 'stats.sock'), env);
    if (demo === null) {
      await peers.terminate();
      return 1;
    }
    const end = async (status: number): Promise<void> => {
      await demo.engine.close();
      await peers.terminate();
      process.exit(status);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(0));
    const good = await prove(demo, peers);
    if (once || !good) {
      await end(good ? 0 : 1);
      return null;
    }
    whatToTry(demo);
    return null;
  } catch (error) {
    await peers.terminate();
    if (!(error instanceof Error && 'code' in error)) throw error;
    process.stderr.write(`sluice demo: ${error.message}\n`);
    return 1;
  }
}

interface Demo {
  readonly engine: Engine;
  readonly calls: CallCounts;
  readonly port: number;
  readonly statsPath: string;
}

/** Null: said on stderr why not. */
async function startDemo(peers: Worker, statsPath: string, env: NodeJS.ProcessEnv): Promise<Demo | null> {
  const { ports } = (await answer(peers)) as PeersReady;
  const text = demoConfig(await portFor(PORT), ports, statsPath);
  const parsed = await compile([{ name: 'demo', text }], { env, transport: '', portZero: true });
  if (parsed.errors > 0) {
    process.stderr.write(humanReports(parsed, { color: false }));
    return null;
  }
  const log = await openProcessLog('warn', 'sluice demo');
  const calls = new CallCounts();
  const engine = Engine.start(parsed.config, {
    transport: '',
    env,
    wrapAddon: (addon) => calls.wrap(addon),
    onCrash: (err) => {
      log.error('internal error', { err });
    },
  });
  const { address } = engine.instance.listeners[0]!;
  say(`sluice demo, transport ${engine.thr.sys.name}, listening on ${addressText(address)}, with this configuration:`);
  say();
  say(text.trimEnd().replace(/^/gm, '    '));
  say();
  if (engine.notice !== '') say(engine.notice);
  return { engine, calls, port: address.port, statsPath };
}

/** The embedded configuration. */
function demoConfig(port: number, origins: readonly number[], statsPath: string): string {
  const servers = origins.map((p, i) => `    server origin${i + 1} 127.0.0.1:${p}\n`).join('');
  return `global
    noreuseport
    stats socket ${statsPath} mode 600 level admin

defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 1m
    .if feature(LINUX_SPLICE)
    option splice-auto
    .endif

frontend demo
    bind 127.0.0.1:${port}
    default_backend origins

backend origins
    balance roundrobin
    option redispatch
${servers}`;
}

/** `wanted` where nobody has it, else 0: the system chooses. */
function portFor(wanted: number): Promise<number> {
  const probe = net.createServer();
  return new Promise((resolve) => {
    probe.once('error', () => {
      resolve(0);
    });
    probe.listen({ port: wanted, host: '127.0.0.1', exclusive: true }, () => {
      probe.close(() => {
        resolve(wanted);
      });
    });
  });
}

/** Sends data through, prints what it took. False when it did not come back as it was sent. */
async function prove(demo: Demo, peers: Worker): Promise<boolean> {
  const { engine, calls, port } = demo;
  const { thr } = engine;
  const before = calls.snapshot();
  const splicedBefore = thr.counters.splicedBytesIn;
  const cpuBefore = threadCpuMs();
  const ioBefore = threadReadsWrites();
  peers.postMessage({ port, connections: CONNECTIONS, bytesEach: BYTES_EACH } satisfies ProofRequest);
  const result = (await answer(peers)) as ProofResult;
  const spliced = thr.counters.splicedBytesIn - splicedBefore;
  const cpuMs = threadCpuMs() - cpuBefore;
  const by = calls.since(before);
  const moved = result.sent + result.received;
  say(`proof: ${CONNECTIONS} connections send ${byteText(BYTES_EACH)} each to the origins, which send it back`);
  const fine =
    result.wrong === 0 ? 'every byte came back as sent (SHA-1)' : `${result.wrong} connections WRONG ${result.error}`;
  say(`  through the proxy   ${countText(moved)} bytes (${byteText(moved)}), both ways; ${fine}`);
  const share = moved === 0 ? 0 : (100 * spliced) / moved;
  const kernel = `${countText(spliced)} bytes (${share.toFixed(1)} %) stayed in the kernel`;
  say(`  spliced             ${engine.instance.splice ? kernel : `none: the ${thr.sys.name} transport cannot`}`);
  say(`  system calls        ${callText(by, moved, ioBefore)}`);
  if (cpuBefore > 0)
    say(`  CPU of the proxy    ${cpuMs.toFixed(0)} ms in ${result.ms.toFixed(0)} ms, its thread alone`);
  say();
  await showStats(demo);
  return result.wrong === 0;
}

function callText(by: readonly (readonly [string, number])[], moved: number, ioBefore: number): string {
  const total = by.reduce((sum, [, n]) => sum + n, 0);
  if (total === 0) {
    if (ioBefore < 0) return 'made inside node, not counted here';
    const n = threadReadsWrites() - ioBefore;
    return `${countText(n)} read and write calls of the thread (/proc/self/task/*/io), one for ${byteText(moved / n)}`;
  }
  const names = by.slice(0, 5).map(([name, n]) => `${CALL_NAMES[name] ?? name} ${countText(n)}`);
  const rest = total - by.slice(0, 5).reduce((sum, [, n]) => sum + n, 0);
  const more = rest === 0 ? '' : `, others ${countText(rest)}`;
  return `${countText(total)}, one for ${byteText(moved / total)} (${names.join(', ')}${more}); counted at the addon`;
}

/** Functions of the addon that are not called as the kernel's call is. */
const CALL_NAMES: Readonly<Record<string, string>> = {
  poll: 'epoll_wait',
  pollAdd: 'epoll_ctl',
  pollDel: 'epoll_ctl',
  recv: 'recvfrom',
  send: 'sendto',
  accept: 'accept4',
  pipe: 'pipe2',
  discard: 'madvise',
};

/** `show stat` of the stats socket, the columns that matter here. */
async function showStats({ statsPath, engine }: Demo): Promise<void> {
  const csv = await askStats(statsPath, 'show stat').catch(() => '');
  const rows = csvRows(csv);
  if (rows.length > 0) {
    const columns = ['pxname', 'svname', 'status', 'scur', 'smax', 'stot', 'bin', 'bout'];
    say("statistics ('show stat' on the stats socket; a page in the browser comes with mode http):");
    say(tableText([columns, ...rows.map((r) => columns.map((c) => r.get(c) ?? ''))], '  '));
    return;
  }
  say('statistics (a page in the browser comes with mode http):');
  const table = collectStats(engine.instance).proxies.flatMap((px) => [
    ...(px.frontend === null ? [] : [[px.name, 'FRONTEND', px.frontend] as const]),
    ...px.servers.map((s) => [px.name, s.name, s] as const),
    ...(px.backend === null ? [] : [[px.name, 'BACKEND', px.backend] as const]),
  ]);
  const body = table.map(([px, name, c]) => [
    px,
    name,
    ...[c.sessions, c.sessionsTotal, c.bytesIn, c.bytesOut].map(String),
  ]);
  say(tableText([['pxname', 'svname', 'scur', 'stot', 'bin', 'bout'], ...body], '  '));
}

function whatToTry({ port, statsPath }: Demo): void {
  say('now yours to try, Ctrl-C ends:');
  say(`  curl http://127.0.0.1:${port}/        # an origin in turn each time`);
  if (onPath('nc')) say(`  nc 127.0.0.1 ${port}                  # what you type comes back`);
  const ask = onPath('socat')
    ? (command: string): string => `echo '${command}' | socat - ${statsPath}`
    : (command: string): string =>
        `node -e "require('net').connect('${statsPath}').on('connect', function () { this.end('${command}\\n') }).pipe(process.stdout)"`;
  say(`  ${ask('show stat')}`);
  say(`  ${ask('show info')}`);
  const program = onPath('sluice') ? 'sluice' : path.relative('', process.argv[1] ?? 'sluice');
  say(`  ${program} tcp 8081 localhost:22   # a proxy of your own, without a file`);
  say(`  ${program} --help`);
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((dir) => existsSync(path.join(dir, program)));
}

/** The worker's next message. Rejects when it breaks. */
function answer(peers: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      reject(error);
    };
    peers.once('error', failed);
    peers.once('message', (message) => {
      peers.off('error', failed);
      resolve(message);
    });
  });
}

/** CPU time of this thread so far, ms; 0 where the system does not tell. */
function threadCpuMs(): number {
  const nanoseconds = Number.parseInt(procThread('schedstat'), 10);
  return Number.isNaN(nanoseconds) ? 0 : nanoseconds / 1e6;
}

/** Calls of the read and write families by this thread; -1 where the system does not tell. */
function threadReadsWrites(): number {
  const io = procThread('io');
  const reads = /^syscr: (\d+)/m.exec(io);
  const writes = /^syscw: (\d+)/m.exec(io);
  return reads === null || writes === null ? -1 : Number(reads[1]) + Number(writes[1]);
}

/** The main thread's number is the process's. */
function procThread(file: string): string {
  try {
    return readFileSync(`/proc/self/task/${process.pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
