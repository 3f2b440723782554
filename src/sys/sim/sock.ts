// A simulated socket and what its calls answer, as Linux's TCP does (the facts are measured in test/sim/linux.test.ts).
// No faults, no descriptors, no clock here: SimNet moves bytes between peers, SimSys puts a number on a socket.
//
//    writer.snd ──SimNet.pump──▶ reader.rcv          one queue each way and end; a FIN follows the last byte,
//                                                    a RST overtakes what was not yet delivered

import { EAGAIN, ECONNREFUSED, ECONNRESET, EINVAL, ENOTCONN, EPIPE } from '../errno.js';
import { SHUT_RD, SHUT_RDWR, SHUT_WR } from '../constants.js';
import { SYS_POLL_ERR, SYS_POLL_HUP, SYS_POLL_IN, SYS_POLL_OUT, SYS_POLL_RDHUP } from '../types.js';
import { Fifo } from './fifo.js';
import type { SimNet } from './net.js';
import type { RxOp, TxOp } from './completion.js';

export const SS_NEW = 0; // made, neither listening nor connecting
export const SS_LISTEN = 1;
export const SS_SYN_SENT = 2; // connect() started
export const SS_EST = 3; // data may flow, also half-closed
export const SS_CLOSED = 4; // reset, timed out, refused: nothing moves any more
export const SS_NAMES = ['NEW', 'LISTEN', 'SYN_SENT', 'EST', 'CLOSED'];

export class Sock {
  readonly net: SimNet;
  readonly id: number;
  readonly family: number;
  readonly type: number;
  state = SS_NEW;
  peer: Sock | null = null;
  readonly rcv: Fifo;
  readonly snd: Fifo;
  /** Our FIN was asked for (shutdown or close). */
  sndShut = false;
  finDelivered = false;
  /** Bytes that ever reached `rcv`. */
  rcvTotal = 0;
  /** No more to read once `rcv` is empty: FIN received or SHUT_RD. */
  rcvShut = false;
  /** The peer's FIN came (recv answers 0 from then on, even over a pending error). */
  finSeen = false;
  /** Pending error (positive errno), taken by the first call that reports it. */
  err = 0;
  /** A sender met a full buffer: room must be told. */
  noSpace = false;
  /** Closed by its owner; lives on until its bytes and FIN are delivered. */
  orphan = false;
  linger0 = false;
  /** close() was called, an operation is still in flight (completion manner). */
  closing = false;
  pumping = false;
  /** A connection attempt that runs: changed by each new one and by close, so that late answers are dropped. */
  attempt = 0;
  // listener
  readonly queue: Sock[] = [];
  backlog = 0;
  // names: sockaddr bytes
  local: Uint8Array | null = null;
  remote: Uint8Array | null = null;
  readonly options = new Map<string, number>();
  // owner's side
  fd = -1;
  gen = 0;
  polled = false;
  ready = false;
  readyMask = 0;
  wantEvents = 0;
  wantMode = 0;
  rx: RxOp | null = null;
  tx: TxOp | null = null;
  /** What an actor or SimSys wants to be told: something about the socket changed. */
  onWake: ((s: Sock, side: number) => void) | null = null;

  constructor(net: SimNet, id: number, family: number, type: number, rcvBytes: number, sndBytes: number) {
    this.net = net;
    this.id = id;
    this.family = family;
    this.type = type;
    this.rcv = new Fifo(rcvBytes);
    this.snd = new Fifo(sndBytes);
  }
}

/** True until both FINs have passed; then Linux calls it no connection. */
export function sockUp(s: Sock): boolean {
  return s.state === SS_EST && !(s.finDelivered && s.finSeen);
}

/** Something about `s` changed; `side` (SYS_POLL_IN, OUT) tells where, for systems that watch the two apart. */
export function sockWake(s: Sock, side: number): void {
  if (s.onWake !== null) s.onWake(s, side);
}

/** True from the point on where Linux calls a stream writable: a third of the send buffer is free. */
export function sockWritable(s: Sock): boolean {
  return s.snd.data * 3 <= s.snd.limit * 2;
}

/** The poll mask as it stands. Asking an unwritable socket marks it, so that its room is told later. */
export function sockMask(s: Sock): number {
  if (s.state === SS_LISTEN) return s.queue.length > 0 ? SYS_POLL_IN : 0;
  let m = 0;
  if (s.err !== 0) m |= SYS_POLL_ERR;
  if (s.state === SS_NEW) return m | SYS_POLL_OUT | SYS_POLL_HUP;
  if (s.state === SS_SYN_SENT) return m;
  const closed = s.state === SS_CLOSED;
  if (closed || (s.rcvShut && s.sndShut)) m |= SYS_POLL_HUP;
  if (closed || s.rcvShut) m |= SYS_POLL_IN | SYS_POLL_RDHUP;
  if (s.rcv.data > 0) m |= SYS_POLL_IN;
  if (closed || s.sndShut || sockWritable(s)) m |= SYS_POLL_OUT;
  else s.noSpace = true;
  return m;
}

/** What one filter of kqueue says of its side (`side`: SYS_POLL_IN or OUT), in the words of the poll mask; 0: nothing. */
export function sockFilter(s: Sock, side: number): number {
  const m = sockMask(s);
  if ((m & side) === 0) return 0;
  const closed = s.state === SS_CLOSED || s.state === SS_NEW;
  const eof = side === SYS_POLL_IN ? s.rcvShut : s.sndShut;
  if (!closed && !eof) return side;
  // EV_EOF: of the read side the peer's FIN, of the write side that nothing can be sent; with the socket's error.
  return side | (side === SYS_POLL_IN ? SYS_POLL_RDHUP : SYS_POLL_HUP) | (m & SYS_POLL_ERR);
}

/** Bytes that a receive could take; 0: end of input; -errno (a pending error is taken). */
export function sockReadable(s: Sock): number {
  if (s.state === SS_LISTEN || s.state === SS_NEW) return -ENOTCONN;
  if (s.rcv.data > 0) return s.rcv.data;
  if (s.finSeen) return 0;
  if (s.err !== 0) return -sockTakeError(s);
  if (s.rcvShut || s.state === SS_CLOSED) return 0;
  return -EAGAIN;
}

/** Bytes that a send could take (> 0), or -errno (a pending error is taken). */
export function sockSendable(s: Sock): number {
  if (s.state === SS_SYN_SENT) return -EAGAIN;
  if (s.err !== 0) return -sockTakeError(s);
  if (s.state !== SS_EST || s.sndShut) return -EPIPE;
  const room = s.snd.free();
  if (room === 0) {
    s.noSpace = true;
    return -EAGAIN;
  }
  return room;
}

export function sockTakeError(s: Sock): number {
  const e = s.err;
  s.err = 0;
  return e;
}

/** Takes at most `len` received bytes; 0 at end of input; -errno. */
export function sockRecv(s: Sock, to: Uint8Array, ofs: number, len: number): number {
  const n = sockReadable(s);
  if (n <= 0 || len === 0) return n <= 0 ? n : 0;
  const got = s.rcv.take(to, ofs, len);
  sockWasRead(s);
  return got;
}

/** As MSG_TRUNC does: forgets at most `len` received bytes. */
export function sockDrop(s: Sock, len: number): number {
  const n = sockReadable(s);
  if (n <= 0) return n;
  const got = Math.min(n, len);
  s.rcv.drop(got);
  sockWasRead(s);
  return got;
}

/** Room came about in `rcv`: the peer may go on. */
export function sockWasRead(s: Sock): void {
  if (s.peer !== null) s.net.kick(s.peer);
}

/** Queues at most `len` bytes; a short answer means that the buffer is full. */
export function sockSend(s: Sock, from: Uint8Array, ofs: number, len: number): number {
  const room = sockSendable(s);
  if (room < 0) return room;
  const n = Math.min(room, len);
  s.snd.put(from, ofs, n);
  sockWasWritten(s, n < len);
  return n;
}

export function sockWasWritten(s: Sock, full: boolean): void {
  if (full) s.noSpace = true;
  s.net.kick(s);
}

export function sockShutdown(s: Sock, how: number): number {
  if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) return -EINVAL;
  if (!sockUp(s)) return -ENOTCONN;
  if (how !== SHUT_WR) s.rcvShut = true;
  if (how !== SHUT_RD && !s.sndShut) {
    s.sndShut = true;
    s.net.kick(s);
  }
  // Linux reports an edge for one's own shutdown, too.
  sockWake(s, (how !== SHUT_WR ? SYS_POLL_IN : 0) | (how !== SHUT_RD ? SYS_POLL_OUT : 0));
  return 0;
}

/** The network brings an error: a RST, a time-out, a refusal. What was received can still be read, what was not sent is lost. */
export function sockFail(s: Sock, errno: number): void {
  if (s.state === SS_CLOSED) return;
  s.err = errno;
  s.state = SS_CLOSED;
  s.rcvShut = true;
  s.sndShut = true;
  s.attempt++;
  s.snd.clear();
  s.peer = null;
  sockWake(s, SYS_POLL_IN | SYS_POLL_OUT);
}

/** A RST arrived. */
export function sockReset(s: Sock): void {
  const closeWait = s.finSeen && !s.sndShut;
  sockFail(s, s.state === SS_SYN_SENT ? ECONNREFUSED : closeWait ? EPIPE : ECONNRESET);
}

/** The owner lets go. Unread bytes or SO_LINGER 0 make it a RST; else what is queued is delivered, then a FIN. */
export function sockClose(s: Sock): void {
  s.onWake = null;
  s.polled = false;
  s.orphan = true;
  s.attempt++;
  if (s.state === SS_LISTEN) {
    s.net.unlisten(s);
    for (const c of s.queue.splice(0)) sockAbort(c);
  } else if (s.state === SS_EST && (s.linger0 || s.rcv.data > 0)) {
    sockAbort(s);
  } else if (s.state === SS_EST) {
    s.rcvShut = true;
    s.sndShut = true;
    s.net.kick(s);
    s.net.settle(s);
    return;
  }
  s.state = SS_CLOSED;
}

/** Sends a RST now. */
export function sockAbort(s: Sock): void {
  s.orphan = true;
  s.onWake = null;
  const peer = s.peer;
  const wasUp = s.state === SS_EST;
  s.state = SS_CLOSED;
  s.rcvShut = true;
  s.sndShut = true;
  if (wasUp && peer !== null) s.net.sendRst(s, peer);
  s.snd.clear();
  s.rcv.clear();
  s.peer = null;
}
