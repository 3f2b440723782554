// Receive buffers that the kernel picks from: fixed pieces of the arena, lent through a ring of provided buffers. Few are
// lent at first and more when the kernel runs out, so that an idle process holds few touched pages.
//
//   ring entry (16 bytes): address low, high, length (u32 each), id (u16), u16; the last u16 of entry 0 is the ring's tail
import { bugOn, bugOnHot } from '../../base/bug.js';

export const BUF_GROUP = 1;

export class RecvBuffers {
  /** Arena offset of buffer 0. */
  readonly base: number;
  readonly size: number;
  readonly max: number;
  /** Buffers that exist; ids are 0 to count - 1. */
  count = 0;
  /** Buffers taken by the kernel and not yet given back: held bytes. */
  out = 0;
  /** How often a receive found none. */
  exhausted = 0;
  /** For held buffers: the next one of the same descriptor, and the bytes in it. */
  readonly next: Int32Array;
  readonly bytes: Int32Array;
  private readonly words: Int32Array;
  private readonly halves: Uint16Array;
  private readonly addressHigh: number;
  private readonly mask: number;
  private tail = 0;

  /** `memory`: the registered ring with room for `max` entries, a power of two. */
  constructor(memory: ArrayBuffer, base: number, size: number, first: number, max: number, addressHigh: number) {
    bugOn((max & (max - 1)) !== 0, 'uring: buffer ring is no power of two');
    this.base = base;
    this.size = size;
    this.max = max;
    this.words = new Int32Array(memory);
    this.halves = new Uint16Array(memory);
    this.addressHigh = addressHigh;
    this.mask = max - 1;
    this.next = new Int32Array(max);
    this.bytes = new Int32Array(max);
    this.add(Math.min(first, max));
  }

  offsetOf(id: number): number {
    return this.base + id * this.size;
  }

  /** The kernel took buffer `id`. */
  taken(id: number): void {
    bugOnHot(id >= this.count, 'uring: unknown buffer');
    this.out++;
  }

  give(id: number): void {
    bugOnHot(this.out === 0, 'uring: buffer given back twice');
    this.out--;
    this.put(id);
  }

  /** A receive found no buffer: true when there are some now (twice as many are lent), false when all are held. */
  grow(): boolean {
    this.exhausted++;
    if (this.out < this.count) return true;
    if (this.count >= this.max) return false;
    this.add(Math.min(this.count, this.max - this.count));
    return true;
  }

  private add(more: number): void {
    const to = this.count + more;
    while (this.count < to) this.put(this.count++);
  }

  private put(id: number): void {
    const at = (this.tail & this.mask) << 2;
    this.words[at] = this.offsetOf(id);
    this.words[at + 1] = this.addressHigh;
    this.words[at + 2] = this.size;
    this.halves[(at << 1) + 6] = id;
    this.tail = (this.tail + 1) & 0xffff;
    this.halves[7] = this.tail;
  }
}
