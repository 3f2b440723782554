// What the io_uring transport knows: one record of integers for each descriptor, the ring, the receive buffers, and the
// queue of descriptors with events to report. Small moves that several subjects share are here; receiving, sending,
// accepting, closing and completing have a file each.
//
//   receive   IDLE ──arm──> RECV (multishot: stays until it ends) | POLL (once)
//             completions leave bytes in lent buffers (F_HELD), in order, and behind them the end (F_END); recv() takes them
//   send      IDLE ──send()──> STAGED ──the ring took all of it──> IDLE
//             STAGED ──the socket is full──> LEFT ──room, plain sends──> IDLE
//             STAGED, LEFT ──an error──> BROKEN: said by every later send()
//   close     operations in flight are cancelled; the close itself is submitted when the last one has completed, and when
//             bytes that send() took have gone out
import { bugOn, bugOnHot } from '../../base/bug.js';
import type { NativeSys } from '../native.js';
import { SYS_POLL_OUT, SYS_POLL_RDHUP, SYS_RECV_POLL } from '../types.js';
import type { RecvBuffers } from './buffers.js';
import { BUF_GROUP } from './buffers.js';
import type { Listener } from './accept.js';
import type { Ring } from './ring.js';
import {
  OP_ASYNC_CANCEL,
  OP_CLOSE,
  OP_POLL_ADD,
  OP_RECV,
  POLL_MULTI,
  SQE_BUFFER_SELECT,
  SQE_RECV_MULTISHOT,
  SQE_RECV_POLL_FIRST,
  SQE_SKIP_SUCCESS,
  type UringAddon,
} from './types.js';

// Columns of a descriptor's record.
export const REC_SHIFT = 4;
export const C_FLAGS = 0; // F_*
export const C_GEN = 1; // generation of the layer above, in its events
export const C_SERIAL = 2; // ours, in the user data: told apart from an earlier owner of the number
export const C_OPS = 3; // operations in flight
export const C_RST = 4; // R_*
export const C_POS = 5; // F_HELD: arena offset of the next byte
export const C_LIMIT = 6; // F_HELD: arena offset behind the last byte of the first lent buffer
export const C_BUF = 7; // F_HELD: id of the last lent buffer; the first is the one behind it, in a circle
export const C_SST = 8; // S_*
export const C_SOFS = 9; // STAGED: arena offset of the copy
export const C_SLEN = 10; // STAGED: its length; BROKEN: the errno
export const C_ERR = 11; // errno seen in a completion and not yet asked for (sockError)
export const C_EV = 12; // SYS_POLL_* to be reported
export const C_WANT = 13; // bit 0 receive, bit 1 send, from bit 2 on the receive mode
export const C_CONN = 14; // N_*
export const C_RES = 15; // F_END: 0 or -errno
const REC_WORDS = 1 << REC_SHIFT;

export const F_OPEN = 0x0001; // known to us and not closed
export const F_STREAM = 0x0002; // stream socket: receives and sends go through the ring
export const F_LISTEN = 0x0004;
export const F_WAKE = 0x0008; // eventfd of wakeFd(): polled once, for all edges
export const F_REG = 0x0010; // pollAdd
export const F_CLOSING = 0x0020; // close() called, operations still in flight
export const F_CANCEL = 0x0040; // the armed receive or poll is being cancelled
export const F_POUT = 0x0080; // poll for room to send is armed
export const F_PHUP = 0x0100; // poll for errors and hang-up alone is armed
export const F_HUP = 0x0200; // error or hang-up was reported: that poll would fire at once for ever
export const F_RDHUP = 0x0400; // the peer's FIN was seen by a poll or a receive
export const F_EOF = 0x0800; // recv() has answered 0
export const F_TRY = 0x1000; // the socket probably holds bytes: try a plain receive first
export const F_FRESH = 0x2000; // nothing was ever received: the first receive is tried at once
export const F_QUEUED = 0x4000; // in the event queue
export const F_BARE = 0x8000; // on the list of descriptors that may have nothing armed
export const F_SHUTWR = 0x10000; // shut down sending once what send() took has gone out
export const F_RING = 0x20000; // the ring closes it at exit, not the native context
export const F_NOROOM = 0x80000; // the last send fell short: the kernel will tell of room
export const F_SPLICE = 0x40000; // input is spliced: receives are awaited by poll, whatever `want` says
export const F_HELD = 0x100000; // bytes were received and lie in lent buffers
export const F_ONCE = 0x400000; // the receive is armed for one message alone
export const F_END = 0x200000; // the final result of receiving is known, and was not given out yet

export const R_IDLE = 0;
export const R_RECV = 1;
export const R_POLL = 2;
export const S_IDLE = 0;
export const S_STAGED = 1;
export const S_LEFT = 2;
export const S_BROKEN = 3;
export const N_NONE = 0;
export const N_RING = 1; // connecting in the ring
export const N_DONE = 2; // connected or refused; sockError() has not been asked yet

export const WANT_RECV = 1;
export const WANT_SEND = 2;
const WANT_MODE_SHIFT = 2;

// User data, low word: kind << 24 | descriptor (accepts: slot). High word: serial.
export const K_SHIFT = 24;
export const K_MASK = (1 << K_SHIFT) - 1;
export const K_NONE = 0; // cancel, close: completes only when it failed, and then nothing is to be done
export const K_RECV = 1;
export const K_POLLIN = 2;
export const K_SEND = 3;
export const K_POLLOUT = 4;
export const K_HUP = 5;
export const K_CONNECT = 6;
export const K_ACCEPT = 7;
export const K_HOST = 8;
export const K_WAKE = 9;

const POLL_ET = 1 << 31; // EPOLLET
const FD_MAX = 1 << 20; // more than any process is allowed on Linux without raising fs.nr_open

/** Bytes that send() took and the socket did not. */
export interface Left {
  bytes: Uint8Array;
  /** After close(): when it is given up, ms of the transport's clock; 0 before. */
  deadline: number;
}

export class UringCore {
  readonly nat: NativeSys;
  readonly addon: UringAddon;
  readonly ring: Ring;
  readonly bufs: RecvBuffers;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly sqes: Int32Array;
  readonly addressHigh: number;
  readonly owned: Uint8Array;
  /** Records, REC_WORDS each. Replaced when it grows: never keep it over a call that may open a descriptor. */
  tab: Int32Array;
  fdsMax: number;
  /** Operations in flight on descriptors and slots. */
  ops = 0;
  // Small sends of this round, in the order of the ring; see send.ts.
  staged: Int32Array = new Int32Array(256); // descriptors
  stagedLen = 0;
  stageBase = 0;
  stageUsed = 0;
  /** Receives stay armed from message to message; false once the kernel has refused that. */
  multishot = true;
  /** Somebody waits for the end of a staged send: the next enter must not wait. */
  hasty = false;
  /** What a full socket left of staged sends, by descriptor. */
  readonly left = new Map<number, Left>();
  readonly listeners: (Listener | null)[] = [];
  // Slots of addresses in the arena; see accept.ts and send.ts.
  slotBase = 0;
  slotNext: Int32Array = new Int32Array(0);
  slotFd: Int32Array = new Int32Array(0);
  slotRes: Int32Array = new Int32Array(0);
  slotFree = -1;
  connBase = 0;
  connNext = 0;
  connAt = 0;
  // Event queue: a ring of descriptors, each in it at most once.
  queue: Int32Array;
  queueHead = 0;
  queueLen = 0;
  hostArmed = false;
  hostEvents = 0;
  /** Descriptors that may need a poll for hang-up; looked at by `sweep`. */
  bare: Int32Array = new Int32Array(256);
  bareLen = 0;
  /** Closes written and not yet submitted. */
  closing: Int32Array = new Int32Array(256);
  closingLen = 0;

  constructor(nat: NativeSys, addon: UringAddon, ring: Ring, bufs: RecvBuffers, addressHigh: number) {
    this.nat = nat;
    this.addon = addon;
    this.ring = ring;
    this.bufs = bufs;
    this.u8 = nat.arena.u8;
    this.i32 = nat.arena.i32;
    this.sqes = ring.sqes;
    this.addressHigh = addressHigh;
    this.owned = new Uint8Array(ring.handle.owned);
    this.fdsMax = 1024;
    this.tab = new Int32Array(this.fdsMax * REC_WORDS);
    this.queue = new Int32Array(this.fdsMax);
  }
}

/** A descriptor enters the table with `flags` (F_OPEN is added). Its record is clean but for the serial. */
export function fdOpen(c: UringCore, fd: number, flags: number): void {
  if (fd >= c.fdsMax) grow(c, fd);
  const at = fd << REC_SHIFT;
  bugOn(c.tab[at + C_OPS] !== 0, 'uring: descriptor reused with operations in flight');
  const queued = c.tab[at]! & (F_QUEUED | F_BARE);
  const serial = c.tab[at + C_SERIAL]!;
  c.tab.fill(0, at, at + REC_WORDS);
  c.tab[at + C_FLAGS] = flags | F_OPEN | queued;
  c.tab[at + C_SERIAL] = (serial + 1) | 0;
}

/** Flags of `fd`, 0 for one that is not in the table. */
export function fdFlags(c: UringCore, fd: number): number {
  return fd >= 0 && fd < c.fdsMax ? c.tab[fd << REC_SHIFT]! : 0;
}

/** Puts `mask` into the descriptor's next event, if it is registered. */
export function push(c: UringCore, fd: number, mask: number): void {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  const f = t[at]!;
  if ((f & F_REG) === 0) return;
  t[at + C_EV]! |= mask;
  if ((f & F_QUEUED) !== 0) return;
  t[at] = f | F_QUEUED;
  c.queue[(c.queueHead + c.queueLen++) & (c.queue.length - 1)] = fd;
}

export function wantsRecv(c: UringCore, at: number): boolean {
  return (c.tab[at + C_WANT]! & WANT_RECV) !== 0;
}

export function recvModeOf(c: UringCore, at: number): number {
  if ((c.tab[at]! & F_SPLICE) !== 0) return SYS_RECV_POLL;
  return c.tab[at + C_WANT]! >> WANT_MODE_SHIFT;
}

export function wantWord(events: number, mode: number): number {
  return (events & (WANT_RECV | WANT_SEND)) | (mode << WANT_MODE_SHIFT);
}

/** Arms what waits for input: a receive into lent buffers, or a poll. The receive state must be IDLE. */
export function armRecv(c: UringCore, fd: number): void {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  const f = t[at]!;
  bugOnHot(t[at + C_RST] !== R_IDLE, 'uring: receive armed twice');
  if ((f & F_STREAM) === 0 || recvModeOf(c, at) === SYS_RECV_POLL) {
    armPollIn(c, fd);
    return;
  }
  // What is known to be empty is polled first: the receive tried at once would fail and be armed anyway.
  const first = (f & (F_FRESH | F_TRY)) !== 0 ? 0 : SQE_RECV_POLL_FIRST;
  const again = c.multishot ? SQE_RECV_MULTISHOT : 0;
  t[at + C_RST] = R_RECV;
  t[at + C_FLAGS] = (f & ~(F_CANCEL | F_FRESH | F_ONCE)) | (c.multishot ? 0 : F_ONCE);
  t[at + C_OPS]!++;
  c.ops++;
  entry(
    c,
    OP_RECV | SQE_BUFFER_SELECT | first | again,
    fd,
    0,
    -1,
    c.multishot ? 0 : c.bufs.size,
    0,
    (K_RECV << K_SHIFT) | fd,
    t[at + C_SERIAL]!,
    BUF_GROUP,
  );
}

/** Waits for input by poll alone. */
export function armPollIn(c: UringCore, fd: number): void {
  const at = fd << REC_SHIFT;
  c.tab[at + C_RST] = R_POLL;
  c.tab[at + C_FLAGS]! &= ~F_CANCEL;
  armPoll(c, fd, K_POLLIN, 0x1 | SYS_POLL_RDHUP);
}

/**
 * Waits for room to send. The ring reports RDHUP whether it was asked for or not, so that a one-shot poll behind the peer's
 * FIN would fire at once for ever: there it is a multishot one, for edges, that stays until pollDel or close. `short`: a send
 * just fell short, so that an edge will follow; without it there may be room already, which an armed poll does not tell.
 */
export function armPollOut(c: UringCore, fd: number, short: boolean): void {
  const at = fd << REC_SHIFT;
  if (short) c.tab[at]! |= F_NOROOM;
  const f = c.tab[at]!;
  if ((f & F_POUT) !== 0) {
    if ((f & (F_RDHUP | F_NOROOM)) === F_RDHUP) push(c, fd, SYS_POLL_OUT); // try
    return;
  }
  c.tab[at] = f | F_POUT;
  if ((f & F_RDHUP) !== 0) armPoll(c, fd, K_POLLOUT, SYS_POLL_OUT | POLL_ET, POLL_MULTI);
  else armPoll(c, fd, K_POLLOUT, SYS_POLL_OUT);
}

/** Errors and hang-up alone, and the peer's FIN as long as that was not seen. Behind it for edges, as above. */
export function armHup(c: UringCore, fd: number): void {
  const at = fd << REC_SHIFT;
  const f = c.tab[at]!;
  c.tab[at] = f | F_PHUP;
  if ((f & F_RDHUP) !== 0) armPoll(c, fd, K_HUP, POLL_ET, POLL_MULTI);
  else armPoll(c, fd, K_HUP, SYS_POLL_RDHUP);
}

/** Nothing may be armed on `fd` although it is registered: the next sweep looks after it. */
export function noteBare(c: UringCore, fd: number): void {
  const at = fd << REC_SHIFT;
  if ((c.tab[at]! & F_BARE) !== 0) return;
  c.tab[at]! |= F_BARE;
  if (c.bareLen === c.bare.length) {
    const more = new Int32Array(c.bare.length * 2);
    more.set(c.bare);
    c.bare = more;
  }
  c.bare[c.bareLen++] = fd;
}

function armPoll(c: UringCore, fd: number, kind: number, mask: number, len = 0): void {
  const at = fd << REC_SHIFT;
  c.tab[at + C_OPS]!++;
  c.ops++;
  entry(c, OP_POLL_ADD, fd, 0, -1, len, mask, (kind << K_SHIFT) | fd, c.tab[at + C_SERIAL]!, 0);
}

/** Cancels the operation of that kind on `fd` (K_ACCEPT: on that slot). It completes, with -ECANCELED or what came first. */
export function cancel(c: UringCore, kind: number, id: number, serial: number): void {
  const q = c.sqes;
  const s = c.ring.next();
  q[s] = OP_ASYNC_CANCEL | SQE_SKIP_SUCCESS;
  q[s + 1] = -1;
  q[s + 2] = 0;
  q[s + 3] = 0;
  q[s + 4] = (kind << K_SHIFT) | id;
  q[s + 5] = serial;
  q[s + 6] = 0;
  q[s + 7] = 0;
  q[s + 8] = 0;
  q[s + 9] = 0;
  q[s + 10] = 0;
  q[s + 11] = 0;
}

/** Writes one entry. `addr`: offset into the arena, or -1 for operations without an address. */
export function entry(
  c: UringCore,
  head: number,
  fd: number,
  off: number,
  addr: number,
  len: number,
  opFlags: number,
  dataLow: number,
  dataHigh: number,
  group: number,
): void {
  const q = c.sqes;
  const s = c.ring.next();
  q[s] = head;
  q[s + 1] = fd;
  q[s + 2] = off;
  q[s + 3] = 0;
  q[s + 4] = addr < 0 ? 0 : addr;
  q[s + 5] = addr < 0 ? 0 : c.addressHigh;
  q[s + 6] = len;
  q[s + 7] = opFlags;
  q[s + 8] = dataLow;
  q[s + 9] = dataHigh;
  q[s + 10] = group;
  q[s + 11] = 0;
}

/** Submits the close of a descriptor without operations in flight. Its number may come back once the entry was taken. */
export function closeNow(c: UringCore, fd: number): void {
  const at = fd << REC_SHIFT;
  const t = c.tab;
  const f = t[at]!;
  bugOnHot(t[at + C_OPS] !== 0, 'uring: closed with operations in flight');
  if ((f & F_RING) === 0) c.nat.calls.disown(fd);
  t[at] = f & (F_QUEUED | F_BARE);
  t[at + C_EV] = 0;
  t[at + C_WANT] = 0;
  t[at + C_SERIAL] = (t[at + C_SERIAL]! + 1) | 0;
  // Until the kernel has taken the entry, the end of the thread must close it.
  if (fd < c.owned.length) c.owned[fd] = 1;
  if (c.closingLen === c.closing.length) {
    const more = new Int32Array(c.closing.length * 2);
    more.set(c.closing);
    c.closing = more;
  }
  c.closing[c.closingLen++] = fd;
  entry(c, OP_CLOSE | SQE_SKIP_SUCCESS, fd, 0, -1, 0, 0, K_NONE, 0, 0);
}

/** The entries written were taken: descriptors closed by them are nobody's now. To be called before new ones are marked. */
export function closesTaken(c: UringCore): void {
  for (let i = 0; i < c.closingLen; i++) {
    const fd = c.closing[i]!;
    if (fd < c.owned.length) c.owned[fd] = 0;
  }
  c.closingLen = 0;
}

/** Submits what is written, without waiting: closes take effect. */
export function submitNow(c: UringCore): void {
  if (c.ring.pending() !== 0) c.ring.flush();
  closesTaken(c);
}

function grow(c: UringCore, fd: number): void {
  bugOn(fd >= FD_MAX, 'uring: descriptor number beyond the table');
  let max = c.fdsMax;
  while (max <= fd) max *= 2;
  const tab = new Int32Array(max * REC_WORDS);
  tab.set(c.tab);
  const queue = new Int32Array(max);
  for (let i = 0; i < c.queueLen; i++) queue[i] = c.queue[(c.queueHead + i) & (c.queue.length - 1)]!;
  c.queueHead = 0;
  c.queue = queue;
  c.tab = tab;
  c.fdsMax = max;
}
