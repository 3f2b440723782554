// The completion manner of the simulator (SYS_F_COMPLETION): receives and sends answer -EAGAIN first, the network does
// them some time later, an event says that the next call has the result. What only such a transport can go wrong with is
// checked here: bytes of a send that change before its completion, a second send over one in flight, a splice that overtakes
// one. As over the real ring, a splice or a shutdown waits for what is under way in its direction.

import type { BufPool } from '../../base/bufpool.js';
import { SHUT_WR } from '../constants.js';
import { EAGAIN } from '../errno.js';
import { SYS_POLL_ERR, SYS_POLL_HUP, SYS_POLL_IN, SYS_POLL_OUT, SYS_POLL_RDHUP, SYS_RECV_POLL } from '../types.js';
import type { Clock } from './clock.js';
import { Fifo } from './fifo.js';
import type { Pipe } from './pipe.js';
import { pipePut } from './pipe.js';
import type { Rng } from './rng.js';
import type { Sock } from './sock.js';
import {
  SS_EST,
  sockDrop,
  sockMask,
  sockReadable,
  sockRecv,
  sockSend,
  sockSendable,
  sockShutdown,
  sockWasRead,
  sockWasWritten,
} from './sock.js';

const AREA_BYTES = 16_384; // a provided buffer: the most that one armed receive brings
const GARBAGE = 0xdb;
const IN_ANY = SYS_POLL_IN | SYS_POLL_RDHUP | SYS_POLL_ERR | SYS_POLL_HUP;

/** An armed receive, or what it brought. */
export class RxOp {
  staged = false;
  /** The event of its end was reported. */
  told = false;
  readonly bytes = new Fifo(AREA_BYTES);
  /** Where no bytes came: 0 for the end of input, or -errno. */
  result = 0;
}

/** The one send in flight. */
export class TxOp {
  readonly ofs: number;
  readonly len: number;
  readonly sum: number;
  done = false;
  told = false;
  result = 0;
  /** A shutdown of the sending side that waits for it. */
  shutAfter = false;

  constructor(ofs: number, len: number, sum: number) {
    this.ofs = ofs;
    this.len = len;
    this.sum = sum;
  }
}

/** What SimSys lends to the completion side. */
export interface CompletionHost {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly u8: Uint8Array;
  pool: BufPool | null;
  /** Reports `mask` for the socket with the next poll. */
  mark(s: Sock, mask: number): void;
  /** A broken promise of the code under test. Never returns. */
  bug(what: string): never;
}

export class Completion {
  /** Operations the fake kernel holds. */
  inFlight = 0;
  private readonly host: CompletionHost;
  private readonly looking = new Set<Sock>();

  constructor(host: CompletionHost) {
    this.host = host;
  }

  recv(s: Sock, ofs: number, len: number, drop: boolean): number {
    if (s.rx === null && (s.wantMode === SYS_RECV_POLL || s.state !== SS_EST)) {
      const n = drop ? sockDrop(s, len) : sockRecv(s, this.host.u8, ofs, len);
      if (n === -EAGAIN) s.wantEvents |= 1;
      return n;
    }
    if (s.rx === null) {
      if (s.polled) this.arm(s); // nothing could be reported otherwise: pollAdd and want() arm it
      return -EAGAIN;
    }
    const rx = s.rx;
    if (!rx.staged) return -EAGAIN;
    if (rx.bytes.data === 0) {
      s.rx = null;
      return rx.result;
    }
    const n = Math.min(len, rx.bytes.data);
    if (drop) rx.bytes.drop(n);
    else rx.bytes.take(this.host.u8, ofs, n);
    if (rx.bytes.data === 0) {
      s.rx = null;
      if (n < len && (s.wantEvents & 1) !== 0 && s.polled) this.arm(s);
    }
    return n;
  }

  send(s: Sock, ofs: number, len: number): number {
    const tx = s.tx;
    if (tx === null) {
      s.tx = new TxOp(ofs, len, this.sum(ofs, len));
      this.inFlight++;
      this.host.pool?.pin(ofs);
      this.look(s);
      return -EAGAIN;
    }
    if (tx.ofs !== ofs) this.host.bug(`send(${s.fd}) at ${ofs} while one from ${tx.ofs} is in flight`);
    if (!tx.done) return -EAGAIN;
    if (tx.result > len) this.host.bug(`send(${s.fd}): ${tx.result} bytes were taken, only ${len} are offered now`);
    s.tx = null;
    return tx.result;
  }

  /**
   * A splice from `s`: an armed receive is cancelled and its result awaited, what it brought goes into the pipe first. Null:
   * nothing is in the way.
   */
  spliceIn(s: Sock, p: Pipe, len: number): number | null {
    const rx = s.rx;
    if (rx === null) return null;
    if (!rx.staged) {
      s.rx = null;
      this.inFlight--;
      s.wantEvents |= 1;
      this.look(s);
      return -EAGAIN;
    }
    if (rx.bytes.data === 0) {
      s.rx = null;
      return rx.result;
    }
    const n = pipePut(p, rx.bytes, len);
    if (rx.bytes.data === 0) s.rx = null;
    return n;
  }

  /** A splice to `s` may not overtake a send. */
  spliceOut(s: Sock): void {
    if (s.tx !== null) this.host.bug(`splice to ${s.fd} with a send in flight`);
  }

  /** True when the shutdown waits for the send in flight. */
  shutdownLater(s: Sock): boolean {
    const tx = s.tx;
    if (tx === null || tx.done) return false;
    tx.shutAfter = true;
    return true;
  }

  want(s: Sock, events: number, mode: number): void {
    const fresh = events & ~s.wantEvents;
    s.wantEvents = events;
    s.wantMode = mode;
    if ((fresh & 1) !== 0 && s.rx !== null) s.rx.told = false;
    if ((fresh & 2) !== 0 && s.tx !== null) s.tx.told = false;
    if (mode === SYS_RECV_POLL && s.rx !== null && !s.rx.staged) {
      s.rx = null; // cancelled; its completion brings nothing
      this.inFlight--;
    }
    if (events !== 0) this.look(s);
  }

  /** Something about the socket changed: its operations are looked at a little later. */
  look(s: Sock): void {
    if (this.looking.has(s)) return;
    this.looking.add(s);
    this.host.clock.after(this.host.rng.float() * 0.2, () => {
      this.looking.delete(s);
      if (!s.orphan && !s.closing) this.finish(s);
    });
  }

  /**
   * The socket is to be closed. A receive is cancelled at once; a send is cancelled or completes a little later, whichever
   * comes first, and then `close` runs: until then the kernel owns the area and the descriptor. True: it will.
   */
  closeLater(s: Sock, close: () => void): boolean {
    if (s.rx !== null && !s.rx.staged) this.inFlight--;
    s.rx = null;
    const tx = s.tx;
    if (tx === null || tx.done) return false;
    this.host.clock.after(this.host.rng.float(), () => {
      const room = this.host.rng.chance(0.5) ? sockSendable(s) : 0;
      this.checkSum(s, tx);
      if (room > 0) sockSend(s, this.host.u8, tx.ofs, Math.min(room, tx.len));
      this.release(tx);
      s.tx = null;
      close();
    });
    return true;
  }

  private arm(s: Sock): void {
    s.rx = new RxOp();
    this.inFlight++;
    this.look(s);
  }

  private finish(s: Sock): void {
    let say = sockMask(s) & (SYS_POLL_ERR | SYS_POLL_HUP);
    const { tx } = s;
    if (tx !== null) {
      if (!tx.done) this.finishSend(s, tx);
      if (tx.done && !tx.told) {
        tx.told = s.polled;
        say |= SYS_POLL_OUT;
      }
    } else if ((s.wantEvents & 2) !== 0) {
      say |= sockMask(s) & SYS_POLL_OUT;
    }
    if (s.rx === null && (s.wantEvents & 1) !== 0 && s.polled) {
      if (s.wantMode === SYS_RECV_POLL || s.state !== SS_EST) say |= sockMask(s) & IN_ANY;
      else this.arm(s);
    }
    const { rx } = s;
    if (rx !== null) {
      if (!rx.staged) this.finishRecv(s, rx);
      if (rx.staged && !rx.told) {
        rx.told = s.polled;
        say |= SYS_POLL_IN | (sockMask(s) & SYS_POLL_RDHUP);
      }
    }
    if (say !== 0) this.host.mark(s, say);
  }

  private finishRecv(s: Sock, rx: RxOp): void {
    const n = sockReadable(s);
    if (n === -EAGAIN) return;
    if (n > 0) {
      s.rcv.moveTo(rx.bytes, Math.min(n, AREA_BYTES));
      sockWasRead(s);
    } else {
      rx.result = n;
    }
    rx.staged = true;
    this.inFlight--;
  }

  private finishSend(s: Sock, tx: TxOp): void {
    const room = sockSendable(s);
    if (room === -EAGAIN) return;
    this.checkSum(s, tx);
    if (room > 0) {
      const n = Math.min(room, tx.len);
      s.snd.put(this.host.u8, tx.ofs, n);
      sockWasWritten(s, n < tx.len);
      tx.result = n;
    } else {
      tx.result = room;
    }
    tx.done = true;
    this.release(tx);
    if (tx.shutAfter) sockShutdown(s, SHUT_WR);
  }

  private release(tx: TxOp): void {
    this.inFlight--;
    const pool = this.host.pool;
    if (pool === null) return;
    const base = pool.baseOf(tx.ofs);
    const size = pool.sizeOf(tx.ofs);
    const used = pool.usedBytes;
    pool.unpin(tx.ofs);
    // Freed while it was ours: nobody may count on its bytes any more.
    if (pool.usedBytes < used) this.host.u8.fill(GARBAGE, base, base + size);
  }

  private checkSum(s: Sock, tx: TxOp): void {
    if (this.sum(tx.ofs, tx.len) === tx.sum) return;
    this.host.bug(`send(${s.fd}): the area at ${tx.ofs} changed before completion`);
  }

  private sum(ofs: number, len: number): number {
    const u8 = this.host.u8;
    let h = len;
    for (let i = ofs; i < ofs + len; i++) h = (Math.imul(h, 31) + u8[i]!) | 0;
    return h;
  }
}
