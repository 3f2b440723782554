// Virtual time: a heap of what happens later, ordered by (time, order of scheduling). Nothing ever waits; the clock jumps.

/** Something that will happen; `run` is null once it happened or was cancelled. */
export class SimEvent {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;

  constructor(atMs: number, order: number, run: () => void) {
    this.atMs = atMs;
    this.order = order;
    this.run = run;
  }
}

export class Clock {
  nowMs: number;
  /** Events that ran so far: a run that makes no progress is recognized by it. */
  ran = 0;
  private order = 0;
  private readonly heap: SimEvent[] = [];

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  after(delayMs: number, run: () => void): SimEvent {
    const e = new SimEvent(this.nowMs + Math.max(0, delayMs), this.order++, run);
    this.push(e);
    return e;
  }

  cancel(e: SimEvent | null): void {
    if (e !== null) e.run = null;
  }

  /** Time of the next event, Infinity when nothing is to come. */
  nextMs(): number {
    let top = this.heap[0];
    while (top !== undefined && top.run === null) {
      this.pop();
      top = this.heap[0];
    }
    return top === undefined ? Infinity : top.atMs;
  }

  /** Runs the events that are due at the present time. Returns their number. */
  runDue(): number {
    let n = 0;
    while (this.nextMs() <= this.nowMs) {
      const e = this.pop();
      const run = e.run!;
      e.run = null;
      n++;
      this.ran++;
      run();
    }
    return n;
  }

  /** Jumps to `toMs` (never back) without running anything. */
  jump(toMs: number): void {
    if (toMs > this.nowMs) this.nowMs = toMs;
  }

  private push(e: SimEvent): void {
    const h = this.heap;
    let i = h.length;
    h.push(e);
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (!before(e, h[up]!)) break;
      h[i] = h[up]!;
      i = up;
    }
    h[i] = e;
  }

  private pop(): SimEvent {
    const h = this.heap;
    const top = h[0]!;
    const last = h.pop()!;
    if (h.length === 0) return top;
    let i = 0;
    for (;;) {
      let kid = 2 * i + 1;
      if (kid >= h.length) break;
      if (kid + 1 < h.length && before(h[kid + 1]!, h[kid]!)) kid++;
      if (!before(h[kid]!, last)) break;
      h[i] = h[kid]!;
      i = kid;
    }
    h[i] = last;
    return top;
  }
}

function before(a: SimEvent, b: SimEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
