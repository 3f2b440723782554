// A limit on how many connections come in a second (`maxconnrate`, `maxsessrate`, `set rate-limit`): who finds it reached waits
// until there may be one more.
import { TICK_ETERNITY, tickAdd } from '../base/ticks.js';
import type { Scheduler } from '../sched/scheduler.js';
import { type Task, type TaskHandler, taskDestroy, taskNew, taskSchedule } from '../sched/task.js';
import type { Rate } from './counters.js';
import { ConnLimit, type LimitWaiter } from './limit.js';

const SECOND_MS = 1000;

export class RateGate extends ConnLimit {
  private readonly rate: Rate;
  private readonly sched: Scheduler;
  /** Runs while somebody waits. */
  private task: Task | null = null;

  /** `max`: events a second, 0 for no limit. `rate` counts them, and is ticked by others. */
  constructor(rate: Rate, max: number, sched: Scheduler) {
    super(max);
    this.rate = rate;
    this.sched = sched;
  }

  override get full(): boolean {
    return this.max !== 0 && this.rate.read(this.sched.clock[0]!) >= this.max;
  }

  override get room(): number {
    return this.max === 0 ? Infinity : Math.max(0, this.max - this.rate.read(this.sched.clock[0]!));
  }

  override wait(w: LimitWaiter): void {
    super.wait(w);
    if (this.task !== null) return;
    this.task = taskNew(this.sched, again, this);
    this.schedule();
  }

  override release(): void {
    // the end of a connection gives nothing back
  }

  /** The time in which one more may come. */
  schedule(): void {
    this.task!.expire = TICK_ETERNITY; // the one that passed
    taskSchedule(this.task!, tickAdd(this.sched.now, Math.max(1, Math.ceil(SECOND_MS / Math.max(1, this.max)))));
  }

  /** True: nobody waits any more. */
  retry(): boolean {
    this.resumeAll();
    if (this.waiters.length > 0) return false;
    this.task = null;
    return true;
  }
}

const again: TaskHandler = (t, context) => {
  const gate = context as RateGate;
  if (gate.retry()) {
    taskDestroy(t);
    return null;
  }
  gate.schedule();
  return t;
};
