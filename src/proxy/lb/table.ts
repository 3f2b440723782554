// The table of the static algorithms (static-rr, map-based hashes): each server as often as its weight says, spread evenly.
// The order is the reference's, derived from watching it. Weights are divided by what they have in common; their sum is the
// length. At place t a server is behind by what it should have had after t + 1 places, less what it had, in whole places; the
// one most behind comes next, the first one of the file among equals.
import { bugOn } from '../../base/bug.js';
import type { Server } from '../server.js';

/**
 * Servers by place; empty when there are none. O(length · log): a server's lag grows at places that are known beforehand, and
 * falls when it is placed.
 */
export function lbTable(servers: readonly Server[]): Server[] {
  const n = servers.length;
  if (n === 0) return [];
  const common = servers.reduce((d, s) => gcd(d, s.weight), 0);
  const weights = servers.map((s) => s.weight / common);
  const length = weights.reduce((sum, w) => sum + w, 0);
  const lag = new Int32Array(n); // 0: even with its due
  const had = new Int32Array(n); // dues so far
  // Servers by the place at which their lag grows next: lists through `next`.
  const first = new Int32Array(length + 2).fill(-1);
  const next = new Int32Array(n).fill(-1);
  const file = (i: number): void => {
    had[i]!++;
    const at = Math.ceil((had[i]! * length) / weights[i]!);
    if (at > length) return;
    next[i] = first[at]!;
    first[at] = i;
  };
  const lagging = new LagHeap(n);
  for (let i = 0; i < n; i++) {
    lagging.push(0, i);
    file(i);
  }
  const table: Server[] = [];
  for (let t = 1; t <= length; t++) {
    for (let i = first[t]!; i >= 0;) {
      const following = next[i]!;
      lag[i]!++;
      lagging.push(lag[i]!, i);
      file(i);
      i = following;
    }
    const i = lagging.pop(lag);
    table.push(servers[i]!);
    lag[i]!--;
    lagging.push(lag[i]!, i);
  }
  return table;
}

function gcd(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** Most behind first, then the order of the file. Entries that are out of date are dropped when they come up. */
class LagHeap {
  private readonly heap: number[] = [];
  private readonly n: number;

  constructor(n: number) {
    this.n = n;
  }

  push(lag: number, i: number): void {
    const { heap } = this;
    const key = i - lag * this.n;
    let at = heap.length;
    heap.push(key);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (heap[parent]! <= key) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = key;
  }

  pop(lag: Int32Array): number {
    for (;;) {
      const { heap, n } = this;
      const key = heap[0];
      bugOn(key === undefined, 'table: nobody is behind');
      const last = heap.pop()!;
      if (heap.length > 0) this.down(last);
      const i = ((key! % n) + n) % n;
      if ((i - key!) / n === lag[i]) return i;
    }
  }

  private down(key: number): void {
    const { heap } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= key) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = key;
  }
}
