// Copies inside the arena: every length and alignment gives the same bytes, and none beside them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { copyRange } from '../../../src/base/copy.js';

test('copies of every length and alignment move exactly their bytes', () => {
  const memory = new ArrayBuffer(4096);
  const u8 = new Uint8Array(memory);
  const i32 = new Int32Array(memory);
  for (const [to, from] of [
    [2048, 0],
    [2049, 4],
    [2052, 3],
    [2050, 2],
    [0, 2048],
  ] as const) {
    for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 63, 99, 100, 255, 256, 257, 300]) {
      for (let i = 0; i < u8.length; i++) u8[i] = (i * 7 + n) & 0xff;
      const expected = u8.slice();
      expected.set(expected.slice(from, from + n), to);
      copyRange(u8, i32, to, from, n);
      assert.deepEqual(u8, expected, `${n} bytes from ${from} to ${to}`);
    }
  }
});
