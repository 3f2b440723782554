// One scheduler a thread: a run queue of tasklets, one of tasks, and the wait queue. It knows what runs now and accounts
// the time of each class. Other threads reach it through `RemoteWakes` only.
import { bugOn, bugOnHot } from '../base/bug.js';
import { TICK_ETERNITY, tickIsExpired, tickRemain } from '../base/ticks.js';
import { TASK_KILLED, TASK_QUEUED, TASK_RUNNING, TASK_SELF_WAKING, TASK_WOKEN_ANY, TASK_WOKEN_TIMER } from './flags.js';
import type { TaskProfiler } from './profiler.js';
import { type Task, type Tasklet, taskWakeup } from './task.js';
import { WaitQueue } from './wait-queue.js';

/** Called with what a handler threw; the entry that threw is ended by the receiver. */
export type CrashHandler = (error: unknown, entry: Task | Tasklet) => void;

export class Scheduler {
  /** The present tick, moved once a round by the loop. */
  now = 1;
  /** [0] the monotonic clock and [1] the wall clock of this round, in milliseconds, for whoever needs no finer date. */
  readonly clock = new Float64Array(2);
  readonly wq = new WaitQueue();
  tlHead: Tasklet | null = null;
  tlTail: Tasklet | null = null;
  tlCount = 0;
  rqHead: Task | null = null;
  rqTail: Task | null = null;
  rqCount = 0;
  /** Wake-ups so far, an int32 that wraps: the place of a task without niceness. */
  rqSeq = 0;
  /** What runs now: `show activity`, and the crash handler's subject. */
  current: Task | Tasklet | null = null;
  /** Entries alive; tests assert them back to where they were. */
  tasksUsed = 0;
  taskletsUsed = 0;
  taskCalls = 0;
  taskletCalls = 0;
  timersFired = 0;
  /** Most entries run a round (`tune.runqueue-depth`). */
  depth = 200;
  onCrash: CrashHandler | null = null;
  /** `profiling.tasks`; null: nobody measures. */
  profiler: TaskProfiler | null = null;
  /** Directions that proved to be bulk flows, and the entries run this round that served such flows alone. */
  streamers = 0;
  bulkRan = 0;
  /** Set by whoever calls code of the embedding process (reports, events, promises it waits for) from inside a round. */
  calledOut = false;

  /** Wakes every task whose date has passed; those whose date was moved since are filed again. */
  wakeExpired(): void {
    for (;;) {
      const t = this.wq.first();
      if (t === null || !tickIsExpired(t.wqKey, this.now)) return;
      this.wq.remove(t);
      if (t.expire === TICK_ETERNITY) continue;
      if (!tickIsExpired(t.expire, this.now)) {
        this.wq.file(t); // I/O moved the date: look again then
        continue;
      }
      this.timersFired++;
      taskWakeup(t, TASK_WOKEN_TIMER);
    }
  }

  /** Runs what stood in the queues when it was called, at most `depth` entries of each kind. Returns the number run. */
  runQueues(): number {
    let ran = 0;
    for (let budget = Math.min(this.tlCount, this.depth); budget > 0 && this.tlHead !== null; budget--) {
      this.runTasklet(this.tlHead);
      ran++;
    }
    for (let budget = Math.min(this.rqCount, this.depth); budget > 0 && this.rqHead !== null; budget--) {
      this.runTask(this.rqHead);
      ran++;
    }
    return ran;
  }

  /** Milliseconds until the next thing to do: 0 when something is queued, -1 when nothing ever is. */
  delay(): number {
    if (this.tlCount !== 0 || this.rqCount !== 0) return 0;
    const t = this.wq.first();
    return t === null ? -1 : tickRemain(this.now, t.wqKey);
  }

  unqueueTasklet(t: Tasklet): void {
    bugOn((t.state & TASK_QUEUED) === 0, 'tasklet is not queued');
    if (t.prev === null) this.tlHead = t.next;
    else t.prev.next = t.next;
    if (t.next === null) this.tlTail = t.prev;
    else t.next.prev = t.prev;
    t.prev = null;
    t.next = null;
    t.state &= ~TASK_QUEUED;
    this.tlCount--;
  }

  /** Puts `t` in front of the first task of a higher key; there is one. */
  insertTask(t: Task): void {
    let before: Task | null = null;
    let at = this.rqHead!;
    while (((t.rqKey - at.rqKey) | 0) >= 0) {
      before = at;
      at = at.next!;
    }
    t.next = at;
    if (before === null) this.rqHead = t;
    else before.next = t;
  }

  private runTasklet(t: Tasklet): void {
    this.unqueueTasklet(t);
    const why = t.state;
    t.state = (why & ~TASK_WOKEN_ANY) | TASK_RUNNING;
    this.current = t;
    this.taskletCalls++;
    try {
      const back = t.process(t, t.context, why);
      bugOnHot(
        (back === null) !== ((t.state & TASK_KILLED) !== 0),
        'a handler must return null exactly when it freed its tasklet',
      );
    } catch (error) {
      this.crashed(error, t);
    }
    t.state &= ~TASK_RUNNING;
    this.current = null;
  }

  private runTask(t: Task): void {
    this.rqHead = t.next;
    if (this.rqHead === null) this.rqTail = null;
    t.next = null;
    this.rqCount--;
    if ((t.state & TASK_KILLED) !== 0) return;
    const why = t.state;
    t.state = (why & ~(TASK_WOKEN_ANY | TASK_QUEUED | TASK_SELF_WAKING)) | TASK_RUNNING;
    this.current = t;
    this.taskCalls++;
    t.calls++;
    const { profiler } = this;
    if (profiler !== null) profiler.started(t);
    try {
      const back = t.process(t, t.context, why);
      bugOn(back !== null && back !== t, 'a handler returned a task that is not its own');
      bugOn(
        (back === null) !== ((t.state & TASK_KILLED) !== 0),
        'a handler must return null exactly when it freed its task',
      );
    } catch (error) {
      this.crashed(error, t);
    }
    if (profiler !== null) profiler.ended(t);
    t.state &= ~TASK_RUNNING;
    this.current = null;
  }

  private crashed(error: unknown, entry: Task | Tasklet): void {
    if (this.onCrash === null) {
      entry.state &= ~TASK_RUNNING;
      this.current = null;
      throw error;
    }
    this.calledOut = true;
    this.onCrash(error, entry);
  }
}
