// The applet kind of endpoint. Its tasklet runs when input came, when room was made, or when a direction ended; between runs
// it holds nothing but its context. It writes into the response's one buffer: without room it waits (SI_FL_RXBLK_ROOM).
import { bufAlloc, bufContigRoom, bufPeek, bufRoom, bufTail } from '../../base/buf.js';
import { BUF_SMALL } from '../../base/bufpool.js';
import { bugOn } from '../../base/bug.js';
import { TICK_ETERNITY } from '../../base/ticks.js';
import { TASK_WOKEN_IO } from '../../sched/flags.js';
import { type TaskletHandler, taskletWakeup, taskWakeup } from '../../sched/task.js';
import { Appctx, appctxFree } from '../applet/appctx.js';
import type { AppletOps } from '../applet/types.js';
import { channelAdd, channelIsEmpty, channelSent } from '../channel/channel.js';
import {
  CF_READ_NULL,
  CF_READ_PARTIAL,
  CF_SHUTR,
  CF_SHUTR_NOW,
  CF_SHUTW,
  CF_SHUTW_NOW,
  CF_WRITE_PARTIAL,
} from '../channel/flags.js';
import {
  SI_FL_NOHALF,
  SI_FL_READ_NULL,
  SI_FL_RXBLK_BUFF,
  SI_FL_RXBLK_ROOM,
  SI_FL_RXBLK_SHUT,
  SI_ST_DIS,
  SI_ST_EST,
} from './flags.js';
import type { SiOps } from './ops.js';
import { siForward, siNotify } from './si-conn.js';
import { siAfterSend } from './si-send.js';
import { siSetState, type StreamInterface } from './stream-interface.js';

/** Puts an applet behind `si`, which is established at once. */
export function siStartApplet(si: StreamInterface, ops: AppletOps): void {
  bugOn(si.cs !== null || si.appctx !== null, 'si: an applet where there is an endpoint');
  const app = new Appctx(ops, si, appletRun);
  si.appctx = app;
  si.ops = siAppletOps;
  siSetState(si, SI_ST_EST);
  ops.init(app);
  taskletWakeup(app.tasklet);
}

const appletRun: TaskletHandler = (t, context) => {
  const app = context as Appctx;
  const { si } = app;
  if (si.state !== SI_ST_EST) return t;
  const { ic, oc } = si;
  si.flags &= ~SI_FL_RXBLK_BUFF;
  app.taken = 0;
  app.put = 0;
  app.calls++;
  app.ops.io(app);
  if (app.taken > 0) oc.flags |= CF_WRITE_PARTIAL;
  if (app.put > 0) {
    ic.flags |= CF_READ_PARTIAL;
    siForward(si);
  }
  siAfterSend(si);
  siNotify(si);
  return t;
};

/** Bytes of the request that may be read now. */
export function appletInput(app: Appctx): number {
  return app.si.oc.output;
}

/** Nothing will come after what is there. */
export function appletInputEnded(app: Appctx): boolean {
  return (app.si.oc.flags & (CF_SHUTW | CF_SHUTW_NOW)) !== 0;
}

/** Nobody reads the answer any more. */
export function appletOutputEnded(app: Appctx): boolean {
  return (app.si.ic.flags & CF_SHUTR) !== 0;
}

/** A copy of the first `max` bytes of the request, less where less is there. They stay. */
export function appletPeek(app: Appctx, max: number): Uint8Array {
  const { oc, thr } = app.si;
  return bufPeek(oc.buf, thr.sys.arena.u8, max < oc.output ? max : oc.output);
}

/** Takes `n` bytes off the request. */
export function appletTake(app: Appctx, n: number): void {
  const { oc, thr } = app.si;
  channelSent(oc, n, thr.bufs);
  app.taken += n;
}

/**
 * Appends `bytes[from, end)` to the response as far as there is room. Returns how many fitted; fewer than asked for means
 * that `io` is called again when there is room (or when a buffer is to be had).
 */
export function appletPut(app: Appctx, bytes: Uint8Array, from: number): number {
  const { si } = app;
  const { ic, thr } = si;
  const { buf } = ic;
  if ((ic.flags & CF_SHUTR) !== 0) return 0;
  if (buf.size === 0 && !bufAlloc(buf, thr.bufs, BUF_SMALL)) {
    si.flags |= SI_FL_RXBLK_BUFF;
    thr.bufWait(app.tasklet, false);
    return 0;
  }
  const most = Math.min(bytes.length - from, bufRoom(buf));
  let done = 0;
  while (done < most) {
    const n = Math.min(most - done, bufContigRoom(buf));
    thr.sys.arena.u8.set(bytes.subarray(from + done, from + done + n), bufTail(buf));
    buf.data += n;
    done += n;
  }
  channelAdd(ic, done);
  thr.slots.totals[2 * ic.slot + 1]! += done;
  app.put += done;
  if (from + done < bytes.length) si.flags |= SI_FL_RXBLK_ROOM;
  return done;
}

/** The applet has said all: both directions end, the answer goes out before. */
export function appletEnd(app: Appctx): void {
  const { si } = app;
  if ((si.ic.flags & CF_SHUTR) === 0) {
    si.ic.flags |= CF_READ_NULL;
    si.flags |= SI_FL_READ_NULL;
  }
  shutr(si);
  shutw(si);
}

function wake(si: StreamInterface): void {
  if (si.appctx !== null) taskletWakeup((si.appctx as Appctx).tasklet);
}

function chkRcv(si: StreamInterface): void {
  if (si.state === SI_ST_EST && (si.ic.flags & CF_SHUTR) === 0) wake(si);
}

function chkSnd(si: StreamInterface): void {
  if (si.state === SI_ST_EST && (si.oc.flags & CF_SHUTW) === 0 && !channelIsEmpty(si.oc)) wake(si);
}

function shutr(si: StreamInterface): void {
  const { ic, oc } = si;
  ic.flags &= ~CF_SHUTR_NOW;
  if ((ic.flags & CF_SHUTR) !== 0) return;
  ic.flags |= CF_SHUTR;
  ic.rex = TICK_ETERNITY;
  si.flags |= SI_FL_RXBLK_SHUT;
  if (si.state !== SI_ST_EST) return;
  if ((oc.flags & CF_SHUTW) !== 0) close(si);
  else if ((si.flags & SI_FL_NOHALF) !== 0) shutw(si);
  else wake(si);
}

function shutw(si: StreamInterface): void {
  const { ic, oc } = si;
  oc.flags &= ~CF_SHUTW_NOW;
  if ((oc.flags & CF_SHUTW) !== 0) return;
  oc.flags |= CF_SHUTW;
  oc.wex = TICK_ETERNITY;
  if (si.state !== SI_ST_EST) return;
  if ((ic.flags & CF_SHUTR) !== 0) close(si);
  else wake(si); // it may still have an answer to write
}

function close(si: StreamInterface): void {
  siSetState(si, SI_ST_DIS);
  si.exp = TICK_ETERNITY;
  taskWakeup(si.task, TASK_WOKEN_IO);
}

function release(si: StreamInterface): void {
  const app = si.appctx as Appctx | null;
  if (app === null) return;
  si.appctx = null;
  appctxFree(app);
}

const siAppletOps: SiOps = { name: 'applet', chkRcv, chkSnd, shutr, shutw, release };
