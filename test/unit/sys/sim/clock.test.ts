// Virtual time: order, cancelling, jumps.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Clock } from '../../../../src/sys/sim/clock.js';

it('events run in order of time, those of one time in order of scheduling', () => {
  const c = new Clock(0);
  const seen: number[] = [];
  for (const [i, at] of [5, 1, 3, 1, 5, 0].entries()) c.after(at, () => seen.push(i));
  c.jump(4);
  assert.equal(c.runDue(), 4);
  assert.deepEqual(seen, [5, 1, 3, 2]);
  assert.equal(c.nextMs(), 5);
  c.jump(10);
  c.runDue();
  assert.deepEqual(seen, [5, 1, 3, 2, 0, 4]);
  assert.equal(c.nextMs(), Infinity);
});

it('a cancelled event neither runs nor counts as what comes next', () => {
  const c = new Clock(0);
  const e = c.after(1, () => assert.fail('cancelled'));
  c.after(2, () => undefined);
  c.cancel(e);
  assert.equal(c.nextMs(), 2);
  c.jump(3);
  assert.equal(c.runDue(), 1);
});

it('the clock never goes back', () => {
  const c = new Clock(7);
  c.jump(3);
  assert.equal(c.nowMs, 7);
});
