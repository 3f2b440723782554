// The wait queue: tasks filed by expiry date in a binary heap; ticks wrap, so only differences are compared.
import { bugOnHot } from '../base/bug.js';
import { TICK_ETERNITY } from '../base/ticks.js';
import { NOT_IN_WQ, type Task } from './task.js';

export class WaitQueue {
  private readonly heap: Task[] = [];

  get size(): number {
    return this.heap.length;
  }

  /** Files `t` under `t.expire`, moving it when it is filed already. */
  file(t: Task): void {
    bugOnHot(t.expire === TICK_ETERNITY, 'wait queue: eternity');
    t.wqKey = t.expire;
    if (t.wqIndex === NOT_IN_WQ) {
      t.wqIndex = this.heap.length;
      this.heap.push(t);
      this.up(t.wqIndex);
    } else {
      this.up(t.wqIndex);
      this.down(t.wqIndex);
    }
  }

  remove(t: Task): void {
    const at = t.wqIndex;
    if (at === NOT_IN_WQ) return;
    t.wqIndex = NOT_IN_WQ;
    const last = this.heap.pop()!;
    if (last === t) return;
    this.heap[at] = last;
    last.wqIndex = at;
    this.up(at);
    this.down(last.wqIndex);
  }

  /** The task filed earliest, or null. */
  first(): Task | null {
    return this.heap.length === 0 ? null : this.heap[0]!;
  }

  private up(from: number): void {
    const heap = this.heap;
    let at = from;
    const t = heap[at]!;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const p = heap[above]!;
      if (((t.wqKey - p.wqKey) | 0) >= 0) break;
      heap[at] = p;
      p.wqIndex = at;
      at = above;
    }
    heap[at] = t;
    t.wqIndex = at;
  }

  private down(from: number): void {
    const heap = this.heap;
    const count = heap.length;
    let at = from;
    const t = heap[at]!;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= count) break;
      if (below + 1 < count && ((heap[below + 1]!.wqKey - heap[below]!.wqKey) | 0) < 0) below++;
      const c = heap[below]!;
      if (((c.wqKey - t.wqKey) | 0) >= 0) break;
      heap[at] = c;
      c.wqIndex = at;
      at = below;
    }
    heap[at] = t;
    t.wqIndex = at;
  }
}
