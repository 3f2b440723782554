// Sending, connecting and shutting down. A small send is copied beside the ring and taken at once: the kernel runs it with the
// next enter, and only says something when it fell short. What a full socket refused is kept here and goes out, before anything
// else, when there is room. Large sends and bulk flows use the plain call and wait by poll.
import { copyRange } from '../../base/copy.js';
import { AF_INET, AF_INET6, MSG_MORE, SHUT_RD, SHUT_WR, SO_LINGER, SOCKADDR_MAX, SOL_SOCKET } from '../constants.js';
import { EAGAIN, EALREADY, EINPROGRESS, EINTR, EISCONN } from '../errno.js';
import { SYS_POLL_ERR, SYS_POLL_HUP, SYS_POLL_OUT, SYS_RECV_POLL } from '../types.js';
import {
  armPollOut,
  cancel,
  closeNow,
  C_CONN,
  C_ERR,
  C_OPS,
  C_SERIAL,
  C_SLEN,
  C_SOFS,
  C_SST,
  C_WANT,
  entry,
  F_CLOSING,
  F_HUP,
  F_OPEN,
  F_POUT,
  F_REG,
  F_SHUTWR,
  F_STREAM,
  fdFlags,
  K_CONNECT,
  K_POLLOUT,
  K_SEND,
  K_SHIFT,
  N_DONE,
  N_NONE,
  N_RING,
  noteBare,
  push,
  recvModeOf,
  REC_SHIFT,
  S_BROKEN,
  S_IDLE,
  S_LEFT,
  S_STAGED,
  submitNow,
  WANT_SEND,
  wantsRecv,
  type UringCore,
} from './core.js';
import { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_WAITALL, OP_CONNECT, OP_SEND, SQE_SKIP_SUCCESS } from './types.js';

export const STAGE_SEND_BYTES = 4096; // longest send that is copied; beyond, a call costs less than the copy
export const STAGE_BYTES = 256 * 1024; // of all copies between two enters
export const CONN_SLOTS = 64; // addresses of connects that are written and not submitted
const STAGE_ALIGN = 64;
const LEFT_MS = 60_000; // bytes left behind by a close are tried that long
const OP = MSG_NOSIGNAL | MSG_WAITALL | MSG_DONTWAIT; // all of it or a completion that says how much

/** `Sys.send`: bytes, -EAGAIN (an event OUT follows), -errno. */
export function uringSend(c: UringCore, fd: number, ofs: number, len: number, flags: number): number {
  const f = fdFlags(c, fd);
  if ((f & F_STREAM) === 0) {
    const n = c.nat.send(fd, ofs, len, flags);
    if (n === -EAGAIN && (f & F_REG) !== 0) armPollOut(c, fd, true);
    return n;
  }
  const at = fd << REC_SHIFT;
  const t = c.tab;
  if (t[at + C_SST] !== S_IDLE) return t[at + C_SST] === S_BROKEN ? -t[at + C_SLEN]! : -EAGAIN;
  if (t[at + C_CONN] === N_RING) return -EAGAIN;
  if (t[at + C_CONN] === N_DONE && t[at + C_ERR] === 0) t[at + C_CONN] = N_NONE; // taken for granted: nobody will ask
  if (len === 0) return 0;
  // What the socket is to keep back (MSG_MORE) costs no more than a call, and what ends it can follow at once.
  if (
    len > STAGE_SEND_BYTES ||
    c.stageUsed + len > STAGE_BYTES ||
    (flags & MSG_MORE) !== 0 ||
    recvModeOf(c, at) === SYS_RECV_POLL
  )
    return sendPlain(c, fd, ofs, len, flags);
  const copy = c.stageBase + c.stageUsed;
  copyRange(c.u8, c.i32, copy, ofs, len);
  c.stageUsed += (len + STAGE_ALIGN - 1) & -STAGE_ALIGN;
  t[at + C_SST] = S_STAGED;
  t[at + C_SOFS] = copy;
  t[at + C_SLEN] = len;
  t[at + C_OPS]!++;
  c.ops++;
  if (c.stagedLen === c.staged.length) {
    const more = new Int32Array(c.staged.length * 2);
    more.set(c.staged);
    c.staged = more;
  }
  c.staged[c.stagedLen++] = fd;
  if ((f & F_REG) !== 0 && !wantsRecv(c, at)) noteBare(c, fd);
  entry(c, OP_SEND | SQE_SKIP_SUCCESS, fd, 0, copy, len, flags | OP, (K_SEND << K_SHIFT) | fd, t[at + C_SERIAL]!, 0);
  return len;
}

function sendPlain(c: UringCore, fd: number, ofs: number, len: number, flags: number): number {
  const at = fd << REC_SHIFT;
  const n = c.nat.send(fd, ofs, len, flags);
  if ((c.tab[at]! & F_REG) === 0) return n;
  if (n === -EAGAIN || (n > 0 && n < len && (c.tab[at + C_WANT]! & WANT_SEND) !== 0)) armPollOut(c, fd, true);
  return n;
}

/** After an enter whose completions were handled: staged sends that said nothing have gone out whole. */
export function settleStaged(c: UringCore): void {
  if (c.ring.pending() !== 0 || c.ring.overflown()) return;
  const n = c.stagedLen;
  c.stagedLen = 0;
  c.stageUsed = 0;
  c.hasty = false;
  for (let i = 0; i < n; i++) {
    const fd = c.staged[i]!;
    const at = fd << REC_SHIFT;
    const t = c.tab;
    if (t[at + C_SST] !== S_STAGED) continue;
    t[at + C_OPS]!--;
    c.ops--;
    t[at + C_SST] = S_IDLE;
    sendEnded(c, fd);
  }
}

/** Nothing that send() took is here any more: what waited for that goes on. */
function sendEnded(c: UringCore, fd: number): void {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  if ((t[at]! & F_SHUTWR) !== 0) {
    t[at]! &= ~F_SHUTWR;
    c.nat.shutdown(fd, SHUT_WR);
  }
  if ((t[at]! & F_CLOSING) !== 0) {
    if ((t[at]! & F_POUT) !== 0) cancel(c, K_POLLOUT, fd, t[at + C_SERIAL]!);
    if (t[at + C_OPS] === 0) closeNow(c, fd);
    return;
  }
  if ((t[at + C_WANT]! & WANT_SEND) !== 0) push(c, fd, SYS_POLL_OUT);
}

/** Completion of a staged send: it failed, or fell short. */
export function sendFell(c: UringCore, fd: number, res: number): void {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  if (res < 0 && res !== -EAGAIN && res !== -EINTR) {
    sendBroke(c, fd, res);
    return;
  }
  const from = t[at + C_SOFS]! + (res > 0 ? res : 0);
  const to = t[at + C_SOFS]! + t[at + C_SLEN]!;
  t[at + C_SST] = S_LEFT;
  c.left.set(fd, { bytes: c.u8.slice(from, to), deadline: 0 });
  if ((t[at]! & F_CLOSING) !== 0) leftClose(c, fd);
  if (t[at + C_SST] === S_LEFT) armPollOut(c, fd, true);
}

function sendBroke(c: UringCore, fd: number, res: number): void {
  const at = fd << REC_SHIFT;
  c.left.delete(fd);
  c.tab[at + C_SST] = S_BROKEN;
  c.tab[at + C_SLEN] = -res;
  c.tab[at + C_ERR] = -res;
  c.tab[at] = (c.tab[at]! & ~F_SHUTWR) | F_HUP;
  push(c, fd, SYS_POLL_OUT | SYS_POLL_ERR | SYS_POLL_HUP);
}

/** Room for the bytes left behind. True when they are gone, one way or the other, and the descriptor is still somebody's. */
export function flushLeft(c: UringCore, fd: number): boolean {
  const at = fd << REC_SHIFT;
  const left = c.left.get(fd)!;
  // The stage is free: all of it was taken by the enter that brought this completion, or it lies behind what is used.
  const scratch = c.stageBase + STAGE_BYTES;
  c.u8.set(left.bytes, scratch);
  const n = c.nat.send(fd, scratch, left.bytes.length, 0);
  if (n === -EAGAIN || (n >= 0 && n < left.bytes.length)) {
    if (n > 0) left.bytes = left.bytes.subarray(n);
    armPollOut(c, fd, true);
    return false;
  }
  if (n < 0) sendBroke(c, fd, n);
  else c.tab[at + C_SST] = S_IDLE;
  c.left.delete(fd);
  sendEnded(c, fd);
  return (c.tab[at]! & F_CLOSING) === 0 && (c.tab[at]! & F_OPEN) !== 0;
}

/** What was left is dropped (the descriptor's end). */
export function leftDrop(c: UringCore, fd: number): void {
  if (c.left.delete(fd)) c.tab[(fd << REC_SHIFT) + C_SST] = S_IDLE;
}

/** Close with bytes left behind: as with the kernel's own buffer, a close that must reset drops them, another waits. */
export function leftClose(c: UringCore, fd: number): void {
  const left = c.left.get(fd);
  if (left === undefined) return;
  if (c.nat.getsockopt(fd, SOL_SOCKET, SO_LINGER) > 0) leftDrop(c, fd);
  else left.deadline = c.nat.now() + LEFT_MS;
}

/** Gives up what nobody took for too long. */
export function leftExpire(c: UringCore): void {
  const now = c.nat.now();
  for (const [fd, left] of c.left) {
    if (left.deadline === 0 || now < left.deadline) continue;
    leftDrop(c, fd);
    sendEnded(c, fd);
  }
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
    case S_STAGED:
      c.hasty = true;
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

/** `Sys.shutdown`: behind what send() took; the plain call otherwise (in the ring it takes a thread). */
export function uringShutdown(c: UringCore, fd: number, how: number): number {
  const at = fd << REC_SHIFT;
  if ((fdFlags(c, fd) & F_STREAM) === 0 || how === SHUT_RD) return c.nat.shutdown(fd, how);
  if (c.tab[at + C_SST] === S_STAGED || c.tab[at + C_SST] === S_LEFT) {
    c.tab[at]! |= F_SHUTWR;
    c.hasty = true;
    return how === SHUT_WR ? 0 : c.nat.shutdown(fd, SHUT_RD);
  }
  if (c.tab[at + C_CONN] === N_RING) submitNow(c);
  return c.nat.shutdown(fd, how);
}
