// The other ends of the proxy's sockets: clients and servers as small machines that send patterned bytes, verify what they
// get, and end as their plan says, or by a RST where the seed wants one.

import { EAGAIN, errnoName } from '../errno.js';
import { SHUT_WR } from '../constants.js';
import type { Clock } from './clock.js';
import { faultNo } from './faults.js';
import type { Faults } from './faults.js';
import type { EndState, Flow } from './flow.js';
import { END_CLIENT, END_HALF, END_SERVER, END_SILENT } from './flow.js';
import { HEADER_BYTES, headerOf, headerRead, patternDiffers, patternFill } from './pattern.js';
import type { Rng } from './rng.js';
import type { Sock } from './sock.js';
import { SS_EST, SS_SYN_SENT, sockAbort, sockClose, sockRecv, sockSend, sockShutdown } from './sock.js';

const SLOW_MS = 400;
const SCRATCH = new Uint8Array(131_072);
const EXPECT = new Uint8Array(131_072);

/** What the actors share with their scenario. */
export interface Stage {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly faults: Faults;
  /** Finds the flow that a server's first bytes name. */
  flow(id: number): Flow | null;
  /** An actor is done. */
  ended(): void;
}

const rstPoints = (side: string): readonly number[] =>
  ['connected', 'sending', 'receiving', 'half-closed'].map((step) => faultNo('RST', `${side}-${step}`));
const RST_CLIENT = rstPoints('client');
const RST_SERVER = rstPoints('server');

export class Actor {
  readonly stage: Stage;
  readonly sock: Sock;
  readonly isClient: boolean;
  flow: Flow | null;
  /** Verdict of a server that never learnt its flow; the flow's own later. */
  state: EndState;
  done = false;
  /** The proxy's end of the connection, for servers; null for clients. */
  readonly far: Sock | null;
  private eof = false;
  private shut = false;
  private headerSent = 0;
  private readonly header = new Uint8Array(HEADER_BYTES);
  private headerGot = 0;
  private expect = -1;
  private scheduled = false;
  private steps = 0;
  private pausedUntil = 0;

  constructor(stage: Stage, sock: Sock, flow: Flow | null, state: EndState, isClient: boolean) {
    this.stage = stage;
    this.sock = sock;
    this.flow = flow;
    this.state = state;
    this.isClient = isClient;
    this.far = sock.peer;
    state.outcome = 'running';
    sock.onWake = () => {
      this.soon();
    };
  }

  /** A step after a short pause; one at a time. */
  soon(): void {
    if (this.scheduled || this.done) return;
    this.scheduled = true;
    const think = this.flow === null ? 0.1 : this.flow.plan.thinkMs;
    this.stage.clock.after(this.stage.rng.float() * think, () => {
      this.scheduled = false;
      if (!this.done) this.step();
    });
  }

  private step(): void {
    if (this.sock.state === SS_SYN_SENT) return;
    this.steps++;
    if (this.flow?.plan.end === END_SILENT) {
      // Nothing is to come; what ended the connection does not matter either.
      this.finish('complete', '');
      return;
    }
    if (this.sock.state === SS_EST && this.maybeReset()) return;
    const moved = this.sendSome();
    const took = !this.isDone() && this.recvSome();
    if (!this.isDone() && !this.atEnd() && (moved || took)) this.soon();
  }

  private isDone(): boolean {
    return this.done;
  }

  /** True when the seed wants a RST here. */
  private maybeReset(): boolean {
    const points = this.isClient ? RST_CLIENT : RST_SERVER;
    const toSend = this.toSend();
    let at: number;
    if (this.steps === 1) at = points[0]!;
    else if (this.shut) at = points[3]!;
    else if (toSend > 0 && this.state.sent > 0) at = points[1]!;
    else if (this.state.got > 0) at = points[2]!;
    else return false;
    if (!this.stage.faults.hit(at)) return false;
    this.kill();
    return true;
  }

  /** connect() said no at once (a UNIX socket without a listener, or with a full queue). */
  refused(err: number): void {
    this.broken(err);
  }

  /** Ends by a RST; its flow is excused. */
  reset(): void {
    this.stage.faults.lethal++;
    this.kill();
  }

  private kill(): void {
    const f = this.flow;
    if (f !== null && f.killedMs < 0) f.killedMs = this.stage.clock.nowMs;
    this.finishBy('killed', 'sent RST', true);
  }

  /** Bytes of header and payload that may be sent now. */
  private toSend(): number {
    const p = this.flow?.plan;
    if (p === undefined || this.shut) return 0;
    if (!this.isClient && p.answerLate && !this.gotAll()) return 0;
    return HEADER_BYTES - this.headerSent + (this.isClient ? p.up : p.down) - this.state.sent;
  }

  private sendSome(): boolean {
    const f = this.flow;
    let moved = false;
    while (f !== null && this.toSend() > 0) {
      const all = this.isClient ? f.plan.up : f.plan.down;
      let n: number;
      if (this.headerSent < HEADER_BYTES) {
        const h = headerOf(f.plan.id, all);
        n = sockSend(this.sock, h, this.headerSent, HEADER_BYTES - this.headerSent);
        if (n > 0) this.headerSent += n;
      } else {
        const want = Math.min(all - this.state.sent, this.stage.rng.int(1, f.plan.chunkMax));
        patternFill(this.patternId(true), this.state.sent, SCRATCH, 0, want);
        n = sockSend(this.sock, SCRATCH, 0, want);
        if (n > 0) this.state.sent += n;
      }
      if (n === -EAGAIN) break;
      if (n < 0) {
        this.broken(n);
        return false;
      }
      moved = true;
      this.state.lastMs = this.stage.clock.nowMs;
      if (!f.plan.inOneGo) break;
    }
    if (f !== null && !this.shut && this.sentAll() && this.shutsWhenSent()) {
      this.shut = true;
      this.state.lastMs = this.stage.clock.nowMs;
      sockShutdown(this.sock, SHUT_WR);
    }
    return moved;
  }

  private recvSome(): boolean {
    if (this.eof) return false;
    const rng = this.stage.rng;
    const p = this.flow?.plan;
    const now = this.stage.clock.nowMs;
    if (now < this.pausedUntil) return false;
    if (p !== undefined && rng.chance(p.slow)) {
      this.pausedUntil = now + rng.float() * SLOW_MS;
      this.stage.clock.after(this.pausedUntil - now, () => {
        this.soon();
      });
      return false;
    }
    const want = p === undefined ? HEADER_BYTES : rng.int(1, p.chunkMax * 2);
    const n = sockRecv(this.sock, SCRATCH, 0, want);
    if (n === -EAGAIN) return false;
    if (n < 0) {
      this.broken(n);
      return false;
    }
    if (n === 0) {
      this.eof = true;
      if (!this.gotAll()) {
        if (this.flow === null) this.finish('complete', 'no byte came');
        else this.finish('failed', 'FIN before the last byte');
      }
      return true;
    }
    this.take(n);
    return true;
  }

  /** Verifies `n` bytes that lie in SCRATCH. */
  private take(n: number): void {
    this.state.lastMs = this.stage.clock.nowMs;
    let ofs = 0;
    while (ofs < n && this.headerGot < HEADER_BYTES) this.header[this.headerGot++] = SCRATCH[ofs++]!;
    if (this.headerGot < HEADER_BYTES) return;
    if (this.expect < 0 && !this.meet()) return;
    const len = n - ofs;
    if (len === 0) return;
    const bad = patternDiffers(this.patternId(false), this.state.got, SCRATCH, ofs, len, EXPECT);
    if (bad >= 0) {
      this.finish('corrupt', `byte ${this.state.got + bad} is not what was sent`);
      return;
    }
    this.state.got += len;
    if (this.state.got > this.expect) this.finish('corrupt', `${this.state.got} bytes came, ${this.expect} were sent`);
  }

  /** The header is whole: who is this? */
  private meet(): boolean {
    const h = headerRead(this.header);
    if (h === null) {
      this.finish('corrupt', 'the first bytes are no header');
      return false;
    }
    if (this.isClient) {
      if (h[0] !== this.flow!.plan.id || h[1] !== this.flow!.plan.down) {
        this.finish('corrupt', `the answer is that of flow ${h[0]}`);
        return false;
      }
    } else {
      const f = this.stage.flow(h[0]);
      if (f === null || f.server.outcome !== 'none' || h[1] !== f.plan.up) {
        if (f !== null) f.server.why = 'served twice';
        this.finish('corrupt', `flow ${h[0]} is unknown or was met before`);
        return false;
      }
      this.flow = f;
      f.server.outcome = 'running';
      this.state = f.server;
    }
    this.expect = h[1];
    return true;
  }

  private atEnd(): boolean {
    const p = this.flow?.plan;
    if (p === undefined) return false;
    const both = this.gotAll() && this.sentAll();
    const mine = this.isClient ? p.end === END_CLIENT : p.end === END_SERVER;
    if (!both || !(mine || this.eof)) return false;
    this.finish('complete', '');
    return true;
  }

  private shutsWhenSent(): boolean {
    const p = this.flow!.plan;
    return p.end === END_HALF && (this.isClient || p.serverHalf);
  }

  private gotAll(): boolean {
    return this.expect >= 0 && this.state.got === this.expect;
  }

  private sentAll(): boolean {
    const p = this.flow!.plan;
    return this.headerSent === HEADER_BYTES && this.state.sent === (this.isClient ? p.up : p.down);
  }

  private patternId(sending: boolean): number {
    return this.flow!.plan.id * 2 + (this.isClient === sending ? 0 : 1);
  }

  private broken(err: number): void {
    // A server that was reset before its first byte belongs to no flow; it has lost nothing.
    if (this.flow === null) this.finish('complete', errnoName(err));
    else this.finish('failed', errnoName(err));
  }

  private finish(outcome: EndState['outcome'], why: string): void {
    this.finishBy(outcome, why, outcome === 'corrupt');
  }

  private finishBy(outcome: EndState['outcome'], why: string, reset: boolean): void {
    this.done = true;
    this.state.outcome = outcome;
    this.state.why = why;
    this.state.endMs = this.stage.clock.nowMs;
    if (reset) sockAbort(this.sock);
    else sockClose(this.sock);
    this.stage.ended();
  }
}
