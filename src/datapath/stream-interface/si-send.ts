// Sending a channel's output to a conn-stream: first what waits in the pipe, then what waits in the buffer.
import { tickAddIfSet, TICK_ETERNITY } from '../../base/ticks.js';
import { taskQueue } from '../../sched/task.js';
import { channelIsEmpty, channelSent, CHN_INFINITE_FORWARD } from '../channel/channel.js';
import {
  CF_AUTO_CLOSE,
  CF_EXPECT_MORE,
  CF_ISRESP,
  CF_NEVER_WAIT,
  CF_SHUTR,
  CF_SHUTW,
  CF_SHUTW_NOW,
  CF_STREAMER,
  CF_WRITE_ERROR,
  CF_WRITE_PARTIAL,
} from '../channel/flags.js';
import { CS_FL_ERROR, CS_FL_ERR_PENDING, CS_FL_SHW } from '../conn-stream/flags.js';
import type { ConnStream } from '../conn-stream/conn-stream.js';
import { CO_FL_ERROR, CO_FL_WAIT_XPRT, CO_SFL_MSG_MORE, CO_SFL_STREAMER, SUB_RETRY_SEND } from '../connection/flags.js';
import {
  SI_FL_ERR,
  SI_FL_INDEP_STR,
  SI_FL_NOLINGER,
  SI_FL_RXBLK_BUFF,
  SI_FL_RXBLK_ROOM,
  SI_ST_EST,
  SI_ST_RDY,
} from './flags.js';
import type { StreamInterface } from './stream-interface.js';

/** Sends what is scheduled. True when something was sent or failed; what stays pending is subscribed for. */
export function siCsSend(si: StreamInterface, cs: ConnStream): boolean {
  const oc = si.oc;
  const conn = cs.conn!;
  const mux = conn.mux;
  if ((oc.flags & CF_SHUTW) !== 0 || (cs.flags & CS_FL_SHW) !== 0 || mux === null) return false;
  if ((conn.flags & (CO_FL_ERROR | CO_FL_WAIT_XPRT)) !== 0 || (cs.flags & (CS_FL_ERROR | CS_FL_ERR_PENDING)) !== 0) {
    if ((conn.flags & CO_FL_ERROR) !== 0 || (cs.flags & (CS_FL_ERROR | CS_FL_ERR_PENDING)) !== 0)
      return sendFailed(si, cs);
    return false;
  }
  let sent = 0;
  const pipe = oc.pipe;
  if (pipe !== null && mux.sndPipe !== null) {
    sent = mux.sndPipe(cs, pipe);
    if (pipe.data === 0) {
      si.thr.pipes.put(pipe);
      oc.pipe = null;
    }
  }
  if (oc.pipe === null && oc.output > 0) {
    let flags = 0;
    // MSG_MORE where more is known to follow at once, and the peer would only get a needless small segment.
    if ((oc.flags & CF_NEVER_WAIT) === 0) {
      if (oc.toForward !== 0 && oc.toForward !== CHN_INFINITE_FORWARD) flags |= CO_SFL_MSG_MORE;
      else if ((oc.flags & CF_EXPECT_MORE) !== 0 || endFollows(si)) flags |= CO_SFL_MSG_MORE;
    }
    if ((oc.flags & CF_STREAMER) !== 0) flags |= CO_SFL_STREAMER;
    const n = mux.sndBuf(cs, oc.buf, oc.output, flags);
    if (n > 0) {
      channelSent(oc, n, si.thr.bufs);
      sent += n;
    }
  }
  const failed = (cs.flags & (CS_FL_ERROR | CS_FL_ERR_PENDING)) !== 0;
  if (sent > 0) noteSent(si);
  if (failed) return sendFailed(si, cs);
  if (!channelIsEmpty(oc)) mux.subscribe(cs, SUB_RETRY_SEND, si.waitEvent!);
  return sent > 0;
}

/** The server has ended: the FIN that follows at once travels with the last bytes, in one segment. Requests go as they are. */
function endFollows(si: StreamInterface): boolean {
  if ((si.oc.flags & (CF_ISRESP | CF_SHUTR | CF_AUTO_CLOSE)) !== (CF_ISRESP | CF_SHUTR | CF_AUTO_CLOSE)) return false;
  return (si.flags & SI_FL_NOLINGER) === 0; // a reset would drop what the kernel keeps back
}

function noteSent(si: StreamInterface): void {
  const { oc, ic } = si;
  oc.flags |= CF_WRITE_PARTIAL;
  const now = si.thr.sched.now;
  if (oc.wex !== TICK_ETERNITY) oc.wex = tickAddIfSet(now, oc.wto);
  // A peer that takes data is alive: its silence does not count against it, unless streams are independent.
  if ((si.flags & SI_FL_INDEP_STR) === 0 && ic.rex !== TICK_ETERNITY) ic.rex = tickAddIfSet(now, ic.rto);
}

function sendFailed(si: StreamInterface, cs: ConnStream): boolean {
  cs.flags |= CS_FL_ERR_PENDING;
  if ((si.oc.flags & CF_WRITE_ERROR) !== 0) return false;
  si.oc.flags |= CF_WRITE_ERROR;
  if ((cs.flags & CS_FL_ERROR) !== 0) si.flags |= SI_FL_ERR;
  return true;
}

/**
 * After a try to send: the write date follows what is left, a pending shutdown is done when nothing is, and the producer is
 * told of the room. `si` is the sending side.
 */
export function siAfterSend(si: StreamInterface): void {
  const oc = si.oc;
  if (channelIsEmpty(oc)) {
    oc.wex = TICK_ETERNITY;
    if ((oc.flags & (CF_SHUTW_NOW | CF_SHUTW)) === CF_SHUTW_NOW && si.state === SI_ST_EST) si.ops.shutw(si);
  } else if (oc.wex === TICK_ETERNITY && si.state >= SI_ST_RDY) {
    oc.wex = tickAddIfSet(si.thr.sched.now, oc.wto);
    const task = si.task;
    if (oc.wex !== TICK_ETERNITY && (task.expire === TICK_ETERNITY || ((oc.wex - task.expire) | 0) < 0)) {
      task.expire = oc.wex;
      taskQueue(task);
    }
  }
  const producer = si.other!;
  if ((producer.flags & (SI_FL_RXBLK_ROOM | SI_FL_RXBLK_BUFF)) === 0) return;
  // A pipe is refilled when it was emptied, a buffer as soon as it has room.
  if (oc.pipe !== null || (oc.buf.size !== 0 && oc.buf.data >= oc.buf.size)) return;
  producer.flags &= ~(SI_FL_RXBLK_ROOM | SI_FL_RXBLK_BUFF);
  producer.ops.chkRcv(producer);
}
