// Hashes on the ring, their bound, and random draws.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Stream } from '../../../../src/datapath/stream/stream.js';
import { HashRing, RandomDraws } from '../../../../src/proxy/lb/hash-ring.js';
import { backend, picks, take } from './support.js';

const NOBODY = {} as Stream;

/** Draws that a test can repeat. */
function dice(seed: number): () => number {
  let x = seed;
  return () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return x / 0x80000000;
  };
}

test('a key has its server, and with that one to be avoided the next around the ring', () => {
  let hash = 12345;
  const { px, servers } = backend(new HashRing('hash', () => hash, 0), [1, 1, 1]);
  const own = px.lb!.pick(px, NOBODY, null)!;
  assert.equal(picks(px, 3, NOBODY), own.name.slice(1).repeat(3));
  const other = px.lb!.pick(px, NOBODY, own)!;
  assert.notEqual(other, own);
  assert.equal(px.lb!.pick(px, NOBODY, own), other, 'always the same one');
  own.served = 1000;
  assert.equal(px.lb!.pick(px, NOBODY, null), own, 'however full');
  hash = -1;
  const seen = new Set(Array.from({ length: 48 }, () => px.lb!.pick(px, NOBODY, null)));
  assert.equal(seen.size, servers.length, 'without a key any of them');
});

test('hash-balance-factor: no server gets more than its part of the streams times the factor', () => {
  const { px, servers } = backend(new HashRing('hash', () => 777, 150), [1, 1, 1, 1]);
  for (let i = 1; i <= 400; i++) {
    take(px, px.lb!.pick(px, NOBODY, null)!);
    for (const s of servers) assert.ok(s.served <= Math.ceil((i / 4) * 1.5) + 1, `${s.name} has ${s.served} of ${i}`);
  }
});

test('random: weights are kept, full servers left out, and two draws take the emptier', () => {
  const one = backend(new RandomDraws(1, 0, dice(1)), [1, 3]);
  const counts = [0, 0];
  for (const c of picks(one.px, 4000)) counts[Number(c) - 1]!++;
  assert.ok(counts[0]! > 700 && counts[0]! < 1300, `${counts[0]} of 4000`);
  one.servers[1]!.maxconn = 1;
  one.servers[1]!.served = 1;
  assert.equal(picks(one.px, 3), '111');
  one.servers[0]!.maxconn = 1;
  one.servers[0]!.served = 1;
  assert.equal(picks(one.px, 1), '-');
  const spread = (draws: number): number => {
    const { px, servers } = backend(
      new RandomDraws(draws, 0, dice(7)),
      Array.from({ length: 20 }, () => 1),
    );
    for (let i = 0; i < 2000; i++) take(px, px.lb!.pick(px, null, null)!);
    const loads = servers.map((s) => s.served);
    return Math.max(...loads) - Math.min(...loads);
  };
  assert.ok(spread(2) < spread(1) / 3, `${spread(2)} and ${spread(1)}`);
});
