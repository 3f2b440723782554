// Per-task times (`profiling.tasks`; configuration manual 3.2): how long the calls of a task took, and how long it waited in the
// run queue before each. Kept beside the tasks, so that a scheduler without a profiler pays a test, and its tasks nothing.
import type { Task } from './task.js';

export interface TaskTimes {
  /** Spent in its calls; what runs now is counted with its end. */
  cpuMs: number;
  /** Between its wake-ups and its calls. */
  latencyMs: number;
  /** When it was woken up for its next call, started its present one. */
  wokenAt: number;
  startedAt: number;
}

const times = new WeakMap<Task, TaskTimes>();

/** What is known of `t`; null where nobody looked. */
export function taskTimesOf(t: Task): TaskTimes | null {
  return times.get(t) ?? null;
}

export class TaskProfiler {
  /** Monotonic clock, milliseconds with fraction. */
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  woken(t: Task): void {
    const at = this.now();
    const own = times.get(t);
    if (own === undefined) times.set(t, { cpuMs: 0, latencyMs: 0, wokenAt: at, startedAt: 0 });
    else own.wokenAt = at;
  }

  started(t: Task): void {
    const own = times.get(t);
    if (own === undefined) return; // woken before there was a profiler
    own.startedAt = this.now();
    own.latencyMs += own.startedAt - own.wokenAt;
  }

  ended(t: Task): void {
    const own = times.get(t);
    if (own !== undefined && own.startedAt !== 0) own.cpuMs += this.now() - own.startedAt;
  }
}
