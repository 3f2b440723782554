// The plain socket transport, bottom of every stack: bytes between the kernel and buffers or pipes.
import { bugOnHot } from '../../base/bug.js';
import { type Buf, bufContigData, bufContigRoom, bufHead, bufTail } from '../../base/buf.js';
import { EAGAIN, ECONNRESET, EINPROGRESS, EINTR, EINVAL, ENOSYS, EPIPE } from '../../sys/errno.js';
import { type Connection, connSetErrno, connSubscribe, connUnsubscribe } from '../connection/connection.js';
import {
  CO_FL_CTRL_READY,
  CO_FL_ERROR,
  CO_FL_SOCK_RD_SH,
  CO_FL_SOCK_WR_SH,
  CO_FL_WAIT_L4_CONN,
  CO_SFL_MSG_MORE,
} from '../connection/flags.js';
import type { XprtOps } from '../connection/ops.js';
import type { PipeFace } from '../connection/types.js';
import { FD_BULK, FD_EV_READY_R, FD_EV_READY_W, FD_POLL_ERR, FD_POLL_HUP, FD_POLL_RDHUP } from '../fd/flags.js';
import { MSG_MORE } from '../../sys/constants.js';

const ENDED = FD_POLL_HUP | FD_POLL_RDHUP | FD_POLL_ERR;
const BULK_READ = 16384; // a receive that fills this much is part of a large flow: await it by poll

/** Answers of rcvPipe and sndPipe below zero. */
export const PIPE_UNSUPPORTED = -1; // this socket cannot be spliced: copy instead

/**
 * Receives into `buf` until `count` bytes, the end, an error, or until the socket has no more. Returns the bytes moved. After
 * a receive that gave less than asked nothing more is tried, unless the poller has reported the peer's end: then the next
 * one returns it (C13).
 */
function rcvBuf(conn: Connection, _ctx: unknown, buf: Buf, count: number, _flags: number): number {
  if ((conn.flags & (CO_FL_CTRL_READY | CO_FL_SOCK_RD_SH | CO_FL_ERROR)) !== CO_FL_CTRL_READY) return 0;
  const { sys, fdtab } = conn.thr;
  const fd = conn.fd;
  let done = 0;
  while (done < count) {
    if ((fdtab.state[fd]! & FD_EV_READY_R) === 0) break;
    const room = bufContigRoom(buf);
    const ask = room < count - done ? room : count - done;
    bugOnHot(ask <= 0, 'raw: no room');
    const n = sys.recv(fd, bufTail(buf), ask, 0);
    if (n > 0) {
      buf.data += n;
      done += n;
      if (fdtab.completion && n >= BULK_READ && (fdtab.state[fd]! & FD_BULK) === 0) fdtab.setBulk(fd);
      if (n === ask) continue; // the area wrapped, or the caller's count is reached
      if ((fdtab.state[fd]! & ENDED) !== 0) continue;
      fdtab.cantRecv(fd);
      break;
    }
    if (n === 0) {
      conn.flags |= CO_FL_SOCK_RD_SH;
      break;
    }
    if (n === -EAGAIN) {
      fdtab.cantRecv(fd);
      break;
    }
    if (n === -EINTR) continue;
    connSetErrno(conn, -n);
    break;
  }
  if (done > 0 && (conn.flags & CO_FL_WAIT_L4_CONN) !== 0) conn.flags &= ~CO_FL_WAIT_L4_CONN;
  return done;
}

/** Sends from the head of `buf`, which is left as it is. Returns the bytes the kernel took. */
function sndBuf(conn: Connection, _ctx: unknown, buf: Buf, count: number, flags: number): number {
  if ((conn.flags & (CO_FL_CTRL_READY | CO_FL_SOCK_WR_SH | CO_FL_ERROR)) !== CO_FL_CTRL_READY) return 0;
  const { sys, fdtab } = conn.thr;
  const fd = conn.fd;
  let done = 0;
  while (done < count) {
    if ((fdtab.state[fd]! & FD_EV_READY_W) === 0) break;
    // At most two pieces: from the head to the area's end, and what wrapped.
    let ofs: number;
    let len: number;
    const first = bufContigData(buf);
    if (done < first) {
      ofs = bufHead(buf) + done;
      len = first - done;
    } else {
      ofs = buf.area + (done - first);
      len = buf.data - done;
    }
    let more = (flags & CO_SFL_MSG_MORE) !== 0 ? MSG_MORE : 0;
    if (len > count - done) len = count - done;
    else if (len < count - done) more = MSG_MORE;
    const n = sys.send(fd, ofs, len, more);
    if (n >= 0) {
      done += n;
      if (n < len) {
        fdtab.cantSend(fd);
        break;
      }
      continue;
    }
    if (n === -EAGAIN || n === -EINPROGRESS) {
      fdtab.cantSend(fd); // EINPROGRESS: the SYN of a fast open went without data
      break;
    }
    if (n === -EINTR) continue;
    sendFailed(conn, -n);
    break;
  }
  if (done > 0 && (conn.flags & CO_FL_WAIT_L4_CONN) !== 0) conn.flags &= ~CO_FL_WAIT_L4_CONN;
  return done;
}

/**
 * A send failed: that direction is over. What the peer sent before its reset may still wait in the socket, so reading goes on
 * until it finds the end or the error itself (C34). After any other error (ENOBUFS, ENOMEM) the socket is alive, and nothing
 * would ever tell the peer: that is fatal at once.
 */
function sendFailed(conn: Connection, no: number): void {
  const reading = (conn.flags & CO_FL_SOCK_RD_SH) === 0 && (no === EPIPE || no === ECONNRESET);
  connSetErrno(conn, no);
  if (reading) conn.flags &= ~(CO_FL_ERROR | CO_FL_SOCK_RD_SH);
}

/**
 * Splices up to `count` bytes from the socket into `pipe`. Returns the bytes moved by this call. With bytes in the pipe,
 * EAGAIN means "pipe full", and the socket stays ready (C11).
 */
function rcvPipe(conn: Connection, _ctx: unknown, pipe: PipeFace, count: number): number {
  if ((conn.flags & (CO_FL_CTRL_READY | CO_FL_SOCK_RD_SH | CO_FL_ERROR)) !== CO_FL_CTRL_READY) return 0;
  const { sys, fdtab, counters } = conn.thr;
  const fd = conn.fd;
  let done = 0;
  while (done < count) {
    if ((fdtab.state[fd]! & FD_EV_READY_R) === 0) break;
    const room = pipe.size - pipe.data;
    if (room <= 0) break;
    const ask = room < count - done ? room : count - done;
    const n = sys.splice(fd, pipe.wfd, ask, 0);
    if (n > 0) {
      pipe.data += n;
      done += n;
      // Less than asked: the socket is empty or the pipe has no free page left. Only with an empty socket is an edge due;
      // the next try, after the pipe was emptied, tells which it was.
      break;
    }
    if (n === 0) {
      conn.flags |= CO_FL_SOCK_RD_SH;
      break;
    }
    if (n === -EAGAIN) {
      if (pipe.data === 0) fdtab.cantRecv(fd);
      break;
    }
    if (n === -EINTR) continue;
    if ((n === -ENOSYS || n === -EINVAL) && done === 0) return PIPE_UNSUPPORTED;
    connSetErrno(conn, -n);
    break;
  }
  if (done > 0) {
    counters.splicedBytesIn += done;
    if ((conn.flags & CO_FL_WAIT_L4_CONN) !== 0) conn.flags &= ~CO_FL_WAIT_L4_CONN;
  }
  return done;
}

/** Splices what `pipe` holds into the socket. Returns the bytes moved. */
function sndPipe(conn: Connection, _ctx: unknown, pipe: PipeFace): number {
  if ((conn.flags & (CO_FL_CTRL_READY | CO_FL_SOCK_WR_SH | CO_FL_ERROR)) !== CO_FL_CTRL_READY) return 0;
  const { sys, fdtab } = conn.thr;
  const fd = conn.fd;
  let done = 0;
  while (pipe.data > 0) {
    if ((fdtab.state[fd]! & FD_EV_READY_W) === 0) break;
    const n = sys.splice(pipe.rfd, fd, pipe.data, 0);
    if (n > 0) {
      pipe.data -= n;
      done += n;
      continue;
    }
    if (n === -EINTR) continue;
    if (n === -EAGAIN || n === 0) {
      fdtab.cantSend(fd);
      break;
    }
    sendFailed(conn, -n);
    break;
  }
  if (done > 0 && (conn.flags & CO_FL_WAIT_L4_CONN) !== 0) conn.flags &= ~CO_FL_WAIT_L4_CONN;
  return done;
}

export const rawSock: XprtOps = {
  name: 'RAW',
  init: () => null,
  rcvBuf,
  sndBuf,
  rcvPipe,
  sndPipe,
  shutr: null,
  shutw: null,
  subscribe: (conn, _ctx, events, es) => {
    connSubscribe(conn, events, es);
  },
  unsubscribe: (conn, _ctx, events, es) => {
    connUnsubscribe(conn, events, es);
  },
  close: () => undefined,
  getAlpn: null,
};
