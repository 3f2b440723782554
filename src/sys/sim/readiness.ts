// Readiness of the simulator: the poll set and `poll` itself, which jumps to the next thing that happens and never sleeps.

import { ENOENT, ENOMEM } from '../errno.js';
import { EVENT_FD, EVENT_GEN, EVENT_MASK, EVENT_STRIDE, SYS_POLL_IN, SYS_POLL_OUT } from '../types.js';
import type { SimOptions } from './core.js';
import { SimCore } from './core.js';
import { F_EINTR_POLL, F_ENOMEM_POLL_ADD, F_FEW_POLL, F_REORDER_POLL } from './faults.js';
import type { Sock } from './sock.js';
import { sockFilter, sockMask } from './sock.js';

export class SimReadiness extends SimCore {
  readonly eventsMax = 256;
  readonly events = new Int32Array(256 * EVENT_STRIDE);
  readonly hostFd = -1;
  /** `poll` was asked to wait for ever while nothing can happen any more. */
  stuck = false;
  /** Longest row of polls that neither found nor moved anything. */
  spinLongest = 0;
  /** The scenario wants its turn: `poll` returns at once and the host loop is due. */
  interrupted = false;
  private spin = 0;
  private lastProgress = -1;
  private lastRan = -1;
  private rounds: (() => void) | null = null;

  constructor(options: SimOptions) {
    super(options);
    if (this.events.length !== this.eventsMax * EVENT_STRIDE) throw new Error('sim: size of the event table');
  }

  now(): number {
    return this.clock.nowMs;
  }

  date(): number {
    return 1_700_000_000_000 + Math.floor(this.clock.nowMs);
  }

  pollAdd(fd: number, gen: number): number {
    this.enter('pollAdd');
    const s = this.sockAt(fd, 'pollAdd');
    if (s.polled) this.bug(`descriptor ${fd} is polled already`);
    if (this.faults.hit(F_ENOMEM_POLL_ADD)) return this.leave('pollAdd', fd, gen, -ENOMEM);
    s.polled = true;
    s.gen = gen;
    if (this.completion !== null) this.completion.look(s);
    else if (sockMask(s) !== 0) this.mark(s, SYS_POLL_IN | SYS_POLL_OUT);
    return this.leave('pollAdd', fd, gen, 0);
  }

  pollDel(fd: number): number {
    this.enter('pollDel');
    const s = this.sockAt(fd, 'pollDel');
    if (!s.polled) return this.leave('pollDel', fd, 0, -ENOENT);
    this.forget(s);
    return this.leave('pollDel', fd, 0, 0);
  }

  want(fd: number, events: number, recvMode: number): void {
    const s = this.sockAt(fd, 'want');
    if (this.completion !== null) this.completion.want(s, events, recvMode);
  }

  poll(timeoutMs: number): number {
    this.enter('poll');
    this.clock.runDue();
    this.watchSpin(timeoutMs);
    if (this.faults.hit(F_EINTR_POLL)) {
      // A signal: it may come before the first event, and nothing is reported.
      if (timeoutMs !== 0) this.clock.jump(Math.min(this.clock.nextMs(), this.clock.nowMs + this.rng.float()));
      return this.leave('poll', -1, timeoutMs, 0);
    }
    this.sleep(timeoutMs);
    return this.leave('poll', -1, timeoutMs, this.collect());
  }

  hostStart(rounds: () => void): void {
    if (this.rounds !== null) this.bug('hostStart twice');
    this.rounds = rounds;
  }

  hostStop(): void {
    this.rounds = null;
  }

  hostTimeout(): number {
    return this.interrupted ? 0 : -1;
  }

  /** One turn of the host loop: what libuv would do. False when nobody is hosted (any more). */
  hostTurn(): boolean {
    this.interrupted = false;
    if (this.rounds === null) return false;
    this.rounds();
    return true;
  }

  /** Takes a socket out of the poll set and of what waits to be reported. */
  protected forget(s: Sock): void {
    s.polled = false;
    s.ready = false;
    s.readyMask = 0;
  }

  /** Slot of each socket that has a descriptor: something changed. */
  protected changed(s: Sock, side: number): void {
    if (this.completion !== null) this.completion.look(s);
    else if (this.manner === 'epoll' || side !== 0) this.mark(s, side);
  }

  /** Lets time pass until something is to be reported or the time-out is over. */
  private sleep(timeoutMs: number): void {
    const deadline = timeoutMs < 0 ? Infinity : this.clock.nowMs + timeoutMs;
    while (this.readyList.length === 0 && !this.interrupted && this.clock.nowMs < deadline) {
      const next = this.clock.nextMs();
      if (next === Infinity && deadline === Infinity) {
        this.stuck = true;
        this.interrupted = true;
        return;
      }
      this.clock.jump(Math.min(next, deadline));
      this.clock.runDue();
    }
  }

  private collect(): number {
    const list = this.readyList;
    if (list.length === 0) return 0;
    if (list.length > 1 && this.faults.hit(F_REORDER_POLL)) this.rng.shuffle(list);
    let most = this.eventsMax;
    if (list.length > 1 && this.faults.hit(F_FEW_POLL)) most = this.rng.int(1, list.length - 1);
    let n = 0;
    let i = 0;
    while (i < list.length && n < most && n + 1 < this.eventsMax) {
      const s = list[i++]!;
      if (!s.ready) continue; // closed or taken out since
      s.ready = false;
      const sides = s.readyMask;
      s.readyMask = 0;
      if (this.manner === 'uring') n = this.report(s, sides, n);
      else if (this.manner === 'epoll') n = this.report(s, sockMask(s), n);
      else n = this.reportFilters(s, sides, n);
    }
    this.readyList = list.slice(i);
    return n;
  }

  private report(s: Sock, mask: number, n: number): number {
    if (mask === 0) return n;
    const at = n * EVENT_STRIDE;
    this.events[at + EVENT_MASK] = mask;
    this.events[at + EVENT_FD] = s.fd;
    this.events[at + EVENT_GEN] = s.gen;
    return n + 1;
  }

  /** One event for each side that changed, in either order. */
  private reportFilters(s: Sock, sides: number, n: number): number {
    const first = this.rng.chance(0.5) ? SYS_POLL_IN : SYS_POLL_OUT;
    const second = SYS_POLL_IN + SYS_POLL_OUT - first;
    const m = this.report(s, (sides & first) !== 0 ? sockFilter(s, first) : 0, n);
    return this.report(s, (sides & second) !== 0 ? sockFilter(s, second) : 0, m);
  }

  /** Polls in a row with no call that moved anything, no event and no wait between them are a loop that burns. */
  private watchSpin(timeoutMs: number): void {
    const still = this.progress === this.lastProgress && this.clock.ran === this.lastRan && this.readyList.length === 0;
    this.lastProgress = this.progress;
    this.lastRan = this.clock.ran;
    this.spin = still && timeoutMs >= 0 && timeoutMs < 1 ? this.spin + 1 : 0;
    this.spinLongest = Math.max(this.spinLongest, this.spin);
    if (this.spin > this.spinMax) this.bug(`the loop spins: ${this.spin} polls in a row found and moved nothing`);
  }
}
