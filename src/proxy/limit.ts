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

  wait(w: LimitWaiter): void {
    if (w.waitsFor !== null) return;
    w.waitsFor = this;
    this.waiters.push(w);
  }

  release(): void {
    this.used--;
    this.resumeOne();
  }

  setMax(max: number): void {
    this.max = max;
    for (let room = max === 0 ? this.waiters.length : max - this.used; room > 0 && this.waiters.length > 0; room--) this.resumeOne();
  }

  /** The waiter goes away. */
  forget(w: LimitWaiter): void {
    const at = this.waiters.indexOf(w);
    if (at >= 0) this.waiters.splice(at, 1);
    w.waitsFor = null;
  }

  private resumeOne(): void {
    if (this.full) return;
    const w = this.waiters.shift();
    if (w === undefined) return;
    w.waitsFor = null;
    w.resume();
  }
}
