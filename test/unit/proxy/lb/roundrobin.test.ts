// balance roundrobin: shares by weight, smooth, only servers that can take a stream.
import assert from 'node:assert/strict';
import test from 'node:test';
import { newProxy, newServer } from '../../../../src/config/defaults.js';
import { addressInet } from '../../../../src/datapath/proto/address.js';
import { muxPt } from '../../../../src/datapath/mux/pt.js';
import { rawSock } from '../../../../src/datapath/xprt/raw-sock.js';
import { RoundRobin } from '../../../../src/proxy/lb/roundrobin.js';
import { Proxy } from '../../../../src/proxy/proxy.js';
import { Server, SRV_ADMIN_DRAIN, SRV_ADMIN_MAINT, SRV_ADMIN_UP, WEIGHT_SCALE } from '../../../../src/proxy/server.js';

const HERE = { file: 'x', line: 1, column: 1, length: 1 };

function backend(weights: readonly number[]): { px: Proxy; lb: RoundRobin; servers: Server[] } {
  const px = new Proxy(newProxy('backend', 'b', HERE));
  weights.forEach((weight, i) => {
    const conf = newServer(`s${i + 1}`, HERE);
    conf.weight = weight;
    px.servers.push(new Server(px, conf, addressInet('127.0.0.1', 80), null, muxPt, rawSock));
  });
  const lb = new RoundRobin();
  lb.update(px);
  return { px, lb, servers: px.servers };
}

const picks = (b: ReturnType<typeof backend>, n: number): string[] =>
  Array.from({ length: n }, () => b.lb.pick(b.px, null, null)!.name);

test('equal weights: each in turn, in the order of the file', () => {
  assert.deepEqual(picks(backend([1, 1, 1]), 7), ['s1', 's2', 's3', 's1', 's2', 's3', 's1']);
});

test('shares are exact over each whole turn, for any weights', () => {
  for (const weights of [
    [1, 2],
    [3, 1, 1],
    [5, 3, 2],
    [1, 256],
    [7, 11, 13],
  ]) {
    const b = backend(weights);
    const sum = weights.reduce((x, y) => x + y, 0);
    for (let turn = 0; turn < 3; turn++) {
      const got = picks(b, sum);
      weights.forEach((weight, i) => {
        const n = got.filter((name) => name === `s${i + 1}`).length;
        assert.ok(Math.abs(n - weight) <= 1, `${weights.join()} turn ${turn}: s${i + 1} ${n} times`);
      });
    }
  }
});

test('weights are smooth: a server of weight 2 is not chosen twice in a row among two of weight 1', () => {
  const got = picks(backend([2, 1, 1]), 40);
  assert.equal(got.filter((x) => x === 's1').length, 20);
  for (let i = 1; i < got.length; i++) assert.ok(!(got[i] === 's1' && got[i - 1] === 's1'), `twice at ${i}`);
});

test('sequences are those of the reference', () => {
  // Seen with HAProxy 2.6, twenty connections each.
  const seen: readonly (readonly [readonly number[], string])[] = [
    [[2, 1, 1], '12131213121312131213'],
    [[3, 1, 1], '11213112131121311213'],
    [[5, 3, 2], '12131212131213121213'],
    [[1, 2, 1], '21232123212321232123'],
  ];
  for (const [weights, want] of seen) {
    const got = picks(backend(weights), want.length).map((name) => name.slice(1));
    assert.equal(got.join(''), want, weights.join());
  }
});

test('a server without slot or weight, in maintenance or drain is not chosen', () => {
  const b = backend([1, 1, 1, 0]);
  const [s1, s2, s3] = b.servers as [Server, Server, Server];
  s1.maxconn = 1;
  s1.served = 1;
  s2.admin = SRV_ADMIN_MAINT;
  b.lb.update(b.px);
  assert.deepEqual(picks(b, 3), ['s3', 's3', 's3']);
  s3.admin = SRV_ADMIN_DRAIN;
  b.lb.update(b.px);
  assert.equal(b.lb.pick(b.px, null, null), null);
  s1.served = 0;
  assert.equal(b.lb.pick(b.px, null, null), s1);
  s2.admin = SRV_ADMIN_UP;
  b.lb.update(b.px);
  assert.ok(picks(b, 2).includes('s2'), 'back in turn');
});

test('the one to avoid is chosen only where there is no other', () => {
  const b = backend([1, 1]);
  const [s1, s2] = b.servers as [Server, Server];
  for (let i = 0; i < 5; i++) assert.equal(b.lb.pick(b.px, null, s1), s2);
  s2.admin = SRV_ADMIN_MAINT;
  b.lb.update(b.px);
  assert.equal(b.lb.pick(b.px, null, s1), s1);
});

test('a server that joins late does not make up for what it missed', () => {
  const b = backend([1, 1]);
  const [, s2] = b.servers as [Server, Server];
  s2.admin = SRV_ADMIN_MAINT;
  b.lb.update(b.px);
  picks(b, 1000);
  s2.admin = SRV_ADMIN_UP;
  b.lb.update(b.px);
  const got = picks(b, 10).filter((x) => x === 's2').length;
  assert.ok(got >= 4 && got <= 6, `${got} of 10`);
});

test('backups come in when no other is usable: the first, or all of them with option allbackups', () => {
  const px = new Proxy(newProxy('backend', 'b', HERE));
  for (const [i, backup] of [false, true, true].entries()) {
    const conf = newServer(`s${i + 1}`, HERE);
    conf.backup = backup;
    px.servers.push(new Server(px, conf, addressInet('127.0.0.1', 80), null, muxPt, rawSock));
  }
  const b = { px, lb: new RoundRobin(), servers: px.servers };
  b.lb.update(px);
  assert.deepEqual(picks(b, 3), ['s1', 's1', 's1']);
  px.servers[0]!.admin = SRV_ADMIN_MAINT;
  b.lb.update(px);
  assert.deepEqual(picks(b, 3), ['s2', 's2', 's2']);
  px.conf.options.allbackups = true;
  b.lb.update(px);
  assert.deepEqual(new Set(picks(b, 4)), new Set(['s2', 's3']));
});

test('a weight that is raised counts at once, not after the interval of the old one', () => {
  const b = backend([1, 100, 100]);
  const [s1] = b.servers as [Server];
  picks(b, 10);
  s1.effWeight = 100 * WEIGHT_SCALE;
  b.lb.update(b.px);
  const got = picks(b, 30).filter((x) => x === 's1').length;
  assert.ok(got >= 9 && got <= 11, `${got} of 30`);
});

/** Recorded from the reference. */
const RECORDED: readonly (readonly [number[], string])[] = [
  [[3, 1, 7, 2, 20, 0, 5], '553575153545735525315755355753451557355535751535457355253157'],
  [[13, 5, 8, 2, 21], '515351251535145325151535152135515315254153515231551535125153'],
  [[30, 20, 7, 9, 1, 1, 1], '121412123141212513124121612413211241213211421213124121712413'],
  [[18, 19, 7, 7, 2], '212132142152312412123124123124121232154212312412132142121321'],
  [[13, 3, 16, 1, 20, 12, 1], '531563512365153651356315436515326153561357361553165352163513'],
];

test('equal dates are settled as the reference settles them', () => {
  for (const [weights, order] of RECORDED) {
    const got = picks(backend(weights), order.length).map((name) => name.slice(1));
    assert.equal(got.join(''), order, weights.join());
  }
});
