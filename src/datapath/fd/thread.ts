// The thread context: loop, descriptors, arena, pipes, scheduler; one for each thread, shared by all instances in it and
// counted by reference. Everything on the data path reaches it through the object in hand.
import { BufPool } from '../../base/bufpool.js';
import { tickAdd } from '../../base/ticks.js';
import { TASK_KILLED } from '../../sched/flags.js';
import {
  type TaskHandler,
  taskDestroy,
  taskNew,
  taskSchedule,
  type Tasklet,
  type TaskletHandler,
  taskletFree,
  taskletNew,
  taskletWakeup,
} from '../../sched/task.js';
import { Loop } from '../../sched/loop.js';
import { Scheduler } from '../../sched/scheduler.js';
import type { Sys } from '../../sys/types.js';
import { SOCKADDR_MAX } from '../../sys/constants.js';
import { FdTab } from './fdtab.js';
import { PipePool } from './pipe-pool.js';

/** Arena bytes in front of the first buffer: sockaddr scratch, socket option values. */
export const RESERVED_BYTES = 4096;
export const SCRATCH_ADDR = 0; // one sockaddr: accept, getsockname
export const SCRATCH_ADDR2 = SOCKADDR_MAX; // another: bind, connect
export const SCRATCH_OPT = 2 * SOCKADDR_MAX; // option values, up to SCRATCH_OPT_BYTES
export const SCRATCH_OPT_BYTES = 256;

const REFUSED_RETRY_MS = 100; // until a descriptor that the poller refused is tried again

const retryRefused: TaskHandler = (t, context) => {
  (context as Thread).fdtab.retryRefused();
  taskDestroy(t);
  return null;
};

const wakeBufWaiters: TaskletHandler = (t, context) => {
  (context as Thread).wakeBufWaiters();
  return (t.state & TASK_KILLED) !== 0 ? null : t;
};

export interface ThreadOptions {
  /** `tune.bufsize`, bytes. */
  readonly bufsize: number;
}

/** Totals of a thread, read by `show info` and the tests. */
export class ThreadCounters {
  connections = 0; // Connection objects alive
  connStreams = 0;
  sessions = 0;
  streams = 0;
  muxes = 0;
  upgrades = 0;
  splicedBytesIn = 0; // moved into pipes
  acceptErrors = 0; // EMFILE, ENFILE, ENOBUFS, ENOMEM on accept
  crashes = 0; // exceptions in handlers
}

/** Byte totals by slot: [2*slot] request, [2*slot+1] response; Float64 so that they neither box nor wrap. */
export class ByteSlots {
  totals = new Float64Array(1024);
  private readonly freeSlots: number[] = [];
  private next = 0;

  take(): number {
    const slot = this.freeSlots.pop() ?? this.next++;
    if (2 * slot + 1 >= this.totals.length) {
      const more = new Float64Array(this.totals.length * 2);
      more.set(this.totals);
      this.totals = more;
    }
    this.totals[2 * slot] = 0;
    this.totals[2 * slot + 1] = 0;
    return slot;
  }

  release(slot: number): void {
    this.freeSlots.push(slot);
  }
}

export class Thread {
  readonly sys: Sys;
  readonly sched: Scheduler;
  readonly fdtab: FdTab;
  readonly bufs: BufPool;
  readonly pipes: PipePool;
  readonly loop: Loop;
  readonly counters = new ThreadCounters();
  readonly slots = new ByteSlots();
  /** Instances that use this thread. */
  refs = 0;
  private readonly bufWaiters: Tasklet[] = [];
  private readonly bufModest: Tasklet[] = [];
  private readonly onBuffer = (): void => {
    if (this.bufTask !== null) taskletWakeup(this.bufTask);
  };
  private bufTask: Tasklet | null = null;

  constructor(sys: Sys, options: ThreadOptions) {
    this.sys = sys;
    this.sched = new Scheduler();
    this.fdtab = new FdTab(sys);
    this.bufs = new BufPool(sys.arena.bytes, options.bufsize, RESERVED_BYTES, (ofs, len) => {
      sys.discard(ofs, len);
    });
    this.pipes = new PipePool(sys);
    this.loop = new Loop(sys, this.sched, (count) => this.fdtab.dispatch(count));
    this.fdtab.onRefused = () => {
      taskSchedule(taskNew(this.sched, retryRefused, this), tickAdd(this.sched.now, REFUSED_RETRY_MS));
    };
    this.loop.onIdle = () => {
      this.bufs.trim();
    };
  }

  /**
   * Wakes `t` once a buffer is given back: whoever waits longest first, as many as there are buffers. `modest`: not while the
   * rest is the reserve (`BufPool.reserve`).
   */
  bufWait(t: Tasklet, modest: boolean): void {
    (modest ? this.bufModest : this.bufWaiters).push(t);
    this.bufTask ??= taskletNew(this.sched, wakeBufWaiters, this);
    this.bufs.onAvailable = this.onBuffer;
  }

  /** Wakes those who wait for a buffer; what the ones woken leave is for the next ones, after them. */
  wakeBufWaiters(): void {
    const { bufs, bufWaiters, bufModest, bufTask } = this;
    const spare = bufs.spare();
    let n = spare;
    for (; n > 0 && bufWaiters.length > 0; n--) taskletWakeup(bufWaiters.shift()!);
    for (; n > bufs.reserve && bufModest.length > 0; n--) taskletWakeup(bufModest.shift()!);
    if (bufWaiters.length === 0 && bufModest.length === 0) {
      if (bufTask !== null) taskletFree(bufTask);
      this.bufTask = null;
      bufs.onAvailable = null;
    } else if (n < spare) taskletWakeup(bufTask!);
    else bufs.onAvailable = this.onBuffer;
  }
}
