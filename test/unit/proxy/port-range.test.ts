// Source ports of a server line: each in one hand at a time.
import assert from 'node:assert/strict';
import test from 'node:test';
import { PortRange } from '../../../src/proxy/port-range.js';

test('each port of the range once, both ends included, then 0', () => {
  const r = new PortRange(1000, 1003);
  const taken = [r.take(), r.take(), r.take(), r.take()];
  assert.deepEqual(taken, [1000, 1001, 1002, 1003]);
  assert.equal(r.take(), 0);
  r.release(1002);
  assert.equal(r.take(), 1002);
  assert.equal(r.take(), 0);
});

test('a port given back comes after all others, and 0 is no port', () => {
  const r = new PortRange(5, 7);
  r.release(r.take());
  r.release(0);
  assert.deepEqual([r.take(), r.take(), r.take(), r.take()], [6, 7, 5, 0]);
});

test('a range of one', () => {
  const r = new PortRange(80, 80);
  assert.deepEqual([r.take(), r.take()], [80, 0]);
});
