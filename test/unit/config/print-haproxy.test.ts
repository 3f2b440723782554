// Reports as HAProxy prints them.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { type ConfigResult, parseConfiguration } from '../../../src/config/parser.js';
import { countListeners, haproxyReport, haproxyVerdict, printable } from '../../../src/config/print-haproxy.js';
import { humanReports } from '../../../src/config/print-human.js';

const HOW = { pid: 7, version: 'V', executable: '/x/sluice', zeroWarning: false, listeners: 1 };

function parse(text: string): ConfigResult {
  return parseConfiguration([{ name: 't.cfg', text }], { lastLineFeed: true });
}

test('HAProxy form: labels, places, the lines at the end', () => {
  const r = parse('global\n maxcon 5\n node "a\nbackend b\n server s 1.1.1.1:1 zzzzz\n option\n');
  assert.deepEqual(haproxyReport(r, HOW), [
    '[NOTICE]   (7) : haproxy version is V',
    '[NOTICE]   (7) : path to executable is /x/sluice',
    "[ALERT]    (7) : config : parsing [t.cfg:2] : unknown keyword 'maxcon' in 'global' section; did you mean 'maxconn' maybe ?",
    '[ALERT]    (7) : config : parsing [t.cfg:3]: unmatched quote at position 7:\n  node "a\n       ^',
    "[ALERT]    (7) : config : [t.cfg:5] : 'server b/s' : unknown keyword 'zzzzz'.",
    "[ALERT]    (7) : config : parsing [t.cfg:6]: 'option' expects an option name.",
    '[ALERT]    (7) : config : Error(s) found in configuration file : t.cfg',
    '[ALERT]    (7) : config : Fatal errors found in configuration.',
  ]);
  assert.deepEqual(haproxyVerdict(r, HOW), { status: 1, stdout: '' });
});

test('HAProxy form: warnings are fatal with zero-warning alone', () => {
  const r = parse('frontend f\n bind :80\n');
  const lines = haproxyReport(r, HOW);
  assert.match(lines[2]!, /^\[WARNING\] {2}\(7\) : config : missing timeouts for frontend 'f'\.\n {3}\| While not/);
  assert.deepEqual(haproxyVerdict(r, HOW), {
    status: 0,
    stdout: 'Warnings were found.\nConfiguration file is valid\n',
  });
  const strict = { ...HOW, zeroWarning: true };
  assert.equal(haproxyVerdict(r, strict).status, 1);
  assert.match(haproxyReport(r, strict).at(-1)!, /Some warnings were found and 'zero-warning' is set\. Aborting\.$/);
});

test('HAProxy form: nothing listens is exit status 2 for -c; disabled proxies do not listen', () => {
  const r = parse('listen l\n bind :80\n disabled\n');
  assert.equal(countListeners(r), 0);
  assert.deepEqual(haproxyVerdict(r, { zeroWarning: false, listeners: 0 }), {
    status: 2,
    stdout: 'Configuration file has no error but will not start (no listener) => exit(2).\n',
  });
});

test('HAProxy form: our own notices stay away, those of .notice are shown', () => {
  const r = parse('.notice "hello"\nlisten l\n bind :80\n timeout client 5\n timeout server 5s\n timeout connect 5s\n');
  assert.deepEqual(haproxyReport(r, HOW), ["[NOTICE]   (7) : config : parsing [t.cfg:1]: 'hello'."]);
});

test('control characters of a file never reach the terminal', () => {
  assert.equal(printable('a\x1b[31mb\x07\x9b\tc\n'), 'a?[31mb??\tc\n');
  const r = parse('global\n \x1b]0;x\x07 y\n');
  for (const text of [humanReports(r, { color: false }), haproxyReport(r, HOW).join('\n')]) {
    assert.doesNotMatch(text, /[\x1b\x07]/);
  }
});
