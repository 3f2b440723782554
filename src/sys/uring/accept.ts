// Accepting. A listener has a few one-shot accepts armed, each with a slot of the arena for the peer's address; accepted
// descriptors queue in their slots until the layer above calls `accept`. Never more are armed and queued than `room`.
//
//   slot: 128 bytes sockaddr, then its length (in: 128, out: the address's); ACCEPT_SLOT_BYTES each
import { EAGAIN, ECANCELED, ECONNABORTED, EINTR } from '../errno.js';
import { SOCKADDR_MAX } from '../constants.js';
import { SYS_POLL_IN } from '../types.js';
import {
  cancel,
  C_SERIAL,
  F_FRESH,
  F_REG,
  F_RING,
  F_STREAM,
  fdOpen,
  K_ACCEPT,
  K_SHIFT,
  push,
  REC_SHIFT,
  wantsRecv,
  type UringCore,
} from './core.js';
import { OP_ACCEPT, SOCK_CLOEXEC, SOCK_NONBLOCK } from './types.js';

export const ACCEPT_SLOT_BYTES = 256;
export const ACCEPT_ARMED_MAX = 8; // one-shot accepts in flight for a listener
const NO_SLOT = -1;

export class Listener {
  readonly fd: number;
  readonly serial: number;
  /** Accepts in flight. */
  armed = 0;
  /** Accepted and not yet asked for: a list through `slotNext`. */
  queued = 0;
  head = NO_SLOT;
  tail = NO_SLOT;
  /** -errno of an accept, given out after what is queued; nothing is armed meanwhile (EMFILE would come back at once). */
  err = 0;
  /** Most connections that may be accepted ahead of `accept` calls. */
  room = ACCEPT_ARMED_MAX;
  closed = false;

  constructor(fd: number, serial: number) {
    this.fd = fd;
    this.serial = serial;
  }
}

/** `Sys.accept`: the next accepted descriptor, -EAGAIN, or -errno. */
export function uringAccept(c: UringCore, fd: number, addrOfs: number): number {
  const l = c.listeners[fd] ?? null;
  if (l === null) return opened(c, c.nat.accept(fd, addrOfs), 0);
  const at = fd << REC_SHIFT;
  const slot = l.head;
  if (slot !== NO_SLOT) {
    const got = c.slotRes[slot]!;
    const from = c.slotBase + slot * ACCEPT_SLOT_BYTES;
    const addrLen = c.nat.arena.i32[(from + SOCKADDR_MAX) >> 2]!;
    c.u8.copyWithin(addrOfs, from, from + SOCKADDR_MAX);
    // Unnamed UNIX peers have a family alone: what an earlier one left behind it is not theirs.
    if (addrLen < SOCKADDR_MAX) c.u8.fill(0, addrOfs + addrLen, addrOfs + SOCKADDR_MAX);
    unqueue(c, l);
    if (wantsRecv(c, at)) acceptArm(c, l);
    return opened(c, got, F_RING);
  }
  if (l.err !== 0) {
    const err = l.err;
    l.err = 0;
    return err;
  }
  if ((c.tab[at]! & F_REG) === 0) return opened(c, c.nat.accept(fd, addrOfs), 0);
  if (wantsRecv(c, at)) acceptArm(c, l);
  return -EAGAIN;
}

function opened(c: UringCore, fd: number, flags: number): number {
  if (fd >= 0) fdOpen(c, fd, F_STREAM | F_FRESH | flags);
  return fd;
}

/** Arms accepts up to the listener's room. */
export function acceptArm(c: UringCore, l: Listener): void {
  const most = l.room < ACCEPT_ARMED_MAX ? l.room : ACCEPT_ARMED_MAX;
  while (l.armed < most && l.armed + l.queued < l.room && l.err === 0 && c.slotFree !== NO_SLOT) {
    const slot = c.slotFree;
    c.slotFree = c.slotNext[slot]!;
    c.slotFd[slot] = l.fd;
    l.armed++;
    c.ops++;
    const ofs = c.slotBase + slot * ACCEPT_SLOT_BYTES;
    c.nat.arena.i32[(ofs + SOCKADDR_MAX) >> 2] = SOCKADDR_MAX;
    const q = c.sqes;
    const s = c.ring.next();
    q[s] = OP_ACCEPT;
    q[s + 1] = l.fd;
    q[s + 2] = ofs + SOCKADDR_MAX;
    q[s + 3] = c.addressHigh;
    q[s + 4] = ofs;
    q[s + 5] = c.addressHigh;
    q[s + 6] = 0;
    q[s + 7] = SOCK_NONBLOCK | SOCK_CLOEXEC;
    q[s + 8] = (K_ACCEPT << K_SHIFT) | slot;
    q[s + 9] = l.serial;
    q[s + 10] = 0;
    q[s + 11] = 0;
  }
}

/** Cancels what is armed; connections that came first stay queued. */
export function acceptCancel(c: UringCore, l: Listener): void {
  if (l.armed === 0) return;
  for (let slot = 0; slot < c.slotFd.length; slot++) {
    if (c.slotFd[slot] === l.fd && c.slotRes[slot] === PENDING) cancel(c, K_ACCEPT, slot, l.serial);
  }
}

/** In `slotRes`: the accept of the slot is in flight. */
export const PENDING = -0x7fffffff;

/** `want` on a listener. `fresh`: it was paused; errors from before are nobody's any more. */
export function acceptWant(c: UringCore, l: Listener, on: boolean, fresh: boolean): void {
  if (!on) {
    acceptCancel(c, l);
    return;
  }
  if (fresh) l.err = 0;
  if (l.queued !== 0 || l.err !== 0) push(c, l.fd, SYS_POLL_IN);
  acceptArm(c, l);
}

/** Limits how many connections are accepted ahead; what is armed beyond is cancelled. */
export function acceptRoom(c: UringCore, l: Listener, room: number): void {
  const less = room < l.armed + l.queued;
  l.room = room;
  if (less) acceptCancel(c, l);
  else if (wantsRecv(c, l.fd << REC_SHIFT) && (c.tab[l.fd << REC_SHIFT]! & F_REG) !== 0) acceptArm(c, l);
}

/** Completion of the accept in `slot`. */
export function acceptDone(c: UringCore, slot: number, res: number): void {
  c.ops--;
  const fd = c.slotFd[slot]!;
  const l = c.listeners[fd] ?? null;
  if (l === null) {
    if (res >= 0) c.nat.closeRaw(res);
    slotGive(c, slot);
    return;
  }
  l.armed--;
  if (res >= 0) {
    if (res < c.owned.length) c.owned[res] = 1;
    c.slotRes[slot] = res;
    c.slotNext[slot] = NO_SLOT;
    if (l.tail === NO_SLOT) l.head = slot;
    else c.slotNext[l.tail] = slot;
    l.tail = slot;
    l.queued++;
    push(c, fd, SYS_POLL_IN);
    return;
  }
  slotGive(c, slot);
  const wanted = wantsRecv(c, fd << REC_SHIFT) && !l.closed;
  if (res === -ECANCELED || res === -EINTR || res === -EAGAIN || res === -ECONNABORTED) {
    if (wanted) acceptArm(c, l);
    return;
  }
  if (!wanted) return; // paused: whoever resumes tries anew
  l.err = res;
  push(c, fd, SYS_POLL_IN);
}

/** Closes what was accepted and not asked for. */
export function acceptDrop(c: UringCore, l: Listener): void {
  while (l.head !== NO_SLOT) {
    const fd = c.slotRes[l.head]!;
    unqueue(c, l);
    if (fd < c.owned.length) c.owned[fd] = 0;
    c.nat.closeRaw(fd);
  }
}

function unqueue(c: UringCore, l: Listener): void {
  const slot = l.head;
  l.head = c.slotNext[slot]!;
  if (l.head === NO_SLOT) l.tail = NO_SLOT;
  l.queued--;
  slotGive(c, slot);
}

function slotGive(c: UringCore, slot: number): void {
  c.slotFd[slot] = -1;
  c.slotRes[slot] = PENDING;
  c.slotNext[slot] = c.slotFree;
  c.slotFree = slot;
}

/** All slots free. `base`: arena offset of slot 0. */
export function slotsInit(c: UringCore, base: number, count: number): void {
  c.slotBase = base;
  c.slotNext = new Int32Array(count);
  c.slotFd = new Int32Array(count).fill(-1);
  c.slotRes = new Int32Array(count).fill(PENDING);
  c.slotFree = NO_SLOT;
  for (let slot = count - 1; slot >= 0; slot--) slotGive(c, slot);
}

export function listenerOpen(c: UringCore, fd: number): Listener {
  const l = new Listener(fd, c.tab[(fd << REC_SHIFT) + C_SERIAL]!);
  c.listeners[fd] = l;
  return l;
}
