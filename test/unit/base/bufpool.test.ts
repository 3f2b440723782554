// Buffers of the arena: classes, pins, limits, and pages given back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { BUF_LARGE, BUF_MEDIUM, BUF_SMALL, BufPool, SLAB_BYTES } from '../../../src/base/bufpool.js';

const nothing = (): void => undefined;

test('the classes are bufsize rounded up to KiB, 64 KiB and 256 KiB', () => {
  const pool = new BufPool(8 * SLAB_BYTES, 1500, 0, nothing);
  assert.deepEqual([...pool.sizes], [2048, 65_536, 262_144]);
  assert.deepEqual([...new BufPool(SLAB_BYTES, 131_072, 0, nothing).sizes], [131_072, 131_072, 262_144]);
  assert.throws(() => new BufPool(SLAB_BYTES, 1023, 0, nothing), /below 1 KiB/);
  assert.throws(() => new BufPool(SLAB_BYTES, SLAB_BYTES + 1, 0, nothing), /beyond 1 MiB/);
});

test('buffers of all classes lie apart, inside the arena, behind the reserved bytes', () => {
  const pool = new BufPool(6 * SLAB_BYTES, 3000, 4096, nothing);
  const spans: [number, number][] = [];
  for (const cls of [BUF_SMALL, BUF_MEDIUM, BUF_LARGE, BUF_SMALL, BUF_LARGE]) {
    for (let i = 0; i < 3; i++) {
      const ofs = pool.alloc(cls);
      assert.ok(ofs >= SLAB_BYTES, 'the reserved slab is left out');
      assert.equal(pool.classOf(ofs), cls);
      assert.equal(pool.sizeOf(ofs), pool.sizes[cls]);
      assert.equal(pool.baseOf(ofs + pool.sizes[cls]! - 1), ofs, 'its last byte belongs to it');
      spans.push([ofs, ofs + pool.sizes[cls]!]);
    }
  }
  spans.sort((a, b) => a[0] - b[0]);
  for (let i = 1; i < spans.length; i++) assert.ok(spans[i]![0] >= spans[i - 1]![1], 'no two overlap');
  for (const [from] of spans) pool.release(from);
  assert.deepEqual([...pool.used], [0, 0, 0]);
  assert.equal(pool.usedBytes, 0);
});

test('an offset outside every claimed slab is no buffer', () => {
  const pool = new BufPool(4 * SLAB_BYTES, 1024, 0, nothing);
  assert.throws(() => pool.classOf(3 * SLAB_BYTES), /is no buffer/);
});

test('the arena ends: the next allocation is refused, counted, and works after a release', () => {
  const pool = new BufPool(2 * SLAB_BYTES, 1024, 0, nothing);
  const all: number[] = [];
  for (let ofs = pool.alloc(BUF_LARGE); ofs >= 0; ofs = pool.alloc(BUF_LARGE)) all.push(ofs);
  assert.equal(all.length, 8);
  assert.equal(pool.failed, 1);
  assert.equal(pool.alloc(BUF_SMALL), -1, 'a slab belongs to one class');
  pool.release(all[3]!);
  assert.equal(pool.alloc(BUF_LARGE), all[3]);
});

test('limitBytes holds over all classes: fits, full, one more', () => {
  const pool = new BufPool(8 * SLAB_BYTES, 1024, 0, nothing);
  pool.limitBytes = 65_536 + 1024;
  const m = pool.alloc(BUF_MEDIUM);
  const s = pool.alloc(BUF_SMALL);
  assert.ok(m >= 0 && s >= 0);
  assert.equal(pool.alloc(BUF_SMALL), -1);
  pool.release(s);
  assert.ok(pool.alloc(BUF_SMALL) >= 0);
});

test('who waits is told once, when a buffer comes back', () => {
  const pool = new BufPool(2 * SLAB_BYTES, 1024, 0, nothing);
  const a = pool.alloc(BUF_SMALL);
  const b = pool.alloc(BUF_SMALL);
  let told = 0;
  pool.onAvailable = () => {
    told++;
    assert.ok(pool.alloc(BUF_SMALL) >= 0, 'it can be had from inside the call');
  };
  pool.release(a);
  pool.release(b);
  assert.equal(told, 1);
});

test('a pinned buffer that is freed comes back with its last pin, not before', () => {
  const pool = new BufPool(2 * SLAB_BYTES, 1024, 0, nothing);
  const ofs = pool.alloc(BUF_MEDIUM);
  pool.pin(ofs + 100);
  pool.pin(ofs + 60_000);
  assert.equal(pool.isPinned(ofs + 5), true);
  let told = 0;
  pool.onAvailable = () => {
    told++;
  };
  pool.release(ofs);
  assert.equal(pool.used[BUF_MEDIUM], 1, 'the kernel still has it');
  for (let i = 0; i < 15; i++) assert.notEqual(pool.alloc(BUF_MEDIUM), ofs);
  pool.unpin(ofs + 100);
  assert.equal(told, 0);
  pool.unpin(ofs + 60_000);
  assert.equal(told, 1);
  assert.equal(pool.isPinned(ofs), false);
  assert.equal(pool.alloc(BUF_MEDIUM), ofs);
});

test('a pin that goes before the release changes nothing; one too many is a bug', () => {
  const pool = new BufPool(2 * SLAB_BYTES, 1024, 0, nothing);
  const ofs = pool.alloc(BUF_SMALL);
  pool.pin(ofs);
  pool.unpin(ofs);
  assert.equal(pool.used[BUF_SMALL], 1);
  assert.throws(() => {
    pool.unpin(ofs);
  }, /not pinned/);
  for (let i = 0; i < 127; i++) pool.pin(ofs);
  assert.throws(() => {
    pool.pin(ofs);
  }, /too many pins/);
});

test('trim gives back pages of buffers used since the last call, once, and never of one in use', () => {
  const given: [number, number][] = [];
  const pool = new BufPool(4 * SLAB_BYTES, 1024, 0, (ofs, len) => given.push([ofs, len]));
  assert.equal(pool.trim(), 0);
  const a = pool.alloc(BUF_SMALL);
  const b = pool.alloc(BUF_SMALL);
  const big = pool.alloc(BUF_LARGE);
  pool.release(a);
  pool.release(big);
  assert.equal(pool.trim(), 1024 + 262_144);
  assert.deepEqual(
    given.sort((x, y) => x[0] - y[0]),
    [
      [a, 1024],
      [big, 262_144],
    ].sort((x, y) => x[0]! - y[0]!),
  );
  assert.equal(pool.trim(), 0, 'those are cold now');
  pool.release(b);
  assert.equal(pool.trim(), 1024);
  // Taken from below the cold mark and given back: warm again.
  const again = [pool.alloc(BUF_SMALL), pool.alloc(BUF_SMALL), pool.alloc(BUF_SMALL)];
  for (const ofs of again) pool.release(ofs);
  assert.equal(pool.trim(), 3 * 1024);
});
