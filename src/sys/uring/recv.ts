// Receiving. A stream socket in completion mode has one receive armed while the layer above wants input; what came lies in
// a lent buffer and is copied out by `uringRecv`. In poll mode, and where the socket is known to hold more than the lent
// buffer took, bytes are received by the plain call straight to where they are wanted.
import { copyRange } from '../../base/copy.js';
import { EAGAIN } from '../errno.js';
import { SYS_POLL_ERR, SYS_POLL_HUP, SYS_POLL_IN, SYS_POLL_RDHUP, SYS_RECV_POLL } from '../types.js';
import { MSG_PEEK, MSG_TRUNC } from '../constants.js';
import {
  armRecv,
  cancel,
  C_BUF,
  C_CONN,
  C_END,
  C_POS,
  C_RST,
  C_SERIAL,
  C_SLEN,
  C_SST,
  F_CANCEL,
  F_CLOSING,
  F_EOF,
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
  R_END,
  R_HELD,
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
  switch (t[at + C_RST]) {
    case R_HELD:
      return takeHeld(c, fd, ofs, len);
    case R_END:
      return takeEnd(c, fd);
    case R_RECV:
      return -EAGAIN;
    default:
  }
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

function takeHeld(c: UringCore, fd: number, ofs: number, len: number): number {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  const pos = t[at + C_POS]!;
  const held = t[at + C_END]! - pos;
  const n = held < len ? held : len;
  copyRange(c.u8, c.i32, ofs, pos, n);
  t[at + C_POS] = pos + n;
  if (n < held) return n;
  c.bufs.give(t[at + C_BUF]!);
  t[at + C_RST] = R_IDLE;
  if (n === len) return n;
  return (t[at]! & F_TRY) !== 0 ? n + takeRest(c, fd, ofs + n, len - n) : takenShort(c, fd, n);
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

/** Keeps a final result (0 or -errno) for the next call and reports it. */
export function putEnd(c: UringCore, fd: number, result: number): void {
  const at = fd << REC_SHIFT;
  c.tab[at + C_RST] = R_END;
  c.tab[at + C_POS] = result;
  if (result === 0) {
    c.tab[at]! |= F_RDHUP;
    push(c, fd, SYS_POLL_IN | SYS_POLL_RDHUP);
  } else {
    c.tab[at]! |= F_HUP;
    push(c, fd, SYS_POLL_IN | SYS_POLL_ERR | SYS_POLL_HUP);
  }
}

function takeEnd(c: UringCore, fd: number): number {
  const at = fd << REC_SHIFT;
  c.tab[at + C_RST] = R_IDLE;
  const result = c.tab[at + C_POS]!;
  c.tab[at]! |= result === 0 ? F_EOF : F_TRY; // behind an error the socket itself has the word
  return result;
}

/** MSG_TRUNC drops what is held and what the socket holds; MSG_PEEK looks at what is held before it looks at the socket. */
function recvFlagged(c: UringCore, fd: number, ofs: number, len: number, flags: number): number {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  const state = t[at + C_RST]!;
  if (state === R_HELD) {
    const pos = t[at + C_POS]!;
    const held = t[at + C_END]! - pos;
    const n = held < len ? held : len;
    if ((flags & MSG_TRUNC) === 0) c.u8.copyWithin(ofs, pos, pos + n);
    if ((flags & MSG_PEEK) !== 0) return n;
    t[at + C_POS] = pos + n;
    if (n === held) {
      c.bufs.give(t[at + C_BUF]!);
      t[at + C_RST] = R_IDLE;
    }
    return n;
  }
  if (state === R_END) return (flags & MSG_PEEK) !== 0 ? t[at + C_POS]! : takeEnd(c, fd);
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
  switch (t[at + C_RST]) {
    case R_IDLE:
      if ((t[at]! & F_EOF) === 0) armRecv(c, fd);
      else if (fresh) push(c, fd, SYS_POLL_IN | SYS_POLL_RDHUP);
      return;
    case R_RECV:
      if (recvModeOf(c, at) === SYS_RECV_POLL) cancelRecv(c, fd);
      return;
    case R_HELD:
    case R_END:
      if (fresh) push(c, fd, SYS_POLL_IN);
      return;
    default:
  }
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
    switch (t[at + C_RST]) {
      case R_RECV:
        cancelRecv(c, fdIn);
        return -EAGAIN;
      case R_HELD:
        return spliceHeld(c, fdIn, fdOut, len);
      case R_END:
        return takeEnd(c, fdIn);
      default:
    }
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
  const held = t[at + C_END]! - pos;
  const n = c.addon.uringWrite(pipeFd, c.u8, pos, held < len ? held : len);
  if (n <= 0) return n;
  t[at + C_POS] = pos + n;
  if (n === held) {
    c.bufs.give(t[at + C_BUF]!);
    t[at + C_RST] = R_IDLE;
    t[at]! |= F_TRY;
  }
  return n;
}

/** The lent buffer of `fd`, if it holds one, goes back unread (close). */
export function dropHeld(c: UringCore, fd: number): void {
  const at = fd << REC_SHIFT;
  if (c.tab[at + C_RST] !== R_HELD) return;
  c.bufs.give(c.tab[at + C_BUF]!);
  c.tab[at + C_RST] = R_IDLE;
}
