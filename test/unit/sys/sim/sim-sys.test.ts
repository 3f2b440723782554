// The simulated kernel as a Sys: descriptors, time, bug checks, faults on demand. What its sockets answer is compared with
// Linux in test/sim/linux.test.ts.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BufPool } from '../../../../src/base/bufpool.js';
import {
  AF_INET,
  AF_UNIX,
  IPPROTO_TCP,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_INFO,
} from '../../../../src/sys/constants.js';
import {
  EAGAIN,
  ECONNREFUSED,
  EHOSTUNREACH,
  EINPROGRESS,
  EMFILE,
  ENOENT,
  EOPNOTSUPP,
  ETIMEDOUT,
} from '../../../../src/sys/errno.js';
import { ipv4 } from '../../../../src/sys/sim/net.js';
import type { SimOptions } from '../../../../src/sys/sim/core.js';
import { SimSys } from '../../../../src/sys/sim/sim-sys.js';
import { EVENT_GEN, EVENT_MASK, SYS_POLL_IN, SYS_RECV_POLL } from '../../../../src/sys/types.js';

const HERE = ipv4('127.0.0.1', 80);
const DATA = 2 << 20;

function quiet(options: Partial<SimOptions> = {}): SimSys {
  return new SimSys({
    seed: 42,
    faultLevel: 0,
    latencyMs: 1,
    rcvBytes: 8192,
    sndBytes: 8192,
    arenaBytes: 8 << 20,
    ...options,
  });
}

function addr(s: SimSys, bytes: Uint8Array): number {
  s.u8.set(bytes, 0);
  return bytes.length;
}

/** Two connected descriptors; both are polled. */
function pair(s: SimSys): [number, number] {
  const l = s.socket(AF_INET, SOCK_STREAM);
  s.bind(l, 0, addr(s, HERE));
  s.listen(l, 5);
  s.pollAdd(l, 1);
  s.want(l, 1, SYS_RECV_POLL);
  const a = s.socket(AF_INET, SOCK_STREAM);
  assert.equal(s.connect(a, 0, addr(s, HERE)), -EINPROGRESS);
  while (s.poll(10) > 0);
  const b = s.accept(l, 256);
  assert.ok(b > 0);
  s.close(l);
  s.pollAdd(a, 2);
  s.pollAdd(b, 3);
  while (s.poll(10) > 0);
  return [a, b];
}

describe('descriptors', () => {
  it('have a TCP_INFO where they are TCP, as far as there is room for it', () => {
    const s = quiet();
    const fd = s.socket(AF_INET, SOCK_STREAM);
    assert.equal(s.getsockoptBytes(fd, IPPROTO_TCP, TCP_INFO, 512, 256), 104);
    assert.equal(s.arena.view.getUint32(512 + 68, true), 17_000, 'the round trip, µs');
    assert.equal(s.getsockoptBytes(fd, IPPROTO_TCP, TCP_INFO, 512, 8), 8);
    assert.equal(s.getsockoptBytes(fd, SOL_SOCKET, TCP_INFO, 512, 8), -92);
    const local = s.socket(AF_UNIX, SOCK_STREAM);
    assert.equal(s.getsockoptBytes(local, IPPROTO_TCP, TCP_INFO, 512, 256), -EOPNOTSUPP);
    for (const open of [fd, local]) s.close(open);
  });

  it('get the lowest free number and EMFILE at the limit', () => {
    const s = quiet({ fdLimit: 7 });
    const fds = [1, 2, 3, 4].map(() => s.socket(AF_INET, SOCK_STREAM));
    assert.deepEqual(fds, [3, 4, 5, 6]);
    assert.equal(s.socket(AF_INET, SOCK_STREAM), -EMFILE);
    s.close(4);
    assert.equal(s.pipe(0), -EMFILE, 'a pipe needs two');
    assert.equal(s.socket(AF_INET, SOCK_STREAM), 4);
    for (const fd of fds) s.close(fd);
    assert.deepEqual(s.leaks(), []);
  });

  it('used after their close are a bug that names the seed', () => {
    const s = quiet();
    const fd = s.socket(AF_INET, SOCK_STREAM);
    s.close(fd);
    assert.throws(() => s.close(fd), /seed 42 .*close on descriptor 3, which is not open/);
    assert.throws(() => s.recv(fd, DATA, 1, 0), /recv on descriptor 3/);
    assert.throws(() => s.pollAdd(-1, 1), /pollAdd on descriptor -1/);
  });

  it('bytes outside the arena or beyond their buffer are a bug', () => {
    const s = quiet();
    const [a] = pair(s);
    assert.throws(() => s.send(a, s.arena.bytes - 1, 2, 0), /outside the arena/);
    assert.throws(() => s.recv(a, -1, 2, 0), /outside the arena/);
    const pool = new BufPool(s.arena.bytes, 16_384, 4096, () => undefined);
    s.attachPool(pool);
    const ofs = pool.alloc(0);
    assert.throws(() => s.recv(a, ofs + 1, 16_384, 0), /leaves its buffer/);
    assert.equal(s.recv(a, ofs, 16_384, 0), -EAGAIN);
  });

  it('what is open is told by leaks()', () => {
    const s = quiet();
    s.socket(AF_INET, SOCK_STREAM);
    s.pipe(65_536);
    assert.deepEqual([...s.ret.subarray(0, 3)], [4, 5, 65_536]);
    assert.deepEqual(s.leaks(), ['fd 3: socket 0 NEW', 'fd 4: read end of pipe 0', 'fd 5: write end of pipe 0']);
  });
});

describe('poll', () => {
  it('jumps to its time-out, or to the next event, and tells the generation', () => {
    const s = quiet();
    const start = s.now();
    assert.equal(s.poll(5000), 0);
    assert.ok(s.now() >= start + 5000 && s.now() < start + 5001);
    const [a, b] = pair(s);
    s.send(a, DATA, 10, 0);
    const sent = s.now();
    assert.equal(s.poll(60_000), 1);
    assert.ok(s.now() - sent < 10);
    assert.equal(s.events[EVENT_GEN], 3);
    assert.ok((s.events[EVENT_MASK]! & SYS_POLL_IN) !== 0);
    assert.equal(s.recv(b, DATA, 100, 0), 10);
  });

  it('without limit and with nothing to come says that it is stuck', () => {
    const s = quiet();
    assert.equal(s.poll(-1), 0);
    assert.ok(s.stuck);
    assert.equal(s.hostTimeout(), 0);
  });

  it('again and again with nothing moved is spinning', () => {
    const s = quiet({ spinMax: 50 });
    assert.throws(() => {
      for (let i = 0; i < 60; i++) s.poll(0);
    }, /the loop spins/);
    const t = quiet({ spinMax: 50 });
    for (let i = 0; i < 200; i++) t.poll(1);
  });

  it('of one descriptor twice is a bug, a wake descriptor reports IN', () => {
    const s = quiet();
    const w = s.wakeFd();
    s.pollAdd(w, 9);
    assert.throws(() => s.pollAdd(w, 9), /polled already/);
    s.poll(1);
    s.wake(w);
    s.wake(w);
    assert.equal(s.poll(100), 1);
    assert.equal(s.recv(w, DATA, 8, 0), 8);
    assert.equal(s.recv(w, DATA, 8, 0), -EAGAIN);
  });
});

describe('the network', () => {
  const outcome = (s: SimSys, to: Uint8Array): [number, number] => {
    const fd = s.socket(AF_INET, SOCK_STREAM);
    s.connect(fd, 0, addr(s, to));
    s.pollAdd(fd, 1);
    const start = s.now();
    s.poll(-1);
    return [s.sockError(fd), Math.round((s.now() - start) / 1000)];
  };

  it('refuses, is unreachable, or swallows a SYN for 127 seconds', () => {
    const s = quiet();
    assert.deepEqual(outcome(s, HERE), [ECONNREFUSED, 0]);
    s.net.reach(HERE, 'unreachable');
    assert.deepEqual(outcome(s, HERE), [EHOSTUNREACH, 0]);
    s.net.reach(HERE, 'blackhole');
    assert.deepEqual(outcome(s, HERE), [ETIMEDOUT, 127]);
  });

  it('a full accept queue makes the client try again later', () => {
    const s = quiet();
    const l = s.socket(AF_INET, SOCK_STREAM);
    s.bind(l, 0, addr(s, HERE));
    s.listen(l, 1);
    const fds = [1, 2].map(() => s.socket(AF_INET, SOCK_STREAM));
    for (const fd of fds) s.connect(fd, 0, addr(s, HERE));
    s.poll(100);
    assert.ok(s.accept(l, 256) > 0);
    assert.equal(s.accept(l, 256), -EAGAIN);
    s.poll(3000);
    assert.ok(s.accept(l, 256) > 0);
  });

  it('UNIX sockets connect at once or say that nobody is there; datagrams are kept', () => {
    const s = quiet();
    const name = new Uint8Array(20);
    name.set([AF_UNIX, 0, 47, 97]);
    const a = s.socket(AF_UNIX, SOCK_STREAM);
    assert.equal(s.connect(a, 0, addr(s, name)), -ENOENT);
    const l = s.socket(AF_UNIX, SOCK_STREAM);
    s.bind(l, 0, addr(s, name));
    s.listen(l, 3);
    assert.equal(s.connect(a, 0, addr(s, name)), 0);
    const d = s.socket(AF_INET, SOCK_DGRAM);
    s.u8[DATA] = 77;
    assert.equal(s.sendto(d, DATA, 1, 0, addr(s, HERE)), 1);
    assert.deepEqual([...s.datagrams[0]!.bytes], [77]);
  });
});

describe('a pipe', () => {
  it('is full when its slots are used, however few bytes they hold', () => {
    const s = quiet();
    const [a, b] = pair(s);
    s.pipe(16_384);
    const [r, w] = [s.ret[0]!, s.ret[1]!];
    for (let i = 0; i < 4; i++) {
      s.send(a, DATA, 5, 0);
      while (s.poll(10) > 0);
      assert.equal(s.splice(b, w, 100, 0), 5);
    }
    s.send(a, DATA, 5, 0);
    while (s.poll(10) > 0);
    assert.equal(s.splice(b, w, 100, 0), -EAGAIN);
    assert.equal(s.splice(r, a, 7, 0), 7);
    assert.equal(s.splice(b, w, 100, 0), 5);
  });
});

describe('faults on demand', () => {
  it('EAGAIN and a short receive are followed by an edge', () => {
    const s = quiet();
    const [a, b] = pair(s);
    s.send(a, DATA, 100, 0);
    while (s.poll(10) > 0);
    s.faults.force('EAGAIN', 'recv', 1);
    assert.equal(s.recv(b, DATA, 100, 0), -EAGAIN);
    s.faults.force('EAGAIN', 'recv', 0);
    assert.equal(s.poll(1000), 1);
    s.faults.force('short', 'recv', 1);
    const n = s.recv(b, DATA, 100, 0);
    assert.ok(n > 0 && n < 100);
    s.faults.force('short', 'recv', 0);
    assert.equal(s.poll(1000), 1);
    assert.equal(s.recv(b, DATA, 100, 0), 100 - n);
  });

  it('EMFILE on accept leaves the connection where it is', () => {
    const s = quiet();
    const l = s.socket(AF_INET, SOCK_STREAM);
    s.bind(l, 0, addr(s, HERE));
    s.listen(l, 5);
    s.connect(s.socket(AF_INET, SOCK_STREAM), 0, addr(s, HERE));
    s.poll(100);
    s.faults.force('EMFILE', 'accept', 1);
    assert.equal(s.accept(l, 256), -EMFILE);
    s.faults.force('EMFILE', 'accept', 0);
    assert.ok(s.accept(l, 256) > 0);
  });
});
