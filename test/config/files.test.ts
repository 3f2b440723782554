// Whole configuration files. `good/`: sluice takes them and warns of the same things as the reference. `bad/`: each error
// stands in the file as `# expect: LINE:COLUMN: message`, in order, and nothing else is an error; the reference refuses
// the file too, and for the same line first, unless it says `# reference: other`.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { systemHost } from '../../src/config/host.js';
import { type ConfigResult, parseConfiguration } from '../../src/config/parser.js';
import { countListeners, haproxyReport, haproxyVerdict } from '../../src/config/print-haproxy.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const ENV = { HOME: '/', PATH: '/usr/bin:/bin' };
const FEATURES = new Set(['EPOLL', 'LINUX_SPLICE', 'ACCEPT4']);
const haproxy = ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/usr/bin/haproxy'].find((p) => existsSync(p));

function files(kind: 'good' | 'bad'): string[] {
  return readdirSync(`${here}${kind}`)
    .filter((f) => f.endsWith('.cfg'))
    .sort();
}

function parse(kind: 'good' | 'bad', file: string): { text: string; result: ConfigResult } {
  const text = readFileSync(`${here}${kind}/${file}`, 'utf8');
  const conditions = { feature: (name: string) => FEATURES.has(name) };
  const result = parseConfiguration([{ name: file, text }], {
    env: ENV,
    host: systemHost,
    lastLineFeed: true,
    conditions,
  });
  return { text, result };
}

function reference(kind: 'good' | 'bad', file: string): { status: number; lines: string[] } {
  const run = spawnSync(haproxy!, ['-c', '-f', file], {
    cwd: `${here}${kind}`,
    encoding: 'utf8',
    env: ENV,
    timeout: 20000,
  });
  return { status: run.status ?? -1, lines: run.stderr.split('\n') };
}

/** `[WARNING]` lines without the process number; the lines that follow one belong to it. */
function warnings(lines: readonly string[]): string[] {
  return lines
    .flatMap((l) => l.split('\n'))
    .filter((l) => /^\[WARNING\]|^ {3}\| /.test(l))
    .map((l) => l.replace(/\(\d+\)/, '(PID)').trimEnd())
    .sort();
}

if (haproxy === undefined) console.log('haproxy is not installed: the comparison with the reference is left out');

for (const file of files('good')) {
  test(`good/${file} is taken`, () => {
    const { result } = parse('good', file);
    const alerts = result.reports.filter((r) => r.fatal);
    assert.deepEqual(
      alerts.map((r) => `${r.position?.line ?? 0}: ${r.message}`),
      [],
    );
  });
  if (haproxy === undefined) continue;
  test(`good/${file} has the verdict and the warnings of the reference`, () => {
    const { result } = parse('good', file);
    const how = { pid: 1, version: '', executable: '', zeroWarning: false, listeners: countListeners(result) };
    const ref = reference('good', file);
    assert.equal(haproxyVerdict(result, how).status, ref.status);
    assert.deepEqual(warnings(haproxyReport(result, how)), warnings(ref.lines));
  });
}

for (const file of files('bad')) {
  test(`bad/${file} gives its errors with line and column`, () => {
    const { text, result } = parse('bad', file);
    const expected = [...text.matchAll(/^# expect: (.*)$/gm)].map((m) => m[1]!);
    assert.ok(expected.length > 0, 'the file names its errors');
    const got = result.reports
      .filter((r) => r.severity === 'alert')
      .map((r) => `${r.position?.line ?? 0}:${r.position?.column ?? 0}: ${r.message}`);
    assert.deepEqual(got, expected);
    for (const r of result.reports) assert.notEqual(r.source, '', `${r.message}: the line is shown`);
  });
  if (haproxy === undefined) continue;
  test(`bad/${file} is refused by the reference for the same line`, () => {
    const { text, result } = parse('bad', file);
    if (text.includes('# reference: other')) return;
    const ref = reference('bad', file);
    assert.equal(ref.status, 1);
    const first = ref.lines.find((l) => l.startsWith('[ALERT]')) ?? '';
    const line = /\[[^\]:]*:(\d+)\]/.exec(first.slice('[ALERT]'.length))?.[1];
    // Some of the reference's late errors carry no place.
    if (line !== undefined)
      assert.equal(result.reports.find((r) => r.severity === 'alert')?.position?.line, Number(line));
  });
}

test('the folders hold what was asked for', () => {
  assert.ok(files('bad').length >= 40);
  assert.ok(files('good').length >= 10);
});
