// Buffers cut from the arena. Three size classes: `tune.bufsize` (small), 64 KiB (medium) and 256 KiB (large, bulk flows).
// A buffer is known by its arena offset alone; its class follows from the slab it lies in.
//
//   arena:  | slab 0 | slab 1 | slab 2 | ...      every slab is SLAB_BYTES, holds buffers of one class only,
//           `- class small: bufsize, bufsize, …   and is claimed on first need; `slabClass[ofs >>> SLAB_SHIFT]`
//
// A buffer may be pinned while a kernel operation owns its bytes (io_uring sends): freeing it then takes effect when the
// last pin goes. Idle pages are given back with `discard` once a class holds more free buffers than it lately needed.

import { bug, bugOn, bugOnHot } from './bug.js';

export const SLAB_SHIFT = 20;
export const SLAB_BYTES = 1 << SLAB_SHIFT;
export const BUF_SMALL = 0; // tune.bufsize
export const BUF_MEDIUM = 1; // 64 KiB
export const BUF_LARGE = 2; // 256 KiB
const CLASSES = 3;
const UNIT_SHIFT = 10; // pins are counted for each KiB start: no buffer is smaller
const UNCLAIMED = 255;
const SPARE_MAX = 64;
const FREED_EARLY = 0x80; // in `pins`: freed while pinned

export type Discard = (ofs: number, len: number) => void;

export class BufPool {
  readonly sizes: Int32Array;
  readonly arenaBytes: number;
  /** Buffers in use by class; what tests assert to be back to 0. */
  readonly used = new Int32Array(CLASSES);
  /** Allocations refused because the arena or `limit` was exhausted. */
  failed = 0;
  /** Set while somebody waits for a buffer: called once when one is given back. */
  onAvailable: (() => void) | null = null;
  /** Most bytes that may be in use; 0: all of the arena (`tune.buffers.limit` counts small buffers). */
  limitBytes = 0;
  usedBytes = 0;
  /** Buffers under a limit that only streams with a server may take (`tune.buffers.reserve`): others would only sit on them. */
  reserve = 0;
  private readonly free: number[][] = [[], [], []];
  private readonly slabClass: Uint8Array;
  private readonly pins: Uint8Array;
  private nextSlab: number;
  private readonly discard: Discard;
  /** Free buffers of a class whose pages may hold memory: the tail of `free` beyond this index is "warm". */
  private readonly cold = new Int32Array(CLASSES);

  /** `reserved` bytes at the start of the arena stay out (fixed areas of the transport). `bufsize` in bytes, >= 1024. */
  constructor(arenaBytes: number, bufsize: number, reserved: number, discard: Discard) {
    bugOn(bufsize < 1024, 'bufpool: buffers below 1 KiB');
    const small = (bufsize + 1023) & ~1023;
    this.sizes = Int32Array.of(small, Math.max(65536, small), Math.max(262144, small));
    bugOn(this.sizes[BUF_LARGE]! > SLAB_BYTES, 'bufpool: a buffer beyond 1 MiB');
    this.arenaBytes = arenaBytes;
    this.slabClass = new Uint8Array(arenaBytes >>> SLAB_SHIFT).fill(UNCLAIMED);
    this.pins = new Uint8Array(arenaBytes >>> UNIT_SHIFT);
    this.nextSlab = (reserved + SLAB_BYTES - 1) >>> SLAB_SHIFT;
    this.discard = discard;
  }

  /** Offset of a buffer of `cls`, or -1 when there is none to be had. Contents are unspecified. */
  alloc(cls: number): number {
    const list = this.free[cls]!;
    const size = this.sizes[cls]!;
    if (this.limitBytes !== 0 && this.usedBytes + size > this.limitBytes) {
      this.failed++;
      return -1;
    }
    if (list.length === 0 && !this.claim(cls)) {
      this.failed++;
      return -1;
    }
    const ofs = list.pop()!;
    if (list.length < this.cold[cls]!) this.cold[cls] = list.length;
    this.used[cls]!++;
    this.usedBytes += size;
    return ofs;
  }

  /** Small buffers that could be had now, as far as that matters: at most SPARE_MAX. */
  spare(): number {
    const size = this.sizes[BUF_SMALL]!;
    const allowed = this.limitBytes === 0 ? SPARE_MAX : Math.floor((this.limitBytes - this.usedBytes) / size);
    if (allowed <= 0) return 0;
    const slabs = Math.floor(this.arenaBytes / SLAB_BYTES) - this.nextSlab;
    const there = slabs > 0 ? SPARE_MAX : this.free[BUF_SMALL]!.length;
    return Math.min(allowed, there, SPARE_MAX);
  }

  release(ofs: number): void {
    const cls = this.classOf(ofs);
    const unit = ofs >>> UNIT_SHIFT;
    bugOnHot((this.pins[unit]! & FREED_EARLY) !== 0, 'bufpool: freed twice');
    if (this.pins[unit] !== 0) {
      this.pins[unit]! |= FREED_EARLY;
      return;
    }
    this.put(ofs, cls);
  }

  /** The kernel owns bytes of the buffer at `ofs` until `unpin`. Pins count. */
  pin(ofs: number): void {
    const unit = this.baseOf(ofs) >>> UNIT_SHIFT;
    bugOn((this.pins[unit]! & 0x7f) === 0x7f, 'bufpool: too many pins');
    this.pins[unit]!++;
  }

  unpin(ofs: number): void {
    const base = this.baseOf(ofs);
    const unit = base >>> UNIT_SHIFT;
    bugOn((this.pins[unit]! & 0x7f) === 0, 'bufpool: not pinned');
    const left = --this.pins[unit]!;
    if (left === FREED_EARLY) {
      this.pins[unit] = 0;
      this.put(base, this.classOf(base));
    }
  }

  isPinned(ofs: number): boolean {
    return (this.pins[this.baseOf(ofs) >>> UNIT_SHIFT]! & 0x7f) !== 0;
  }

  /** Class of the buffer that holds the byte at `ofs`. */
  classOf(ofs: number): number {
    const cls = this.slabClass[ofs >>> SLAB_SHIFT]!;
    if (cls === UNCLAIMED) bug(`bufpool: offset ${ofs} is no buffer`);
    return cls;
  }

  sizeOf(ofs: number): number {
    return this.sizes[this.classOf(ofs)]!;
  }

  /** Start of the buffer that holds the byte at `ofs`. */
  baseOf(ofs: number): number {
    const size = this.sizes[this.classOf(ofs)]!;
    const slab = (ofs >>> SLAB_SHIFT) << SLAB_SHIFT;
    return slab + Math.floor((ofs - slab) / size) * size;
  }

  /** Gives back the pages of free buffers that were used since the last call. For idle moments; returns bytes given back. */
  trim(): number {
    let bytes = 0;
    for (let cls = 0; cls < CLASSES; cls++) {
      const list = this.free[cls]!;
      const size = this.sizes[cls]!;
      for (let i = this.cold[cls]!; i < list.length; i++) {
        this.discard(list[i]!, size);
        bytes += size;
      }
      this.cold[cls] = list.length;
    }
    return bytes;
  }

  private put(ofs: number, cls: number): void {
    this.free[cls]!.push(ofs);
    this.used[cls]!--;
    this.usedBytes -= this.sizes[cls]!;
    if (this.onAvailable !== null) {
      const tell = this.onAvailable;
      this.onAvailable = null;
      tell();
    }
    bugOnHot(this.used[cls]! < 0, 'bufpool: more freed than taken');
  }

  private claim(cls: number): boolean {
    const slab = this.nextSlab;
    if ((slab + 1) * SLAB_BYTES > this.arenaBytes) return false;
    this.nextSlab++;
    this.slabClass[slab] = cls;
    const size = this.sizes[cls]!;
    const base = slab << SLAB_SHIFT;
    // Lowest offset on top: what is used first stays together, and untouched pages stay unmapped.
    for (let ofs = base + (Math.floor(SLAB_BYTES / size) - 1) * size; ofs >= base; ofs -= size)
      this.free[cls]!.push(ofs);
    this.cold[cls] = this.free[cls]!.length;
    return true;
  }
}
