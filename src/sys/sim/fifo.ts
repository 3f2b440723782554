// A bounded queue of bytes, as a socket buffer or a pipe holds them. The area grows with need and shrinks when empty.

const START = 1024;

export class Fifo {
  /** Bytes held. */
  data = 0;
  /** Most bytes that may be held. */
  limit: number;
  private area: Uint8Array = new Uint8Array(0);
  private head = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  free(): number {
    return Math.max(0, this.limit - this.data);
  }

  /** Takes `len` bytes of `from` at `ofs`. The caller has looked at `free()`. */
  put(from: Uint8Array, ofs: number, len: number): void {
    this.room(len);
    const mask = this.area.length - 1;
    const at = (this.head + this.data) & mask;
    const first = Math.min(len, this.area.length - at);
    this.area.set(from.subarray(ofs, ofs + first), at);
    if (first < len) this.area.set(from.subarray(ofs + first, ofs + len), 0);
    this.data += len;
  }

  /** Gives at most `len` bytes to `to` at `ofs`; returns how many. */
  take(to: Uint8Array, ofs: number, len: number): number {
    const n = this.peek(to, ofs, len);
    this.drop(n);
    return n;
  }

  peek(to: Uint8Array, ofs: number, len: number): number {
    const n = Math.min(len, this.data);
    const first = Math.min(n, this.area.length - this.head);
    to.set(this.area.subarray(this.head, this.head + first), ofs);
    if (first < n) to.set(this.area.subarray(0, n - first), ofs + first);
    return n;
  }

  /** Forgets the first `len` bytes. */
  drop(len: number): void {
    this.data -= len;
    if (this.data === 0) {
      this.head = 0;
      if (this.area.length > 65536) this.area = new Uint8Array(0);
    } else {
      this.head = (this.head + len) & (this.area.length - 1);
    }
  }

  /** Moves at most `len` bytes to `to`; returns how many. The caller has looked at `to.free()`. */
  moveTo(to: Fifo, len: number): number {
    const n = Math.min(len, this.data);
    const first = Math.min(n, this.area.length - this.head);
    to.put(this.area, this.head, first);
    if (first < n) to.put(this.area, 0, n - first);
    this.drop(n);
    return n;
  }

  clear(): void {
    this.drop(this.data);
  }

  private room(len: number): void {
    const need = this.data + len;
    if (need <= this.area.length) return;
    let size = Math.max(START, this.area.length);
    while (size < need) size *= 2;
    const bigger = new Uint8Array(size);
    const kept = this.peek(bigger, 0, this.data);
    this.area = bigger;
    this.head = 0;
    this.data = kept;
  }
}
