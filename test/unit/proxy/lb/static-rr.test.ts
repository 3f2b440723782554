// static-rr and the table behind it, with orders recorded from the reference.
import assert from 'node:assert/strict';
import test from 'node:test';
import { StaticRr } from '../../../../src/proxy/lb/static-rr.js';
import { SRV_ADMIN_MAINT, SRV_ADMIN_UP } from '../../../../src/proxy/server.js';
import { backend, picks } from './support.js';

const RECORDED: readonly (readonly [number[], string])[] = [
  [[1, 1, 1], '123123'],
  [[3, 2, 1], '112123'],
  [[1, 2, 3], '132323'],
  [[5, 1, 1], '1112113'],
  [[1, 5, 1], '1222223'],
  [[4, 3, 2, 1], '1212312134'],
  [[1, 2, 3, 4], '1243423434'],
  [[10, 7, 3], '11212131212123112123'],
  [[100, 50, 25], '1121213'],
  [[7, 7, 3, 1], '121231212312123124'],
  [[1, 10], '12222222222'],
  [[6, 0, 4, 2], '113134'],
];

test('the order of the table is the one of the reference, again and again', () => {
  for (const [weights, order] of RECORDED) {
    const { px } = backend(new StaticRr(), weights);
    assert.equal(picks(px, order.length * 2), order + order, weights.join());
  }
});

test('each server has as many places as its weight says, also among hundreds', () => {
  const weights = Array.from({ length: 300 }, (_, i) => 1 + ((i * 7919) % 256));
  const { px } = backend(new StaticRr(), weights);
  const total = weights.reduce((a, b) => a + b, 0);
  const counts = new Map<string, number>();
  for (let i = 0; i < total; i++) {
    const { name } = px.lb!.pick(px, null, null)!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [i, w] of weights.entries()) assert.equal(counts.get(`s${i + 1}`), w);
});

test('full ones are stepped over, the one to avoid is the last resort', () => {
  const { px, servers } = backend(new StaticRr(), [1, 1, 1], (conf) => (conf.maxconn = 1));
  const [s1, s2, s3] = servers;
  s2!.served = 1;
  assert.equal(picks(px, 4), '1313');
  assert.equal(px.lb!.pick(px, null, s1!)?.name, 's3');
  s3!.served = 1;
  assert.equal(px.lb!.pick(px, null, s1!)?.name, 's1');
  s1!.served = 1;
  assert.equal(picks(px, 1), '-');
});

test('a server that goes leaves its places to the others, and comes back to them', () => {
  const { px, servers } = backend(new StaticRr(), [3, 2, 1]);
  servers[0]!.admin = SRV_ADMIN_MAINT;
  px.lb!.update(px);
  assert.equal(Array.from(picks(px, 6)).sort().join(''), '222233');
  servers[0]!.admin = SRV_ADMIN_UP;
  px.lb!.update(px);
  assert.equal(Array.from(picks(px, 6)).sort().join(''), '111223');
});
