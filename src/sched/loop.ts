// The loop's turn. It lives inside libuv: the host calls `rounds` once a turn; a round wakes expired timers, runs the
// queues, lets promises run, waits for events and hands them out. It leaves when the host has something due, so that
// timers, promises, `fs`, signals and `worker.terminate()` of the embedding process stay alive.
import { tickOf } from '../base/ticks.js';
import { SYS_F_BLOCKS, type Sys } from '../sys/types.js';
import type { Scheduler } from './scheduler.js';

const ROUNDS_MAX = 64; // rounds a turn of the host loop at most
// While several bulk flows, and nothing else, keep the loop busy, each segment that arrives would cost a wake-up of its own.
// A short sleep before the next poll lets them gather: fewer, larger receives for the same bytes. A single flow is never
// delayed, and neither is anything else: CALM_ROUNDS rounds without other work come first.
const BULK_PAUSE_US = 200;
const BULK_FLOWS = 2;
const CALM_ROUNDS = 16;
const SAMPLE_MS = 1000; // over which `idlePct` is taken at least
const SPIN_ROUNDS = 1000; // that many busy rounds in a row that moved nothing are counted as spinning

/** Hands `count` events of `sys.events` to their descriptors; true when the host's own descriptor was among them. */
export type Dispatch = (count: number) => boolean;

// Undocumented, but the only way to run nextTick and promise callbacks between rounds; without it a turn is one round.
const drain = (process as unknown as { _tickCallback?: () => void })._tickCallback;

export class Loop {
  readonly sys: Sys;
  readonly sched: Scheduler;
  dispatch: Dispatch;
  rounds = 0;
  /** Rounds that ran nothing, saw no event and did not wait: the loop spins when they follow each other. */
  emptyRounds = 0;
  spins = 0;
  /** Events that came. */
  events = 0;
  /** Part of the time that was spent waiting, in percent, over the last second or longer wait. */
  idlePct = 100;
  private idleMs = 0;
  private sampleMs: number;
  private emptyRow = 0;
  private calm = 0; // rounds in a row that served bulk flows alone
  private dateOffset = 0; // wall clock minus monotonic clock, ms
  private stopped = false;
  /** Called when a round found nothing to do before a wait of more than 100 ms (memory trimming). */
  onIdle: (() => void) | null = null;
  /** Called about each second, where it did not wait for longer, with the time since the last call; for rates. */
  readonly samplers = new Set<(spanMs: number) => void>();

  constructor(sys: Sys, sched: Scheduler, dispatch: Dispatch) {
    this.sys = sys;
    this.sched = sched;
    this.dispatch = dispatch;
    this.dateOffset = sys.date() - sys.now();
    this.sampleMs = sys.now();
    this.updateClock();
  }

  start(): void {
    this.stopped = false;
    this.sys.hostStart(() => {
      this.turn();
    });
  }

  /** May be called from inside a round, by a promise that ran in it; nothing of `sys` is touched afterwards. */
  stop(): void {
    this.stopped = true;
    this.sys.hostStop();
  }

  updateClock(): void {
    const now = this.sys.now();
    this.sched.now = tickOf(now);
    this.sched.clock[0] = now;
    this.sched.clock[1] = Math.floor(now + this.dateOffset);
  }

  /** One turn of the host loop. */
  turn(): void {
    const sys = this.sys;
    const blocks = (sys.features & SYS_F_BLOCKS) !== 0;
    this.updateClock();
    this.dateOffset = sys.date() - this.sched.clock[0]!; // the wall clock may be set; once a turn is often enough to see that
    const most = blocks && drain !== undefined ? ROUNDS_MAX : 1;
    for (let i = 0; i < most; i++) {
      if (this.round(blocks)) return;
    }
  }

  /** One round; true when the host loop must have its turn now. */
  round(blocks: boolean): boolean {
    const { sys, sched } = this;
    this.rounds++;
    sched.wakeExpired();
    const ran = sched.runQueues();
    const bulk = this.onlyBulk(ran);
    if (sched.calledOut) {
      // Code of the embedding process ran in this round: its promises must not wait for the next turn.
      sched.calledOut = false;
      if (drain !== undefined && blocks) drain.call(process);
      if (this.stopped) return true;
    }
    let wait = sched.delay();
    // Only a wait that may block must not outlast what the host loop has due.
    const host = wait === 0 ? -1 : sys.hostTimeout();
    if (host >= 0 && (wait < 0 || host < wait)) wait = host;
    if (this.onIdle !== null && ran === 0 && (wait < 0 || wait > 100)) this.onIdle();
    if (bulk && wait !== 0 && sys.pause !== undefined) sys.pause(BULK_PAUSE_US);
    const idleFrom = wait === 0 ? 0 : sys.now();
    const count = sys.poll(wait);
    if (ran === 0 && count <= 0 && wait === 0 && host !== 0) this.countEmpty();
    else this.emptyRow = 0;
    this.updateClock();
    if (wait !== 0) this.sampleIdle(idleFrom);
    if (count <= 0) return host === 0;
    this.events += count;
    return this.dispatch(count) || host === 0;
  }

  /** It waited since `fromMs`. */
  private sampleIdle(fromMs: number): void {
    const now = this.sched.clock[0]!;
    this.idleMs += now - fromMs;
    const spanMs = now - this.sampleMs;
    if (spanMs < SAMPLE_MS) return;
    this.idlePct = Math.min(100, Math.round((100 * this.idleMs) / spanMs));
    this.idleMs = 0;
    this.sampleMs = now;
    for (const sample of this.samplers) sample(spanMs);
  }

  /** Several bulk flows, and nothing but bulk flows, were served in this round and in those before it. */
  private onlyBulk(ran: number): boolean {
    const { sched } = this;
    const bulkRan = sched.bulkRan;
    sched.bulkRan = 0;
    if (ran > bulkRan) this.calm = 0;
    else if (ran > 0 && this.calm < CALM_ROUNDS) this.calm++;
    return ran > 0 && this.calm === CALM_ROUNDS && sched.streamers >= BULK_FLOWS;
  }

  private countEmpty(): void {
    this.emptyRounds++;
    if (++this.emptyRow >= SPIN_ROUNDS) {
      this.emptyRow = 0;
      this.spins++;
    }
  }
}
