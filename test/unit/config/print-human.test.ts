// Reports for people and as JSON; the error that the library throws.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ConfigError } from '../../../src/config/error.js';
import { type ConfigResult, parseConfiguration } from '../../../src/config/parser.js';
import { countText, humanReports, jsonReports } from '../../../src/config/print-human.js';

function parse(text: string): ConfigResult {
  return parseConfiguration([{ name: 't.cfg', text }], { lastLineFeed: true });
}

test('for people: the line, a caret under the word, the nearest one, what was expected', () => {
  const r = parse('listen l\n\tbind :80 maxcon 5\n');
  assert.equal(
    humanReports(r, { color: false }),
    [
      "error: 'bind :80' in section 'listen': unknown keyword 'maxcon'",
      ' --> t.cfg:2:11',
      '  |',
      '2 |  bind :80 maxcon 5',
      "  |           ^^^^^^ did you mean 'maxconn'?",
      '  = expected an option of bind lines',
      '',
    ].join('\n'),
  );
  assert.match(humanReports(r, { color: true }), /\x1b\[1;31merror\x1b\[0m/);
  assert.equal(countText(r), '1 error, 0 warnings, 0 notices');
});

test('for people: the caret stays on the word in a line that is too long to show', () => {
  const r = parse(`global\n setenv A "${'x'.repeat(1000)}" B C D\n`);
  const [, , , line, caret] = humanReports(r, { color: false }).split('\n');
  assert.equal(line!.slice(caret!.indexOf('^'), caret!.indexOf('^') + 1), 'C');
});

test('JSON: counts and every report with its place', () => {
  const r = parse('global\n maxcon 5\n');
  const json = JSON.parse(jsonReports(r)) as { errors: number; reports: Record<string, unknown>[] };
  assert.equal(json.errors, 1);
  assert.deepEqual(json.reports[0], {
    severity: 'error',
    code: 'unknown-keyword',
    message: "unknown keyword 'maxcon' in 'global' section; did you mean 'maxconn' maybe ?",
    file: 't.cfg',
    line: 2,
    column: 2,
    length: 6,
    keyword: 'maxcon',
    expected: 'a keyword of the global section',
    nearest: 'maxconn',
  });
});

test('ConfigError carries the first error in its fields, and all reports', () => {
  const r = parse('.notice x\nglobal\n maxcon 5\n nosuchword\n');
  const err = new ConfigError(r.reports, r.errors);
  assert.equal(err.code, 'SLUICE_CONFIG');
  assert.deepEqual([err.file, err.line, err.column, err.keyword, err.nearest], ['t.cfg', 3, 2, 'maxcon', 'maxconn']);
  assert.match(err.message, /^t\.cfg:3:2: unknown keyword 'maxcon'.* \(and 1 more\)$/);
  assert.equal(err.reports.length, 3);
});
