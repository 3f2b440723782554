// Address matching: the tree against one-by-one comparison, borders of prefixes, IPv4 inside IPv6.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { matchNetworks, type Network, parseNetwork } from '../../../../../src/policy/acl/match/networks.js';
import { readIp } from '../../../../../src/policy/sample/ip.js';
import { SampleValue, smpIp } from '../../../../../src/policy/sample/sample.js';

function rng(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}

/** What the tree must answer: one network after the other. */
function naive(networks: readonly Network[], ip: Uint8Array): boolean {
  const inside = (n: Network, a: Uint8Array): boolean => {
    for (let bit = 0; bit < n.bits; bit++) {
      const mask = 0x80 >> (bit & 7);
      if (((n.ip[bit >> 3]! ^ a[bit >> 3]!) & mask) !== 0) return false;
    }
    return true;
  };
  return networks.some((n) => n.ip.length === ip.length && inside(n, ip));
}

function bytes(random: () => number, length: number): Uint8Array {
  // Few different first bytes, so that networks meet and contain each other.
  return Uint8Array.from({ length }, (_, i) => Math.floor(random() * (i < 2 ? 30 : 256)));
}

for (const length of [4, 16]) {
  test(`ip: 10,000 networks of ${length} bytes answer as one after the other does`, () => {
    const random = rng(7 + length);
    const networks: Network[] = [];
    for (let i = 0; i < 10000; i++) {
      const bits = 20 + Math.floor(random() * (8 * length - 19));
      networks.push({ ip: bytes(random, length), bits, mask: null });
    }
    const matcher = matchNetworks(networks);
    assert.equal(matcher.count, 10000);
    const smp = new SampleValue();
    let hits = 0;
    for (let i = 0; i < 400; i++) {
      const near = networks[Math.floor(random() * networks.length)]!.ip.slice();
      if (i % 2 === 0) near[length - 1]! ^= Math.floor(random() * 256);
      const ip = i % 4 === 3 ? bytes(random, length) : near;
      smpIp(smp, ip);
      const expected = naive(networks, ip);
      // IPv6 addresses of the test hold no IPv4 ones, and there are no IPv4 networks to find.
      assert.equal(matcher.match(smp), expected, ip.join('.'));
      if (expected) hits++;
    }
    assert.ok(hits > 50 && hits < 400, `${hits} hits`);
  });
}

function matches(network: string, address: string): boolean {
  const n = parseNetwork(network);
  assert.ok(n !== null, network);
  const smp = new SampleValue();
  smpIp(smp, readIp(address)!);
  return matchNetworks([n]).match(smp);
}

test('ip: every prefix length divides right at its border', () => {
  for (let bits = 1; bits <= 32; bits++) {
    const n: Network = { ip: Uint8Array.of(255, 255, 255, 255), bits, mask: null };
    const matcher = matchNetworks([n]);
    const value = (v: number): Uint8Array => Uint8Array.of(v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255);
    const first = bits === 32 ? 0xffffffff : ~(0xffffffff >>> bits) >>> 0;
    const smp = new SampleValue();
    smpIp(smp, value(first));
    assert.equal(matcher.match(smp), true, `first of /${bits}`);
    smpIp(smp, value((first - 1) >>> 0));
    assert.equal(matcher.match(smp), false, `before the first of /${bits}`);
  }
});

test('ip: a network of no bits takes every address of its family', () => {
  assert.equal(matches('0.0.0.0/0', '1.2.3.4'), true);
  assert.equal(matches('::/0', '2001:db8::1'), true);
  assert.equal(matches('0.0.0.0/0', '2001:db8::1'), false);
});

test('ip: IPv4 patterns see the IPv4 address inside an IPv6 one, IPv6 patterns the mapped form of an IPv4 one', () => {
  assert.equal(matches('10.0.0.0/8', '::ffff:10.1.2.3'), true);
  assert.equal(matches('10.0.0.0/8', '::10.1.2.3'), true);
  assert.equal(matches('10.0.0.0/8', '2002:a01:203::5'), true);
  assert.equal(matches('10.0.0.0/8', '2001:a01:203::5'), false);
  assert.equal(matches('::ffff:10.0.0.0/104', '10.9.9.9'), true);
  assert.equal(matches('::ffff:10.0.0.0/104', '11.9.9.9'), false);
});

test('ip: masks that are no prefix are applied bit by bit', () => {
  assert.equal(matches('10.0.0.1/255.0.0.255', '10.77.88.1'), true);
  assert.equal(matches('10.0.0.1/255.0.0.255', '10.77.88.2'), false);
  assert.equal(parseNetwork('10.0.0.0/255.255.0.0')!.bits, 16);
  assert.equal(parseNetwork('10.0.0.0/255.255.0.0')!.mask, null);
});

test('parseNetwork: abbreviated IPv4 leaves out zeros in the middle', () => {
  const ip = (text: string): string => parseNetwork(text)!.ip.join('.');
  assert.equal(ip('10.12'), '10.0.0.12');
  assert.equal(ip('192.168.1'), '192.168.0.1');
  assert.equal(ip('127.1/8'), '127.0.0.1');
  assert.equal(ip('127/8'), '0.0.0.127');
});

test('parseNetwork: what is no address is none', () => {
  const bad = '1.2.3.4.5 1.2.3.4/33 1.2.3.4/ 1.2.3.400 1.2.3.4/-1 1.2.3.4/255.255.255.256 ::1/129 ::1/ : [::1] foo';
  for (const text of bad.split(' ')) assert.equal(parseNetwork(text), null, text);
});
