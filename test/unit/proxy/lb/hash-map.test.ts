// Hashes on the table.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Stream } from '../../../../src/datapath/stream/stream.js';
import { HashMap } from '../../../../src/proxy/lb/hash-map.js';
import { backend, picks } from './support.js';

const NOBODY = {} as Stream;

test('the hash modulo the length of the table is the place', () => {
  let hash = 0;
  const { px } = backend(new HashMap('source', () => hash), [3, 2, 1]);
  const got: string[] = [];
  for (const h of [0, 1, 2, 3, 4, 5, 6, 4294967295, 4294967290]) {
    hash = h;
    got.push(picks(px, 2, NOBODY));
  }
  assert.deepEqual(got, ['11', '11', '22', '11', '22', '33', '11', '11', '22']);
});

test('streams without a key take the table in turn; one with a key has no other server, also when that one failed', () => {
  let hash = -1;
  const { px, servers } = backend(new HashMap('hash', () => hash), [1, 1, 1]);
  assert.equal(picks(px, 4, NOBODY), '1231');
  hash = 1;
  assert.equal(px.lb!.pick(px, NOBODY, null), servers[1]);
  assert.equal(px.lb!.pick(px, NOBODY, servers[1]!), servers[1]);
});

test('a full server is chosen all the same: its queue is where the stream waits', () => {
  const { px, servers } = backend(new HashMap('source', () => 0), [1, 1], (conf) => (conf.maxconn = 1));
  servers[0]!.served = 1;
  assert.equal(px.lb!.pick(px, NOBODY, null), servers[0]);
});
