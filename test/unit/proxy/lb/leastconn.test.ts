// leastconn: the fewest streams for the weight; recorded from the reference with streams that come and go.
import assert from 'node:assert/strict';
import test from 'node:test';
import { LeastConn } from '../../../../src/proxy/lb/leastconn.js';
import { SRV_ADMIN_MAINT, SRV_ADMIN_UP } from '../../../../src/proxy/server.js';
import { backend, leave, picks, take } from './support.js';

/** Weights; then what the reference chose, negative where a stream of that server ended. */
const RECORDED: readonly (readonly [number[], number[]])[] = [
  [
    [1, 1, 1],
    [
      1, -1, 2, 3, 1, 2, 3, 1, -1, 1, -3, -2, 3, -3, 2, 3, 1, 2, -2, 3, 2, 1, 3, -2, -3, -2, 2, 2, 3, 2, 1, 3, 2, 1, 3,
      2, -2, -3, -1, 2, -2, 3, 1, -3, 2, 3, 1, -3, 3, 2, -2, -1, -3, 3, -1, -1, -1, 1, 1, 1,
    ],
  ],
  [
    [3, 1, 2],
    [
      1, -1, 2, 3, 1, 1, 3, 1, 1, 3, 1, -1, 1, 2, -2, -1, -3, 3, 1, 2, 3, 1, -1, 1, -1, -1, -3, 1, -2, -3, 3, 1, -2, -3,
      -3, -1, -1, -1, 2, 3, 1, 3, 1, 2, -1, 1, -1, -1, -1, 1, -1, -3, -1, 1, -2, -1, -2, 2, -1, 1,
    ],
  ],
];

test('the choices are the ones of the reference, with equal weights and with others', () => {
  for (const [weights, steps] of RECORDED) {
    const { px, servers } = backend(new LeastConn(), weights);
    for (const [i, step] of steps.entries()) {
      if (step < 0) {
        leave(px, servers[-step - 1]!);
        continue;
      }
      const s = px.lb!.pick(px, null, null)!;
      assert.equal(s.name, `s${step}`, `step ${i} of ${weights.join()}`);
      take(px, s);
    }
  }
});

test('full servers are not chosen, but for a queue that was given a length', () => {
  const { px, servers } = backend(new LeastConn(), [1, 1], (conf) => (conf.maxconn = 1));
  for (const s of servers) take(px, s);
  assert.equal(picks(px, 1), '-');
  const queueing = backend(new LeastConn(), [1, 1], (conf) => {
    conf.maxconn = 1;
    conf.maxqueue = 1;
  });
  for (const s of queueing.servers) take(queueing.px, s);
  assert.equal(picks(queueing.px, 1), '1');
});

test('the one to avoid, servers that go and come, weights that change', () => {
  const { px, servers } = backend(new LeastConn(), [1, 1, 1]);
  const [s1, s2, s3] = servers;
  assert.equal(px.lb!.pick(px, null, s1!), s2);
  s2!.admin = SRV_ADMIN_MAINT;
  px.lb!.update(px);
  assert.deepEqual([px.lb!.active, px.lb!.pick(px, null, s1!)], [2, s3]);
  s3!.admin = SRV_ADMIN_MAINT;
  px.lb!.update(px);
  assert.equal(px.lb!.pick(px, null, s1!), s1);
  for (const s of servers) s.admin = SRV_ADMIN_UP;
  px.lb!.update(px);
  for (const s of servers) for (let i = 0; i < 4; i++) take(px, s);
  s3!.effWeight = 160;
  px.lb!.update(px);
  assert.equal(px.lb!.pick(px, null, null), s3);
});

test('among a thousand the least loaded is found without looking at all of them', () => {
  const { px } = backend(
    new LeastConn(),
    Array.from({ length: 1000 }, () => 1),
  );
  for (let i = 0; i < 20000; i++) take(px, px.lb!.pick(px, null, null)!);
  assert.deepEqual(new Set(px.servers.map((s) => s.served)), new Set([20]));
});
