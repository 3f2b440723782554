// Patterned bytes show every kind of damage at the byte where it begins.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { headerOf, headerRead, patternDiffers, patternFill } from '../../../../src/sys/sim/pattern.js';

const LEN = 300_000;
const scratch = new Uint8Array(LEN);

function whole(id: number): Uint8Array {
  const out = new Uint8Array(LEN);
  patternFill(id, 0, out, 0, LEN);
  return out;
}

it('bytes made in pieces are the bytes made at once', () => {
  const want = whole(5);
  const got = new Uint8Array(LEN);
  for (let pos = 0, n = 1; pos < LEN; pos += n, n = (n * 7 + 3) % 9000) {
    n = Math.min(Math.max(1, n), LEN - pos);
    patternFill(5, pos, got, pos, n);
  }
  assert.deepEqual(got, want);
});

it('a loss, also of whole periods, a repetition, a swap and a byte of another flow are seen', () => {
  const good = whole(5);
  assert.equal(patternDiffers(5, 0, good, 0, LEN, scratch), -1);
  for (const lost of [1, 4096, 65_521, 131_042]) {
    const at = patternDiffers(5, 1000, good, 1000 + lost, 2000, scratch);
    assert.ok(at >= 0 && at < 8, `loss of ${lost} shows at ${at}`);
  }
  assert.ok(patternDiffers(5, 2000, good, 1000, 1000, scratch) >= 0);
  assert.ok(patternDiffers(6, 0, good, 0, 1000, scratch) >= 0);
  good[777]! ^= 1;
  assert.equal(patternDiffers(5, 0, good, 0, LEN, scratch), 777);
});

it('a header is read back, anything else is none', () => {
  assert.deepEqual(headerRead(headerOf(9, 123_456)), [9, 123_456]);
  assert.equal(headerRead(new Uint8Array(12)), null);
});
