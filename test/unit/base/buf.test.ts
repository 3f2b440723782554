// The ring buffer: what wraps, what is contiguous, who owns the area.
import '../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  Buf,
  bufAlloc,
  bufContigData,
  bufContigRoom,
  bufDel,
  bufHead,
  bufMove,
  bufPeek,
  bufPut,
  bufRelease,
  bufRoom,
  bufTail,
  NO_AREA,
} from '../../../src/base/buf.js';
import { BUF_SMALL, BufPool, SLAB_BYTES } from '../../../src/base/bufpool.js';

const arena = new Uint8Array(4 * SLAB_BYTES);
const poolNew = (): BufPool => new BufPool(arena.length, 1024, 0, () => undefined);

function filled(pool: BufPool): Buf {
  const b = new Buf();
  assert.ok(bufAlloc(b, pool, BUF_SMALL));
  return b;
}

test('a buffer without area takes nothing and gives nothing', () => {
  const b = new Buf();
  assert.equal(bufRoom(b), 0);
  assert.equal(bufContigRoom(b), 0);
  assert.equal(bufContigData(b), 0);
  assert.equal(bufPut(b, arena, Uint8Array.of(1)), 0);
  assert.equal(bufPeek(b, arena, 10).length, 0);
});

test('appending and deleting wrap at the area end, and the bytes come out in order', () => {
  const pool = poolNew();
  const b = filled(pool);
  let put = 0;
  let got = 0;
  // 700 in and 700 out again and again: the window passes the end of 1024 bytes at every offset.
  for (let turn = 0; turn < 50; turn++) {
    const bytes = Uint8Array.from({ length: 700 }, () => put++ & 255);
    assert.equal(bufPut(b, arena, bytes), 700);
    assert.equal(b.data, 700);
    assert.equal(bufRoom(b), 324);
    assert.ok(bufContigRoom(b) <= 324 && bufContigRoom(b) > 0);
    assert.ok(bufTail(b) >= b.area && bufTail(b) < b.area + b.size, 'the tail lies in the area');
    const peeked = bufPeek(b, arena, 700);
    const first = bufContigData(b);
    assert.ok(first === 700 || bufHead(b) + first === b.area + b.size, 'in one piece, or up to the end');
    for (const x of peeked) assert.equal(x, got++ & 255);
    bufDel(b, 699);
    assert.equal(b.data, 1);
    bufDel(b, 1);
    assert.equal(b.head, 0, 'an empty buffer starts again at the area start');
    b.head = (turn * 37) % b.size; // somewhere else the next time
  }
});

test('a full buffer takes no more, one byte less takes one', () => {
  const b = filled(poolNew());
  b.head = 1000;
  assert.equal(bufPut(b, arena, new Uint8Array(1023)), 1023);
  assert.equal(bufRoom(b), 1);
  assert.equal(bufPut(b, arena, Uint8Array.of(7, 8)), 1);
  assert.equal(bufRoom(b), 0);
  assert.equal(bufContigRoom(b), 0);
  assert.equal(bufPut(b, arena, Uint8Array.of(9)), 0);
  bufDel(b, 1);
  assert.equal(bufContigRoom(b), 1);
  assert.equal(bufTail(b), b.area + 1000);
});

test('moving hands area and bytes over and leaves the source without', () => {
  const pool = poolNew();
  const from = filled(pool);
  bufPut(from, arena, Uint8Array.of(1, 2, 3));
  const to = new Buf();
  const { area } = from;
  bufMove(from, to);
  assert.deepEqual([from.area, from.size, from.head, from.data], [NO_AREA, 0, 0, 0]);
  assert.deepEqual([to.area, to.size, to.data], [area, 1024, 3]);
  bufRelease(from, pool); // nothing to release
  assert.equal(pool.used[BUF_SMALL], 1);
  bufRelease(to, pool);
  bufRelease(to, pool);
  assert.equal(pool.used[BUF_SMALL], 0);
});

test('an allocation that fails leaves the buffer without area', () => {
  const pool = poolNew();
  pool.limitBytes = 1024;
  const one = filled(pool);
  const two = new Buf();
  assert.equal(bufAlloc(two, pool, BUF_SMALL), false);
  assert.equal(two.area, NO_AREA);
  bufRelease(one, pool);
  assert.equal(bufAlloc(two, pool, BUF_SMALL), true);
});

test('deleting more than there is, or moving onto an area, is a bug in strict runs', () => {
  const pool = poolNew();
  const b = filled(pool);
  bufPut(b, arena, Uint8Array.of(1));
  assert.throws(() => {
    bufDel(b, 2);
  }, /deletes more/);
  assert.throws(() => {
    bufMove(filled(pool), b);
  }, /move onto/);
});
