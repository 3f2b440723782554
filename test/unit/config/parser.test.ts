// From text to the configuration: what the engine gets, and how mistakes are met.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { type ConfigResult, type ParseOptions, parseConfiguration } from '../../../src/config/parser.js';
import { REPORTS_MAX } from '../../../src/config/reports.js';
import { PR_CAP_BE, PR_CAP_FE, type ProxyConf } from '../../../src/config/types.js';

function parse(text: string, options: ParseOptions = {}): ConfigResult {
  return parseConfiguration([{ name: 't.cfg', text }], options);
}

function good(text: string, options: ParseOptions = {}): ConfigResult {
  const r = parse(text, options);
  assert.deepEqual(
    r.reports.filter((x) => x.fatal).map((x) => x.message),
    [],
  );
  return r;
}

function proxy(r: ConfigResult, name: string): ProxyConf {
  const px = r.config.proxies.find((p) => p.name === name);
  assert.ok(px !== undefined, name);
  return px;
}

const TIMEOUTS = 'timeout client 5s\ntimeout server 6s\ntimeout connect 700\n';

test('a forwarder: everything that the engine needs is there', () => {
  const r = good(`global
    maxconn 100
    stats socket /tmp/s level admin mode 600
    stats timeout 1m
    tune.pipesize 1048576
    tune.poller uring
defaults
    ${TIMEOUTS}
frontend f
    bind 127.0.0.1:80-81,[::1]:90 name web maxconn 7 tcp-ut 3s interface lo defer-accept
    bind fd@5
    maxconn 50
    default_backend b
backend b
    balance roundrobin
    retries 5
    option redispatch 2
    option splice-auto
    server s1 10.0.0.1:81 weight 5 maxconn 9 source 10.0.0.9:1000-1010 usesrc client interface eth0
    server s2 10.0.0.2:+1 backup disabled proto none
`);
  const { global } = r.config;
  assert.equal(global.maxconn, 100);
  assert.equal(global.tune.poller, 'uring');
  assert.equal(global.tune.pipesize, 1048576);
  assert.equal(global.statsTimeoutMs, 60000);
  assert.deepEqual(
    global.statsSockets.map((s) => [s.bind.address.path, s.bind.level, s.bind.mode]),
    [['/tmp/s', 'admin', 0o600]],
  );
  const f = proxy(r, 'f');
  assert.equal(f.caps, PR_CAP_FE);
  assert.deepEqual(
    f.binds.map((b) => [
      b.id,
      b.address.family,
      b.address.port,
      b.name,
      b.maxconn,
      b.tcpUt,
      b.interface,
      b.deferAccept,
    ]),
    [
      [1, 'ipv4', 80, 'web', 7, 3000, 'lo', true],
      [2, 'ipv4', 81, 'web', 7, 3000, 'lo', true],
      [3, 'ipv6', 90, 'web', 7, 3000, 'lo', true],
      [4, 'fd', 0, '', 0, 0, '', false],
    ],
  );
  assert.equal(f.binds[3]!.address.fd, 5);
  assert.equal(f.timeouts.client, 5000);
  assert.equal(f.timeouts.server, 0, 'what belongs to the other side is not inherited');
  const b = proxy(r, 'b');
  assert.equal(f.defaultBackend?.proxy, b);
  assert.equal(b.caps, PR_CAP_BE);
  assert.deepEqual(b.redispatch, { on: true, interval: 2 });
  assert.equal(b.timeouts.connect, 700);
  assert.equal(b.options.spliceAuto, true);
  const [s1, s2] = b.servers;
  assert.deepEqual([s1!.weight, s1!.maxconn, s1!.mapPorts, s1!.address.port], [5, 9, false, 81]);
  assert.deepEqual(
    [s1!.source?.portLow, s1!.source?.portHigh, s1!.source?.usesrc, s1!.source?.interface],
    [1000, 1010, 'client', 'eth0'],
  );
  assert.deepEqual([s2!.backup, s2!.disabled, s2!.proto, s2!.mapPorts, s2!.portOffset], [true, true, 'none', true, 1]);
  assert.deepEqual(s1!.position, { file: 't.cfg', line: 22, column: 5, length: 6 });
});

test('numbers are given out as the reference does: each place uses one up, taken ones are stepped over', () => {
  const r = good(`defaults
    ${TIMEOUTS}
frontend f1
    bind :80,:81
    bind :82 id 2
    bind :83
backend b1
    id 3
    server s1 1.1.1.1:1 id 2
    server s2 1.1.1.1:1
    server s3 1.1.1.1:1
listen l1
    bind :84
backend b2
`);
  assert.deepEqual(
    r.config.proxies.map((p) => p.id),
    [2, 3, 4, 5],
  );
  assert.deepEqual(
    proxy(r, 'f1').binds.map((b) => b.id),
    [1, 3, 2, 5],
  );
  assert.deepEqual(
    proxy(r, 'b1').servers.map((s) => s.id),
    [2, 3, 4],
  );
});

test('defaults: the last section counts, a named one where it is asked for, one inherits from another', () => {
  const r = good(`defaults base
    ${TIMEOUTS}
    option nolinger
    retries 7
    default-server weight 9
defaults other from base
    no option nolinger
    timeout client 9s
frontend f from base
    bind :80
    default option nolinger
backend b from other
    server s 1.1.1.1:1
    server t 1.1.1.1:1 weight 3
defaults
    ${TIMEOUTS}
listen l
    bind :81
`);
  assert.equal(proxy(r, 'f').options.nolinger, false);
  assert.equal(proxy(r, 'f').timeouts.client, 5000);
  assert.equal(proxy(r, 'b').options.nolinger, false);
  assert.equal(proxy(r, 'b').retries, 7);
  assert.deepEqual(
    proxy(r, 'b').servers.map((s) => s.weight),
    [9, 3],
  );
  assert.equal(proxy(r, 'l').retries, 3);
});

test('servers without a port, with port 0 or an offset are reached at the port the client came to', () => {
  const r = good(`backend b
    server a 1.1.1.1:80
    server b 1.1.1.1
    server c 1.1.1.1:0
    server d 1.1.1.1:-5
    server e /tmp/s
`);
  assert.deepEqual(
    proxy(r, 'b').servers.map((s) => [s.mapPorts, s.portOffset]),
    [
      [false, 0],
      [true, 0],
      [true, 0],
      [true, -5],
      [false, 0],
    ],
  );
});

test('log targets are kept as data, inherited, and taken back by `no log`', () => {
  const r = good(`defaults
    log 127.0.0.1:514 len 200 format rfc5424 local0 notice err
    log global
frontend f
    log stdout format raw daemon
backend b
    no log
`);
  const [udp, global, stdout] = proxy(r, 'f').logs;
  assert.deepEqual(
    [udp!.address?.port, udp!.len, udp!.format, udp!.facility, udp!.level, udp!.minLevel],
    [514, 200, 'rfc5424', 'local0', 'notice', 'err'],
  );
  assert.equal(global!.global, true);
  assert.deepEqual(
    [stdout!.target, stdout!.address, stdout!.format, stdout!.facility],
    ['stdout', null, 'raw', 'daemon'],
  );
  assert.deepEqual(proxy(r, 'b').logs, []);
});

test('a defaults section that is asked for by name and used by place as well is an alert that lets the start go on', () => {
  const r = good('defaults a\n timeout client 5s\nfrontend f from a\n bind :80\nfrontend g\n bind :81\n');
  assert.deepEqual(
    r.reports.filter((x) => x.severity === 'alert').map((x) => [x.code, x.fatal, x.position?.line]),
    [['ambiguous-defaults', false, 5]],
  );
});

test('setenv and its like change what later lines see, and are handed on', () => {
  const r = good(
    `global
    setenv A 1
    presetenv A 2
    presetenv B 3
    unsetenv C
    description "$A$B$C"
    resetenv A
    node "x$B-"
`,
    { env: { C: 'c', D: 'd' } },
  );
  assert.equal(r.config.global.description, '13');
  assert.equal(r.config.global.node, 'x-');
  assert.deepEqual(r.config.global.env, { A: '1', B: null, C: null, D: null });
});

test('lines of a branch that is not taken are cut into words, and mean nothing', () => {
  const r = parse('global\n.if 0\n nosuch\n node "abc\n.else\n node ok\n.endif\n');
  assert.deepEqual(
    r.reports.map((x) => [x.position?.line, x.code]),
    [[4, 'lex-quote']],
  );
  assert.equal(r.config.global.node, 'ok');
});

test('.diag is reported when it is asked for', () => {
  assert.equal(parse('.diag x\n').reports.length, 0);
  assert.equal(parse('.diag x\n', { diag: true }).reports[0]?.severity, 'diag');
});

test('all errors of all files come in one run, each with the word that was meant', () => {
  const r = parseConfiguration([
    { name: 'a.cfg', text: 'global\n maxcon 5\n' },
    {
      name: 'b.cfg',
      text: 'maxconn 5\nlisten l\n bind :80 maxcon 5\n timeout clint 5s\n option splice-aut\n server s 1.1.1.1:1 wieght 3\n',
    },
  ]);
  assert.deepEqual(
    r.reports.filter((x) => x.fatal).map((x) => [x.position?.file, x.position?.line, x.position?.column, x.nearest]),
    [
      ['a.cfg', 2, 2, 'maxconn'],
      ['b.cfg', 1, 1, ''],
      ['b.cfg', 3, 11, 'maxconn'],
      ['b.cfg', 4, 10, 'client'],
      ['b.cfg', 5, 9, 'splice-auto'],
      ['b.cfg', 6, 21, 'weight'],
    ],
  );
  assert.deepEqual(r.badFiles, ['a.cfg', 'b.cfg']);
});

test('what the reference knows and sluice has not yet is an error that says so and nothing else', () => {
  const r = parse(`defaults
    mode http
peers p
    peer x 127.0.0.1:1
backend b
    http-request deny
    server s 1.1.1.1:1 check ssl verify none
    cookie A insert
`);
  for (const x of r.reports.filter((y) => y.fatal)) {
    assert.equal(x.code, 'not-yet');
    assert.match(x.message, /^(section )?'[^']+' is known to HAProxy, but not in sluice yet$/);
  }
  assert.deepEqual(
    r.reports.filter((x) => x.fatal).map((x) => x.keyword),
    ['mode http', 'peers', 'http-request', 'check', 'ssl', 'verify', 'cookie'],
  );
});

test('keywords without effect are accepted with one notice each', () => {
  const r = good('global\n nbthread 4\n tune.http.cookielen 200\n cpu-map 1 1\n cpu-map 2 2\n');
  assert.deepEqual(
    r.reports.map((x) => [x.severity, x.keyword]),
    [
      ['notice', 'nbthread'],
      ['notice', 'tune.http.cookielen'],
      ['notice', 'cpu-map'],
    ],
  );
  assert.equal(r.config.global.nbthread, 4);
});

test('a time without unit that is suspiciously short is a notice', () => {
  const r = good(`listen l\n bind :80\n timeout client 5\n timeout server 5s\n timeout connect 5000\n`);
  assert.deepEqual(
    r.reports.map((x) => [x.severity, x.code, x.position?.column]),
    [['notice', 'short-timeout', 17]],
  );
});

test('a NUL ends the reading of a file with one error', () => {
  const r = parse('global\n maxconn 5\n\0\0ELF\n nosuch\n');
  assert.deepEqual(
    r.reports.map((x) => [x.position?.line, x.position?.column, x.code]),
    [[3, 1, 'nul']],
  );
});

test('20,000 bad lines: counted all, kept a thousand', () => {
  const r = parse(`global\n${' nosuchword 1\n'.repeat(20000)}`);
  assert.equal(r.errors, 20000);
  assert.equal(r.reports.length, REPORTS_MAX);
  assert.equal(r.dropped, 20000 - REPORTS_MAX);
});

test('a line of a megabyte is one error with a short quotation', () => {
  const r = parse(`global\n ${'x'.repeat(1 << 20)}\n node ${'y'.repeat(100000)}%\n`);
  assert.equal(r.errors, 1, 'the reading ends there');
  const s = parse(`global\n ${'x'.repeat(100000)}\n`);
  assert.equal(s.errors, 1);
  assert.ok(s.reports[0]!.message.length < 400 && s.reports[0]!.source.length < 400);
});

test('20,000 backends are read and told apart', () => {
  const sections = Array.from({ length: 20000 }, (_, i) => `backend b${i}\n server s 1.1.1.1:1\n`).join('');
  const r = good(`defaults\n ${TIMEOUTS}frontend f\n bind :80\n default_backend b19999\n${sections}`);
  assert.equal(proxy(r, 'f').defaultBackend?.proxy?.name, 'b19999');
});

test('the last line must end in a line feed where files are read as the reference reads them', () => {
  good('global\n maxconn 5');
  assert.equal(parse('global\n maxconn 5', { lastLineFeed: true }).errors, 1);
});

test('a descriptor that is no socket is refused by the host that knows', () => {
  const host = {
    checkFd: (fd: number) => (fd === 9 ? 'Bad file descriptor' : ''),
    userId: () => -1,
    groupId: () => -1,
  };
  const r = parse('listen l\n bind fd@8\n bind fd@9\n', { host });
  assert.deepEqual(
    r.reports.filter((x) => x.fatal).map((x) => x.message),
    ["'bind' : cannot use file descriptor '9' : Bad file descriptor."],
  );
});
