// Accepting: limits, shortage of descriptors, pause and end.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { type Connection, connFree, connFullClose } from '../../../../src/datapath/connection/connection.js';
import {
  LI_CLOSED,
  LI_FULL,
  LI_LIMITED,
  LI_PAUSED,
  LI_READY,
  type Listener,
} from '../../../../src/datapath/proto/listener.js';
import { ConnLimit } from '../../../../src/proxy/limit.js';
import { AF_INET, SOCK_STREAM } from '../../../../src/sys/constants.js';
import { ipv4 } from '../../../../src/sys/sim/net.js';
import type { SimOptions } from '../../../../src/sys/sim/core.js';
import { fakeListener, World } from '../../../support/fakes.js';

interface Door {
  readonly w: World;
  readonly l: Listener;
  readonly conns: Connection[];
  /** `n` clients connect. */
  knock(n: number): void;
  /** The oldest accepted connection ends. */
  leave(): void;
}

let port = 30_000;

function door(w: World, limits: readonly ConnLimit[], conns: Connection[] = []): Door {
  const at = ipv4('127.0.0.1', port++);
  const { sim } = w;
  const fd = sim.socket(AF_INET, SOCK_STREAM);
  sim.u8.set(at, 0);
  sim.bind(fd, 0, at.length);
  sim.listen(fd, 1000);
  const l = fakeListener(w, fd, limits, (conn) => conns.push(conn));
  const knock = (n: number): void => {
    for (let i = 0; i < n; i++) sim.net.connect(sim.net.sock(AF_INET, SOCK_STREAM), at);
  };
  const leave = (): void => {
    const conn = conns.shift()!;
    connFullClose(conn);
    connFree(conn);
    (conn.target as Listener).sessionEnded();
  };
  return { w, l, conns, knock, leave };
}

const started = (limits: readonly ConnLimit[], options: Partial<SimOptions> = {}): Door => {
  const d = door(new World(options), limits);
  d.l.start();
  return d;
};

for (const manner of ['epoll', 'uring'] as const) {
  test(`connections are accepted as they come, those that waited before the start too: ${manner}`, () => {
    const d = door(new World({ manner }), [new ConnLimit(0)]);
    d.knock(3);
    d.w.net();
    d.l.start();
    d.w.run();
    assert.equal(d.conns.length, 3);
    d.knock(200);
    d.w.run(50);
    assert.equal(d.conns.length, 203);
    assert.ok(d.conns.every((c) => c.target === d.l && c.srcPort !== 0));
    assert.deepEqual([d.l.limits[0]!.used, d.l.state], [203, LI_READY]);
  });

  test(`a limit is kept exactly: fits, full, one more, resumed as room comes: ${manner}`, () => {
    const limit = new ConnLimit(2);
    const d = started([limit], { manner });
    d.knock(5);
    d.w.run();
    assert.deepEqual([d.conns.length, d.l.state, limit.used], [2, LI_FULL, 2]);
    const rounds = d.w.thr.loop.rounds;
    d.w.run(60_000);
    assert.ok(d.w.thr.loop.rounds - rounds < 10, 'it sleeps meanwhile');
    d.leave();
    d.w.run();
    assert.deepEqual([d.conns.length, d.l.state], [2, LI_FULL]);
    d.leave();
    d.leave();
    d.w.run();
    assert.deepEqual([d.conns.length, limit.used], [2, 2]);
    d.leave();
    d.leave();
    d.w.run();
    assert.deepEqual([d.conns.length, limit.used, d.l.state], [0, 0, LI_READY]);
    d.knock(1);
    d.w.run();
    assert.equal(d.conns.length, 1);
  });
}

test('two listeners at one limit: room that the first has no use for goes to the other', () => {
  const w = new World();
  const shared = new ConnLimit(1);
  const conns: Connection[] = [];
  const a = door(w, [shared], conns);
  const b = door(w, [shared], conns);
  a.l.start();
  b.l.start();
  a.knock(1);
  w.run();
  assert.equal(a.l.state, LI_FULL, 'it waits although nobody else knocks');
  b.knock(1);
  w.run();
  assert.deepEqual([conns.length, b.l.state], [1, LI_FULL]);
  a.leave();
  w.run();
  assert.deepEqual([conns.length, conns[0]?.target], [1, b.l]);
});

test('all limits must have room, and each is given back', () => {
  const own = new ConnLimit(1);
  const all = new ConnLimit(10);
  const d = started([own, all]);
  d.knock(2);
  d.w.run();
  assert.deepEqual([own.used, all.used], [1, 1]);
  d.leave();
  d.w.run();
  assert.deepEqual([own.used, all.used, d.conns.length], [1, 1, 1]);
  own.setMax(2);
  all.setMax(1);
  d.knock(1);
  d.w.run();
  assert.equal(d.conns.length, 1, 'the other one holds it');
});

test('out of descriptors: it pauses and does not spin, and takes up what waited once there are some', () => {
  const d = started([new ConnLimit(0)], { fdLimit: 6 });
  d.knock(5);
  d.w.run();
  assert.deepEqual([d.conns.length, d.l.state], [2, LI_LIMITED]);
  const accepts = d.w.calls('accept');
  const { rounds } = d.w.thr.loop;
  d.w.run(1000);
  const tries = d.w.calls('accept') - accepts;
  assert.ok(tries >= 5 && tries <= 11, `${tries} tries in a second`);
  assert.ok(d.w.thr.loop.rounds - rounds < 40);
  assert.equal(d.w.thr.loop.spins, 0);
  assert.ok(d.w.thr.counters.acceptErrors >= 6);
  d.w.sim.fdLimit = 100;
  d.w.run(200);
  assert.deepEqual([d.conns.length, d.l.state], [5, LI_READY]);
});

test('a connection that is gone before its accept does not hold up the next', () => {
  const d = started([new ConnLimit(0)]);
  d.w.sim.faults.force('ECONNABORTED', 'accept', 0.5);
  d.knock(40);
  d.w.run(50);
  assert.ok(d.conns.length > 5 && d.conns.length < 35);
  d.w.sim.faults.force('ECONNABORTED', 'accept', 0);
  d.knock(1);
  const before = d.conns.length;
  d.w.run();
  assert.equal(d.conns.length, before + 1);
});

test('paused it accepts nothing, also when a limit or a shortage ends; unpaused it takes what waited', () => {
  const limit = new ConnLimit(1);
  const d = started([limit]);
  d.knock(3);
  d.w.run();
  assert.equal(d.l.state, LI_FULL);
  d.l.pause();
  assert.deepEqual([d.l.state, d.l.waitsFor, limit.waiters.length], [LI_PAUSED, null, 0]);
  d.leave();
  d.w.run();
  assert.equal(d.conns.length, 0);
  limit.setMax(0);
  d.l.unpause();
  d.w.run();
  assert.equal(d.conns.length, 2);
  d.l.unpause();
  assert.equal(d.l.state, LI_READY);
});

test('closed it leaves nothing behind, from every state', () => {
  const limit = new ConnLimit(1);
  for (const state of ['new', 'ready', 'full', 'limited', 'paused']) {
    const w = new World();
    const d = door(w, [limit]);
    if (state !== 'new') d.l.start();
    if (state === 'full') d.knock(2);
    if (state === 'limited') {
      w.sim.fdLimit = 4;
      d.knock(1);
    }
    w.run();
    if (state === 'paused') d.l.pause();
    d.l.close();
    d.l.close();
    while (d.conns.length > 0) d.leave();
    assert.equal(d.l.state, LI_CLOSED);
    assert.deepEqual([w.thr.sched.tasksUsed, w.thr.sched.taskletsUsed, w.thr.fdtab.used], [0, 0, 0], state);
    assert.deepEqual([limit.used, limit.waiters.length, w.sim.leaks()], [0, 0, []], state);
    w.run(500);
    assert.equal(d.l.state, LI_CLOSED);
  }
});
