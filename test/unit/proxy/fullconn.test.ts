// `fullconn` of backends that don't say it: a tenth of the maxconn of the frontends that lead there, rounded up, 1 at least.
import assert from 'node:assert/strict';
import test from 'node:test';
import { newProxy } from '../../../src/config/defaults.js';
import type { ProxyKind } from '../../../src/config/types.js';
import { setFullconn } from '../../../src/proxy/fullconn.js';
import { Proxy } from '../../../src/proxy/proxy.js';

const HERE = { file: 'x.cfg', line: 1, column: 1, length: 1 };

function proxy(kind: ProxyKind, name: string, maxconn = 0, fullconn = 0): Proxy {
  const conf = newProxy(kind, name, HERE);
  conf.fullconn = fullconn;
  const px = new Proxy(conf);
  px.limit.setMax(maxconn);
  if (fullconn !== 0) px.fullconn = fullconn;
  return px;
}

test('the limits of all frontends that may branch there are added, each frontend once', () => {
  const [f, g, b, c] = [
    proxy('frontend', 'f', 1000),
    proxy('frontend', 'g', 205),
    proxy('backend', 'b'),
    proxy('backend', 'c'),
  ];
  const targets = new Map([
    [f, [b, b, c]],
    [g, [b]],
  ]);
  setFullconn([f, g, b, c], (fe) => targets.get(fe) ?? []);
  assert.equal(b.fullconn, 121, '1205 / 10, rounded up');
  assert.equal(c.fullconn, 100);
});

test('a backend that nobody leads to has 1, so has one behind a small frontend', () => {
  const [f, b, lonely] = [proxy('frontend', 'f', 3), proxy('backend', 'b'), proxy('backend', 'lonely')];
  setFullconn([f, b, lonely], () => [b]);
  assert.deepEqual([b.fullconn, lonely.fullconn], [1, 1]);
});

test('what is set stays, and a listen section counts for itself', () => {
  const [l, set] = [proxy('listen', 'l', 500), proxy('backend', 'set', 0, 77)];
  setFullconn([l, set], () => [l, set]);
  assert.deepEqual([l.fullconn, set.fullconn], [50, 77]);
});

test('a disabled frontend leads nobody anywhere', () => {
  const [f, off, b] = [proxy('frontend', 'f', 100), proxy('frontend', 'off', 900), proxy('backend', 'b')];
  off.disabled = true;
  setFullconn([f, off, b], () => [b]);
  assert.equal(b.fullconn, 10);
});
