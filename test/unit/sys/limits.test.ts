// The list of C31: what needs more than plain sockets, and how a configuration can ask.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS, absentFeatures } from '../../../src/sys/limits.js';
import { SYS_F_ABSTRACT, SYS_F_BINDDEV, SYS_F_SOCKOPT, SYS_F_SPLICE } from '../../../src/sys/types.js';
import { JsSys } from '../../../src/sys/js/js-sys.js';

const ALL = SYS_F_SPLICE | SYS_F_SOCKOPT | SYS_F_BINDDEV | SYS_F_ABSTRACT;

// The feature names that Debian's haproxy 2.6 prints with -vv and that concern the transport.
const KNOWN = new Set(['LINUX_SPLICE', 'LINUX_TPROXY', 'TPROXY', 'NETFILTER', 'NS', 'TFO', '']);

test('C31 the list names each word once for each place, with the bits it needs and a feature that HAProxy knows', () => {
  const seen = new Set<string>();
  for (const { word, where, needs, feature } of LIMITS) {
    assert.ok(!seen.has(`${where} ${word}`), `${where} ${word}`);
    seen.add(`${where} ${word}`);
    assert.ok(needs !== 0 && (needs & ~ALL) === 0, word);
    assert.ok(KNOWN.has(feature), feature);
  }
  for (const word of ['option splice-auto', 'bind interface', 'bind tcp-ut', 'bind defer-accept', 'bind transparent']) {
    assert.ok(seen.has(word), word);
  }
  for (const word of [
    'server usesrc',
    'proxy usesrc',
    'server tcp-ut',
    'global tune.rcvbuf.client',
    'server interface',
  ]) {
    assert.ok(seen.has(word), word);
  }
});

test('C31 a word that one feature stands for needs nothing that another transport without it could have', () => {
  const needsOf = new Map<string, number>();
  for (const { needs, feature } of LIMITS) {
    assert.equal(needsOf.get(feature) ?? needs, needs, feature);
    needsOf.set(feature, needs);
  }
});

test('C31 a transport that can do everything lacks no feature, the js transport lacks those of its limits', () => {
  assert.deepEqual([...absentFeatures(ALL)], []);
  assert.deepEqual([...absentFeatures(ALL & ~SYS_F_SPLICE)], ['LINUX_SPLICE']);
  const sys = new JsSys({ arenaBytes: 65536 });
  assert.deepEqual([...absentFeatures(sys.features)].sort(), [
    'LINUX_SPLICE',
    'LINUX_TPROXY',
    'NETFILTER',
    'NS',
    'TFO',
    'TPROXY',
  ]);
  sys.destroy();
});
