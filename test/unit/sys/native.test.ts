// Finding the addon, comparing its constants, and the face of the native transport.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { constantsDiffer, loadAddon, NativeAddonError, packageRoot } from '../../../src/sys/load.js';
import type { Addon } from '../../../src/sys/load.js';
import { createNativeSys } from '../../../src/sys/native.js';
import * as T from '../../../src/sys/types.js';

const EMPTY = {};

function addon(): Addon {
  const found = loadAddon(packageRoot, EMPTY);
  assert.ok(found.addon !== null, 'the addon is built before the tests');
  return found.addon;
}

test('loadAddon: SLUICE_NATIVE=0 gives the reason and does not look', () => {
  const found = loadAddon('/nonexistent', { SLUICE_NATIVE: '0' });
  assert.deepEqual(found, { addon: null, reason: 'switched off by SLUICE_NATIVE=0' });
});

test('loadAddon: a missing addon is a reason, and an error where SLUICE_NATIVE=1 asks for it', (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'sluice-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const found = loadAddon(dir, EMPTY);
  assert.ok(found.addon === null);
  assert.match(found.reason, /^No native build was found for platform=/);
  assert.doesNotMatch(found.reason, /\n/);
  assert.throws(() => loadAddon(dir, { SLUICE_NATIVE: '1' }), {
    name: 'NativeAddonError',
    code: 'SLUICE_NATIVE',
    message: /^SLUICE_NATIVE=1 and no addon: No native build/,
  });
});

test('loadAddon: a file that cannot be loaded is a reason too', (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'sluice-'));
  t.after(() => rmSync(dir, { recursive: true }));
  mkdirSync(path.join(dir, 'build/Release'), { recursive: true });
  writeFileSync(path.join(dir, 'build/Release/sluice.node'), 'no program');
  const found = loadAddon(dir, EMPTY);
  assert.ok(found.addon === null && found.reason.length > 0);
});

test('loadAddon: SLUICE_NATIVE=1 contradicts SLUICE_TRANSPORT=js', () => {
  const env = { SLUICE_NATIVE: '1', SLUICE_TRANSPORT: 'js' };
  assert.throws(() => loadAddon(packageRoot, env), NativeAddonError);
  assert.notEqual(loadAddon(packageRoot, { SLUICE_NATIVE: '1', SLUICE_TRANSPORT: 'epoll' }).addon, null);
  assert.notEqual(loadAddon(packageRoot, { SLUICE_TRANSPORT: 'js' }).addon, null);
});

test('constantsDiffer: names what differs with both values; what one side lacks does not count', () => {
  const theirs = addon().constants;
  assert.deepEqual(constantsDiffer(theirs), []);
  assert.ok(Object.keys(theirs).length > 60);
  assert.deepEqual(constantsDiffer({ ...theirs, AF_INET6: 99, EAGAIN: 1, SYS_POLL_IN: 64, SO_UNKNOWN: 5 }), [
    'AF_INET6 10 (addon 99)',
    'SYS_POLL_IN 1 (addon 64)',
    'EAGAIN 11 (addon 1)',
  ]);
});

test('constants: every one that the platform has is compared', async () => {
  const theirs = addon().constants;
  const constants: Record<string, unknown> = { ...(await import('../../../src/sys/constants.js')) };
  const errno: Record<string, unknown> = { ...(await import('../../../src/sys/errno.js')) };
  const names = [...Object.keys(constants), ...Object.keys(errno)].filter((name) => /^[A-Z]/.test(name));
  assert.deepEqual(
    names.filter((name) => !(name in theirs)),
    [],
  );
});

test('createNativeSys: has every member of the seam and what Linux can do', (t) => {
  const sys = createNativeSys({ arenaBytes: 1 << 20, addon: addon() });
  t.after(() => sys.destroy());
  assert.equal(sys.name, 'epoll');
  const can = T.SYS_F_SPLICE | T.SYS_F_SOCKOPT | T.SYS_F_BINDDEV | T.SYS_F_INHERIT | T.SYS_F_ABSTRACT | T.SYS_F_RST;
  assert.equal(sys.features, can | T.SYS_F_BLOCKS | T.SYS_F_HALFOPEN | T.SYS_F_EPOLL);
  assert.equal(sys.events.length, sys.eventsMax * T.EVENT_STRIDE);
  assert.ok(sys.hostFd >= 0);
  for (const [name, member] of Object.entries(sys)) assert.notEqual(member, undefined, name);
  sys.want(1, 3, T.SYS_RECV_POLL);
});

test('createNativeSys: what the system refuses is an error with its name', () => {
  const refusing: Addon = { constants: {}, open: () => -12 };
  assert.throws(
    () => createNativeSys({ addon: refusing }),
    /refuses an arena of 1073741824 bytes or a poll set: ENOMEM/,
  );
});

test('createNativeSys: without addon the error tells why', () => {
  const code = `
    import { createNativeSys } from ${JSON.stringify(new URL('../../../src/sys/native.ts', import.meta.url).href)};
    try { createNativeSys(); } catch (error) { console.log(error.code, error.message); }`;
  const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    env: { ...process.env, SLUICE_NATIVE: '0' },
    encoding: 'utf8',
  });
  assert.equal(run.stdout, 'SLUICE_NATIVE no native transport: switched off by SLUICE_NATIVE=0\n', run.stderr);
});
