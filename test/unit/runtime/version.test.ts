// Versions, as test suites and conditions read them.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { buildFeatures } from '../../../src/runtime/features.js';
import { compatVersion, programVersion, versionDetails, versionText } from '../../../src/runtime/version.js';

test('-v starts with the words that suites look for', () => {
  assert.match(versionText(), /^HAProxy version 2\.6-sluice\d+\.\d+\.\d+ /);
  assert.match(programVersion(), /^2\.6-sluice\d/);
});

test('-vv shows target, features and transports', () => {
  const text = versionDetails({
    features: buildFeatures({ features: 0, uring: false }),
    transports: [
      { name: 'epoll', failure: '' },
      { name: 'uring', failure: 'refused by the kernel' },
    ],
    chosen: 'epoll',
  });
  assert.match(text, /^HAProxy version /);
  if (process.platform === 'linux') assert.match(text, /^ {2}TARGET {2}= linux-glibc$/m);
  assert.match(text, /^Feature list : -51DEGREES .*-EPOLL .*\+GETADDRINFO/m);
  assert.match(text, /^ {6}epoll : pref=300, {2}test result OK$/m);
  assert.match(text, /^ {6}uring : pref=250, {2}test result FAILED \(refused by the kernel\)$/m);
  assert.match(text, /^Total: 2 \(1 usable\), will use epoll\.$/m);
});

test('conditions compare with 2.6 unless SLUICE_COMPAT_VERSION says otherwise', () => {
  assert.equal(compatVersion({}), '2.6');
  assert.equal(compatVersion({ SLUICE_COMPAT_VERSION: '' }), '2.6');
  assert.equal(compatVersion({ SLUICE_COMPAT_VERSION: '3.0' }), '3.0');
});
