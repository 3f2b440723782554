// Averages and maxima of session times.
import assert from 'node:assert/strict';
import test from 'node:test';
import { CNT_LBTOT, Counters } from '../../../src/proxy/counters.js';

test('times are averaged over the sessions that were balanced, rounded up, and the longest is kept', () => {
  const c = new Counters();
  assert.deepEqual([c.timeAverage(0), c.timeMaximum(0)], [0, 0]);
  for (const ms of [0, 101]) c.addTimes(ms, 3, 0, ms + 100);
  c.v[CNT_LBTOT] = 1; // one of the two came out of a queue
  assert.deepEqual([c.timeAverage(0), c.timeAverage(1), c.timeAverage(2), c.timeAverage(3)], [101, 6, 0, 301]);
  assert.deepEqual([c.timeMaximum(0), c.timeMaximum(1), c.timeMaximum(3)], [101, 3, 201]);
  c.clearMax();
  assert.deepEqual([c.timeAverage(0), c.timeMaximum(0)], [101, 0]);
  c.clear();
  assert.equal(c.timeAverage(3), 0);
});

test('the average follows the last 1024 sessions', () => {
  const c = new Counters();
  const run = (n: number, ms: number): void => {
    for (let i = 0; i < n; i++) {
      c.v[CNT_LBTOT]!++;
      c.addTimes(0, 0, 0, ms);
    }
  };
  run(1024, 1000);
  assert.equal(c.timeAverage(3), 1000);
  run(1024, 0);
  const half = c.timeAverage(3);
  assert.ok(half > 250 && half < 450, `${half}`);
  run(20000, 0);
  assert.ok(c.timeAverage(3) <= 1);
});
