// balance first: the lowest id that has a slot.
import assert from 'node:assert/strict';
import test from 'node:test';
import { First } from '../../../../src/proxy/lb/first.js';
import { backend, leave, picks, take } from './support.js';

test('servers fill up by id, and a slot that comes back is used first', () => {
  const { px, servers } = backend(new First(), [1, 1, 1], (conf, i) => {
    conf.maxconn = 2;
    conf.id = [30, 10, 20][i]!;
  });
  const order: string[] = [];
  for (;;) {
    const s = px.lb!.pick(px, null, null);
    if (s === null) break;
    order.push(s.name);
    take(px, s);
  }
  assert.deepEqual(order, ['s2', 's2', 's3', 's3', 's1', 's1']);
  leave(px, servers[2]!);
  assert.equal(picks(px, 2), '33');
  leave(px, servers[1]!);
  assert.equal(picks(px, 1), '2');
  assert.equal(px.lb!.pick(px, null, servers[1]!), servers[2]);
});
