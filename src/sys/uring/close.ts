// Leaving: pollDel, close, and the end of a listener. A descriptor with operations in flight cannot be closed at once (the
// kernel holds the file for them, so that no FIN would go out): they are cancelled, and the last completion closes it.
import { SYS_RECV_COMPLETE } from '../types.js';
import { acceptCancel, acceptDrop } from './accept.js';
import { turn } from './complete.js';
import {
  cancel,
  closeNow,
  C_CONN,
  C_EV,
  C_OPS,
  C_RST,
  C_SERIAL,
  C_SST,
  C_WANT,
  F_CLOSING,
  F_LISTEN,
  F_OPEN,
  F_PHUP,
  F_POUT,
  F_REG,
  F_WAKE,
  fdFlags,
  K_CONNECT,
  K_HUP,
  K_POLLOUT,
  K_WAKE,
  N_RING,
  R_IDLE,
  R_POLL,
  R_RECV,
  REC_SHIFT,
  S_LEFT,
  S_STAGED,
  submitNow,
  wantWord,
  type UringCore,
} from './core.js';
import { cancelRecv, dropHeld } from './recv.js';
import { leftClose } from './send.js';

const REAP_TRIES = 64; // rounds spent to end a listener's accepts; each needs one

/** `Sys.pollDel`: no more events; what waits for input or room is cancelled, bytes already received stay for `recv`. */
export function uringPollDel(c: UringCore, fd: number): number {
  if ((fdFlags(c, fd) & F_REG) === 0) return 0;
  const at = fd << REC_SHIFT;
  c.tab[at]! &= ~F_REG;
  c.tab[at + C_EV] = 0;
  c.tab[at + C_WANT] = wantWord(0, SYS_RECV_COMPLETE);
  const l = c.listeners[fd] ?? null;
  if (l !== null) acceptCancel(c, l);
  cancelPolls(c, fd);
  return 0;
}

/** `Sys.close`. 0 or -errno (of a descriptor that is not ours). */
export function uringClose(c: UringCore, fd: number): number {
  const f = fdFlags(c, fd);
  if ((f & F_OPEN) === 0) return c.nat.close(fd);
  const at = fd << REC_SHIFT;
  const t = c.tab;
  if ((f & F_CLOSING) !== 0) return 0;
  if ((f & F_LISTEN) !== 0) return listenerClose(c, fd);
  t[at] = (f & ~F_REG) | F_CLOSING;
  t[at + C_EV] = 0;
  t[at + C_WANT] = 0;
  dropHeld(c, fd);
  if (t[at + C_SST] === S_LEFT) leftClose(c, fd);
  if (t[at + C_OPS] === 0) {
    closeNow(c, fd);
    return 0;
  }
  cancelPolls(c, fd);
  if (t[at + C_SST] === S_STAGED) c.hasty = true;
  if (t[at + C_CONN] === N_RING) cancel(c, K_CONNECT, fd, t[at + C_SERIAL]!);
  return 0;
}

function cancelPolls(c: UringCore, fd: number): void {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  const f = t[at]!;
  const serial = t[at + C_SERIAL]!;
  if (t[at + C_RST] === R_RECV || t[at + C_RST] === R_POLL) cancelRecv(c, fd);
  if ((f & F_POUT) !== 0 && t[at + C_SST] !== S_LEFT) cancel(c, K_POLLOUT, fd, serial);
  if ((f & F_PHUP) !== 0) cancel(c, K_HUP, fd, serial);
  if ((f & F_WAKE) !== 0) cancel(c, K_WAKE, fd, serial);
}

/**
 * A listener is closed before the call returns, so that its address can be bound again at once: its accepts are cancelled and
 * waited for (they end at once), connections that came meanwhile are closed.
 */
function listenerClose(c: UringCore, fd: number): number {
  const at = fd << REC_SHIFT;
  const l = c.listeners[fd] ?? null;
  c.tab[at]! &= ~F_REG;
  c.tab[at + C_EV] = 0;
  c.tab[at + C_WANT] = 0;
  if (l !== null) {
    l.closed = true;
    acceptCancel(c, l);
    for (let i = 0; i < REAP_TRIES && l.armed !== 0; i++) turn(c, 0, 0);
    acceptDrop(c, l);
    c.listeners[fd] = null;
  }
  cancelPolls(c, fd);
  if (c.tab[at + C_OPS] !== 0) {
    c.tab[at] = (c.tab[at]! & ~F_LISTEN) | F_CLOSING;
    return 0;
  }
  closeNow(c, fd);
  submitNow(c);
  c.tab[at + C_RST] = R_IDLE;
  return 0;
}
