// `sluice check` and `sluice --help`.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { checkCommand } from '../../../../src/runtime/commands/check.js';
import { COMMANDS, helpText } from '../../../../src/runtime/commands/help.js';

const dir = mkdtempSync(join(tmpdir(), 'sluice-check-'));
after(() => {
  rmSync(dir, { recursive: true, force: true });
});
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const ctx = { env: {}, color: false };
const goodFile = file(
  'good.cfg',
  'listen l\n bind 127.0.0.1:80\n timeout client 5\n timeout server 5s\n timeout connect 5s\n',
);
const badFile = file('bad.cfg', 'global\n maxcon 5\n');
const warnedFile = file('warned.cfg', 'frontend f\n bind :80\n');

test('a good file: status 0, the notices, and the count', async () => {
  const out = await checkCommand([goodFile], ctx);
  assert.equal(out.status, 0);
  assert.match(out.stdout, /^notice: 'timeout client 5' is 5 milliseconds/);
  assert.match(out.stdout, /good\.cfg can be used: 0 errors, 0 warnings, 1 notice\n$/);
});

test('a bad file: status 1, the place and the nearest word', async () => {
  const out = await checkCommand([badFile], ctx);
  assert.equal(out.status, 1);
  assert.match(out.stdout, /bad\.cfg:2:2\n.*\n.*maxcon 5\n.*\^{6} did you mean 'maxconn'\?/);
});

test('--warnings makes warnings fatal', async () => {
  assert.equal((await checkCommand([warnedFile], ctx)).status, 0);
  assert.equal((await checkCommand(['--warnings', warnedFile], ctx)).status, 1);
});

test('--format json gives one object', async () => {
  const out = await checkCommand(['--format', 'json', badFile], ctx);
  assert.equal(out.status, 1);
  assert.equal((JSON.parse(out.stdout) as { errors: number }).errors, 1);
});

test('what cannot be done is said on stderr, without a stack trace', async () => {
  for (const args of [[], ['--nosuch'], ['--format', 'xml', goodFile], [join(dir, 'not-there')]]) {
    const out = await checkCommand(args, ctx);
    assert.equal(out.status, 1, args.join(' '));
    assert.match(out.stderr, /^sluice check: /);
    assert.doesNotMatch(out.stderr, /\n {4}at /);
  }
});

test('--help shows every command with two examples', () => {
  for (const c of COMMANDS) {
    assert.equal(c.examples.length, 2, c.name);
    for (const e of c.examples) assert.ok(helpText().includes(e), e);
  }
});
