// Queues of servers and backends: first come, first served; anybody may leave from anywhere.
import assert from 'node:assert/strict';
import test from 'node:test';
import { CNT_QCUR, CNT_QMAX, Counters } from '../../../src/proxy/counters.js';
import { type Pending, PendQueue } from '../../../src/proxy/queue.js';

class One implements Pending {
  pendQueue: PendQueue | null = null;
  pendPrev: Pending | null = null;
  pendIndex = 0;
  queuePosSrv = 0;
  queuePosBe = 0;
  pendNext: Pending | null = null;
  queuedTick = 1;
  prioClass = 0;
  prioOffset = 0;
  pendWake(): void {
    // not woken here
  }
}

test('order, length and counters follow what comes and goes', () => {
  const counters = new Counters();
  const q = new PendQueue(counters);
  const [a, b, c, d] = [new One(), new One(), new One(), new One()] as const;
  assert.equal(q.first(), null);
  for (const p of [a, b, c, d]) q.add(p);
  assert.deepEqual([q.length, counters.v[CNT_QCUR], counters.v[CNT_QMAX]], [4, 4, 4]);
  assert.equal(q.first(), a);
  q.remove(b); // from the middle
  q.remove(a); // the head
  q.remove(d); // the tail
  assert.equal(q.first(), c);
  assert.deepEqual([a.pendQueue, a.pendPrev, a.pendNext, c.pendPrev, c.pendNext], [null, null, null, null, null]);
  assert.equal(c.pendQueue, q);
  q.add(a);
  assert.equal(c.pendNext, a);
  q.remove(c);
  q.remove(a);
  assert.deepEqual([q.length, q.first(), counters.v[CNT_QCUR], counters.v[CNT_QMAX]], [0, null, 0, 4]);
});

test('a place in a queue counts those who were served while one waited, itself included', () => {
  const be = new PendQueue(new Counters());
  const srv = new PendQueue(new Counters(), true);
  const [a, b] = [new One(), new One()];
  be.add(a);
  be.add(b);
  be.remove(a, true);
  be.remove(b);
  srv.add(b);
  srv.remove(b);
  assert.deepEqual([a.queuePosBe, a.queuePosSrv, b.queuePosBe, b.queuePosSrv], [1, 0, 2, 1]);
});

test('a lower class goes first; within a class an offset counts as if one had come later', () => {
  const q = new PendQueue(new Counters());
  const names = new Map<Pending, string>();
  const add = (name: string, queuedTick: number, prioClass: number, prioOffset: number): void => {
    const p = Object.assign(new One(), { queuedTick, prioClass, prioOffset });
    names.set(p, name);
    q.add(p);
  };
  add('a', 100, 0, 0);
  add('b', 110, 0, 0);
  add('late', 120, 0, 1000);
  add('c', 130, 0, 0);
  add('early', 140, 0, -35);
  add('low', 150, 5, -1000);
  add('high', 160, -5, 1000);
  add('higher', 170, -6, 0);
  add('d', 180, 0, 0);
  const order: string[] = [];
  for (let p = q.first(); p !== null; p = q.first()) {
    order.push(names.get(p)!);
    q.remove(p);
  }
  assert.deepEqual(order, ['higher', 'high', 'a', 'early', 'b', 'c', 'd', 'late', 'low']);
});
