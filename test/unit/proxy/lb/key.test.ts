// What streams are hashed by. The values were recorded from the reference as servers of a farm of seven.
import assert from 'node:assert/strict';
import test from 'node:test';
import { hashAvalanche, hashDjb2, hashSdbm } from '../../../../src/base/hash.js';
import type { Connection } from '../../../../src/datapath/connection/connection.js';
import { addressInet } from '../../../../src/datapath/proto/address.js';
import type { Stream } from '../../../../src/datapath/stream/stream.js';
import { SampleValue } from '../../../../src/policy/sample/sample.js';
import { SMP_T_BIN, SMP_T_BOOL, SMP_T_IPV4, SMP_T_SINT, type Sample } from '../../../../src/policy/sample/types.js';
import type { SampleExpression } from '../../../../src/policy/sample/types.js';
import { keyOfSample, keyOfSource } from '../../../../src/proxy/lb/key.js';
import { AF_INET6 } from '../../../../src/sys/constants.js';

function clientAt(src: Partial<Connection> | null): Stream {
  return { sess: { origin: src } } as unknown as Stream;
}

test('source: an IPv4 address is its own hash, an IPv6 one the exclusive or of its words', () => {
  const key = keyOfSource(false);
  assert.equal(key(clientAt({ src: null, srcIp4: 0x0a000001, srcPort: 5 })), 0x0a000001);
  assert.equal(key(clientAt({ src: addressInet('192.0.2.1', 5), srcIp4: 0, srcPort: 0 })), 0xc0000201);
  const v6 = { family: AF_INET6, host: '2001:db8::ff00:1', port: 5, abstract: false, encoded: null };
  assert.equal(key(clientAt({ src: v6, srcIp4: 0, srcPort: 0 })), (0x20010db8 ^ 0xff000001) >>> 0);
  assert.equal(keyOfSource(true)(clientAt({ src: null, srcIp4: 0x0a000001, srcPort: 5 })), hashAvalanche(0x0a000001));
});

test('source: who has no address has no key', () => {
  const key = keyOfSource(false);
  assert.equal(key(clientAt(null)), -1);
  assert.equal(key(clientAt({ src: null, srcIp4: 0, srcPort: 0 })), -1);
});

test('hash: samples are hashed as blocks of bytes, integers as eight, and no sample is no key', () => {
  const scratch = new SampleValue();
  const keyOf = (fill: (smp: Sample) => boolean, avalanche = false): number => {
    const expr = { eval: (_ctx: unknown, smp: Sample) => fill(smp) } as unknown as SampleExpression;
    return keyOfSample(expr, scratch, 'sdbm', avalanche)(clientAt(null));
  };
  assert.equal(
    keyOf((s) => ((s.type = SMP_T_BIN), (s.str = 'abc'), true)),
    hashSdbm('abc'),
  );
  assert.equal(keyOf((s) => ((s.type = SMP_T_IPV4), (s.ip = Uint8Array.of(1, 2, 3, 4)), true)) % 7, 3);
  assert.equal(keyOf((s) => ((s.type = SMP_T_SINT), (s.int = 77n), true)) % 7, 0);
  assert.equal(
    keyOf((s) => ((s.type = SMP_T_BOOL), (s.int = 1n), true)),
    hashSdbm('\0\0\0\0\0\0\0\x01'),
  );
  assert.equal(
    keyOf((s) => ((s.type = SMP_T_SINT), (s.int = -1n), true)),
    hashSdbm('\xff'.repeat(8)),
  );
  assert.equal(
    keyOf(() => false),
    -1,
  );
  assert.equal(
    keyOf((s) => ((s.type = SMP_T_BIN), (s.str = 'x'), true), true),
    hashAvalanche(hashSdbm('x')),
  );
  const djb2 = keyOfSample({ eval: () => true } as unknown as SampleExpression, scratch, 'djb2', false);
  assert.equal(djb2(clientAt(null)), hashDjb2(scratch.str));
});
