// The byte queue of socket buffers and pipes against a plain array.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Fifo } from '../../../../src/sys/sim/fifo.js';
import { Rng } from '../../../../src/sys/sim/rng.js';

it('puts, takes, peeks, drops and moves agree with a plain array over growth and wrap', () => {
  const rng = new Rng(3);
  const a = new Fifo(100_000);
  const b = new Fifo(100_000);
  let wantA: number[] = [];
  let wantB: number[] = [];
  let next = 0;
  const area = new Uint8Array(8192);
  for (let i = 0; i < 3000; i++) {
    const n = rng.logInt(1, 3000);
    if (rng.chance(0.45)) {
      const len = Math.min(n, a.free());
      for (let k = 0; k < len; k++) area[k + 5] = next++ & 255;
      wantA.push(...area.subarray(5, 5 + len));
      a.put(area, 5, len);
    } else if (rng.chance(0.5)) {
      const got = a.moveTo(b, Math.min(n, b.free()));
      wantB.push(...wantA.slice(0, got));
      wantA = wantA.slice(got);
    } else if (rng.chance(0.3)) {
      const len = Math.min(n, b.data);
      b.drop(len);
      wantB = wantB.slice(len);
    } else {
      const seen = b.peek(area, 0, n);
      assert.deepEqual([...area.subarray(0, seen)], wantB.slice(0, seen));
      const got = b.take(area, 0, n);
      assert.equal(got, seen);
      wantB = wantB.slice(got);
    }
    assert.equal(a.data, wantA.length);
    assert.equal(b.data, wantB.length);
  }
  assert.ok(next > 20_000);
});
