// Words of mode http: what a tcp proxy makes of them, and that an http one refuses each by name.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { parseConfiguration } from '../../../../src/config/parser.js';

const TIMES = ' timeout client 1s\n timeout connect 1s\n timeout server 1s\n';
const BODY = ' bind 127.0.0.1:1\n server s 127.0.0.1:2\n';

function listen(...lines: readonly string[]): string {
  return `listen l\n mode tcp\n${TIMES}${BODY}${lines.map((l) => ` ${l}\n`).join('')}`;
}

function reports(text: string): string[] {
  return parseConfiguration([{ name: 'c', text }])
    .reports.filter((r) => r.severity === 'alert' || r.severity === 'warning')
    .map((r) => `${r.severity} ${r.position?.line ?? 0}: ${r.message}`);
}

test('rules of mode http in a tcp proxy are ignored with one warning for each ruleset', () => {
  assert.deepEqual(
    reports(listen('http-request set-nice 1', 'http-request allow', 'http-response deny', 'redirect prefix /x')),
    [
      "warning 8: 'http-request' rules ignored for proxy 'l' as they require HTTP mode.",
      "warning 10: 'http-response' rules ignored for proxy 'l' as they require HTTP mode.",
      "warning 11: 'redirect' rules ignored for proxy 'l' as they require HTTP mode.",
    ],
  );
});

test('a rule behind one that is final for everybody is warned of', () => {
  const said = (...rules: readonly string[]): string[] =>
    reports(listen(...rules)).filter((r) => r.includes('is final'));
  assert.deepEqual(
    said('http-request deny if TRUE', 'http-request allow', 'http-request set-nice 1', 'http-request deny'),
    ["warning 10: previous 'http-request' action is final and has no condition attached, further entries are NOOP."],
  );
  assert.deepEqual(said('http-response deny', 'http-request deny'), []);
});

test('options and statements of mode http are ignored in the words of the reference', () => {
  assert.deepEqual(reports(listen('option forwardfor', 'stats enable', 'stats uri /x', 'monitor-uri /y', 'cookie A')), [
    "warning 8: 'option forwardfor' ignored for proxy 'l' as it requires HTTP mode.",
    "warning 9: 'stats' statement ignored for proxy 'l' as it requires HTTP mode.",
    "warning 11: monitor-uri will be ignored for proxy 'l' (needs 'mode http').",
    "warning 12: cookie will be ignored for proxy 'l' (needs 'mode http').",
  ]);
});

test('what the reference drops in silence is dropped in silence', () => {
  const silent = ['option http-server-close', 'option httpclose', 'http-reuse safe', 'errorloc 503 /x'];
  assert.deepEqual(reports(listen(...silent, 'compression algo gzip', 'capture request header Host len 9')), []);
});

test('a negated option leaves no warning', () => {
  assert.deepEqual(reports(listen('option http-buffer-request', 'no option http-buffer-request')), []);
});

test('option httplog in a tcp proxy falls back to tcplog', () => {
  const result = parseConfiguration([{ name: 'c', text: listen('log 127.0.0.1 local0', 'option httplog') }]);
  assert.equal(result.config.proxies[0]!.options.tcplog, true);
  assert.deepEqual(
    result.reports.filter((r) => r.severity === 'warning').map((r) => [r.form, r.message]),
    [['parsing', "'option httplog' not usable with proxy 'l' (needs 'mode http'). Falling back to 'option tcplog'."]],
  );
});

test('in mode http each word is refused once, wherever the mode line stands', () => {
  for (const late of [false, true]) {
    const lines = ['option forwardfor', 'http-request deny'];
    const text = `listen l\n${late ? '' : ' mode http\n'}${lines.map((l) => ` ${l}\n`).join('')}${late ? ' mode http\n' : ''}`;
    const said = reports(text)
      .map((r) => r.replace(/^alert \d+: /, ''))
      .sort();
    assert.deepEqual(said, [
      "'http-request' is known to HAProxy, but not in sluice yet",
      "'mode http' is known to HAProxy, but not in sluice yet",
      "'option forwardfor' is known to HAProxy, but not in sluice yet",
    ]);
  }
});

test('proxies inherit from defaults what their side has', () => {
  const text = `defaults\n${TIMES} option checkcache\n option http-ignore-probes\nfrontend f\n bind :1\n default_backend b\nbackend b\n server s 127.0.0.1:2\n`;
  assert.deepEqual(reports(text), [
    "warning 6: 'option http-ignore-probes' ignored for frontend 'f' as it requires HTTP mode.",
    "warning 5: 'option checkcache' ignored for backend 'b' as it requires HTTP mode.",
  ]);
});

test('arguments are checked as far as one line can be', () => {
  assert.deepEqual(
    reports(
      listen(
        'http-response frob',
        'option forwardfor except',
        'errorfile 999 /x',
        'redirect location',
        'stats refresh x',
        'http-reuse often',
      ),
    ).map((r) => r.replace(/expects 'ot-group'.*, but/, 'expects …, but')),
    [
      "alert 8: 'http-response' expects …, but got 'frob'.",
      "alert 9: 'option forwardfor except' expects <address>[/mask] as argument.",
      "alert 10: errorfile : status code '999' not handled.",
      "alert 11: error detected in proxy 'l' while parsing redirect rule : missing argument for 'location'.",
      "alert 12: unexpected character 'x' in argument to stats refresh interval.",
      "alert 13: 'http-reuse' only supports 'never', 'safe', 'aggressive', 'always'.",
    ],
  );
});

test('rules of a defaults section are not for both sides, nor for listen or defaults sections', () => {
  const rules = `defaults d\n${TIMES} http-request deny\n`;
  const sides = 'frontend f from d\n bind :1\nbackend b from d\n server s 127.0.0.1:2\n';
  assert.match(reports(rules + sides).join(), /alert 8: frontends and backends cannot inherit/);
  assert.match(reports(`${rules}listen l from d\n${BODY}`).join(), /alert 6: a listen section cannot inherit/);
  assert.match(reports(`${rules}defaults e from d\n`).join(), /alert 6: a defaults section cannot inherit/);
  assert.match(reports('defaults\n http-request deny\n').join(), /not allowed in anonymous 'defaults' section/);
});
