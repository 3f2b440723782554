// Pooled pipes: two sizes, a bound on how many there are, and never one with bytes inside.
import assert from 'node:assert/strict';
import test from 'node:test';
import { type Pipe, PipePool } from '../../../../src/datapath/fd/pipe-pool.js';
import { World } from '../../../support/fakes.js';

test('a pipe given back is the next one given, the sizes apart', () => {
  const { sim } = new World();
  const pool = new PipePool(sim);
  const a = pool.get(false)!;
  const b = pool.get(true)!;
  assert.deepEqual([a.size, b.size], [262_144, 1_048_576]);
  pool.put(a);
  pool.put(b);
  assert.deepEqual([pool.used, pool.free, pool.total], [0, 2, 2]);
  assert.equal(pool.get(true), b);
  assert.equal(pool.get(false), a);
  assert.equal(sim.calls['pipe'], 2);
});

test('C11 a pipe with bytes is closed, never pooled', () => {
  const { sim } = new World();
  const pool = new PipePool(sim);
  const a = pool.get(false)!;
  a.data = 1;
  pool.put(a);
  assert.deepEqual([pool.used, pool.free, pool.total, sim.openFds()], [0, 0, 0, 0]);
  assert.notEqual(pool.get(false), a);
});

test('C11 every pipe that the pool gives is empty', () => {
  const pool = new PipePool(new World().sim);
  const a = pool.get(false)!;
  pool.put(a);
  a.data = 5; // somebody kept it and went on
  assert.throws(() => pool.get(false), /holds bytes/);
});

test('maxpipes: fits, full, one more; the other size serves when its own is used up', () => {
  const { sim } = new World();
  const pool = new PipePool(sim);
  pool.max = 2;
  const a = pool.get(false)!;
  const b = pool.get(true)!;
  assert.equal(pool.get(false), null);
  assert.equal(pool.failed, 1);
  pool.put(b);
  assert.equal(pool.get(false), b);
  pool.put(b);
  pool.put(a);
  assert.equal(pool.get(true), b, 'and goes back to its own kind');
  assert.equal(pool.total, 2);
});

test('no descriptors: null, counted, and nothing is left open', () => {
  const w = new World({ fdLimit: 6 });
  const pool = new PipePool(w.sim);
  const a = pool.get(false);
  assert.ok(a);
  assert.equal(pool.get(false), null);
  assert.deepEqual([pool.failed, pool.total, pool.used, w.sim.openFds()], [1, 1, 1, 2]);
});

test('at most 64 free pipes of a size are kept, and trim closes those', () => {
  const { sim } = new World();
  const pool = new PipePool(sim);
  const all: Pipe[] = Array.from({ length: 70 }, () => pool.get(false)!);
  for (const p of all) pool.put(p);
  assert.deepEqual([pool.free, pool.total, sim.openFds()], [64, 64, 128]);
  pool.put(pool.get(true)!);
  assert.equal(pool.free, 65);
  pool.trim();
  assert.deepEqual([pool.free, pool.total, sim.openFds()], [0, 0, 0]);
});
