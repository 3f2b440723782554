// Options of server lines that are kept as numbers.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { type ConfigResult, parseConfiguration } from '../../../../src/config/parser.js';
import type { ServerConf } from '../../../../src/config/types.js';

function parse(...lines: readonly string[]): ConfigResult {
  return parseConfiguration([{ name: 'c', text: `backend b\n${lines.map((l) => ` ${l}\n`).join('')}` }]);
}

function server(...lines: readonly string[]): ServerConf {
  const result = parse(...lines);
  assert.deepEqual(
    result.reports.filter((r) => r.fatal).map((r) => r.message),
    [],
  );
  return result.config.proxies[0]!.servers[0]!;
}

test('maxqueue, maxconn and weight are taken from the line, from default-server, and read as atol does', () => {
  assert.equal(server('server s 127.0.0.1:1 maxqueue 7').maxqueue, 7);
  assert.equal(server('default-server maxqueue 9 maxconn 3', 'server s 127.0.0.1:1').maxqueue, 9);
  assert.equal(server('default-server maxqueue 9', 'server s 127.0.0.1:1 maxqueue 2').maxqueue, 2);
  assert.equal(server('server s 127.0.0.1:1 maxqueue x').maxqueue, 0);
  const notices = parse('server s 127.0.0.1:1 maxqueue 5x').reports.filter((r) => r.code === 'not-a-number');
  assert.deepEqual(
    notices.map((r) => r.message),
    ["'5x' is not a number, read as 5"],
  );
});

test('words of mode http are kept, and said to be of no use in a tcp backend', () => {
  const result = parse('server s 127.0.0.1:1 cookie a ws auto');
  assert.equal(result.config.proxies[0]!.servers[0]!.cookie, 'a');
  assert.match(
    result.reports.map((r) => r.message).join('\n'),
    /ignoring cookie for server 's' as HTTP mode is disabled/,
  );
  assert.match(parse('server s 127.0.0.1:1 ws h3').reports[0]!.message, /'ws' has to be 'auto', 'h1' or 'h2'/);
  const redir = parse('server s 127.0.0.1:1 redir /x').reports.find((r) => r.fatal);
  assert.match(redir?.message ?? '', /server cannot have cookie or redirect prefix in non-HTTP mode/);
});
