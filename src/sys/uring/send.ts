// Sending, connecting and shutting down. One send is in flight for each descriptor, from the arena itself: the area is
// pinned until its completion. Large sends and bulk flows use the plain call and wait by poll.
import { bugOn } from '../../base/bug.js';
import { AF_INET, AF_INET6, SHUT_RD, SHUT_WR, SOCKADDR_MAX } from '../constants.js';
import { EAGAIN, EALREADY, EINPROGRESS, EISCONN } from '../errno.js';
import { SYS_POLL_ERR, SYS_POLL_HUP, SYS_POLL_OUT, SYS_RECV_POLL } from '../types.js';
import {
  armPollOut,
  C_CONN,
  C_ERR,
  C_OPS,
  C_SERIAL,
  C_SOFS,
  C_SRES,
  C_SST,
  C_WANT,
  entry,
  F_OPEN,
  F_REG,
  F_SHUTWR,
  F_STREAM,
  fdFlags,
  K_CONNECT,
  K_SEND,
  K_SHIFT,
  N_DONE,
  N_NONE,
  N_RING,
  push,
  recvModeOf,
  REC_SHIFT,
  S_DONE,
  S_FLIGHT,
  S_IDLE,
  submitNow,
  WANT_SEND,
  type UringCore,
} from './core.js';
import { MSG_NOSIGNAL, MSG_WAITALL, OP_CONNECT, OP_SEND } from './types.js';

// From here on the plain call is tried first: the pass that collects a completion costs more than a call, and progress is
// reported as it is made (the layer above counts time-outs from it). Below, the kernel finishes a short send by itself.
export const SEND_PLAIN_BYTES = 16384;
export const CONN_SLOTS = 64; // addresses of connects that are written and not submitted

/** `Sys.send`: bytes, -EAGAIN (in flight, or an event OUT follows), -errno. */
export function uringSend(c: UringCore, fd: number, ofs: number, len: number, flags: number): number {
  const f = fdFlags(c, fd);
  if ((f & F_STREAM) === 0) {
    const n = c.nat.send(fd, ofs, len, flags);
    if (n === -EAGAIN && (f & F_REG) !== 0) armPollOut(c, fd, true);
    return n;
  }
  const at = fd << REC_SHIFT;
  const t = c.tab;
  if (t[at + C_SST] === S_DONE) {
    bugOn(ofs !== t[at + C_SOFS], 'uring: the result of a send asked for with another area');
    t[at + C_SST] = S_IDLE;
    return t[at + C_SRES]!;
  }
  if (t[at + C_SST] === S_FLIGHT || t[at + C_CONN] === N_RING) return -EAGAIN;
  if (t[at + C_CONN] === N_DONE && t[at + C_ERR] === 0) t[at + C_CONN] = N_NONE; // taken for granted: nobody will ask
  if (len === 0) return 0;
  if (len >= SEND_PLAIN_BYTES || recvModeOf(c, at) === SYS_RECV_POLL) return sendPlain(c, fd, ofs, len, flags);
  t[at + C_SST] = S_FLIGHT;
  t[at + C_SOFS] = ofs;
  t[at + C_OPS]!++;
  c.ops++;
  c.pinned++;
  if (c.pool !== null) c.pool.pin(ofs);
  const op = flags | MSG_NOSIGNAL | MSG_WAITALL;
  entry(c, OP_SEND, fd, 0, ofs, len, op, (K_SEND << K_SHIFT) | fd, t[at + C_SERIAL]!, 0);
  return -EAGAIN;
}

function sendPlain(c: UringCore, fd: number, ofs: number, len: number, flags: number): number {
  const at = fd << REC_SHIFT;
  const n = c.nat.send(fd, ofs, len, flags);
  if ((c.tab[at]! & F_REG) === 0) return n;
  if (n === -EAGAIN || (n > 0 && n < len && (c.tab[at + C_WANT]! & WANT_SEND) !== 0)) armPollOut(c, fd, true);
  return n;
}

/** The area of the send in flight is ours again. */
export function sendUnpin(c: UringCore, fd: number): void {
  c.pinned--;
  if (c.pool !== null) c.pool.unpin(c.tab[(fd << REC_SHIFT) + C_SOFS]!);
}

/** `want` with bit 1: an event OUT will come. `fresh`: the bit was not set before. */
export function wantSend(c: UringCore, fd: number, fresh: boolean): void {
  const at = fd << REC_SHIFT;
  if (c.tab[at + C_CONN] === N_RING) return;
  switch (c.tab[at + C_SST]) {
    case S_IDLE:
      if (fresh && c.tab[at + C_CONN] === N_DONE) push(c, fd, connMask(c, fd));
      else armPollOut(c, fd, false);
      return;
    case S_DONE:
      if (fresh) push(c, fd, SYS_POLL_OUT);
      return;
    default:
  }
}

/**
 * `Sys.connect`. In the ring for IPv4 and IPv6 (no call of its own, and the completion spares the question for SO_ERROR);
 * plain for UNIX sockets, which answer at once.
 */
export function uringConnect(c: UringCore, fd: number, addrOfs: number, addrLen: number): number {
  if ((fdFlags(c, fd) & F_STREAM) === 0) return c.nat.connect(fd, addrOfs, addrLen);
  const at = fd << REC_SHIFT;
  const t = c.tab;
  if (t[at + C_CONN] === N_RING) return -EALREADY;
  if (t[at + C_CONN] === N_DONE) {
    const err = t[at + C_ERR]!;
    t[at + C_CONN] = N_NONE;
    t[at + C_ERR] = 0;
    return err === 0 ? -EISCONN : -err;
  }
  const family = c.u8[addrOfs]! | (c.u8[addrOfs + 1]! << 8);
  if ((family !== AF_INET && family !== AF_INET6) || addrLen > SOCKADDR_MAX) return c.nat.connect(fd, addrOfs, addrLen);
  if (c.connNext === CONN_SLOTS) submitNow(c);
  if (c.ring.pending() === 0) c.connNext = 0;
  const slot = c.connBase + c.connNext++ * SOCKADDR_MAX;
  c.u8.copyWithin(slot, addrOfs, addrOfs + addrLen);
  t[at + C_CONN] = N_RING;
  t[at + C_OPS]!++;
  c.ops++;
  entry(c, OP_CONNECT, fd, addrLen, slot, 0, 0, (K_CONNECT << K_SHIFT) | fd, t[at + C_SERIAL]!, 0);
  return -EINPROGRESS;
}

/** Event of a connect that has ended. */
export function connMask(c: UringCore, fd: number): number {
  const err = c.tab[(fd << REC_SHIFT) + C_ERR]!;
  return err === 0 ? SYS_POLL_OUT : SYS_POLL_OUT | SYS_POLL_ERR | SYS_POLL_HUP;
}

/** `Sys.sockError`: what a completion said is answered from here, once; else the socket is asked. */
export function uringSockError(c: UringCore, fd: number): number {
  if ((fdFlags(c, fd) & F_OPEN) === 0) return c.nat.sockError(fd);
  const at = fd << REC_SHIFT;
  const t = c.tab;
  const err = t[at + C_ERR]!;
  const connected = t[at + C_CONN] === N_DONE;
  t[at + C_ERR] = 0;
  if (connected) t[at + C_CONN] = N_NONE;
  return err !== 0 || connected ? err : c.nat.sockError(fd);
}

/** `Sys.shutdown`: behind the send in flight, if there is one; the plain call otherwise (in the ring it takes a thread). */
export function uringShutdown(c: UringCore, fd: number, how: number): number {
  const at = fd << REC_SHIFT;
  if ((fdFlags(c, fd) & F_STREAM) === 0 || how === SHUT_RD) return c.nat.shutdown(fd, how);
  if (c.tab[at + C_SST] === S_FLIGHT) {
    c.tab[at]! |= F_SHUTWR;
    return how === SHUT_WR ? 0 : c.nat.shutdown(fd, SHUT_RD);
  }
  if (c.tab[at + C_CONN] === N_RING) submitNow(c);
  return c.nat.shutdown(fd, how);
}
