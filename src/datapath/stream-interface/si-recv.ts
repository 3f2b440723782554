// Receiving into a channel from a conn-stream: through a pipe where payload may stay in the kernel, else through the buffer.
import { bufAlloc, bufRelease, bufRoom } from '../../base/buf.js';
import { BUF_SMALL } from '../../base/bufpool.js';
import { tickAddIfSet, TICK_ETERNITY } from '../../base/ticks.js';
import { type Channel, CHN_INFINITE_FORWARD, channelAdd, channelBufClass, channelLearn } from '../channel/channel.js';
import {
  CF_EOI,
  CF_ISRESP,
  CF_KERN_SPLICING,
  CF_READ_ERROR,
  CF_READ_NULL,
  CF_READ_PARTIAL,
  CF_SHUTR,
  CF_STREAMER_FAST,
} from '../channel/flags.js';
import {
  CS_FL_EOI,
  CS_FL_EOS,
  CS_FL_ERROR,
  CS_FL_MAY_SPLICE,
  CS_FL_RCV_MORE,
  CS_FL_READ_NULL,
  CS_FL_WANT_ROOM,
} from '../conn-stream/flags.js';
import type { ConnStream } from '../conn-stream/conn-stream.js';
import type { Connection } from '../connection/connection.js';
import { CO_FL_WAIT_XPRT, CO_RFL_BUF_NOT_STUCK, CO_RFL_BUF_WET, SUB_RETRY_RECV } from '../connection/flags.js';
import {
  SI_FL_ERR,
  SI_FL_ISBACK,
  SI_FL_READ_NULL,
  SI_FL_RXBLK_ANY,
  SI_FL_RXBLK_BUFF,
  SI_FL_RXBLK_ROOM,
  SI_ST_EST,
  SI_ST_RDY,
} from './flags.js';
import type { StreamInterface } from './stream-interface.js';

const MIN_SPLICE_FORWARD = 4096; // less than this is cheaper to copy

const SOCKET_CANNOT = -1; // what rcvPipe answers below zero
const NO_PIPE = -2;

/** The buffer may be filled to this many bytes: all of it when everything is forwarded, else a reserve stays for rewriting. */
function recvLimit(c: Channel, reserve: number): number {
  if (c.toForward >= c.buf.size) return bufRoom(c.buf);
  const room = c.buf.size - reserve - c.buf.data + Math.min(c.toForward + c.output, reserve);
  return room > 0 ? Math.min(room, bufRoom(c.buf)) : 0;
}

/**
 * Receives once. True when something changed that the caller has to act on: bytes, the end, an error. Reasons not to go on
 * are left in `si.flags` (SI_FL_RXBLK_*).
 */
export function siCsRecv(si: StreamInterface, cs: ConnStream, conn: Connection, reserve: number): boolean {
  const ic = si.ic;
  if ((ic.flags & CF_SHUTR) !== 0 || (si.flags & SI_FL_RXBLK_ANY) !== 0) return false;
  if (si.state < SI_ST_RDY && (conn.flags & CO_FL_WAIT_XPRT) !== 0) return false;
  const mux = conn.mux!;
  cs.flags &= ~(CS_FL_RCV_MORE | CS_FL_WANT_ROOM);
  let got = 0;
  let copy = true;
  if ((cs.flags & CS_FL_MAY_SPLICE) !== 0 && (ic.flags & CF_KERN_SPLICING) !== 0 && mux.rcvPipe !== null) {
    if (ic.buf.data !== 0) {
      // Bytes in the channel forbid the pipe: they must leave first, and nothing more is read meanwhile (C11).
      if (ic.output === ic.buf.data) {
        si.flags |= SI_FL_RXBLK_ROOM;
        return false;
      }
    } else if (ic.toForward >= MIN_SPLICE_FORWARD || ic.pipe !== null) {
      got = recvPipe(si, cs);
      // The flag still set: what follows is for the pipe. Cleared: exactly one rcvBuf, at once.
      copy = got >= 0 && (cs.flags & (CS_FL_MAY_SPLICE | CS_FL_EOS | CS_FL_ERROR)) === 0;
      if (got < 0) {
        if (got === SOCKET_CANNOT) ic.flags &= ~CF_KERN_SPLICING; // never on this socket: copy from now on
        copy = true; // no pipe to be had: this once
        got = 0;
      }
    }
  }
  if (copy && (cs.flags & (CS_FL_EOS | CS_FL_ERROR)) === 0) {
    const copied = recvBuf(si, cs, reserve);
    if (copied < 0) return false;
    got += copied;
  }
  return finish(si, cs, got);
}

/** The channel learns whether it carries a bulk flow; the scheduler counts those. */
function learn(si: StreamInterface, n: number, room: number): void {
  const { ic } = si;
  const before = ic.flags & CF_STREAMER_FAST;
  channelLearn(ic, n, room);
  if ((ic.flags & CF_STREAMER_FAST) !== before) si.thr.sched.streamers += before === 0 ? 1 : -1;
}

/** Through the pipe. Bytes moved, SOCKET_CANNOT, or NO_PIPE when there is none to be had now. */
function recvPipe(si: StreamInterface, cs: ConnStream): number {
  const ic = si.ic;
  const { pipes } = si.thr;
  if (ic.pipe === null) {
    ic.pipe = pipes.get((ic.flags & CF_STREAMER_FAST) !== 0);
    if (ic.pipe === null) return NO_PIPE;
  }
  const pipe = ic.pipe;
  const room = pipe.size - pipe.data;
  if (room <= 0) {
    si.flags |= SI_FL_RXBLK_ROOM;
    return 0;
  }
  const most = ic.toForward < room ? ic.toForward : room;
  const n = cs.conn!.mux!.rcvPipe!(cs, pipe, most);
  if (n > 0) {
    if (ic.toForward !== CHN_INFINITE_FORWARD) ic.toForward -= n;
    learn(si, n >= 65536 ? n : 0, n >= 65536 ? n : 1);
  }
  if (pipe.data === 0) {
    pipes.put(pipe);
    ic.pipe = null;
  } else if (pipe.data >= pipe.size || n === 0) {
    // Full, or nothing moved with bytes inside: "pipe full" either way. Flush before the next try.
    si.flags |= SI_FL_RXBLK_ROOM;
  }
  return n;
}

/** Through the buffer. Bytes copied, or -1 when there is no buffer to be had. */
function recvBuf(si: StreamInterface, cs: ConnStream, reserve: number): number {
  const ic = si.ic;
  const { bufs } = si.thr;
  const buf = ic.buf;
  if (buf.size === 0) {
    // A client without a server yet leaves the reserve to those who have one: they give their buffers back.
    const modest = bufs.reserve !== 0 && (si.flags & SI_FL_ISBACK) === 0 && si.other!.state !== SI_ST_EST;
    const may = !modest || bufs.spare() > bufs.reserve;
    if (!may || (!bufAlloc(buf, bufs, channelBufClass(ic)) && !bufAlloc(buf, bufs, BUF_SMALL))) {
      si.flags |= SI_FL_RXBLK_BUFF;
      si.thr.bufWait(si.waitEvent!.tasklet, modest);
      return -1;
    }
  }
  const room = recvLimit(ic, reserve);
  const flags =
    (ic.output !== 0 || ic.pipe !== null ? CO_RFL_BUF_NOT_STUCK : 0) | (buf.data > ic.output ? CO_RFL_BUF_WET : 0);
  const n = cs.conn!.mux!.rcvBuf(cs, buf, room, flags);
  if (n > 0) {
    channelAdd(ic, n);
    learn(si, n, room);
  }
  if (buf.data === 0) bufRelease(buf, bufs);
  if ((cs.flags & CS_FL_WANT_ROOM) !== 0) si.flags |= SI_FL_RXBLK_ROOM;
  return n;
}

function finish(si: StreamInterface, cs: ConnStream, got: number): boolean {
  const ic = si.ic;
  let changed = false;
  if (got > 0) {
    ic.flags |= CF_READ_PARTIAL;
    si.thr.slots.totals[2 * ic.slot + ((ic.flags & CF_ISRESP) !== 0 ? 1 : 0)]! += got;
    if (ic.rex !== TICK_ETERNITY) ic.rex = tickAddIfSet(si.thr.sched.now, ic.rto);
    changed = true;
  }
  if ((cs.flags & CS_FL_EOI) !== 0 && (ic.flags & CF_EOI) === 0) {
    ic.flags |= CF_EOI;
    changed = true;
  }
  if ((cs.flags & CS_FL_ERROR) !== 0) {
    if ((si.flags & SI_FL_ERR) === 0) {
      si.flags |= SI_FL_ERR;
      ic.flags |= CF_READ_ERROR;
    }
    changed = true;
  } else if ((cs.flags & CS_FL_EOS) !== 0 && (cs.flags & CS_FL_READ_NULL) === 0) {
    cs.flags |= CS_FL_READ_NULL;
    si.flags |= SI_FL_READ_NULL;
    ic.flags |= CF_READ_NULL;
    si.ops.shutr(si);
    changed = true;
  }
  return changed;
}

/** Subscribes for more input unless something keeps the interface from reading. */
export function siCsWantRecv(si: StreamInterface, cs: ConnStream): void {
  const conn = cs.conn;
  const es = si.waitEvent;
  if (conn?.mux == null || es === null) return;
  if ((si.ic.flags & CF_SHUTR) !== 0 || (si.flags & (SI_FL_RXBLK_ANY | SI_FL_ERR)) !== 0) return;
  if ((es.events & SUB_RETRY_RECV) !== 0) return;
  conn.mux.subscribe(cs, SUB_RETRY_RECV, es);
}
