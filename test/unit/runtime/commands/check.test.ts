// `sluice check` and `sluice --help`.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
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
const ctx = { env: {}, terminal: false };
const goodFile = file(
  'good.cfg',
  'listen l\n bind 127.0.0.1:80\n timeout client 5\n timeout server 5s\n timeout connect 5s\n',
);
const badFile = file('bad.cfg', 'global\n maxcon 5\n');
const warnedFile = file('warned.cfg', 'frontend f\n bind :80\n');

test('a good file: status 0, the notices, and the count', async () => {
  const out = await checkCommand(['--format', 'human', goodFile], ctx);
  assert.equal(out.status, 0);
  assert.match(out.stderr, /^notice: 'timeout client 5' is 5 milliseconds/);
  assert.match(out.stdout, /good\.cfg can be used: 0 errors, 0 warnings, 1 notice\n$/);
});

test('a bad file at a terminal: status 1, the place, a caret and the nearest word', async () => {
  const out = await checkCommand([badFile], { ...ctx, terminal: true });
  assert.equal(out.status, 1);
  const plain = stripVTControlCharacters(out.stderr);
  assert.notEqual(plain, out.stderr, 'in colours');
  assert.match(plain, /bad\.cfg:2:2\n.*\n.*maxcon 5\n.*\^{6} did you mean 'maxconn'\?/);
});

test("a bad file elsewhere: HAProxy's lines, and notices among them", async () => {
  const out = await checkCommand([badFile, goodFile], ctx);
  assert.equal(out.status, 1);
  assert.match(out.stderr, /^\[NOTICE\] {3}\(\d+\) : haproxy version is /);
  assert.match(
    out.stderr,
    /^\[ALERT\] {4}\(\d+\) : config : parsing \[\S+bad\.cfg:2\] : unknown keyword 'maxcon' in 'global'/m,
  );
  assert.match(
    out.stderr,
    /^\[NOTICE\] {3}\(\d+\) : config : parsing \[\S+good\.cfg:3\] : 'timeout client 5' is 5 milliseconds$/m,
  );
  assert.match(out.stdout, /cannot be used: 1 error, 0 warnings, 1 notice\n$/);
});

test('daemon is no mistake of the file', async () => {
  const path = file('daemon.cfg', `global\n daemon\nlisten l\n bind 127.0.0.1:80\n timeout client 5s\n`);
  assert.equal((await checkCommand([path], ctx)).status, 0);
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

test('--print writes the configuration in its normal form, and nothing of one that cannot be used', async () => {
  const path = file('print.cfg', '# x\nlisten  "l"\n\tbind 127.0.0.1:80 # y\n timeout client \'5s\'\n');
  const out = await checkCommand(['--print', path], ctx);
  assert.deepEqual(out, { status: 0, stdout: 'listen l\n    bind 127.0.0.1:80\n    timeout client 5s\n', stderr: '' });
  const bad = await checkCommand(['--print', badFile], ctx);
  assert.deepEqual([bad.status, bad.stdout], [1, '']);
  assert.match(bad.stderr, /unknown keyword 'maxcon'/);
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
