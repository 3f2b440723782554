// Arguments of global keywords that have no effect here: refused in the reference's words, taken with one notice.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { parseConfiguration } from '../../../../src/config/parser.js';

function said(...lines: readonly string[]): string[] {
  const text = `global\n${lines.map((l) => ` ${l}\n`).join('')}`;
  return parseConfiguration([{ name: 'c', text }]).reports.map(
    (r) => `${r.severity} ${r.position?.line ?? 0}:${r.position?.column ?? 0}: ${r.message}`,
  );
}

test('ranges, choices and missing arguments', () => {
  assert.deepEqual(said('tune.http.maxhdr 0', 'tune.sched.low-latency maybe', 'maxcomprate', 'busy-polling now'), [
    "alert 2:19: 'tune.http.maxhdr' expects a numeric value between 1 and 32767",
    "alert 3:25: 'tune.sched.low-latency' expects either 'on' or 'off' but got 'maybe'.",
    "alert 4:13: 'maxcomprate' expects an integer argument in kb/s.",
    "alert 5:15: 'busy-polling' cannot handle unexpected argument 'now'.",
  ]);
});

test('a mistyped TLS option is shown where it stands', () => {
  assert.deepEqual(said('ssl-default-bind-options no-sslv3 ssl-min-ver TLSv1.2 no-tls-ticket'), [
    "alert 2:56: unknown option 'no-tls-ticket' on global statement 'ssl-default-bind-options'.",
  ]);
});

test('threads, their groups and processors are taken, with the word that one thread runs', () => {
  const lines = ['thread-groups 1', 'thread-group 1 1-4', 'cpu-map auto:1/1-4 0-3', 'cpu-map 1/all 0,2-3'];
  for (const text of said(...lines)) assert.match(text, /^notice .* is accepted, but one thread runs for now$/);
  assert.match(said('thread-groups 2').join(), /value must be between 1 and 1 \(was 2\)/);
  assert.match(said('cpu-map 1/65 0').join(), /'65' is not a valid number\/range/);
});

test('what counts once says so, and the first word stays', () => {
  const result = parseConfiguration([{ name: 'c', text: 'global\n maxconn 5\n maxconn 6\n' }]);
  assert.equal(result.config.global.maxconn, 5);
  assert.deepEqual(
    [result.errors, result.reports.map((r) => r.message)],
    [0, [`'maxconn' already specified. Continuing.`]],
  );
});
