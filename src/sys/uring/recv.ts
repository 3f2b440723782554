// Receiving. A stream socket in completion mode has a receive armed while the layer above wants input, from message to
// message; what came lies in lent buffers and is copied out by `uringRecv`. Who takes nothing gets a few buffers, then his
// receive is ended. In poll mode bytes are received by the plain call straight to where they are wanted; never while a
// receive is armed, which may have been given earlier bytes.
import { copyRange } from '../../base/copy.js';
import { EAGAIN } from '../errno.js';
import { SYS_POLL_ERR, SYS_POLL_HUP, SYS_POLL_IN, SYS_POLL_RDHUP, SYS_RECV_POLL } from '../types.js';
import { MSG_PEEK, MSG_TRUNC } from '../constants.js';
import {
  armRecv,
  cancel,
  C_BUF,
  C_CONN,
  C_LIMIT,
  C_POS,
  C_RES,
  C_RST,
  C_SERIAL,
  C_SLEN,
  C_SST,
  F_CANCEL,
  F_CLOSING,
  F_END,
  F_EOF,
  F_HELD,
  F_HUP,
  F_OPEN,
  F_RDHUP,
  F_REG,
  F_SPLICE,
  F_STREAM,
  F_TRY,
  fdFlags,
  K_POLLIN,
  K_RECV,
  N_RING,
  push,
  R_IDLE,
  R_POLL,
  R_RECV,
  recvModeOf,
  REC_SHIFT,
  S_BROKEN,
  S_IDLE,
  wantsRecv,
  armPollOut,
  type UringCore,
} from './core.js';

/** `Sys.recv`: bytes, 0 at end of input, -EAGAIN (armed, an event follows), -errno. */
export function uringRecv(c: UringCore, fd: number, ofs: number, len: number, flags: number): number {
  const f = fdFlags(c, fd);
  if ((f & F_OPEN) === 0) return c.nat.recv(fd, ofs, len, flags);
  const at = fd << REC_SHIFT;
  const t = c.tab;
  if (flags !== 0) return recvFlagged(c, fd, ofs, len, flags);
  if ((f & F_HELD) !== 0) return takeHeld(c, fd, ofs, len);
  if ((f & F_END) !== 0) return takeEnd(c, fd);
  if (t[at + C_RST] === R_RECV) return -EAGAIN;
  if ((f & F_EOF) !== 0) return 0;
  if (t[at + C_CONN] === N_RING) return -EAGAIN;
  if ((f & F_TRY) !== 0 || (f & F_STREAM) === 0 || recvModeOf(c, at) === SYS_RECV_POLL)
    return recvPlain(c, fd, ofs, len);
  if (t[at + C_RST] === R_IDLE && (f & F_REG) !== 0) armRecv(c, fd);
  return -EAGAIN;
}

/** The plain call; what falls short is armed again where input is wanted, as an edge-triggered set would report it. */
function recvPlain(c: UringCore, fd: number, ofs: number, len: number): number {
  const at = fd << REC_SHIFT;
  const n = c.nat.recv(fd, ofs, len, 0);
  if (n === len) {
    c.tab[at]! |= F_TRY;
    return n;
  }
  c.tab[at]! &= ~F_TRY;
  if (n === 0) c.tab[at]! |= (c.tab[at]! & F_STREAM) !== 0 ? F_EOF | F_RDHUP : 0;
  else if (n === -EAGAIN) armAgain(c, fd);
  else if (n > 0 && wantsRecv(c, at)) armAgain(c, fd);
  return n;
}

function armAgain(c: UringCore, fd: number): void {
  const at = fd << REC_SHIFT;
  if ((c.tab[at]! & F_REG) !== 0 && c.tab[at + C_RST] === R_IDLE) armRecv(c, fd);
}

/** Bytes of `fd` lie in the lent buffer `buf`, behind those that are held already. Returns the number of buffers now held. */
export function hold(c: UringCore, fd: number, buf: number, bytes: number): number {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  const { next } = c.bufs;
  c.bufs.bytes[buf] = bytes;
  if ((t[at]! & F_HELD) === 0) {
    t[at]! |= F_HELD;
    next[buf] = buf;
    t[at + C_BUF] = buf;
    head(c, at, buf);
    return 1;
  }
  const last = t[at + C_BUF]!;
  next[buf] = next[last]!;
  next[last] = buf;
  t[at + C_BUF] = buf;
  let count = 1;
  for (let i = next[buf]; i !== buf; i = next[i]!) count++;
  return count;
}

function head(c: UringCore, at: number, buf: number): void {
  const ofs = c.bufs.offsetOf(buf);
  c.tab[at + C_POS] = ofs;
  c.tab[at + C_LIMIT] = ofs + c.bufs.bytes[buf]!;
}

/** `n` bytes of the first held buffer are used. False when nothing is held any more. */
function used(c: UringCore, at: number, n: number): boolean {
  const t = c.tab;
  const pos = t[at + C_POS]! + n;
  t[at + C_POS] = pos;
  if (pos < t[at + C_LIMIT]!) return true;
  const last = t[at + C_BUF]!;
  const first = c.bufs.next[last]!;
  c.bufs.give(first);
  if (first === last) {
    t[at]! &= ~F_HELD;
    return false;
  }
  const second = c.bufs.next[first]!;
  c.bufs.next[last] = second;
  head(c, at, second);
  return true;
}

function takeHeld(c: UringCore, fd: number, ofs: number, len: number): number {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  let done = 0;
  let more = true;
  while (more && done < len) {
    const held = t[at + C_LIMIT]! - t[at + C_POS]!;
    const n = held < len - done ? held : len - done;
    copyRange(c.u8, c.i32, ofs + done, t[at + C_POS]!, n);
    done += n;
    more = used(c, at, n);
  }
  // An armed receive goes on by itself.
  if (done === len || (t[at]! & F_END) !== 0 || t[at + C_RST] !== R_IDLE) return done;
  return (t[at]! & F_TRY) !== 0 ? done + takeRest(c, fd, ofs + done, len - done) : takenShort(c, fd, done);
}

/** The socket was left with more than the lent buffer took: it goes straight behind. Never negative: errors come next. */
function takeRest(c: UringCore, fd: number, ofs: number, room: number): number {
  const at = fd << REC_SHIFT;
  const n = c.nat.recv(fd, ofs, room, 0);
  if (n === room) return n;
  c.tab[at]! &= ~F_TRY;
  if (n > 0) return takenShort(c, fd, n);
  if (n === -EAGAIN) return takenShort(c, fd, 0);
  putEnd(c, fd, n);
  return 0;
}

function takenShort(c: UringCore, fd: number, n: number): number {
  if (wantsRecv(c, fd << REC_SHIFT)) armAgain(c, fd);
  return n;
}

/** Keeps a final result (0 or -errno) for the call behind the bytes that are held, and reports it. */
export function putEnd(c: UringCore, fd: number, result: number): void {
  const at = fd << REC_SHIFT;
  c.tab[at + C_RES] = result;
  c.tab[at]! |= F_END | (result === 0 ? F_RDHUP : F_HUP);
  reportEnd(c, fd);
}

export function reportEnd(c: UringCore, fd: number): void {
  const broken = c.tab[(fd << REC_SHIFT) + C_RES] !== 0;
  push(c, fd, broken ? SYS_POLL_IN | SYS_POLL_ERR | SYS_POLL_HUP : SYS_POLL_IN | SYS_POLL_RDHUP);
}

function takeEnd(c: UringCore, fd: number): number {
  const at = fd << REC_SHIFT;
  const result = c.tab[at + C_RES]!;
  c.tab[at] = (c.tab[at]! & ~F_END) | (result === 0 ? F_EOF : F_TRY); // behind an error the socket itself has the word
  return result;
}

/** MSG_TRUNC drops what is held and what the socket holds; MSG_PEEK looks at what is held before it looks at the socket. */
function recvFlagged(c: UringCore, fd: number, ofs: number, len: number, flags: number): number {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  const state = t[at + C_RST]!;
  if ((t[at]! & F_HELD) !== 0) {
    const held = t[at + C_LIMIT]! - t[at + C_POS]!;
    const n = held < len ? held : len;
    if ((flags & MSG_TRUNC) === 0) c.u8.copyWithin(ofs, t[at + C_POS]!, t[at + C_POS]! + n);
    if ((flags & MSG_PEEK) === 0) used(c, at, n);
    return n;
  }
  if ((t[at]! & F_END) !== 0) return (flags & MSG_PEEK) !== 0 ? t[at + C_RES]! : takeEnd(c, fd);
  // An armed receive may have been beaten to the bytes; dropping them in either place is the same.
  if (state === R_RECV && (flags & MSG_TRUNC) === 0) return -EAGAIN;
  if ((t[at]! & F_EOF) !== 0) return 0;
  const n = c.nat.recv(fd, ofs, len, flags);
  if (n === -EAGAIN && (flags & MSG_PEEK) === 0) armAgain(c, fd);
  if (n === 0 && (flags & MSG_PEEK) === 0 && (t[at]! & F_STREAM) !== 0 && state !== R_RECV) t[at]! |= F_EOF | F_RDHUP;
  return n;
}

/** `want` with bit 0: something is armed unless there is something to collect. `fresh`: the bit was not set before. */
export function wantRecv(c: UringCore, fd: number, fresh: boolean): void {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  if (t[at + C_CONN] === N_RING) return;
  const f = t[at]!;
  if ((f & (F_HELD | F_END)) !== 0) {
    if (fresh) push(c, fd, SYS_POLL_IN);
  } else if (t[at + C_RST] === R_IDLE) {
    if ((f & F_EOF) === 0) armRecv(c, fd);
    else if (fresh) push(c, fd, SYS_POLL_IN | SYS_POLL_RDHUP);
  }
  if (t[at + C_RST] === R_RECV && recvModeOf(c, at) === SYS_RECV_POLL) cancelRecv(c, fd);
}

/** The armed receive or poll is to end; its completion decides what comes next. */
export function cancelRecv(c: UringCore, fd: number): void {
  const at = fd << REC_SHIFT;
  const state = c.tab[at + C_RST]!;
  if ((state !== R_RECV && state !== R_POLL) || (c.tab[at]! & F_CANCEL) !== 0) return;
  c.tab[at]! |= F_CANCEL;
  cancel(c, state === R_RECV ? K_RECV : K_POLLIN, fd, c.tab[at + C_SERIAL]!);
}

/**
 * `Sys.splice`. Bytes held for `fdIn` go into the pipe by write(2) first, so that the order is kept; an armed receive is
 * cancelled, and the splice waits for what comes of it.
 */
export function uringSplice(c: UringCore, fdIn: number, fdOut: number, len: number, more: number): number {
  const known = fdFlags(c, fdIn);
  const at = fdIn << REC_SHIFT;
  if ((known & F_STREAM) !== 0) {
    const t = c.tab;
    t[at]! |= F_SPLICE;
    if (t[at + C_RST] === R_RECV) cancelRecv(c, fdIn);
    if ((known & F_HELD) !== 0) return spliceHeld(c, fdIn, fdOut, len);
    if ((known & F_END) !== 0) return takeEnd(c, fdIn);
    if (t[at + C_RST] === R_RECV) return -EAGAIN;
    if ((known & F_EOF) !== 0) return 0;
    if (t[at + C_CONN] === N_RING) return -EAGAIN;
  }
  const out = fdFlags(c, fdOut);
  if ((out & F_STREAM) !== 0) {
    // Bytes of a staged send come first; their end, or the connect's, is the event that is waited for.
    const outAt = fdOut << REC_SHIFT;
    if (c.tab[outAt + C_SST] === S_BROKEN) return -c.tab[outAt + C_SLEN]!;
    if (c.tab[outAt + C_SST] !== S_IDLE || c.tab[outAt + C_CONN] === N_RING) return -EAGAIN;
  }
  const n = c.nat.splice(fdIn, fdOut, len, more);
  if (n > 0) return n;
  if (n === 0 && (known & F_STREAM) !== 0) c.tab[at]! |= F_EOF | F_RDHUP;
  if (n !== -EAGAIN) return n;
  if ((known & F_REG) !== 0) armAgain(c, fdIn);
  if ((out & (F_REG | F_CLOSING)) === F_REG) armPollOut(c, fdOut, true);
  return n;
}

function spliceHeld(c: UringCore, fdIn: number, pipeFd: number, len: number): number {
  const at = fdIn << REC_SHIFT;
  const t = c.tab;
  const pos = t[at + C_POS]!;
  const held = t[at + C_LIMIT]! - pos;
  const n = c.addon.uringWrite(pipeFd, c.u8, pos, held < len ? held : len);
  if (n > 0 && !used(c, at, n)) t[at]! |= F_TRY;
  return n;
}

/** The lent buffers of `fd` go back unread (close). */
export function dropHeld(c: UringCore, fd: number): void {
  const at = fd << REC_SHIFT;
  while ((c.tab[at]! & F_HELD) !== 0) used(c, at, c.tab[at + C_LIMIT]! - c.tab[at + C_POS]!);
}
