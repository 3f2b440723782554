// Servers in order, the first one at hand: a binary heap that knows where each server stands (`lbIndex`), so that one that
// changed is moved in O(log n). The one that comes first may not fit (it is full, or to be avoided): then the next ones are
// looked at in order.
import { bugOnHot } from '../../base/bug.js';
import type { Server } from '../server.js';

export const NOT_IN_HEAP = -1;

export class ServerHeap {
  private readonly heap: Server[] = [];
  private readonly before: (a: Server, b: Server) => boolean;
  private readonly aside: Server[] = [];

  /** `before` must be a total order: two servers are never equal. */
  constructor(before: (a: Server, b: Server) => boolean) {
    this.before = before;
  }

  get length(): number {
    return this.heap.length;
  }

  add(s: Server): void {
    bugOnHot(s.lbIndex !== NOT_IN_HEAP, 'heap: added twice');
    this.heap.push(s);
    this.up(this.heap.length - 1, s);
  }

  remove(s: Server): void {
    const at = s.lbIndex;
    bugOnHot(this.heap[at] !== s, 'heap: not in it');
    s.lbIndex = NOT_IN_HEAP;
    const last = this.heap.pop()!;
    if (last === s) return;
    this.up(at, last);
    this.down(last.lbIndex, last);
  }

  /** Its place in the order changed. */
  moved(s: Server): void {
    this.up(s.lbIndex, s);
    this.down(s.lbIndex, s);
  }

  clear(): void {
    for (const s of this.heap) s.lbIndex = NOT_IN_HEAP;
    this.heap.length = 0;
  }

  /** The first one in order that `fits` and is not `avoid`; null when there is none. */
  first(fits: (s: Server) => boolean, avoid: Server | null): Server | null {
    const top = this.heap[0];
    if (top === undefined) return null;
    if (top !== avoid && fits(top)) return top;
    const { aside } = this;
    let found: Server | null = null;
    for (let s = this.heap[0]; s !== undefined; s = this.heap[0]) {
      if (s !== avoid && fits(s)) {
        found = s;
        break;
      }
      this.remove(s);
      aside.push(s);
    }
    for (const s of aside) this.add(s);
    aside.length = 0;
    return found;
  }

  private up(from: number, s: Server): void {
    const { heap } = this;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const p = heap[parent]!;
      if (!this.before(s, p)) break;
      heap[at] = p;
      p.lbIndex = at;
      at = parent;
    }
    heap[at] = s;
    s.lbIndex = at;
  }

  private down(from: number, s: Server): void {
    const { heap } = this;
    const n = heap.length;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= n) break;
      if (child + 1 < n && this.before(heap[child + 1]!, heap[child]!)) child++;
      const c = heap[child]!;
      if (!this.before(c, s)) break;
      heap[at] = c;
      c.lbIndex = at;
      at = child;
    }
    heap[at] = s;
    s.lbIndex = at;
  }
}

/** It takes one more stream. */
export function takesMore(s: Server): boolean {
  return s.hasSlot;
}
