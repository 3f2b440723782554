// `sluice doctor`: what this system gives to sluice, as text for a bug report. It tries things rather than to guess, opens
// nothing that stays open, and ends with status 0 whatever it finds.
import { readFileSync } from 'node:fs';
import { availableParallelism, machine, release, totalmem, type, version } from 'node:os';
import { newGlobal } from '../../config/defaults.js';
import { EAGAIN, errnoName } from '../../sys/errno.js';
import { type Addon, loadAddon } from '../../sys/load.js';
import { createNativeSys, type NativeSys } from '../../sys/native.js';
import { probeUring } from '../../sys/uring.js';
import { computeMaxconn, descriptorLimit } from '../limits.js';
import { forcedTransport } from '../transport-wish.js';
import { COMPAT_VERSION, packageVersion } from '../version.js';
import { byteText, countText } from './text.js';

export const DOCTOR_HELP = `sluice doctor

Shows what this system gives to sluice: kernel, node, addon, transports, splicing, limits. The text is made for a bug
report: it holds no addresses, names or paths but that of the addon's error. Exit status 0 always.

  sluice doctor
  sluice doctor > report.txt
`;

type Row = readonly [name: string, value: string];

/** Prints the report. Resolves to the exit status. */
export function doctorCommand(args: readonly string[], env: NodeJS.ProcessEnv): number {
  if (args.length > 0) {
    const help = args[0] === '--help' || args[0] === '-h';
    if (help) process.stdout.write(DOCTOR_HELP);
    else process.stderr.write(`sluice doctor: takes no arguments, not '${args[0] ?? ''}'\n`);
    return help ? 0 : 1;
  }
  process.stdout.write(doctorText(env));
  return 0;
}

/** The report. */
export function doctorText(env: NodeJS.ProcessEnv): string {
  const { addon, reason } = findAddon(env);
  let sys: NativeSys | null = null;
  let refused = reason;
  if (addon !== null) {
    try {
      sys = createNativeSys({ addon, arenaBytes: 1 << 20 });
    } catch (error) {
      refused = messageOf(error);
    }
  }
  try {
    return [
      part('program', programRows(env)),
      part('system', systemRows()),
      part('transports', transportRows(addon, sys, refused, env)),
      part('splicing', spliceRows(sys)),
      part('limits', limitRows()),
    ].join('\n');
  } finally {
    sys?.destroy();
  }
}

function part(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return `${title}\n${rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`).join('')}`;
}

function programRows(env: NodeJS.ProcessEnv): Row[] {
  const set = Object.keys(env).filter((name) => name.startsWith('SLUICE_'));
  return [
    ['sluice', `${packageVersion()}, behaves like HAProxy ${COMPAT_VERSION}`],
    ['node', `${process.version}, V8 ${process.versions.v8}, libuv ${process.versions.uv}`],
    ['platform', `${process.platform} ${process.arch}`],
    ['environment', set.length === 0 ? 'no SLUICE_* variable' : set.map((n) => `${n}=${env[n] ?? ''}`).join(' ')],
  ];
}

function systemRows(): Row[] {
  const status = read('/proc/self/status');
  const seccomp = /^Seccomp:\s*(\d)/m.exec(status)?.[1];
  const modes = ['none', 'strict', 'filter'];
  const filter = seccomp === undefined ? 'unknown' : (modes[Number(seccomp)] ?? seccomp);
  return [
    ['kernel', `${type()} ${release()} ${machine()}`],
    ['kernel build', version()],
    ['cpus, memory', `${availableParallelism()}, ${byteText(totalmem())}`],
    ['user', process.getuid?.() === 0 ? 'root' : 'not root'],
    ['seccomp', filter],
  ];
}

function transportRows(addon: Addon | null, sys: NativeSys | null, refused: string, env: NodeJS.ProcessEnv): Row[] {
  const native = process.platform === 'linux' ? 'epoll' : 'kqueue';
  const rows: Row[] = [
    ['addon', addon === null ? `not loaded: ${refused}` : 'loaded'],
    [native, sys === null ? `no: ${refused}` : 'yes'],
    ['uring', addon === null ? 'no: needs the addon' : uringText(addon)],
    ['js', env['SLUICE_NATIVE'] === '1' ? 'no: SLUICE_NATIVE=1 excludes it' : 'yes, without splicing'],
  ];
  let used: string;
  try {
    const forced = forcedTransport(env);
    used =
      forced === '' ? `${sys?.name ?? 'js'} unless the configuration says otherwise` : `${forced} by SLUICE_TRANSPORT`;
  } catch (error) {
    used = messageOf(error);
  }
  rows.push(['in use', used]);
  return rows;
}

function uringText(addon: Addon): string {
  const { err, missing, features } = probeUring(addon);
  if (err === 0) return `yes (features 0x${features.toString(16)}), when asked for`;
  const name = errnoName(-err);
  if (missing.length > 0) return `no: the kernel lacks operations ${missing.join(', ')}`;
  const off = read('/proc/sys/kernel/io_uring_disabled').trim();
  if (off !== '' && off !== '0') return `no: ${name}, kernel.io_uring_disabled is ${off}`;
  const why = name === 'EPERM' ? 'a seccomp filter (container) or another policy refuses it' : 'the kernel has none';
  return `no: ${name}, ${why}`;
}

const PIPE_SIZES: readonly Row[] = [
  ['65536', 'pipe of 64 KiB'],
  ['262144', 'pipe of 256 KiB'],
  ['1048576', 'pipe of 1 MiB'],
];

function spliceRows(sys: NativeSys | null): Row[] {
  const rows: Row[] = ['pipe-max-size', 'pipe-user-pages-soft', 'pipe-user-pages-hard'].map((name): Row => [
    `fs.${name}`,
    read(`/proc/sys/fs/${name}`).trim() || 'unknown',
  ]);
  if (sys === null || process.platform !== 'linux') {
    rows.push(['splice', 'no: needs the addon on Linux']);
    return rows;
  }
  for (const [bytes, name] of PIPE_SIZES) rows.push([name, pipeText(sys, Number(bytes))]);
  const most = sys.poolPipesLimit(1 << 20);
  const few = most === 0 ? 'none: larger than fs.pipe-max-size' : countText(most);
  rows.push(['1 MiB pipes at a time', most < 0 ? 'no limit for this user' : few]);
  return rows;
}

/** Makes a pipe, moves bytes through it with splice(2), closes it. */
function pipeText(sys: NativeSys, bytes: number): string {
  const err = sys.pipe(bytes);
  if (err < 0) return `no: ${errnoName(-err)}`;
  const [rfd, wfd, size] = [sys.ret[0]!, sys.ret[1]!, sys.ret[2]!];
  const from = sys.pipe(0) < 0 ? -1 : sys.ret[0]!;
  const other = from < 0 ? -1 : sys.ret[1]!;
  const moved = from < 0 ? 0 : sys.splice(from, wfd, 4096, 0); // empty: -EAGAIN tells that the call is allowed
  for (const fd of [rfd, wfd, from, other]) if (fd >= 0) sys.closeRaw(fd);
  const allowed = moved === -EAGAIN ? 'splice works' : `splice: ${errnoName(-moved)}`;
  return `${countText(size)} bytes given, ${allowed}`;
}

function limitRows(): Row[] {
  const limits = read('/proc/self/limits');
  const limit = (name: string): string => {
    const m = new RegExp(`^${name}\\s+(\\S+)\\s+(\\S+)`, 'm').exec(limits);
    return m === null ? 'unknown' : `${m[1]!} (hard ${m[2]!})`;
  };
  const sysctl = (path: string): Row => [
    path.replaceAll('/', '.'),
    read(`/proc/sys/${path}`).trim().replaceAll('\t', ' ') || 'unknown',
  ];
  const fds = descriptorLimit();
  const maxconn = countText(computeMaxconn(newGlobal()));
  return [
    ['open files', limit('Max open files')],
    ['locked memory', limit('Max locked memory')],
    ['processes', limit('Max processes')],
    ['maxconn, computed', fds < 0 ? `${maxconn} (built in)` : `${maxconn} (two descriptors for a connection)`],
    sysctl('net/core/somaxconn'),
    sysctl('net/ipv4/ip_local_port_range'),
    sysctl('net/ipv4/tcp_rmem'),
    sysctl('net/ipv4/tcp_wmem'),
  ];
}

function findAddon(env: NodeJS.ProcessEnv): { addon: Addon | null; reason: string } {
  try {
    const found = loadAddon(undefined, env);
    return found.addon === null ? { addon: null, reason: found.reason } : { addon: found.addon, reason: '' };
  } catch (error) {
    return { addon: null, reason: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
