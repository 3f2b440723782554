// The ring of consistent hashing, with keys and servers recorded from the reference.
import assert from 'node:assert/strict';
import test from 'node:test';
import { hashAvalanche } from '../../../../src/base/hash.js';
import { Ring } from '../../../../src/proxy/lb/ring.js';
import type { Server } from '../../../../src/proxy/server.js';
import { RoundRobin } from '../../../../src/proxy/lb/roundrobin.js';
import { backend } from './support.js';

const WEIGHTS = [3, 1, 10, 7];
const IDS = [5, 9, 12, 40];
/** `balance source`, client>server: hashes mixed, and plain. */
const MIXED =
  '3.110.175.173>3 75.57.231.24>4 43.78.132.37>3 155.62.86.202>3 127.38.233.166>3 19.190.169.205>3 3.87.90.220>4 215.132.29.142>4 54.221.221.40>4 84.12.205.227>1 162.51.240.213>3 158.103.34.142>3 101.142.224.93>3 74.145.240.207>3 120.88.109.231>3 106.122.254.162>3 32.126.78.196>1 126.173.74.52>3 12.29.138.105>3 123.17.133.54>4 38.179.78.66>3 97.130.238.142>4 22.179.219.63>3 149.139.33.134>4 72.163.101.146>3 84.229.8.164>1 152.69.105.202>4 182.236.58.89>3';
const PLAIN =
  '53.195.217.244>4 195.28.8.159>1 63.33.70.72>3 199.192.16.4>4 78.142.246.124>1 168.127.173.237>1 120.193.68.230>3 143.15.66.120>4 164.216.160.223>1 65.221.174.177>4 155.91.173.128>3 208.44.226.221>4 164.93.178.66>1 210.71.21.200>3 69.219.166.250>4 110.233.97.165>4 81.253.3.18>3 129.190.147.46>2 201.53.125.158>4 217.171.47.16>4 202.39.117.185>1 127.189.193.122>1 207.133.160.179>2';

function farm(weights: readonly number[], ids?: readonly number[]): Server[] {
  return backend(new RoundRobin(), weights, (conf, i) => (conf.id = ids?.[i] ?? i + 1)).servers;
}

function word(ip: string): number {
  const [a, b, c, d] = ip.split('.').map(Number) as [number, number, number, number];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

test('a key belongs to the server that the reference sends it to', () => {
  const ring = new Ring();
  ring.update(farm(WEIGHTS, IDS));
  assert.equal(ring.length, 16 * 21);
  for (const [list, mix] of [
    [MIXED, true],
    [PLAIN, false],
  ] as const) {
    for (const pair of list.split(' ')) {
      const [ip, server] = pair.split('>') as [string, string];
      const hash = mix ? hashAvalanche(word(ip)) : word(ip);
      assert.equal(ring.at(ring.find(hash)).name, `s${server}`, ip);
    }
  }
});

const KEYS = Array.from({ length: 10000 }, (_, i) => hashAvalanche(i * 2654435761));
const owners = (ring: Ring): string[] => KEYS.map((k) => ring.at(ring.find(k)).name);

test('a server that goes moves its own keys and no others, and they come back with it', () => {
  const servers = farm(Array.from({ length: 10 }, () => 10));
  const ring = new Ring();
  ring.update(servers);
  const before = owners(ring);
  const gone = servers[3]!;
  ring.update(servers.filter((s) => s !== gone));
  const without = owners(ring);
  for (const [i, name] of before.entries()) {
    if (name !== gone.name) assert.equal(without[i], name);
    else assert.notEqual(without[i], name);
  }
  const moved = before.filter((name) => name === gone.name).length;
  assert.ok(moved > 500 && moved < 1500, `${moved} of 10000`);
  ring.update(servers);
  assert.deepEqual(owners(ring), before);
});

test('a weight that grows takes keys from others, and gives none away', () => {
  const servers = farm([10, 10, 10]);
  const ring = new Ring();
  ring.update(servers);
  const before = owners(ring);
  servers[0]!.effWeight = 20 * 16;
  ring.update(servers);
  const after = owners(ring);
  for (const [i, name] of before.entries()) if (after[i] !== name) assert.equal(after[i], 's1');
  servers[0]!.effWeight = 10 * 16;
  ring.update(servers);
  assert.deepEqual(owners(ring), before);
});

test('a ring of one, and an empty one', () => {
  const ring = new Ring();
  ring.update([]);
  assert.equal(ring.length, 0);
  const [only] = farm([1]);
  ring.update([only!]);
  for (const h of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) assert.equal(ring.at(ring.find(h)), only);
  assert.equal(
    ring.walk(ring.find(5), () => false),
    null,
  );
});
