// One end of one flow: sends its part of the payload, compares each received chunk with what must come at that position
// (stricter than a checksum, and it also covers what a killed flow received), resets where the plan says so, and keeps
// the times at which things ended.

import type net from 'node:net';
import { performance } from 'node:perf_hooks';

import type { FlowPlan, Side } from './plan.js';

export const HEADER_BYTES = 8;
const MAGIC = 0x736c7563;

export function writeHeader(id: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt32BE(id, 4);
  return header;
}

/** The flow's id, or -1 where this is no header. */
export function readHeader(header: Buffer): number {
  return header.readUInt32BE(0) === MAGIC ? header.readUInt32BE(4) : -1;
}

export class Endpoint {
  readonly plan: FlowPlan;
  readonly side: Side;
  readonly sock: net.Socket;
  received = 0;
  sent = 0;
  sawEnd = false; // FIN of the other side
  finished = false; // all written and our FIN sent
  killed = false; // we reset it
  killedAt = 0;
  lastDataAt = 0;
  closedAt = 0;
  closed = false;
  fault: string | null = null;
  errorCode: string | null = null;
  #send: Buffer;
  #expect: Buffer;
  #started = false;
  #onClose: () => void;

  constructor(plan: FlowPlan, side: Side, sock: net.Socket, payload: Buffer, onClose: () => void) {
    const up = payload.subarray(plan.upOfs, plan.upOfs + plan.upBytes);
    const down = payload.subarray(plan.downOfs, plan.downOfs + plan.downBytes);
    this.plan = plan;
    this.side = side;
    this.sock = sock;
    this.#send = side === 'client' ? up : down;
    this.#expect = side === 'client' ? down : up;
    this.#onClose = onClose;
    this.lastDataAt = performance.now();
    sock.on('end', () => this.#end());
    sock.on('finish', () => {
      this.finished = true;
      this.#killIfDue();
    });
    sock.on('error', (error: NodeJS.ErrnoException) => {
      this.errorCode = error.code ?? error.message;
    });
    sock.on('close', () => this.#close());
  }

  /** Both directions came to their planned end, all bytes equal. */
  get complete(): boolean {
    const whole = this.sawEnd && this.received === this.#expect.length && this.sent === this.#send.length;
    return whole && this.finished && !this.killed && this.fault === null && this.errorCode === null;
  }

  #isKiller(): boolean {
    return this.plan.kill?.side === this.side;
  }

  /** Begins to send; also the moment from which a kill at 0 bytes is due. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    if (!this.#killIfDue()) this.#writeNext();
  }

  #writeNext(): void {
    if (this.killed || this.sock.destroyed) return;
    const left = this.#send.length - this.sent;
    if (left === 0) {
      // A killer that counts what it receives keeps its direction open until then: half of them do, half have shut it.
      if (!this.#isKiller() || this.plan.id % 2 === 0) this.sock.end();
      return;
    }
    const kill = this.plan.kill;
    let step = Math.min(left, this.side === 'client' ? this.plan.upWrite : this.plan.downWrite);
    if (kill !== null && kill.side === this.side && kill.counter === 'sent') step = Math.min(step, kill.at - this.sent);
    this.sock.write(this.#send.subarray(this.sent, this.sent + step), (error) => {
      if (error) return;
      this.sent += step;
      if (!this.#killIfDue()) this.#writeNext();
    });
  }

  #killIfDue(): boolean {
    const kill = this.plan.kill;
    if (this.killed) return true;
    if (kill === null || kill.side !== this.side) return false;
    const count = kill.counter === 'sent' ? this.sent : this.received;
    if (count < kill.at || !this.#started) return false;
    if (this.sock.writableEnded && !this.finished) return false; // node refuses a RST while a shutdown is under way
    this.killed = true;
    this.killedAt = performance.now();
    this.sock.resetAndDestroy();
    return true;
  }

  take(chunk: Buffer): void {
    if (this.killed) return;
    this.lastDataAt = performance.now();
    const from = this.received;
    this.received += chunk.length;
    if (this.received > this.#expect.length) this.fault ??= `${this.received - this.#expect.length} bytes too many`;
    else if (!chunk.equals(this.#expect.subarray(from, this.received))) {
      this.fault ??= `wrong bytes between ${from} and ${this.received}`;
    }
    this.#killIfDue();
  }

  #end(): void {
    this.sawEnd = true;
    this.lastDataAt = performance.now();
    if (this.plan.kill === null) {
      if (this.received < this.#expect.length) {
        this.fault ??= `ended after ${this.received} of ${this.#expect.length} bytes`;
      }
    } else if (this.received < this.#expect.length) {
      if (this.#isKiller()) this.fault ??= 'ended before it was killed';
      this.sock.destroy(); // the partner of a killed flow: this was its end
      return;
    }
    if (this.side === 'server') this.start(); // one that waited for the client's end
  }

  #close(): void {
    this.closed = true;
    this.closedAt = performance.now();
    this.#onClose();
  }

  describe(): string {
    const { plan } = this;
    const state = `sent ${this.sent}/${this.#send.length}, received ${this.received}/${this.#expect.length}`;
    const ends = `end ${this.sawEnd}, finish ${this.finished}, closed ${this.closed}, error ${this.errorCode ?? 'none'}`;
    return `flow ${plan.id} ${this.side}: ${this.fault ?? 'no fault'}; ${state}; ${ends}; plan ${JSON.stringify(plan)}`;
  }
}
