// The io_uring transport (Linux): to the layers above the same readiness manner as the native one. Receives answer -EAGAIN
// until their bytes have come, small sends are taken at once and leave with the next enter. What is a plain call stays one
// (sockets, options, pipes, splice, life in libuv) and is the native transport's own function. How the ring is driven:
// uring/core.ts.
//
// The end of the arena is the ring's own and not part of the arena that the layers above see:
//
//   | arena ...             | accept slots | connect addresses | staged sends | receive buffers ... |
//   0              arena.bytes                                                       of the mapping
import { bugOn } from '../base/bug.js';
import { SLAB_BYTES } from '../base/bufpool.js';
import { SOCK_STREAM, SOCKADDR_MAX, SOL_SOCKET, SO_ACCEPTCONN, SO_TYPE } from './constants.js';
import { EBADF, EINTR, EMFILE, ENFILE, errnoName } from './errno.js';
import { loadAddon, NativeAddonError } from './load.js';
import { createNativeSys, type NativeSysOptions } from './native.js';
import {
  EVENT_FD,
  EVENT_GEN,
  EVENT_MASK,
  EVENT_STRIDE,
  SYS_F_COMPLETION,
  SYS_F_EPOLL,
  SYS_POLL_IN,
  type Arena,
  type Sys,
} from './types.js';
import {
  ACCEPT_SLOT_BYTES,
  acceptArm,
  acceptRoom,
  acceptWant,
  listenerOpen,
  slotsInit,
  uringAccept,
} from './uring/accept.js';
import { BUF_GROUP, RecvBuffers } from './uring/buffers.js';
import { uringClose, uringPollDel } from './uring/close.js';
import { reap, turn } from './uring/complete.js';
import {
  C_CONN,
  C_EV,
  C_GEN,
  C_WANT,
  F_CLOSING,
  F_END,
  F_FRESH,
  F_HELD,
  F_LISTEN,
  F_OPEN,
  F_QUEUED,
  F_REG,
  F_STREAM,
  F_WAKE,
  fdFlags,
  fdOpen,
  N_DONE,
  noteBare,
  push,
  REC_SHIFT,
  submitNow,
  UringCore,
  wantsRecv,
  WANT_RECV,
  WANT_SEND,
  wantWord,
} from './uring/core.js';
import { hasUring } from './uring/probe.js';
import { reportEnd, uringRecv, uringSplice, wantRecv } from './uring/recv.js';
import { ringOpen } from './uring/ring.js';
import {
  CONN_SLOTS,
  connMask,
  leftExpire,
  STAGE_BYTES,
  STAGE_SEND_BYTES,
  uringConnect,
  uringSend,
  uringShutdown,
  uringSockError,
  wantSend,
} from './uring/send.js';
import { CANCEL_ALL, CANCEL_ANY, ETIME, OP_ASYNC_CANCEL, SQE_SKIP_SUCCESS } from './uring/types.js';
import { armHost, armWake, sweep } from './uring/wake.js';

const SQ_ENTRIES = 256; // few, so that the rings stay in the cache: a fuller round submits twice
const CQ_ENTRIES = 2048;
const ACCEPT_SLOTS = 512;
const RECV_BYTES = 4096;
const RECV_FIRST = 64; // lent at first
const RECV_MAX = 4096; // lent at most; a power of two
const STAGE_AT = ACCEPT_SLOTS * ACCEPT_SLOT_BYTES + CONN_SLOTS * SOCKADDR_MAX;
const SLOTS_BYTES = STAGE_AT + STAGE_BYTES + STAGE_SEND_BYTES;
const SWEEP_ROUNDS = 64; // a descriptor is left without any poll for so many rounds at most ...
const SWEEP_MS = 5; // ... or so long while nothing happens
const LEFT_LOOK_MS = 1000; // bytes left behind by closes are looked after that often
const OVERFLOW_TURNS = 4; // enters spent in one poll to fetch completions that found no room
const DESTROY_TRIES = 100;
const DESTROY_MS = 10;

export { probeUring, type UringProbe } from './uring/probe.js';

export interface UringOptions extends NativeSysOptions {
  /** Lent receive buffers of 4 KiB at most, a power of two. */
  readonly recvBuffers?: number;
  /** Entries of the submission and the completion ring, powers of two (tests make them small). */
  readonly sqEntries?: number;
  readonly cqEntries?: number;
  /** Set-up flags that are not to be tried (SETUP_*; tests). */
  readonly refuseFlags?: number;
}

/** Opens the transport. Errors: NativeAddonError where the addon is missing or the kernel refuses (`probeUring` says why). */
export function createUringSys(options: UringOptions = {}): UringSys {
  const loaded = options.addon === undefined ? loadAddon() : { addon: options.addon };
  if (loaded.addon === null) throw new NativeAddonError(`no io_uring transport: ${loaded.reason}`);
  const addon = loaded.addon;
  if (!hasUring(addon)) throw new NativeAddonError('the addon was built without io_uring');
  const ring = ringOpen(
    addon,
    options.sqEntries ?? SQ_ENTRIES,
    options.cqEntries ?? CQ_ENTRIES,
    options.refuseFlags ?? 0,
  );
  if (typeof ring === 'number') throw new NativeAddonError(`the system refuses io_uring: ${errnoName(ring)}`);
  const most = options.recvBuffers ?? RECV_MAX;
  const lent = ring.handle.bufRing(BUF_GROUP, most);
  if (typeof lent === 'number') {
    ring.close();
    throw new NativeAddonError(`the system refuses a ring of receive buffers: ${errnoName(lent)}`);
  }
  const nat = createNativeSys({ ...options, addon });
  const address = new Int32Array(2);
  addon.uringAddress(nat.arena.u8, address);
  bugOn(address[0] !== 0, 'uring: the arena is not aligned to 4 GiB');
  const high = address[1]!;
  const own = (SLOTS_BYTES + most * RECV_BYTES + SLAB_BYTES - 1) & -SLAB_BYTES;
  const base = nat.arena.bytes - own;
  bugOn(base < SLAB_BYTES, 'uring: the arena is too small');
  const bufs = new RecvBuffers(lent, base + SLOTS_BYTES, RECV_BYTES, RECV_FIRST, most, high);
  const core = new UringCore(nat, addon, ring, bufs, high);
  slotsInit(core, base, ACCEPT_SLOTS);
  core.connBase = base + ACCEPT_SLOTS * ACCEPT_SLOT_BYTES;
  core.stageBase = base + STAGE_AT;
  return new UringSys(core, base);
}

export class UringSys implements Sys {
  readonly name = 'uring';
  readonly features: number;
  readonly arena: Arena;
  readonly events: Int32Array;
  readonly eventsMax: number;
  readonly ret: Int32Array;
  readonly hostFd: number;
  readonly now: Sys['now'];
  readonly date: Sys['date'];
  readonly bind: Sys['bind'];
  readonly setsockopt: Sys['setsockopt'];
  readonly setsockoptBytes: Sys['setsockoptBytes'];
  readonly getsockopt: Sys['getsockopt'];
  readonly getsockoptBytes: Sys['getsockoptBytes'];
  readonly getsockname: Sys['getsockname'];
  readonly getpeername: Sys['getpeername'];
  readonly sendto: Sys['sendto'];
  readonly pipe: Sys['pipe'];
  readonly wake: Sys['wake'];
  readonly hostTimeout: Sys['hostTimeout'];
  readonly pause: NonNullable<Sys['pause']>;
  /** State of the ring and of all descriptors; for tests and `show` commands. */
  readonly core: UringCore;
  private rounds = 0;
  private dead = false;

  constructor(core: UringCore, arenaBytes: number) {
    const nat = core.nat;
    this.features = (nat.features & ~SYS_F_EPOLL) | SYS_F_COMPLETION;
    this.arena = { bytes: arenaBytes, u8: nat.arena.u8, i32: nat.arena.i32, view: nat.arena.view };
    this.events = nat.events;
    this.eventsMax = nat.eventsMax;
    this.ret = nat.ret;
    this.hostFd = nat.hostFd;
    this.now = nat.now;
    this.date = nat.date;
    this.bind = nat.bind;
    this.setsockopt = nat.setsockopt;
    this.setsockoptBytes = nat.setsockoptBytes;
    this.getsockopt = nat.getsockopt;
    this.getsockoptBytes = nat.getsockoptBytes;
    this.getsockname = nat.getsockname;
    this.getpeername = nat.getpeername;
    this.sendto = nat.sendto;
    this.pipe = nat.pipe;
    this.wake = nat.wake;
    this.hostTimeout = nat.hostTimeout;
    this.pause = nat.pause;
    this.core = core;
  }

  /** At most `room` connections are accepted ahead of `accept` calls on `fd` (what maxconn leaves; 8 at most are armed). */
  acceptRoom(fd: number, room: number): void {
    const l = this.core.listeners[fd] ?? null;
    if (l !== null) acceptRoom(this.core, l, room);
  }

  socket(family: number, type: number): number {
    const c = this.core;
    let fd = c.nat.socket(family, type);
    if (fd === -EMFILE || fd === -ENFILE) {
      // Closes that are written but not submitted still hold their numbers.
      submitNow(c);
      fd = c.nat.socket(family, type);
    }
    if (fd >= 0) fdOpen(c, fd, type === SOCK_STREAM ? F_STREAM : 0);
    return fd;
  }

  listen(fd: number, backlog: number): number {
    const c = this.core;
    const r = c.nat.listen(fd, backlog);
    if (r < 0) return r;
    if ((fdFlags(c, fd) & F_OPEN) === 0) fdOpen(c, fd, 0);
    this.asListener(fd);
    return r;
  }

  accept(fd: number, addrOfs: number): number {
    return uringAccept(this.core, fd, addrOfs);
  }

  connect(fd: number, addrOfs: number, addrLen: number): number {
    return uringConnect(this.core, fd, addrOfs, addrLen);
  }

  recv(fd: number, ofs: number, len: number, flags: number): number {
    return uringRecv(this.core, fd, ofs, len, flags);
  }

  send(fd: number, ofs: number, len: number, flags: number): number {
    return uringSend(this.core, fd, ofs, len, flags);
  }

  shutdown(fd: number, how: number): number {
    return uringShutdown(this.core, fd, how);
  }

  close(fd: number): number {
    return uringClose(this.core, fd);
  }

  closeRaw(fd: number): number {
    return (fdFlags(this.core, fd) & F_OPEN) !== 0 ? uringClose(this.core, fd) : this.core.nat.closeRaw(fd);
  }

  sockError(fd: number): number {
    return uringSockError(this.core, fd);
  }

  adopt(fd: number): number {
    const r = this.core.nat.adopt(fd);
    if (r >= 0) this.classify(fd);
    return r;
  }

  splice(fdIn: number, fdOut: number, len: number, more: number): number {
    return uringSplice(this.core, fdIn, fdOut, len, more);
  }

  pollAdd(fd: number, gen: number): number {
    const c = this.core;
    if ((fdFlags(c, fd) & F_OPEN) === 0 && this.classify(fd) < 0) return -EBADF;
    const at = fd << REC_SHIFT;
    bugOn((c.tab[at]! & F_CLOSING) !== 0, 'uring: a closed descriptor is to be polled');
    c.tab[at]! |= F_REG;
    c.tab[at + C_GEN] = gen;
    if ((c.tab[at]! & F_WAKE) !== 0) armWake(c, fd);
    // What completed before anybody listened.
    if ((c.tab[at]! & F_HELD) !== 0) push(c, fd, SYS_POLL_IN);
    if ((c.tab[at]! & F_END) !== 0) reportEnd(c, fd);
    if (c.tab[at + C_CONN] === N_DONE) push(c, fd, connMask(c, fd));
    const l = c.listeners[fd] ?? null;
    if (l !== null && l.queued !== 0) push(c, fd, SYS_POLL_IN);
    if (l === null) noteBare(c, fd);
    return 0;
  }

  pollDel(fd: number): number {
    return uringPollDel(this.core, fd);
  }

  want(fd: number, events: number, recvMode: number): void {
    const c = this.core;
    const f = fdFlags(c, fd);
    if ((f & F_OPEN) === 0) return;
    const at = fd << REC_SHIFT;
    const fresh = events & ~c.tab[at + C_WANT]!;
    c.tab[at + C_WANT] = wantWord(events, recvMode);
    if ((f & (F_REG | F_CLOSING)) !== F_REG || (f & F_WAKE) !== 0) return;
    const l = c.listeners[fd] ?? null;
    if (l !== null) {
      acceptWant(c, l, (events & WANT_RECV) !== 0, (fresh & WANT_RECV) !== 0);
      return;
    }
    if ((events & WANT_RECV) !== 0) wantRecv(c, fd, (fresh & WANT_RECV) !== 0);
    else noteBare(c, fd);
    if ((events & WANT_SEND) !== 0) wantSend(c, fd, (fresh & WANT_SEND) !== 0);
  }

  poll(timeoutMs: number): number {
    const c = this.core;
    const ring = c.ring;
    let wait = timeoutMs;
    if (c.left.size !== 0) {
      leftExpire(c);
      if (wait < 0 || wait > LEFT_LOOK_MS) wait = LEFT_LOOK_MS;
    }
    if (c.hasty) turn(c, 0, 0);
    if (c.queueLen !== 0 || ring.hasWork()) wait = 0;
    if (!c.hostArmed && this.hostFd >= 0) armHost(c, this.hostFd);
    if (c.bareLen !== 0) {
      if (++this.rounds >= SWEEP_ROUNDS) this.sweep();
      else if (wait < 0 || wait > SWEEP_MS) wait = SWEEP_MS;
    }
    if (wait !== 0 || ring.pending() !== 0 || ring.hasWork() || c.stagedLen !== 0) {
      const r = turn(c, wait === 0 ? 0 : 1, wait);
      if (r === -ETIME && c.bareLen !== 0) this.sweep();
      else if (r < 0 && r !== -ETIME && r !== -EINTR) ring.flush();
    }
    reap(c);
    for (let i = 0; i < OVERFLOW_TURNS && ring.overflown(); i++) turn(c, 0, 0);
    return this.report();
  }

  discard(ofs: number, len: number): void {
    this.core.nat.discard(ofs, len);
  }

  wakeFd(): number {
    const fd = this.core.nat.wakeFd();
    if (fd >= 0) fdOpen(this.core, fd, F_WAKE);
    return fd;
  }

  hostStart(rounds: () => void): void {
    this.core.nat.hostStart(rounds);
  }

  hostStop(): void {
    this.core.nat.hostStop();
  }

  /** Cancels and waits for all that is in flight, closes every descriptor, ends the ring. */
  destroy(): void {
    if (this.dead) return;
    this.dead = true;
    const c = this.core;
    for (let fd = 0; fd < c.fdsMax; fd++) {
      if ((c.tab[fd << REC_SHIFT]! & F_OPEN) !== 0) uringClose(c, fd);
    }
    const s = c.ring.next();
    c.sqes.fill(0, s, s + 16);
    c.sqes[s] = OP_ASYNC_CANCEL | SQE_SKIP_SUCCESS;
    c.sqes[s + 1] = -1;
    c.sqes[s + 7] = CANCEL_ALL | CANCEL_ANY;
    for (let i = 0; i < DESTROY_TRIES && (c.ops !== 0 || c.ring.pending() !== 0); i++) {
      turn(c, c.ops !== 0 ? 1 : 0, DESTROY_MS);
    }
    c.ring.close();
    c.nat.destroy();
  }

  private sweep(): void {
    this.rounds = 0;
    sweep(this.core);
  }

  /** Fills `events` from the queue. */
  private report(): number {
    const c = this.core;
    const ev = this.events;
    const mask = c.queue.length - 1;
    let n = 0;
    if (c.hostEvents !== 0) {
      ev[EVENT_MASK] = c.hostEvents;
      ev[EVENT_FD] = this.hostFd;
      ev[EVENT_GEN] = 0;
      c.hostEvents = 0;
      n = 1;
    }
    while (c.queueLen !== 0 && n < this.eventsMax) {
      const fd = c.queue[c.queueHead & mask]!;
      c.queueHead = (c.queueHead + 1) & mask;
      c.queueLen--;
      const at = fd << REC_SHIFT;
      c.tab[at]! &= ~F_QUEUED;
      const bits = c.tab[at + C_EV]!;
      c.tab[at + C_EV] = 0;
      if (bits === 0 || (c.tab[at]! & F_REG) === 0) continue;
      ev[n * EVENT_STRIDE + EVENT_MASK] = bits;
      ev[n * EVENT_STRIDE + EVENT_FD] = fd;
      ev[n * EVENT_STRIDE + EVENT_GEN] = c.tab[at + C_GEN]!;
      n++;
    }
    return n;
  }

  /** A descriptor that was not made here: what it is decides how it is driven. 0, or -EBADF. */
  private classify(fd: number): number {
    const c = this.core;
    const type = c.nat.getsockopt(fd, SOL_SOCKET, SO_TYPE);
    if (type === -EBADF) return type;
    const stream = type === SOCK_STREAM;
    fdOpen(c, fd, stream ? F_STREAM | F_FRESH : 0);
    if (stream && c.nat.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN) === 1) this.asListener(fd);
    return 0;
  }

  private asListener(fd: number): void {
    const c = this.core;
    if ((c.listeners[fd] ?? null) !== null) return;
    const at = fd << REC_SHIFT;
    c.tab[at] = (c.tab[at]! & ~F_STREAM) | F_LISTEN;
    const l = listenerOpen(c, fd);
    if ((c.tab[at] & F_REG) !== 0 && wantsRecv(c, at)) acceptArm(c, l);
  }
}
