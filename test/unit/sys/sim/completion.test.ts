// The simulator in the manner of io_uring: results come later, areas are pinned meanwhile, broken promises are bugs.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BufPool } from '../../../../src/base/bufpool.js';
import { AF_INET, SHUT_WR, SOCK_STREAM } from '../../../../src/sys/constants.js';
import { EAGAIN } from '../../../../src/sys/errno.js';
import { ipv4 } from '../../../../src/sys/sim/net.js';
import { SimSys } from '../../../../src/sys/sim/sim-sys.js';
import {
  EVENT_FD,
  EVENT_MASK,
  EVENT_STRIDE,
  SYS_POLL_IN,
  SYS_POLL_OUT,
  SYS_RECV_COMPLETE,
  SYS_RECV_POLL,
} from '../../../../src/sys/types.js';

interface World {
  readonly s: SimSys;
  readonly pool: BufPool;
  readonly a: number;
  readonly b: number;
}

function world(): World {
  const s = new SimSys({
    seed: 9,
    faultLevel: 0,
    manner: 'uring',
    latencyMs: 1,
    rcvBytes: 4096,
    sndBytes: 4096,
    arenaBytes: 8 << 20,
  });
  const pool = new BufPool(s.arena.bytes, 16_384, 4096, () => undefined);
  s.attachPool(pool);
  const here = ipv4('127.0.0.1', 80);
  s.u8.set(here, 0);
  const l = s.socket(AF_INET, SOCK_STREAM);
  s.bind(l, 0, 16);
  s.listen(l, 5);
  s.pollAdd(l, 1);
  s.want(l, 1, SYS_RECV_POLL);
  const a = s.socket(AF_INET, SOCK_STREAM);
  s.connect(a, 0, 16);
  assert.equal(mask(s, l), SYS_POLL_IN);
  const b = s.accept(l, 256);
  s.close(l);
  s.pollAdd(a, 2);
  s.pollAdd(b, 3);
  return { s, pool, a, b };
}

/** All masks reported for `fd` until nothing more comes. */
function mask(s: SimSys, fd: number): number {
  let seen = 0;
  for (let n = s.poll(20); n > 0; n = s.poll(20)) {
    for (let at = 0; at < n * EVENT_STRIDE; at += EVENT_STRIDE) {
      if (s.events[at + EVENT_FD] === fd) seen |= s.events[at + EVENT_MASK]!;
    }
  }
  return seen;
}

it('a send is in flight until OUT; its area is pinned and a release takes effect at completion', () => {
  const { s, pool, a, b } = world();
  const ofs = pool.alloc(0);
  s.u8.fill(7, ofs, ofs + 100);
  assert.equal(s.send(a, ofs, 100, 0), -EAGAIN);
  assert.ok(pool.isPinned(ofs));
  assert.deepEqual(s.leaks().at(-1), 'operations in flight: 1');
  assert.equal(mask(s, a) & SYS_POLL_OUT, SYS_POLL_OUT);
  assert.ok(!pool.isPinned(ofs));
  assert.equal(s.send(a, ofs, 100, 0), 100);
  assert.equal(s.send(a, ofs + 50, 50, 0), -EAGAIN);
  pool.release(ofs);
  assert.equal(pool.usedBytes, 16_384, 'still the kernel’s');
  mask(s, a);
  assert.equal(pool.usedBytes, 0);
  assert.equal(s.u8[ofs], 0xdb, 'garbage after an early release');
  const to = pool.alloc(0);
  assert.equal(s.recv(b, to, 500, 0), -EAGAIN);
  assert.equal(mask(s, b) & SYS_POLL_IN, SYS_POLL_IN);
  assert.equal(s.recv(b, to, 120, 0), 120);
  assert.equal(s.recv(b, to, 500, 0), 30);
  assert.ok(s.u8.subarray(to, to + 30).every((x) => x === 7));
});

it('bytes that change before completion, another area, and less than was taken are bugs', () => {
  const one = world();
  const ofs = one.pool.alloc(0);
  one.s.send(one.a, ofs, 100, 0);
  one.s.u8[ofs + 99]! ^= 1;
  assert.throws(() => mask(one.s, one.a), /changed before completion/);
  const two = world();
  const at = two.pool.alloc(0);
  two.s.send(two.a, at, 100, 0);
  assert.throws(() => two.s.send(two.a, at + 1, 99, 0), /is in flight/);
  mask(two.s, two.a);
  assert.throws(() => two.s.send(two.a, at, 50, 0), /only 50 are offered/);
});

it('a splice takes first what an armed receive brought; with a poll nothing leaves the socket', () => {
  const { s, pool, a, b } = world();
  const ofs = pool.alloc(0);
  s.send(a, ofs, 100, 0);
  mask(s, a);
  s.send(a, ofs, 100, 0);
  s.pipe(65_536);
  const w = s.ret[1]!;
  s.want(b, 1, SYS_RECV_COMPLETE);
  assert.equal(mask(s, b) & SYS_POLL_IN, SYS_POLL_IN);
  assert.equal(s.splice(b, w, 60, 0), 60);
  assert.equal(s.splice(b, w, 100, 0), 40);
  assert.equal(s.splice(b, w, 100, 0), -EAGAIN);
  s.want(b, 1, SYS_RECV_POLL);
  s.send(a, ofs, 50, 0);
  assert.equal(mask(s, b) & SYS_POLL_IN, SYS_POLL_IN);
  assert.equal(s.splice(b, w, 100, 0), 50);
});

it('a shutdown waits for the send in flight', () => {
  const { s, pool, a, b } = world();
  const ofs = pool.alloc(0);
  s.send(a, ofs, 100, 0);
  assert.equal(s.shutdown(a, SHUT_WR), 0);
  mask(s, a);
  assert.equal(s.send(a, ofs, 100, 0), 100);
  const to = pool.alloc(0);
  s.want(b, 1, SYS_RECV_COMPLETE);
  mask(s, b);
  assert.equal(s.recv(b, to, 200, 0), 100);
  mask(s, b);
  assert.equal(s.recv(b, to, 200, 0), 0);
});

it('a close with a send in flight gives the area back later', () => {
  const { s, pool, a } = world();
  const ofs = pool.alloc(0);
  s.send(a, ofs, 100, 0);
  s.close(a);
  assert.ok(pool.isPinned(ofs));
  pool.release(ofs);
  s.poll(50);
  assert.equal(pool.usedBytes, 0);
});
