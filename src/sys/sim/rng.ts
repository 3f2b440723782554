// The simulator's random numbers: sfc32 (public domain, Chris Doty-Humphrey), seeded from one integer. Same seed, same
// sequence, on every platform; nothing here looks at a clock.

export class Rng {
  readonly seed: number;
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** `stream` separates independent sequences of one seed, so that one consumer's draws do not shift another's. */
  constructor(seed: number, stream = 0) {
    this.seed = seed;
    this.a = 0x9e3779b9 ^ stream;
    this.b = 0x243f6a88;
    this.c = seed | 0;
    this.d = 1;
    for (let i = 0; i < 15; i++) this.u32();
  }

  /** 0 to 2^32 - 1. */
  u32(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }

  /** [0, 1). */
  float(): number {
    return this.u32() / 0x100000000;
  }

  /** An integer in [lo, hi], both included. */
  int(lo: number, hi: number): number {
    return lo + Math.floor(this.float() * (hi - lo + 1));
  }

  chance(p: number): boolean {
    return p > 0 && this.float() < p;
  }

  /** An integer in [lo, hi] whose logarithm is even: small values as likely as large ones. */
  logInt(lo: number, hi: number): number {
    const v = Math.floor(Math.exp(this.float() * Math.log(hi - lo + 2))) - 1;
    return Math.min(hi, lo + v);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)]!;
  }

  /** Fisher-Yates, in place. */
  shuffle(list: unknown[]): void {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      const t = list[i];
      list[i] = list[j];
      list[j] = t;
    }
  }
}
