// Queues of streams (C33): each server has one, each backend has one for streams that may go to any server.
import { CNT_QCUR, CNT_QMAX, type Counters } from './counters.js';

/** What waits in a queue. */
export interface Pending {
  pendQueue: PendQueue | null;
  pendPrev: Pending | null;
  pendNext: Pending | null;
  /** How many had left the queue when it came. */
  pendIndex: number;
  /** Places in the queues of servers, of backends, all its waits together: `%sq`, `%bq`. */
  queuePosSrv: number;
  queuePosBe: number;
  /** A slot may be free: it left the queue and tries again. */
  pendWake(): void;
}

export class PendQueue {
  private head: Pending | null = null;
  private tail: Pending | null = null;
  private readonly counters: Counters;
  length = 0;
  private readonly ofServer: boolean;
  /** Those who left, served or not. */
  private left = 0;

  constructor(counters: Counters, ofServer = false) {
    this.counters = counters;
    this.ofServer = ofServer;
  }

  add(p: Pending): void {
    p.pendQueue = this;
    p.pendPrev = this.tail;
    p.pendNext = null;
    p.pendIndex = this.left;
    if (this.tail === null) this.head = p;
    else this.tail.pendNext = p;
    this.tail = p;
    this.length++;
    const v = this.counters.v;
    v[CNT_QCUR] = this.length;
    if (this.length > v[CNT_QMAX]!) v[CNT_QMAX] = this.length;
  }

  remove(p: Pending): void {
    if (p.pendPrev === null) this.head = p.pendNext;
    else p.pendPrev.pendNext = p.pendNext;
    if (p.pendNext === null) this.tail = p.pendPrev;
    else p.pendNext.pendPrev = p.pendPrev;
    p.pendQueue = null;
    p.pendPrev = null;
    p.pendNext = null;
    this.length--;
    this.left++;
    if (this.ofServer) p.queuePosSrv += this.left - p.pendIndex;
    else p.queuePosBe += this.left - p.pendIndex;
    this.counters.v[CNT_QCUR] = this.length;
  }

  first(): Pending | null {
    return this.head;
  }
}
