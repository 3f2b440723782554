// Tasks (timers and wake-ups) and tasklets (I/O wake-ups): what a thread's scheduler runs.
//
// A handler gets its own entry, the context it was created with, and the reasons of this run. It returns its own entry,
// or null exactly when it has freed it: then nobody touches the object again.
import { bugOn } from '../base/bug.js';
import { TICK_ETERNITY, tickIsLt } from '../base/ticks.js';
import { TASK_KILLED, TASK_QUEUED, TASK_RUNNING, TASK_SELF_WAKING, TASK_WOKEN_IO } from './flags.js';
import type { Scheduler } from './scheduler.js';

export type TaskHandler = (t: Task, context: unknown, state: number) => Task | null;
export type TaskletHandler = (t: Tasklet, context: unknown, state: number) => Tasklet | null;

export const NOT_IN_WQ = -1;

export class Tasklet {
  readonly sched: Scheduler;
  state = 0;
  process: TaskletHandler;
  context: unknown;
  prev: Tasklet | null = null; // neighbours in the run queue
  next: Tasklet | null = null;

  constructor(sched: Scheduler, process: TaskletHandler, context: unknown) {
    this.sched = sched;
    this.process = process;
    this.context = context;
    sched.taskletsUsed++;
  }
}

export class Task {
  readonly sched: Scheduler;
  state = 0;
  process: TaskHandler;
  context: unknown;
  next: Task | null = null; // run queue
  /** Tick at which the task wants to run; moved freely by I/O, compared with the queue's own key when that fires. */
  expire = TICK_ETERNITY;
  /** Index in the wait queue's heap, or NOT_IN_WQ; and the tick it is filed under, never later than it should be. */
  wqIndex = NOT_IN_WQ;
  wqKey = TICK_ETERNITY;
  /** -1024 (first) to 1024: how far behind others it is put when the run queue is long. */
  nice = 0;
  /** Place in the run queue: lower runs first; a wrapping int32. */
  rqKey = 0;
  calls = 0;

  constructor(sched: Scheduler, process: TaskHandler, context: unknown) {
    this.sched = sched;
    this.process = process;
    this.context = context;
    sched.tasksUsed++;
  }
}

export function taskletNew(sched: Scheduler, process: TaskletHandler, context: unknown): Tasklet {
  return new Tasklet(sched, process, context);
}

/** Wakes `t` once: it runs in this round or the next. A wake-up while it runs is kept and runs it again afterwards (C26). */
export function taskletWakeup(t: Tasklet): void {
  const state = t.state;
  if ((state & (TASK_QUEUED | TASK_KILLED)) !== 0) return;
  t.state = state | TASK_QUEUED | TASK_WOKEN_IO;
  const q = t.sched;
  t.prev = q.tlTail;
  t.next = null;
  if (q.tlTail === null) q.tlHead = t;
  else q.tlTail.next = t;
  q.tlTail = t;
  q.tlCount++;
}

/** Takes `t` out of the run queue and ends it. Freeing twice is a bug. */
export function taskletFree(t: Tasklet): void {
  bugOn((t.state & TASK_KILLED) !== 0, 'tasklet freed twice');
  if ((t.state & TASK_QUEUED) !== 0) t.sched.unqueueTasklet(t);
  t.state |= TASK_KILLED;
  t.context = null;
  t.sched.taskletsUsed--;
}

export function taskNew(sched: Scheduler, process: TaskHandler, context: unknown): Task {
  return new Task(sched, process, context);
}

/** Wakes `t` for the reasons `why` (TASK_WOKEN_*). */
export function taskWakeup(t: Task, why: number): void {
  const state = t.state;
  if ((state & TASK_KILLED) !== 0) return;
  if ((state & TASK_QUEUED) !== 0) {
    t.state = state | why;
    return;
  }
  t.state = state | why | TASK_QUEUED | ((state & TASK_RUNNING) !== 0 ? TASK_SELF_WAKING : 0);
  const q = t.sched;
  if (q.profiler !== null) q.profiler.woken(t);
  q.rqSeq = (q.rqSeq + 1) | 0;
  const key = t.nice === 0 ? q.rqSeq : (q.rqSeq + niceOffset(t.nice, q.rqCount)) | 0;
  t.rqKey = key;
  t.next = null;
  const tail = q.rqTail;
  if (tail === null) {
    q.rqHead = t;
    q.rqTail = t;
  } else if (((key - tail.rqKey) | 0) >= 0) {
    tail.next = t;
    q.rqTail = t;
  } else {
    q.insertTask(t);
  }
  q.rqCount++;
}

/** Places in a run queue of `queued` tasks that a niceness is worth: none where nobody waits, 16 times its length at most. */
function niceOffset(nice: number, queued: number): number {
  return Math.trunc((nice * queued) / 64);
}

/**
 * Files `t` under its `expire` date. Lazy: a later date than the one it is filed under costs nothing, the queue looks
 * again when the earlier one fires; eternity leaves it where it is.
 */
export function taskQueue(t: Task): void {
  if (t.expire === TICK_ETERNITY) return;
  if (t.wqIndex !== NOT_IN_WQ && !tickIsLt(t.expire, t.wqKey)) return;
  t.sched.wq.file(t);
}

/** Makes sure that `t` runs at `when` or earlier. */
export function taskSchedule(t: Task, when: number): void {
  if (when === TICK_ETERNITY) return;
  if (t.expire === TICK_ETERNITY || tickIsLt(when, t.expire)) t.expire = when;
  taskQueue(t);
}

/** Ends `t`: it leaves both queues. From inside its own handler, the handler then returns null. */
export function taskDestroy(t: Task): void {
  bugOn((t.state & TASK_KILLED) !== 0, 'task destroyed twice');
  t.sched.wq.remove(t);
  t.state |= TASK_KILLED; // if it stands in the run queue, the scheduler drops it there
  t.context = null;
  t.sched.tasksUsed--;
}
