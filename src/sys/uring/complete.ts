// Completions: each one moves the state of its descriptor and, where the layer above is to know, puts bits into the
// descriptor's next event. Nothing is called from here; `poll` reports afterwards.
import { bugOnHot } from '../../base/bug.js';
import { ECANCELED, EINTR, EINVAL, EISCONN, ENOBUFS } from '../errno.js';
import { SYS_POLL_ERR, SYS_POLL_HUP, SYS_POLL_IN, SYS_POLL_OUT, SYS_POLL_RDHUP } from '../types.js';
import { acceptDone } from './accept.js';
import {
  armHup,
  armPollIn,
  armRecv,
  closeNow,
  closesTaken,
  C_CONN,
  C_ERR,
  C_OPS,
  C_RST,
  C_SERIAL,
  C_SST,
  F_CANCEL,
  F_CLOSING,
  F_HELD,
  F_HUP,
  F_PHUP,
  F_NOROOM,
  F_ONCE,
  F_POUT,
  F_RDHUP,
  F_REG,
  F_TRY,
  F_WAKE,
  K_ACCEPT,
  K_CONNECT,
  K_HOST,
  K_HUP,
  K_MASK,
  K_NONE,
  K_POLLIN,
  K_POLLOUT,
  K_RECV,
  K_SEND,
  K_SHIFT,
  K_WAKE,
  N_DONE,
  push,
  R_IDLE,
  REC_SHIFT,
  S_LEFT,
  wantsRecv,
  type UringCore,
} from './core.js';
import { cancelRecv, hold, putEnd } from './recv.js';
import { CQE_WORDS } from './ring.js';
import { connMask, flushLeft, leftDrop, sendFell, settleStaged } from './send.js';
import { CQE_F_BUFFER, CQE_F_MORE, CQE_F_SOCK_NONEMPTY } from './types.js';
import { armWake } from './wake.js';

const HELD_MAX = 4; // lent buffers that one descriptor may keep before its receive is ended
const BROKEN = SYS_POLL_ERR | SYS_POLL_HUP;

/** One enter, and the completions it brought. Returns what the enter said: entries taken, or -errno. */
export function turn(c: UringCore, minComplete: number, timeoutMs: number): number {
  const r = c.ring.enter(minComplete, timeoutMs);
  if (c.ring.pending() === 0) {
    closesTaken(c); // before a completion can bring the same number again
    c.connNext = 0;
  }
  reap(c);
  if (c.stagedLen !== 0) settleStaged(c);
  else c.hasty = false;
  return r;
}

/** Handles all completions that can be read. */
export function reap(c: UringCore): void {
  const ring = c.ring;
  const mem = ring.mem;
  if (ring.spilled.length !== 0) {
    const all = ring.spilled.splice(0);
    for (let i = 0; i < all.length; i += CQE_WORDS) complete(c, all[i]!, all[i + 1]!, all[i + 2]!, all[i + 3]!);
  }
  for (;;) {
    const head = mem[ring.cqHeadAt]!;
    if (head === mem[ring.cqTailAt]) return;
    const at = ring.cqesAt + ((head & ring.cqMask) << 2);
    const low = mem[at]!;
    const high = mem[at + 1]!;
    const res = mem[at + 2]!;
    const flags = mem[at + 3]!;
    // Given back before it is handled: a full submission ring met meanwhile may put unread completions aside.
    mem[ring.cqHeadAt] = (head + 1) | 0;
    complete(c, low, high, res, flags);
  }
}

function complete(c: UringCore, low: number, high: number, res: number, flags: number): void {
  const id = low & K_MASK;
  const kind = low >>> K_SHIFT;
  if (kind === K_NONE) return; // a cancel that found nothing: what it was for has completed
  if (kind === K_ACCEPT) {
    acceptDone(c, id, res);
    return;
  }
  if (kind === K_HOST) {
    c.hostArmed = false;
    c.hostEvents = res > 0 ? res : SYS_POLL_ERR;
    return;
  }
  const at = id << REC_SHIFT;
  bugOnHot(c.tab[at + C_SERIAL] !== high, 'uring: completion of a descriptor that is closed');
  if ((flags & CQE_F_MORE) === 0) {
    c.tab[at + C_OPS]!--;
    c.ops--;
  }
  switch (kind) {
    case K_RECV:
      recvDone(c, id, res, flags);
      break;
    case K_POLLIN:
      pollInDone(c, id, res);
      break;
    case K_SEND:
      sendFell(c, id, res);
      break;
    case K_POLLOUT:
      pollOutDone(c, id, res, flags);
      break;
    case K_HUP:
      hupDone(c, id, res, flags);
      break;
    case K_CONNECT:
      connectDone(c, id, res);
      break;
    case K_WAKE:
      if (res > 0) push(c, id, res);
      if ((flags & CQE_F_MORE) === 0 && (c.tab[at]! & (F_REG | F_WAKE)) === (F_REG | F_WAKE)) armWake(c, id);
      break;
    default:
      bugOnHot(true, 'uring: unknown completion');
  }
  if ((c.tab[at]! & F_CLOSING) !== 0 && c.tab[at + C_OPS] === 0) closeNow(c, id);
}

function recvDone(c: UringCore, fd: number, res: number, flags: number): void {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  const armed = (flags & CQE_F_MORE) !== 0;
  if (!armed) {
    t[at + C_RST] = R_IDLE;
    t[at]! &= ~(F_CANCEL | F_TRY);
  }
  const closing = (t[at]! & F_CLOSING) !== 0;
  if ((flags & CQE_F_BUFFER) !== 0) {
    const buf = flags >>> 16;
    c.bufs.taken(buf);
    if (res > 0 && !closing) {
      const waiting = hold(c, fd, buf, res);
      let mask = SYS_POLL_IN;
      if (armed) {
        if (waiting >= HELD_MAX) cancelRecv(c, fd); // nobody takes it: the rest stays in the socket
      } else if ((flags & CQE_F_SOCK_NONEMPTY) !== 0) {
        // With room left in the lent buffer it is the FIN most likely: worth to be asked for together with the bytes.
        t[at]! |= F_TRY;
        if (res < c.bufs.size) mask |= SYS_POLL_RDHUP;
      }
      push(c, fd, mask);
      return;
    }
    c.bufs.give(buf);
  }
  if (closing) return;
  const idle = (t[at]! & (F_REG | F_HELD)) === F_REG; // where something is held, taking it arms again
  if (res === -ECANCELED || res === -EINTR) {
    if (idle && wantsRecv(c, at)) armRecv(c, fd);
  } else if (res === -ENOBUFS) {
    // More are lent; where there are no more, this descriptor waits by poll and receives without a lent buffer.
    const more = c.bufs.grow();
    if (!idle) return;
    if (more) armRecv(c, fd);
    else armPollIn(c, fd);
  } else if (res === -EINVAL && (t[at]! & F_ONCE) === 0) {
    // A kernel before 6.0: all those that were armed with this one say the same.
    c.multishot = false;
    if (idle) armRecv(c, fd);
  } else {
    if (res < 0) t[at + C_ERR] = -res;
    putEnd(c, fd, res);
  }
}

function pollInDone(c: UringCore, fd: number, res: number): void {
  const at = fd << REC_SHIFT;
  c.tab[at + C_RST] = R_IDLE;
  c.tab[at]! &= ~F_CANCEL;
  if (res !== -ECANCELED) {
    c.tab[at]! |= F_TRY;
    pollEvent(c, fd, res > 0 ? res : BROKEN, SYS_POLL_IN);
  } else if ((c.tab[at]! & (F_REG | F_CLOSING)) === F_REG && wantsRecv(c, at)) armRecv(c, fd);
}

/** A poll fired with `mask`; `side` is what was waited for and may be tried now, whatever the mask says. */
function pollEvent(c: UringCore, fd: number, mask: number, side: number): void {
  const at = fd << REC_SHIFT;
  if ((mask & BROKEN) !== 0) c.tab[at]! |= F_HUP;
  if ((mask & SYS_POLL_RDHUP) !== 0) c.tab[at]! |= F_RDHUP;
  push(c, fd, mask | side);
}

function pollOutDone(c: UringCore, fd: number, res: number, flags: number): void {
  const at = fd << REC_SHIFT;
  const armed = (flags & CQE_F_MORE) !== 0; // multishot, behind the FIN
  if (!armed) c.tab[at]! &= ~F_POUT;
  const left = c.tab[at + C_SST] === S_LEFT;
  if (res === -ECANCELED) {
    if (left) leftDrop(c, fd);
    return;
  }
  const mask = res > 0 ? res : BROKEN;
  if (armed && (mask & (SYS_POLL_OUT | BROKEN)) === 0) return; // the FIN, known
  c.tab[at]! &= ~F_NOROOM;
  if (left && !flushLeft(c, fd)) return;
  pollEvent(c, fd, mask, SYS_POLL_OUT);
}

function hupDone(c: UringCore, fd: number, res: number, flags: number): void {
  const at = fd << REC_SHIFT;
  const armed = (flags & CQE_F_MORE) !== 0; // multishot, behind the FIN
  if (!armed) c.tab[at]! &= ~F_PHUP;
  if (res === -ECANCELED || (c.tab[at]! & F_CLOSING) !== 0) return;
  const mask = res > 0 ? res : BROKEN;
  if ((mask & BROKEN) !== 0) {
    c.tab[at]! |= F_HUP;
    push(c, fd, (mask & (BROKEN | SYS_POLL_RDHUP)) | SYS_POLL_IN | SYS_POLL_OUT);
    return;
  }
  // The FIN alone: reported once, from now on errors and hang-up only.
  const known = (c.tab[at]! & F_RDHUP) !== 0;
  c.tab[at]! |= F_RDHUP;
  if (!known) push(c, fd, SYS_POLL_IN | SYS_POLL_RDHUP);
  if (!armed && (c.tab[at]! & F_REG) !== 0) armHup(c, fd);
}

function connectDone(c: UringCore, fd: number, res: number): void {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  t[at + C_CONN] = N_DONE;
  if ((t[at]! & F_CLOSING) !== 0) return;
  if (res < 0 && res !== -EISCONN) {
    t[at + C_ERR] = -res;
    t[at]! |= F_HUP;
  }
  push(c, fd, connMask(c, fd));
  if (res === 0 && (t[at]! & F_REG) !== 0 && wantsRecv(c, at) && t[at + C_RST] === R_IDLE) armRecv(c, fd);
}
