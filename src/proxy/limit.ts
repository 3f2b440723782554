// A limit on connections (global, frontend, bind `maxconn`): who finds it reached waits, and is resumed when one leaves.

export interface LimitWaiter {
  /** The limit it waits for, or null. */
  waitsFor: ConnLimit | null;
  /** Room was made: try again. */
  resume(): void;
}

export class ConnLimit {
  used = 0;
  /** 0: no limit. */
  max: number;
  readonly waiters: LimitWaiter[] = [];

  constructor(max: number) {
    this.max = max;
  }

  get full(): boolean {
    return this.max !== 0 && this.used >= this.max;
  }

  /** How many more it lets in now. */
  get room(): number {
    return this.max === 0 ? Infinity : Math.max(0, this.max - this.used);
  }

  wait(w: LimitWaiter): void {
    if (w.waitsFor !== null) return;
    w.waitsFor = this;
    this.waiters.push(w);
  }

  release(): void {
    this.used--;
    this.resumeAll();
  }

  setMax(max: number): void {
    this.max = max;
    this.resumeAll();
  }

  /** The waiter goes away. */
  forget(w: LimitWaiter): void {
    const at = this.waiters.indexOf(w);
    if (at >= 0) this.waiters.splice(at, 1);
    w.waitsFor = null;
  }

  /** All of them, however little the room: one that is resumed may have nothing to take, and would not pass the word on. */
  protected resumeAll(): void {
    for (let left = this.waiters.length; left > 0 && !this.full; left--) {
      const w = this.waiters.shift()!;
      w.waitsFor = null;
      w.resume();
    }
  }
}
