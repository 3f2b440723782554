// Queues of streams (C33): each server has one, each backend has one for streams that may go to any server. First come, first
// served, but for what `set-priority-class` and `set-priority-offset` say (configuration manual 4.2): a lower class goes first,
// and within a class an offset, in ms, counts as if the stream had come so much later.
import { CNT_QCUR, CNT_QMAX, type Counters } from './counters.js';

/** What waits in a queue. */
export interface Pending {
  pendQueue: PendQueue | null;
  pendPrev: Pending | null;
  pendNext: Pending | null;
  /** How many had been served out of the queue when it came. */
  pendIndex: number;
  /** Places in the queues of servers, of backends, all its waits together: `%sq`, `%bq`. */
  queuePosSrv: number;
  queuePosBe: number;
  /** When it came; its class and its offset. */
  readonly queuedTick: number;
  readonly prioClass: number;
  readonly prioOffset: number;
  /** A slot may be free: it left the queue and tries again. */
  pendWake(): void;
}

export class PendQueue {
  private head: Pending | null = null;
  private tail: Pending | null = null;
  private readonly counters: Counters;
  /** A server's queue; else a backend's. */
  readonly ofServer: boolean;
  length = 0;
  /** Those who left it because they were served. */
  private passed = 0;

  constructor(counters: Counters, ofServer = false) {
    this.counters = counters;
    this.ofServer = ofServer;
  }

  add(p: Pending): void {
    let before = this.tail;
    while (before !== null && pendBefore(p, before)) before = before.pendPrev;
    const after = before === null ? this.head : before.pendNext;
    p.pendQueue = this;
    p.pendPrev = before;
    p.pendNext = after;
    p.pendIndex = this.passed;
    if (before === null) this.head = p;
    else before.pendNext = p;
    if (after === null) this.tail = p;
    else after.pendPrev = p;
    this.length++;
    const v = this.counters.v;
    v[CNT_QCUR] = this.length;
    if (this.length > v[CNT_QMAX]!) v[CNT_QMAX] = this.length;
  }

  /** `served`: those behind it moved forward for a reason; others just gave up. */
  remove(p: Pending, served = false): void {
    if (p.pendPrev === null) this.head = p.pendNext;
    else p.pendPrev.pendNext = p.pendNext;
    if (p.pendNext === null) this.tail = p.pendPrev;
    else p.pendNext.pendPrev = p.pendPrev;
    p.pendQueue = null;
    p.pendPrev = null;
    p.pendNext = null;
    this.length--;
    const places = this.passed - p.pendIndex + 1;
    if (this.ofServer) p.queuePosSrv += places;
    else p.queuePosBe += places;
    if (served) this.passed++;
    this.counters.v[CNT_QCUR] = this.length;
  }

  first(): Pending | null {
    return this.head;
  }
}

/** `a` goes before `b`, which was there first. */
export function pendBefore(a: Pending, b: Pending): boolean {
  if (a.prioClass !== b.prioClass) return a.prioClass < b.prioClass;
  return ((a.queuedTick + a.prioOffset - (b.queuedTick + b.prioOffset)) | 0) < 0;
}
