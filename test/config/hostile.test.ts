// Files that nobody writes: each gets a clean answer from the program itself, in a small heap, in bounded time, never a stack trace.

import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const HEAP_MB = 128;
/** Not a speed claim: an endless loop must end the test, not the suite. */
const PATIENCE_MS = 60_000;

const dir = mkdtempSync(join(tmpdir(), 'sluice-hostile-'));
after(() => {
  rmSync(dir, { recursive: true });
});

interface Ending {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[]): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (b: Buffer) => out.push(b));
    child.stderr.on('data', (b: Buffer) => err.push(b));
    child.on('error', reject);
    child.on('close', (status, signal) => {
      resolve({ status, signal, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}

/** Status 1, something said about it, nothing of our insides, and not a flood. */
function assertRefused(r: Ending, said: RegExp): void {
  assert.equal(r.signal, null);
  assert.equal(r.status, 1);
  assert.match(r.stderr, said);
  assert.doesNotMatch(r.stderr, /\n {4}at |heap out of memory|RangeError|TypeError|Maximum call stack/);
  assert.ok(r.stderr.length < 1_000_000, `${r.stderr.length} characters of messages`);
}

function file(name: string, pieces: Iterable<string>): string {
  const path = join(dir, name);
  const fd = openSync(path, 'w');
  for (const piece of pieces) writeSync(fd, Buffer.from(piece, 'latin1'));
  closeSync(fd);
  return path;
}

function* repeat(n: number, text: (i: number) => string): Generator<string> {
  for (let i = 0; i < n; i += 1000) {
    let block = '';
    for (let k = i; k < Math.min(n, i + 1000); k++) block += text(k);
    yield block;
  }
}

for (const face of [['-c', '-f'], ['check']]) {
  const name = face.join(' ');

  test(`${name}: a binary file is refused at its first NUL`, async () => {
    const bytes = new Uint8Array(1 << 20);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (Math.imul(i, 2654435761) >>> 13) & 0xff;
    assertRefused(await run([...face, file('binary.cfg', [Buffer.from(bytes).toString('latin1')])]), /NUL character/);
  });

  test(`${name}: the program itself, as a file to read, is refused`, async () => {
    assertRefused(await run([...face, process.execPath]), /\[ALERT\]|sluice check/);
  });

  test(`${name}: a line of a megabyte and one of sixteen are refused`, async () => {
    const one = file('one.cfg', ['global\n ', 'x'.repeat(1 << 20), '\n']);
    assertRefused(await run([...face, one]), /line of \d+ characters|unknown keyword/);
    const many = file('many.cfg', ['global\n node ', ...Array<string>(16).fill('"a" '.repeat(1 << 18)), '\n']);
    assertRefused(await run([...face, many]), /line of \d+ characters|too many words/);
  });

  test(`${name}: twenty thousand bad lines give bounded messages and the number of the others`, async () => {
    const path = file('bad.cfg', ['listen l\n', ...repeat(20_000, (i) => ` frobnicate${i} a b c\n`)]);
    assertRefused(await run([...face, path]), /19,?000 more|too many messages|and \d+ more/);
  });

  test(`${name}: twenty thousand lines with an unknown backend each`, async () => {
    const path = file(
      'fronts.cfg',
      repeat(20_000, (i) => `frontend f${i}\n default_backend b${i}\n`),
    );
    assertRefused(await run([...face, path]), /unable to find required default_backend/);
  });

  test(`${name}: twenty thousand nested conditions`, async () => {
    const path = file('nested.cfg', ['global\n', ...repeat(20_000, () => ' .if 1\n')]);
    assertRefused(await run([...face, path]), /too many nested '\.if'/);
  });

  test(`${name}: a condition of a hundred thousand parentheses`, async () => {
    const path = file('parens.cfg', ['global\n .if ', '('.repeat(100_000), '\n .endif\n']);
    assertRefused(await run([...face, path]), /nested too deeply|conditional expression/);
  });
}

test('twenty thousand backends with a server each are taken', async () => {
  const times = 'defaults\n timeout client 5s\n timeout connect 5s\n timeout server 5s\n';
  const front = 'frontend f\n bind 127.0.0.1:8080\n default_backend b1\n';
  const path = file('large.cfg', [
    times,
    front,
    ...repeat(20_000, (i) => `backend b${i}\n server s 127.0.0.1:${1 + i}\n`),
  ]);
  const r = await run(['-c', '-f', path]);
  assert.equal(r.signal, null);
  assert.deepEqual([r.status, r.stdout], [0, 'Configuration file is valid\n']);
});

test('a file that is not there, a folder without files and one that may not be read are refused', async () => {
  assertRefused(await run(['-c', '-f', join(dir, 'nothing.cfg')]), /No such file or directory/);
  const empty = mkdtempSync(join(dir, 'empty-'));
  const r = await run(['-c', '-f', empty]);
  assert.notEqual(r.status, 0);
  assert.doesNotMatch(r.stderr, /\n {4}at /);
});
