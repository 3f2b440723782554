// The simulator's random numbers: repeatable, spread, in their ranges.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Rng } from '../../../../src/sys/sim/rng.js';

it('one seed gives one sequence; another seed or stream gives another', () => {
  const draw = (r: Rng): number[] => Array.from({ length: 8 }, () => r.u32());
  assert.deepEqual(draw(new Rng(7)), draw(new Rng(7)));
  assert.notDeepEqual(draw(new Rng(7)), draw(new Rng(8)));
  assert.notDeepEqual(draw(new Rng(7, 1)), draw(new Rng(7, 2)));
});

it('integers reach both ends of their range and never leave it', () => {
  const r = new Rng(1);
  const seen = new Set<number>();
  for (let i = 0; i < 2000; i++) seen.add(r.int(3, 9));
  assert.deepEqual([...seen].sort(), [3, 4, 5, 6, 7, 8, 9]);
  for (let i = 0; i < 2000; i++) {
    const v = r.logInt(1, 1000);
    assert.ok(v >= 1 && v <= 1000);
  }
});
