// Copies inside the arena. A call of copyWithin costs as much as a hundred bytes are worth: short ranges that lie on words are
// copied by words.
const SHORT = 256;

/** Copies [from, from+n) to `to`; the ranges do not overlap. `u8` and `i32` are views of the same memory. */
export function copyRange(u8: Uint8Array, i32: Int32Array, to: number, from: number, n: number): void {
  if (n > SHORT || ((to | from) & 3) !== 0) {
    u8.copyWithin(to, from, from + n);
    return;
  }
  const words = n >> 2;
  const a = from >> 2;
  const b = to >> 2;
  for (let i = 0; i < words; i++) i32[b + i] = i32[a + i]!;
  for (let i = words << 2; i < n; i++) u8[to + i] = u8[from + i]!;
}
