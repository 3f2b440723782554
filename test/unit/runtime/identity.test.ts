// Entering the jail, taking on `user` and `group`: the order of the calls, and one run of the built program.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { enterJail, type IdentityCalls, processChroot, takeIdentity } from '../../../src/runtime/identity.js';
import { freePort } from '../../support/ports.js';
import { track } from '../../support/program.js';
import { programPath } from '../../support/target.js';
import { until, within } from '../../support/wait.js';

function recorded(euid: number, refuses = ''): { readonly calls: IdentityCalls; readonly done: string[] } {
  const done: string[] = [];
  const call = (name: string, value: string): void => {
    done.push(`${name} ${value}`);
    if (name === refuses) throw new Error('EPERM');
  };
  const calls: IdentityCalls = {
    geteuid: () => euid,
    setgroups: (groups) => {
      call('setgroups', `[${groups.join()}]`);
    },
    setgid: (id) => {
      call('setgid', String(id));
    },
    setuid: (id) => {
      call('setuid', String(id));
    },
  };
  return { calls, done };
}

test('further groups go first, then the group is set, then the user', () => {
  const { calls, done } = recorded(0);
  assert.equal(takeIdentity({ uid: 5, gid: 6 }, calls), '');
  assert.deepEqual(done, ['setgroups []', 'setgid 6', 'setuid 5']);
});

test('nothing is called where nothing was asked for, and only root has groups to drop', () => {
  const none = recorded(0);
  assert.equal(takeIdentity({ uid: 0, gid: 0 }, none.calls), '');
  assert.deepEqual(none.done, []);
  const plain = recorded(5);
  assert.equal(takeIdentity({ uid: 5, gid: 0 }, plain.calls), '');
  assert.deepEqual(plain.done, ['setuid 5']);
});

test('a call that is refused is told in the words of the reference, and the next ones are left out', () => {
  const group = recorded(1000, 'setgid');
  assert.equal(takeIdentity({ uid: 5, gid: 6 }, group.calls), 'Cannot set gid 6.');
  assert.deepEqual(group.done, ['setgid 6']);
  assert.equal(takeIdentity({ uid: 5, gid: 0 }, recorded(1000, 'setuid').calls), 'Cannot set uid 5.');
  assert.notEqual(takeIdentity({ uid: 5, gid: 0 }, recorded(0, 'setgroups').calls), '');
});

test('a jail is entered with the bytes of its name; refused, it is told with the words of the reference and why', () => {
  const asked: string[] = [];
  const enter = (path: string): number => {
    asked.push(path);
    return path.startsWith('/ok') ? 0 : path === '/p' ? -1 : -2;
  };
  assert.equal(enterJail('/ok/\u00e9\udcff', enter), null);
  assert.deepEqual(asked, ['/ok/\xc3\xa9\xff']);
  assert.deepEqual(enterJail('/none', enter), {
    alert: 'Cannot chroot(/none).',
    why: 'there is no such directory',
  });
  assert.match(enterJail('/p', enter)?.why ?? '', /^only root may/);
  assert.match(enterJail('/x', { reason: 'no addon' })?.why ?? '', /needs the native addon: no addon$/);
});

test("the addon's chroot answers for a name that cannot be: the process stays where it is", () => {
  const chroot = processChroot(process.env);
  if (typeof chroot !== 'function') {
    assert.notEqual(chroot.reason, '');
    return;
  }
  const where = process.cwd();
  const long = chroot('/x'.repeat(4000));
  assert.equal(chroot(''), -22);
  assert.equal(long, -36);
  assert.ok(chroot('/nowhere/at/all') < 0);
  assert.equal(process.cwd(), where);
});

test('the program serves as the user that the file names; without the right to, it does not start', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'sluice-identity-'));
  const file = path.join(dir, 'test.cfg');
  const pidfile = path.join(dir, 'pid');
  const port = await freePort();
  writeFileSync(
    file,
    `global\n user nobody\n group nogroup\n pidfile ${pidfile}\nfrontend f\n mode tcp\n timeout client 1s\n bind 127.0.0.1:${port}\n`,
  );
  const child = spawn(programPath('sluice'), ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  track(child);
  let said = '';
  child.stderr.on('data', (b: Buffer) => (said += b.toString()));
  const ended = once(child, 'exit');
  try {
    if (process.getuid?.() === 0) {
      const status = (): string => readFileSync(`/proc/${String(child.pid)}/status`, 'utf8');
      await until('the user to change', () => /^Uid:\t65534\t65534\t65534\t65534$/m.exec(status()) ?? undefined);
      assert.match(status(), /^Gid:\t65534\t65534\t65534\t65534$/m);
      assert.match(status(), /^Groups:\s*$/m);
    } else {
      const [code] = (await within('the end', ended, 20_000)) as [number | null];
      assert.equal(code, 1);
      assert.match(said, /\[ALERT\].*Cannot set gid 65534\./);
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  }
});
