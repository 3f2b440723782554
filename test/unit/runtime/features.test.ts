// Build features (C30) and run-time switches.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { type Switches, buildFeatures, featureList, hasFeature, isEnabled } from '../../../src/runtime/features.js';
import { SYS_F_BINDDEV, SYS_F_EPOLL, SYS_F_SOCKOPT, SYS_F_SPLICE } from '../../../src/sys/types.js';

const native = buildFeatures({ features: SYS_F_EPOLL | SYS_F_SPLICE | SYS_F_SOCKOPT | SYS_F_BINDDEV, uring: true });
const js = buildFeatures({ features: 0, uring: false });
const off: Switches = {
  noEpoll: false,
  noPoll: false,
  noKqueue: false,
  noSplice: false,
  noGetaddrinfo: false,
  noReuseport: false,
};

test('C30 features are named USE_*, each once, in order', () => {
  const names = native.map((f) => f.name);
  assert.ok(names.every((n) => /^USE_[A-Z0-9_]+$/.test(n)));
  assert.deepEqual(names, [...new Set(names)].sort());
  for (const n of ['EPOLL', 'KQUEUE', 'LINUX_SPLICE', 'IO_URING', 'OPENSSL']) assert.ok(names.includes(`USE_${n}`), n);
});

test('C30 the list says + and -, and feature() agrees with it', () => {
  const list = featureList(native).split(' ');
  for (const word of list) assert.equal(hasFeature(native, word.slice(1)), word.startsWith('+'), word);
  assert.ok(
    list.includes('+EPOLL') && list.includes('+IO_URING') && list.includes('-KQUEUE') && list.includes('-OPENSSL'),
  );
  assert.ok(hasFeature(native, 'USE_EPOLL'));
  assert.ok(!hasFeature(native, 'epoll') && !hasFeature(native, '+EPOLL') && !hasFeature(native, 'NO_SUCH'));
});

test('C30 without the addon what needs it is absent', () => {
  for (const n of ['EPOLL', 'LINUX_SPLICE', 'LINUX_TPROXY', 'TFO', 'IO_URING', 'ACCEPT4'])
    assert.ok(!hasFeature(js, n), n);
  assert.ok(hasFeature(js, 'GETADDRINFO'));
});

test('enabled() is what is built and not switched off', () => {
  assert.ok(
    isEnabled(native, off, 'SPLICE') && isEnabled(native, off, 'EPOLL') && isEnabled(native, off, 'GETADDRINFO'),
  );
  assert.ok(!isEnabled(native, { ...off, noSplice: true }, 'SPLICE'));
  assert.ok(!isEnabled(native, { ...off, noEpoll: true }, 'EPOLL'));
  assert.ok(!isEnabled(js, off, 'SPLICE') && !isEnabled(native, off, 'KQUEUE') && !isEnabled(native, off, 'NO_SUCH'));
});
