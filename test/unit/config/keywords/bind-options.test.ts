// Options of bind lines: the segment size, whose sign means something, and threads.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { parseConfiguration } from '../../../../src/config/parser.js';

function reports(options: string): string[] {
  return parseConfiguration([
    { name: 'c', text: `frontend f\n bind :80 ${options}\n timeout client 5s\n` },
  ]).reports.map((r) => `${r.severity}: ${r.message}`);
}

test('mss: a size is kept, nonsense is refused', () => {
  const { config } = parseConfiguration([{ name: 'c', text: 'frontend f\n bind :80 mss 1400\n' }]);
  assert.equal(config.proxies[0]!.binds[0]!.mss, 1400);
  assert.match(reports('mss 0').join(), /^alert: .*'mss' : expects an MSS with and absolute value between 1 and 65535/);
  assert.match(reports('mss 70000').join(), /^alert: .*'mss' : expects an MSS/);
});

test('thread and shards are taken, with the word that one thread runs; process is deprecated', () => {
  assert.match(reports('thread 1/1-2').join(), /^notice: 'thread' is accepted, but one thread runs for now$/);
  assert.match(reports('shards 2').join(), /^notice: 'shards' is accepted, but one thread runs for now$/);
  assert.match(reports('process 1/1').join(), /^warning: .*'process 1\/1' on 'bind' lines is deprecated/);
});
