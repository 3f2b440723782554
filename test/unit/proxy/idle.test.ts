// Idle connections of a server (C20), over a mux that carries many streams.
import assert from 'node:assert/strict';
import test from 'node:test';
import { type Connection, connInstallMux } from '../../../src/datapath/connection/connection.js';
import {
  CO_FL_ERROR,
  CO_FL_IN_IDLE_LIST,
  CO_FL_PRIVATE,
  CO_FL_SOCK_RD_SH,
} from '../../../src/datapath/connection/flags.js';
import { csDestroy } from '../../../src/datapath/conn-stream/conn-stream.js';
import { IdleList } from '../../../src/proxy/idle.js';
import { fakeMux, type ManyCtx, pair, World } from '../../support/fakes.js';

const w = new World();
const mux = fakeMux();

function conn(limit = 10): Connection {
  const c = pair(w).conn;
  assert.equal(connInstallMux(c, mux, null, null, null, null), 0);
  (c.ctx as ManyCtx).limit = limit;
  return c;
}

const isIn = (c: Connection): boolean => (c.flags & CO_FL_IN_IDLE_LIST) !== 0;

test('C20 a connection is idle by two reports: no stream used, and some available', () => {
  const list = new IdleList(-1);
  const c = conn(2);
  const one = mux.attach(c, null)!;
  assert.equal(list.report(c), false, 'used');
  const two = mux.attach(c, null)!;
  assert.equal(list.report(c), false, 'used and exhausted');
  csDestroy(one);
  assert.equal(list.report(c), false, 'still one');
  csDestroy(two);
  (c.ctx as ManyCtx).limit = 0;
  assert.equal(list.report(c), false, 'unused, but nothing available');
  assert.equal(isIn(c), false);
  (c.ctx as ManyCtx).limit = 2;
  assert.equal(list.report(c), true);
  assert.equal(list.report(c), true, 'twice is once');
  assert.deepEqual([list.length, isIn(c)], [1, true]);
  assert.equal(list.take(), c);
  assert.deepEqual([list.length, isIn(c), list.take()], [0, false, null]);
});

test('C20 a peer that lowers its limit below present use loses no stream and no connection', () => {
  const list = new IdleList(-1);
  const c = conn(5);
  const all = [1, 2, 3].map(() => mux.attach(c, null)!);
  (c.ctx as ManyCtx).limit = 1; // SETTINGS_MAX_CONCURRENT_STREAMS went down
  assert.equal(mux.availStreams(c), -2);
  assert.equal(list.report(c), false);
  assert.equal(mux.usedStreams(c), 3, 'all streams go on');
  for (const cs of all) {
    assert.equal(list.report(c), false);
    csDestroy(cs);
  }
  assert.equal(mux.availStreams(c), 1);
  assert.equal(list.report(c), true, 'unused and available again');
  list.remove(c);
});

test('C20 a list limit lowered below present length drops none; no more are added until there is room', () => {
  const list = new IdleList(3);
  const all = [1, 2, 3].map(() => conn());
  for (const c of all) assert.equal(list.report(c), true);
  const more = conn();
  assert.equal(list.report(more), false, 'full');
  list.max = 1;
  assert.equal(list.length, 3);
  for (const c of all) assert.equal(list.report(c), true, 'who is in stays in');
  list.take();
  list.take();
  assert.equal(list.report(more), false, 'one is the limit, and one is there');
  list.take();
  assert.equal(list.report(more), true);
  list.max = 0;
  assert.equal(list.take(), more);
  assert.equal(list.report(more), false);
});

test('C20 an idle connection that fails, ends or is used again leaves the list with the next report', () => {
  const list = new IdleList(-1);
  for (const flag of [CO_FL_ERROR, CO_FL_SOCK_RD_SH, CO_FL_PRIVATE]) {
    const c = conn();
    assert.equal(list.report(c), true);
    c.flags |= flag;
    assert.equal(list.report(c), false);
    assert.deepEqual([isIn(c), list.length], [false, 0]);
  }
  const c = conn();
  list.report(c);
  mux.attach(c, null);
  assert.equal(list.report(c), false);
  assert.equal(list.length, 0);
});

test('the latest is taken first, the eldest is known, and any may leave from the middle', () => {
  const list = new IdleList(-1);
  const [a, b, c, d] = [conn(), conn(), conn(), conn()] as const;
  for (const x of [a, b, c, d]) list.report(x);
  list.remove(b);
  assert.throws(() => {
    list.remove(b);
  }, /not in the list/);
  assert.equal(list.oldest(), a);
  assert.equal(list.take(), d);
  list.remove(a);
  assert.equal(list.oldest(), c);
  assert.equal(list.take(), c);
  assert.deepEqual([list.length, list.oldest(), c.idleNext, c.idlePrev], [0, null, null, null]);
});
