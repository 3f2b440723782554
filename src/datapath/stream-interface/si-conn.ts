// The connection kind of endpoint: I/O callback of a conn-stream, shutdowns, and what wakes the stream.
import { tickAdd, TICK_ETERNITY } from '../../base/ticks.js';
import { TASK_WOKEN_IO } from '../../sched/flags.js';
import { type TaskletHandler, taskQueue, taskWakeup, taskletWakeup } from '../../sched/task.js';
import { channelIsEmpty } from '../channel/channel.js';
import {
  CF_EOI,
  CF_READ_ERROR,
  CF_READ_NULL,
  CF_READ_PARTIAL,
  CF_SHUTR,
  CF_SHUTR_NOW,
  CF_SHUTW,
  CF_SHUTW_NOW,
  CF_STREAMER_FAST,
  CF_WAKE_ONCE,
  CF_WAKE_WRITE,
  CF_WRITE_ERROR,
  CF_WRITE_NULL,
  CF_WRITE_PARTIAL,
} from '../channel/flags.js';
import {
  type ConnStream,
  csAttachData,
  csClose,
  csDestroy,
  csShutr,
  csShutw,
  type DataCb,
} from '../conn-stream/conn-stream.js';
import { CS_FL_ERROR } from '../conn-stream/flags.js';
import {
  CO_FL_ERROR,
  CO_FL_RST_ON_CLOSE,
  CO_FL_WAIT_XPRT,
  CS_SHR_DRAIN,
  CS_SHW_NORMAL,
  SUB_RETRY_RECV,
  SUB_RETRY_SEND,
} from '../connection/flags.js';
import { WaitEvent, waitEventFree } from '../connection/wait-event.js';
import {
  SI_FL_ERR,
  SI_FL_NOHALF,
  SI_FL_NOLINGER,
  SI_FL_RXBLK_BUFF,
  SI_FL_RXBLK_SHUT,
  SI_ST_ASS,
  SI_ST_CER,
  SI_ST_CLO,
  SI_ST_CON,
  SI_ST_DIS,
  SI_ST_EST,
  SI_ST_INI,
  SI_ST_QUE,
  SI_ST_RDY,
  SI_ST_REQ,
  SI_ST_TAR,
} from './flags.js';
import type { SiOps } from './ops.js';
import { siCsRecv, siCsWantRecv } from './si-recv.js';
import { siAfterSend, siCsSend } from './si-send.js';
import { siSetState, type StreamInterface } from './stream-interface.js';

/** Bytes of a buffer kept free while not everything is forwarded (`tune.maxrewrite`). */
export const RESERVE = 1024;

/** Puts `cs` under `si`: its wait event, and the way back up. */
export function siAttachCs(si: StreamInterface, cs: ConnStream): void {
  si.cs = cs;
  si.ops = siConnOps;
  si.waitEvent = new WaitEvent(si.thr.sched, siCsIoCb, si);
  csAttachData(cs, si, siConnDataCb);
}

/** I/O callback of a stream-interface over a conn-stream. */
export const siCsIoCb: TaskletHandler = (t, context) => {
  const si = context as StreamInterface;
  const cs = si.cs;
  if (cs === null) return t;
  const conn = cs.conn!;
  const es = si.waitEvent!;
  if (si.state === SI_ST_CON && !connected(si, cs)) return t;
  if (((si.ic.flags | si.oc.flags) & CF_STREAMER_FAST) !== 0) t.sched.bulkRan++;
  let sent = false;
  let got = false;
  if ((es.events & SUB_RETRY_SEND) === 0 && !channelIsEmpty(si.oc)) {
    sent = siCsSend(si, cs);
    siAfterSend(si);
  }
  if ((es.events & SUB_RETRY_RECV) === 0 && conn.mux !== null) {
    si.flags &= ~SI_FL_RXBLK_BUFF;
    got = siCsRecv(si, cs, conn, RESERVE);
    if (got) siForward(si);
    siCsWantRecv(si, cs);
  }
  if (sent || got) siNotify(si);
  return t;
};

/** A connection that was being made changed. True when data may flow. */
function connected(si: StreamInterface, cs: ConnStream): boolean {
  const conn = cs.conn!;
  if ((conn.flags & CO_FL_ERROR) !== 0 || (cs.flags & CS_FL_ERROR) !== 0) {
    si.flags |= SI_FL_ERR;
    taskWakeup(si.task, TASK_WOKEN_IO);
    return false;
  }
  if ((conn.flags & CO_FL_WAIT_XPRT) !== 0) {
    conn.mux!.subscribe(cs, SUB_RETRY_SEND, si.waitEvent!);
    return false;
  }
  siSetState(si, SI_ST_RDY);
  si.exp = TICK_ETERNITY;
  si.oc.flags |= CF_WRITE_NULL;
  taskWakeup(si.task, TASK_WOKEN_IO);
  return true;
}

/** Input that is scheduled to leave is offered to the other side at once: no detour over the stream. */
export function siForward(si: StreamInterface): void {
  if (!channelIsEmpty(si.ic)) si.other!.ops.chkSnd(si.other!);
}

/** Wakes the stream for what the interfaces cannot decide between themselves. */
export function siNotify(si: StreamInterface): void {
  const { ic, oc } = si;
  const wake =
    si.state !== SI_ST_EST ||
    (ic.flags & (CF_READ_NULL | CF_READ_ERROR | CF_WAKE_ONCE)) !== 0 ||
    (oc.flags & (CF_WRITE_ERROR | CF_WAKE_ONCE)) !== 0 ||
    ((ic.flags & (CF_READ_PARTIAL | CF_EOI)) !== 0 && (ic.analysers !== 0 || ic.toForward === 0)) ||
    ((oc.flags & CF_SHUTW) !== 0 && si.prevState === SI_ST_EST && (oc.flags & CF_WRITE_PARTIAL) !== 0) ||
    ((oc.flags & CF_WRITE_PARTIAL) !== 0 && (oc.flags & CF_WAKE_WRITE) !== 0 && channelIsEmpty(oc));
  if (wake) taskWakeup(si.task, TASK_WOKEN_IO);
  else ic.flags &= ~CF_READ_PARTIAL;
  // The read date may have become the earliest.
  const task = si.task;
  if (ic.rex !== TICK_ETERNITY && (task.expire === TICK_ETERNITY || ((ic.rex - task.expire) | 0) < 0)) {
    task.expire = ic.rex;
    taskQueue(task);
  }
}

function chkRcv(si: StreamInterface): void {
  // Not here: the caller may stand in the middle of a send of the other side.
  if (si.waitEvent !== null && (si.waitEvent.events & SUB_RETRY_RECV) === 0) taskletWakeup(si.waitEvent.tasklet);
}

function chkSnd(si: StreamInterface): void {
  const cs = si.cs;
  if (cs === null || (si.state !== SI_ST_EST && si.state !== SI_ST_RDY)) return;
  if ((si.oc.flags & CF_SHUTW) !== 0 || channelIsEmpty(si.oc)) return;
  if ((si.waitEvent!.events & SUB_RETRY_SEND) === 0) {
    if (siCsSend(si, cs) && (si.oc.flags & (CF_WRITE_ERROR | CF_WAKE_WRITE)) !== 0) taskWakeup(si.task, TASK_WOKEN_IO);
  }
  siAfterSend(si);
}

/** Ends reading. With writes already shut the endpoint is closed. */
function shutr(si: StreamInterface): void {
  const ic = si.ic;
  ic.flags &= ~CF_SHUTR_NOW;
  if ((ic.flags & CF_SHUTR) !== 0) return;
  ic.flags |= CF_SHUTR;
  ic.rex = TICK_ETERNITY;
  si.flags |= SI_FL_RXBLK_SHUT;
  if (si.state !== SI_ST_EST && si.state !== SI_ST_RDY && si.state !== SI_ST_CON) return;
  const cs = si.cs!;
  if ((si.oc.flags & CF_SHUTW) !== 0) {
    closeEndpoint(si, cs);
  } else if ((si.flags & SI_FL_NOHALF) !== 0) {
    shutw(si);
  } else {
    csShutr(cs, CS_SHR_DRAIN);
  }
}

/** Ends writing: a half-close while the other direction is open, the end of the endpoint otherwise. */
function shutw(si: StreamInterface): void {
  const { ic, oc } = si;
  oc.flags &= ~CF_SHUTW_NOW;
  if ((oc.flags & CF_SHUTW) !== 0) return;
  oc.flags |= CF_SHUTW;
  oc.wex = TICK_ETERNITY;
  if (si.finTimeoutMs !== 0) {
    ic.rto = si.finTimeoutMs;
    ic.rex = tickAdd(si.thr.sched.now, ic.rto);
    if (si.task.expire === TICK_ETERNITY || ((ic.rex - si.task.expire) | 0) < 0) {
      si.task.expire = ic.rex;
      taskQueue(si.task);
    }
  }
  const cs = si.cs;
  switch (si.state) {
    case SI_ST_RDY:
    case SI_ST_EST:
      if ((ic.flags & CF_SHUTR) === 0 && (si.flags & SI_FL_NOLINGER) === 0 && (cs!.conn!.flags & CO_FL_ERROR) === 0) {
        csShutw(cs!, CS_SHW_NORMAL);
        return;
      }
      closeEndpoint(si, cs!);
      break;
    case SI_ST_CON:
      closeEndpoint(si, cs!);
      break;
    case SI_ST_INI:
    case SI_ST_REQ:
    case SI_ST_QUE:
    case SI_ST_TAR:
    case SI_ST_ASS:
    case SI_ST_CER:
      siSetState(si, si.state === SI_ST_INI ? SI_ST_CLO : SI_ST_DIS);
      break;
    default:
      break; // DIS, CLO: over already
  }
  ic.flags &= ~CF_SHUTR_NOW;
  ic.flags |= CF_SHUTR;
  ic.rex = TICK_ETERNITY;
  si.flags |= SI_FL_RXBLK_SHUT;
  si.exp = TICK_ETERNITY;
}

function closeEndpoint(si: StreamInterface, cs: ConnStream): void {
  if ((si.flags & SI_FL_NOLINGER) !== 0) cs.conn!.flags |= CO_FL_RST_ON_CLOSE;
  csClose(cs);
  if (si.state !== SI_ST_DIS) siSetState(si, SI_ST_DIS);
  si.exp = TICK_ETERNITY;
}

function release(si: StreamInterface): void {
  const cs = si.cs;
  if (cs === null) return;
  const es = si.waitEvent!;
  si.cs = null;
  si.waitEvent = null;
  if (es.events !== 0 && cs.conn?.mux != null) cs.conn.mux.unsubscribe(cs, es.events, es);
  if ((si.flags & SI_FL_NOLINGER) !== 0 && cs.conn !== null) cs.conn.flags |= CO_FL_RST_ON_CLOSE;
  csDestroy(cs);
  waitEventFree(es);
}

export const siConnOps: SiOps = { name: 'conn', chkRcv, chkSnd, shutr, shutw, release };

/** The mux tells of a change that nobody was subscribed for: an error, or a hang-up while the direction was blocked. */
const siConnDataCb: DataCb = {
  name: 'STRM',
  wake: (cs) => {
    const si = cs.data as StreamInterface;
    if (si.state === SI_ST_CON) {
      connected(si, cs);
      return 0;
    }
    const conn = cs.conn!;
    const { ic, oc } = si;
    if (si.state !== SI_ST_EST && si.state !== SI_ST_RDY) return 0;
    if ((si.waitEvent!.events & SUB_RETRY_RECV) === 0 && (ic.flags & CF_SHUTR) === 0) {
      if (siCsRecv(si, cs, conn, RESERVE)) siForward(si);
      siCsWantRecv(si, cs);
    }
    if ((conn.flags & CO_FL_ERROR) !== 0 && (oc.flags & CF_WRITE_ERROR) === 0) oc.flags |= CF_WRITE_ERROR;
    siNotify(si);
    return 0;
  },
};
