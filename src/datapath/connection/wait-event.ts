// A layer's place to wait in: its tasklet and the events it is subscribed to at the layer below (C22).
import { type TaskletHandler, Tasklet, taskletFree } from '../../sched/task.js';
import type { Scheduler } from '../../sched/scheduler.js';

export class WaitEvent {
  readonly tasklet: Tasklet;
  /** SUB_RETRY_* subscribed now; cleared by the layer below when it wakes the tasklet. */
  events = 0;

  constructor(sched: Scheduler, process: TaskletHandler, context: unknown) {
    this.tasklet = new Tasklet(sched, process, context);
  }
}

/** Ends the tasklet. The owner has unsubscribed before. */
export function waitEventFree(es: WaitEvent): void {
  taskletFree(es.tasklet);
}
