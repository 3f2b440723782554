// State of one simulated machine: arena, virtual clock, network, faults, the descriptor table, and the record of what was
// called. Misuse that Linux would answer with a shrug (a closed descriptor used, bytes outside the arena) is a bug check
// that throws and names the seed.

import type { BufPool } from '../../base/bufpool.js';
import { BugError } from '../../base/bug.js';
import { EMFILE } from '../errno.js';
import type { Arena } from '../types.js';
import { Clock } from './clock.js';
import type { CompletionHost } from './completion.js';
import { Completion } from './completion.js';
import { F_PREEMPT, Faults } from './faults.js';
import { SimNet } from './net.js';
import type { Pipe } from './pipe.js';
import { Rng } from './rng.js';
import type { Sock } from './sock.js';
import { SS_NAMES } from './sock.js';

/**
 * How a transport speaks: 'epoll' reports a descriptor's whole state at each edge, 'kqueue' each side by itself when that side
 * changed (and cannot splice), 'uring' collects results of operations.
 */
export type Manner = 'epoll' | 'kqueue' | 'uring';

export interface SimOptions {
  readonly seed: number;
  /** Size of the arena in bytes (default 32 MiB). */
  readonly arenaBytes?: number;
  /** The arena itself, where runs in a row share one: its bytes are garbage. */
  readonly memory?: ArrayBuffer;
  /** Scale of all fault rates: 0 none (default 1). */
  readonly faultLevel?: number;
  /** How readiness is told (default 'epoll'). */
  readonly manner?: Manner;
  /** Most descriptors (default 4096). */
  readonly fdLimit?: number;
  /** Network latency one way in milliseconds, and buffer sizes of sockets in bytes; drawn from the seed where left out. */
  readonly latencyMs?: number;
  readonly rcvBytes?: number;
  readonly sndBytes?: number;
  /** Calls kept for `trace()` (default 0: none). */
  readonly traceMax?: number;
  /** Polls in a row that found nothing and moved nothing, before it is called spinning (default 200). */
  readonly spinMax?: number;
}

/** One end of a pipe in the descriptor table. */
export class PipeEnd {
  readonly pipe: Pipe;
  readonly write: boolean;

  constructor(pipe: Pipe, write: boolean) {
    this.pipe = pipe;
    this.write = write;
  }
}

export type FdEntry = Sock | PipeEnd;
const FIRST_FD = 3;
const CALL_MS = 0.002; // virtual time a call takes

export class SimCore implements CompletionHost {
  readonly seed: number;
  readonly arena: Arena;
  readonly u8: Uint8Array;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly faults: Faults;
  readonly net: SimNet;
  readonly manner: Manner;
  readonly completion: Completion | null;
  pool: BufPool | null = null;
  fdLimit: number;
  /** Calls by name: what a test counts. */
  readonly calls: Record<string, number> = {};
  /** Folded over every call and its result: equal for equal runs. */
  digest = 0;
  /** Calls that moved something; together with the clock it tells progress from spinning. */
  progress = 0;
  /** Sockets with something to report, in the order it came about. */
  protected readyList: Sock[] = [];
  protected readonly spinMax: number;
  private readonly fds: (FdEntry | null)[] = [];
  private readonly traceMax: number;
  private readonly lines: string[] = [];

  constructor(options: SimOptions) {
    this.seed = options.seed;
    const bytes = options.memory?.byteLength ?? options.arenaBytes ?? 32 << 20;
    const memory = options.memory ?? new ArrayBuffer(bytes);
    this.u8 = new Uint8Array(memory);
    this.arena = { bytes, u8: this.u8, i32: new Int32Array(memory), view: new DataView(memory) };
    this.clock = new Clock(1000);
    this.rng = new Rng(options.seed, 1);
    this.faults = new Faults(new Rng(options.seed, 2), options.faultLevel ?? 1);
    const draw = new Rng(options.seed, 3);
    const latencyMs = draw.float() * draw.pick([0.1, 1, 20]);
    const rcvBytes = draw.logInt(1024, 262_144);
    const sndBytes = draw.logInt(1024, 262_144);
    this.net = new SimNet(this.clock, this.rng, this.faults, {
      latencyMs: options.latencyMs ?? latencyMs,
      rcvBytes: options.rcvBytes ?? rcvBytes,
      sndBytes: options.sndBytes ?? sndBytes,
    });
    this.manner = options.manner ?? 'epoll';
    this.completion = this.manner === 'uring' ? new Completion(this) : null;
    this.fdLimit = options.fdLimit ?? 4096;
    this.traceMax = options.traceMax ?? 0;
    this.spinMax = options.spinMax ?? 200;
  }

  bug(what: string): never {
    throw new BugError(`BUG: sim seed ${this.seed} at ${this.clock.nowMs.toFixed(3)} ms: ${what}`);
  }

  /** The last calls, oldest first. */
  trace(): readonly string[] {
    return this.lines;
  }

  /** What is still open: descriptors by number and state, and operations in flight. Empty when nothing leaks. */
  leaks(): string[] {
    const out: string[] = [];
    this.fds.forEach((e, fd) => {
      if (e === null) return;
      if (e instanceof PipeEnd) out.push(`fd ${fd}: ${e.write ? 'write' : 'read'} end of pipe ${e.pipe.id}`);
      else out.push(`fd ${fd}: socket ${e.id} ${SS_NAMES[e.state]}`);
    });
    if (this.completion !== null && this.completion.inFlight !== 0)
      out.push(`operations in flight: ${this.completion.inFlight}`);
    return out;
  }

  openFds(): number {
    return this.fds.reduce((n, e) => (e === null ? n : n + 1), 0);
  }

  mark(s: Sock, mask: number): void {
    if (!s.polled) return;
    s.readyMask |= mask;
    if (s.ready) return;
    s.ready = true;
    this.readyList.push(s);
  }

  // -- each call ----------------------------------------------------------------------------------------------

  /** A call begins: a little time passes, and now and then the network moves while it runs. */
  protected enter(name: string): void {
    this.calls[name] = (this.calls[name] ?? 0) + 1;
    this.clock.jump(this.clock.nowMs + CALL_MS);
    if (this.faults.hit(F_PREEMPT)) this.clock.runDue();
  }

  /** A call ends: recorded, its result passed on. */
  protected leave(name: string, fd: number, arg: number, result: number): number {
    this.digest = (Math.imul(this.digest, 31) + Math.imul(fd + 7, 131) + result) | 0;
    if (this.traceMax > 0) {
      if (this.lines.length >= this.traceMax) this.lines.splice(0, this.traceMax >> 1);
      this.lines.push(`${this.clock.nowMs.toFixed(3)} ${name}(${fd}, ${arg}) = ${result}`);
    }
    return result;
  }

  // -- descriptors --------------------------------------------------------------------------------------------

  /** Puts `entry` on the lowest free number; -EMFILE at the limit. */
  protected install(entry: FdEntry): number {
    let fd = FIRST_FD;
    while (fd < this.fds.length && this.fds[fd] !== null) fd++;
    if (fd >= this.fdLimit) return -EMFILE;
    while (this.fds.length <= fd) this.fds.push(null);
    this.fds[fd] = entry;
    return fd;
  }

  protected entry(fd: number, what: string): FdEntry {
    const e = this.fds[fd] ?? null;
    if (e === null || (!(e instanceof PipeEnd) && e.closing))
      this.bug(`${what} on descriptor ${fd}, which is not open`);
    return e;
  }

  protected isOpen(fd: number): boolean {
    return (this.fds[fd] ?? null) !== null;
  }

  protected sockAt(fd: number, what: string): Sock {
    const e = this.entry(fd, what);
    return e instanceof PipeEnd ? this.bug(`${what} on descriptor ${fd}, which is a pipe`) : e;
  }

  protected uninstall(fd: number): void {
    this.fds[fd] = null;
  }

  /** Bytes of the arena that a call is given; inside one buffer where a pool is known. */
  protected span(ofs: number, len: number, what: string): void {
    if (!Number.isInteger(ofs) || !Number.isInteger(len) || ofs < 0 || len < 0 || ofs + len > this.arena.bytes) {
      this.bug(`${what} with bytes [${ofs}, ${ofs}+${len}) outside the arena`);
    }
  }
}
