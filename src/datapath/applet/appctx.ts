// The context of a running applet: what it is, the stream-interface it lies behind, and the tasklet that runs it. How it
// reads and writes the channels is said in stream-interface/si-applet.ts.
import { type Tasklet, type TaskletHandler, taskletFree, taskletNew } from '../../sched/task.js';
import type { StreamInterface } from '../stream-interface/stream-interface.js';
import type { AppletOps } from './types.js';

export class Appctx {
  readonly ops: AppletOps;
  readonly si: StreamInterface;
  readonly tasklet: Tasklet;
  /** The applet's own state. */
  ctx: unknown = null;
  /** Runs of `io`. */
  calls = 0;
  /** Bytes taken from the request and put into the response in this run of `io`. */
  taken = 0;
  put = 0;

  constructor(ops: AppletOps, si: StreamInterface, handler: TaskletHandler) {
    this.ops = ops;
    this.si = si;
    this.tasklet = taskletNew(si.thr.sched, handler, this);
  }
}

/** The end of `app`; its tasklet runs no more. */
export function appctxFree(app: Appctx): void {
  app.ops.release(app);
  app.ctx = null;
  taskletFree(app.tasklet);
}
