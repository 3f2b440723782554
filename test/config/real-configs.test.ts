// Configurations that people really have: the folder beside the project holds some, with the reference's verdict on each. A
// file whose words are all built gets that verdict and the line of its first error; every other one is refused with "known to
// HAProxy, but not in sluice yet", and beyond that only for what the reference refuses too.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { newGlobal } from '../../src/config/defaults.js';
import { systemHost } from '../../src/config/host.js';
import { foregroundTables } from '../../src/config/keywords/tables.js';
import { type ConfigResult, parseConfiguration } from '../../src/config/parser.js';
import { countListeners, haproxyReport, haproxyVerdict } from '../../src/config/print-haproxy.js';
import type { Report } from '../../src/config/types.js';

const folder = fileURLToPath(new URL('../../../shared/real-configs/', import.meta.url));

interface Known {
  readonly file: string;
  readonly accepted: boolean;
  /** Of the first error; 0 where it has none, or the file is accepted. */
  readonly line: number;
}

function verdicts(): Known[] {
  const path = join(folder, 'verdicts.tsv');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((l) => l !== '' && !l.startsWith('#'))
    .map((l) => l.split('\t'))
    .map(([file = '', verdict, line = '-']) => ({
      file,
      accepted: verdict === 'accept',
      line: line === '-' ? 0 : Number(line),
    }));
}

const known = verdicts();
if (known.length === 0)
  console.log('the folder of real configurations is not beside the project: its files are left out');

/** Stand-ins for the files that the configurations name. */
const dir = mkdtempSync(join(tmpdir(), 'sluice-real-'));
for (const name of ['cert.pem', 'ca.pem', 'crl.pem', 'dh.pem', 'crt-list', 'empty.lst', 'empty.map', 'page.html'])
  writeFileSync(join(dir, name), '');
writeFileSync(join(dir, 'error.http'), 'HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
after(() => {
  rmSync(dir, { recursive: true });
});

function read(file: string): ConfigResult {
  const text = readFileSync(join(folder, file), 'utf8').replaceAll('@DIR@', dir);
  return parseConfiguration([{ name: file, text }], {
    env: { HOME: '/', PATH: '/usr/bin:/bin' },
    host: systemHost,
    lastLineFeed: true,
    tables: foregroundTables,
  });
}

/** The line that the reference's wording names: `[FILE:LINE]`, or `(FILE:LINE)` where a proxy is meant. */
function lineOf(r: Report): number {
  const how = { pid: 1, version: '', executable: '', zeroWarning: false, listeners: 1 };
  const result = {
    config: { statements: [], global: newGlobal(), proxies: [], rings: [] },
    reports: [r],
    errors: 1,
    warnings: 0,
    badFiles: [],
    dropped: 0,
  };
  const printed = haproxyReport(result, how).find((l) => l.startsWith('[ALERT]')) ?? '';
  return Number(/[[(][^\s\])]*:(\d+)[\])]/.exec(printed.slice('[ALERT]'.length))?.[1] ?? 0);
}

const counts = { accepted: 0, rejected: 0, later: 0, laterAndRejected: 0 };

for (const { file, accepted, line } of known) {
  test(file, () => {
    const result = read(file);
    const alerts = result.reports.filter((r) => r.severity === 'alert');
    const later = alerts.filter((r) => r.code === 'not-yet');
    const others = alerts.filter((r) => r.code !== 'not-yet');
    const shown = others.map((r) => `${r.position?.line ?? 0}: ${r.message}`);
    if (later.length > 0) {
      for (const r of later) assert.match(r.message, /known to HAProxy, but not in sluice yet$/);
      if (accepted) assert.deepEqual(shown, [], 'nothing else is wrong with it');
      // The reference's first error may stand on a line that was not read, for its keyword is not built.
      else if (others.length > 0 && line !== 0 && !later.some((r) => r.position?.line === line))
        assert.equal(lineOf(others[0]!), line, shown.join('\n'));
      counts[accepted ? 'later' : 'laterAndRejected']++;
      return;
    }
    const verdict = haproxyVerdict(result, { zeroWarning: false, listeners: countListeners(result) });
    assert.equal(verdict.status === 1, !accepted, shown.join('\n'));
    if (!accepted && line !== 0) assert.equal(lineOf(alerts[0]!), line, shown.join('\n'));
    counts[accepted ? 'accepted' : 'rejected']++;
  });
}

test('the counts', (t) => {
  const { accepted, rejected, later, laterAndRejected } = counts;
  t.diagnostic(
    `real configurations: ${known.length}; with the reference's verdict: ${accepted} accepted, ${rejected} refused; ` +
      `refused for words that are not built: ${later} that the reference takes, ${laterAndRejected} that it refuses too`,
  );
});
