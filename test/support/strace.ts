// Attaches strace to the main thread of a running program: its other threads (V8's, libuv's) stay out of the trace.
// Needs the right to trace a sibling process (root, or kernel.yama.ptrace_scope 0); without it the test fails and says so.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { track } from './program.js';
import { type TraceCall, parseTrace } from './strace-parse.js';
import { within } from './wait.js';

/** Everything on sockets and descriptors, waits and io_uring included. */
export const TRACE_IO = '%network,%desc';
/** Every system call. */
export const TRACE_ALL = 'all';

const ATTACH_LIMIT_MS = 20_000;
const TEXT_BYTES = 16; // of payload shown in a line

export class Tracer {
  #child: ChildProcess;
  #dir: string;
  #exited: Promise<void>;
  #done = false;

  constructor(child: ChildProcess, dir: string, exited: Promise<void>) {
    this.#child = child;
    this.#dir = dir;
    this.#exited = exited;
  }

  /** Detaches, returns the calls. A second call returns none. */
  async stop(): Promise<TraceCall[]> {
    if (this.#done) return [];
    this.#done = true;
    this.#child.kill('SIGINT'); // strace detaches and writes out what it has
    await within('strace to detach', this.#exited);
    const calls = parseTrace(readFileSync(join(this.#dir, 'trace'), 'utf8'));
    rmSync(this.#dir, { recursive: true, force: true });
    return calls;
  }
}

/** Starts tracing process `pid`; resolves once it is attached. `what`: strace's `-e trace=` set. */
export async function traceProgram(pid: number, what: string = TRACE_IO): Promise<Tracer> {
  const dir = mkdtempSync(join(tmpdir(), 'slt-'));
  const args = ['-p', String(pid), '-ttt', '-s', String(TEXT_BYTES), '-e', `trace=${what}`, '-o', join(dir, 'trace')];
  const child = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  track(child);
  let said = '';
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const attached = new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (said.includes('attached')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`strace ended before it was attached: ${said}`)));
  });
  try {
    await within('strace to attach', attached, ATTACH_LIMIT_MS);
  } catch (error) {
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  return new Tracer(child, dir, exited);
}
