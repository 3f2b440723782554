// Keywords of the global section that depend on where the program runs.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { pureHost } from '../../../../src/config/host.js';
import { foregroundTables } from '../../../../src/config/keywords/tables.js';
import { type ParseOptions, parseConfiguration } from '../../../../src/config/parser.js';

function said(line: string, options: ParseOptions = {}): string[] {
  return parseConfiguration([{ name: 'c', text: `global\n ${line}\n` }], options).reports.map(
    (r) => `${r.severity}: ${r.message}`,
  );
}

test('ulimit-n above what the process may have is an error that says the limit', () => {
  const host = { ...pureHost, descriptorLimit: () => 1024 };
  assert.deepEqual(said('ulimit-n 2000', { host }), [
    "alert: 'ulimit-n' 2000 is above the limit of this process, 1024, which cannot be raised from within.",
  ]);
  assert.match(said('ulimit-n 1024', { host }).join(), /^notice: 'ulimit-n' is accepted/);
  assert.match(said('ulimit-n 2000', { host: pureHost }).join(), /^notice: /, 'nobody knows the limit');
  assert.match(said('ulimit-n', { host }).join(), /^alert: 'ulimit-n' expects an integer argument\./);
});

test('daemon is refused by name, but not where the program stays in the foreground', () => {
  assert.deepEqual(said('daemon'), ["alert: 'daemon' is known to HAProxy, but not in sluice yet"]);
  assert.deepEqual(said('daemon', { tables: foregroundTables }), []);
});

test('hard-stop-after and grace are times', () => {
  const { config } = parseConfiguration([{ name: 'c', text: 'global\n hard-stop-after 90s\n' }]);
  assert.equal(config.global.hardStopAfterMs, 90_000);
  assert.match(said('hard-stop-after 5x').join(), /^alert: /);
});

test('a user that is not known is an error, its number is kept otherwise', () => {
  const host = { ...pureHost, userId: (name: string) => (name === 'www' ? 33 : -1) };
  assert.deepEqual(said('user nobody-here', { host }), ["alert: cannot find user id for 'nobody-here' (0:Success)"]);
  const { config } = parseConfiguration([{ name: 'c', text: 'global\n user www\n' }], { host });
  assert.deepEqual([config.global.user, config.global.uid], ['www', 33]);
});
