// What /proc says about a running program: its descriptors by kind, the CPU it used, whether it sleeps. Linux only,
// like strace.

import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

import { until } from './wait.js';

export interface FdCount {
  readonly total: number;
  readonly sockets: number;
  readonly pipes: number;
  readonly others: number;
}

/** Open descriptors of a process, counted by kind. */
export function countFds(pid: number): FdCount {
  const dir = `/proc/${pid}/fd`;
  let sockets = 0;
  let pipes = 0;
  let others = 0;
  for (const name of readdirSync(dir)) {
    let to: string;
    try {
      to = readlinkSync(`${dir}/${name}`);
    } catch {
      continue; // closed meanwhile
    }
    if (to.startsWith('socket:')) sockets++;
    else if (to.startsWith('pipe:')) pipes++;
    else others++;
  }
  return { total: sockets + pipes + others, sockets, pipes, others };
}

/** CPU time of all threads of a process so far, user and system, in milliseconds (resolution 10 ms). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from field 3, the state
  return (Number(fields[11]) + Number(fields[12])) * 10; // utime, stime in ticks of USER_HZ (100)
}

/** State letter of the main thread: R runs, S sleeps in a wait, t stopped by the tracer, T stopped by a signal. */
export function mainThreadState(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}

const QUIET_SAMPLES = 6;
const QUIET_STEP_MS = 5;

/**
 * Waits until the program's main thread has nothing left to do: asleep in several samples in a row. On loopback a write
 * of ours wakes it before the write returns, so asleep means that it dealt with what was sent.
 */
export async function untilQuiet(pid: number, limitMs = 10_000): Promise<void> {
  let asleep = 0;
  await until(
    `process ${pid} to be idle`,
    () => {
      asleep = mainThreadState(pid) === 'S' ? asleep + 1 : 0;
      return asleep >= QUIET_SAMPLES ? true : undefined;
    },
    limitMs,
    QUIET_STEP_MS,
  );
}

/** Stops a process (SIGSTOP) and waits until it really stands still; SIGCONT lets it go on. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  let stopped = 0;
  await until(
    `process ${pid} to stop`,
    () => {
      stopped = mainThreadState(pid).toLowerCase() === 't' ? stopped + 1 : 0;
      return stopped >= QUIET_SAMPLES ? true : undefined;
    },
    10_000,
    QUIET_STEP_MS,
  );
}
