// Log formats: what the parser takes and refuses, in the reference's words, and the text that they make.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session } from '../../../../src/datapath/session/session.js';
import type { Stream } from '../../../../src/datapath/stream/stream.js';
import { isLogFormat, type LogFormat, logFormatStr, parseLogFormat } from '../../../../src/policy/sample/log-format.js';
import { SMP_OPT_DIR_REQ, SMP_VAL_FE_LOG_END, type SampleContext } from '../../../../src/policy/sample/types.js';
import { AF_INET } from '../../../../src/sys/constants.js';
import { newContext } from '../../../support/samples.js';

const OPTIONS = { px: null, dir: SMP_OPT_DIR_REQ, vals: SMP_VAL_FE_LOG_END, http: false, dash: true };

function good(text: string): LogFormat {
  const r = parseLogFormat(text, OPTIONS);
  assert.ok(isLogFormat(r), isLogFormat(r) ? '' : r[0]!.message);
  return r;
}

function bad(text: string): string {
  const r = parseLogFormat(text, OPTIONS);
  assert.ok(!isLogFormat(r), `${text} is taken`);
  return r[0]!.message;
}

function address(host: string, port: number): object {
  return { family: AF_INET, host, port, abstract: false, encoded: null };
}

/** A session of 904 ms whose server was connected to at once, accepted at 1795312530270 ms. */
function context(logasap = false): SampleContext {
  const sess = {
    fe: {
      name: 'f',
      fe: { v: [1] },
      logLines: 10,
      conf: { options: { logasap }, uniqueIdFormat: null, reqCaptures: [], resCaptures: [] },
    },
    thr: { sched: { now: 10904 } },
    listener: { address: address('127.0.0.1', 9101), conf: { id: 1 } },
    host: { connections: 1 },
    front: { errCode: 0, srcPort: 0, src: address('127.0.0.1', 40178), dst: address('10.0.0.255', 9101) },
    gone: null,
    acceptTick: 10000,
    acceptMs: 1795312530070.25,
    handshakeMs: 0,
  } as unknown as Session;
  const strm = {
    sess,
    id: 1,
    flags: 0,
    retries: 2,
    be: { name: 'b', be: { v: [0] } },
    server: { name: 's1', counters: { v: [0] }, address: address('127.0.0.1', 7101) },
    backSrc: null,
    backDst: null,
    bytesIn: 6,
    bytesOut: 11,
    connectTick: 10000,
    connectedTick: 10001,
    uniqueId: null,
    queuePosSrv: 3,
    queuePosBe: 4,
  } as unknown as Stream;
  return { px: sess.fe, sess, strm, opt: SMP_OPT_DIR_REQ };
}

function text(format: string): string {
  return logFormatStr(good(format), context());
}

test('mistakes are worded as the reference words them', () => {
  const hint = `If you wanted to emit the '%' character verbatim, you need to use '%%'`;
  assert.equal(bad('%ci %zz'), `no such format variable 'zz'. ${hint}`);
  assert.equal(bad('%T5'), `no such format variable 'T5'. ${hint}`);
  assert.equal(bad('%hdr(x)'), `no such format variable 'hdr'. ${hint}`);
  assert.equal(bad('abc%'), `truncated line after '%'`);
  assert.equal(bad('%{+Q'), `truncated line after '+Q'`);
  for (const after of ['', '%', '&', '{ci', ' %ci', '(x)'])
    assert.equal(bad(`%{+Q}${after}`), `parse argument modifier without variable name near '%{+Q}'`);
  const single = `Maybe you want to write a single '%', use the syntax '%%'`;
  assert.equal(bad('aa % x'), `unexpected variable name near ' ' at position 4 line : 'aa % x'. ${single}`);
  assert.equal(bad('%5'), `unexpected variable name near '5' at position 1 line : '%5'. ${single}`);
  for (const name of ['HM', 'r', 'Ta', 'CC', 'CS', 'Tq', 'Tr', 'TR', 'Ti', 'tr', 'trg', 'HPO'])
    assert.equal(bad(`%${name}`), `format variable '${name}' is reserved for HTTP mode`);
});

test('mistakes of expressions say what stood there', () => {
  assert.equal(bad('%[foo]'), `failed to parse sample expression <foo]> : unknown fetch method 'foo'`);
  assert.equal(bad('%[str(a),foo] x'), `failed to parse sample expression <str(a),foo] x> : unknown converter 'foo'`);
  assert.equal(bad('%[]'), `failed to parse sample expression <]> : missing fetch method`);
  assert.equal(bad('%[str(a)'), `missing ']' after 'str(a)'`);
  assert.equal(bad('%[str(a) x] foo'), `expected ']' after 'str(a)', but found ' '`);
});

test('the nearest variable is named, and the place of the mistake', () => {
  const r = parseLogFormat('%ci %cI', OPTIONS);
  assert.ok(!isLogFormat(r));
  assert.deepEqual([r[0]!.nearest, r[0]!.at, r[0]!.length], ['ci', 5, 2]);
});

test('variables give what the session was', () => {
  assert.equal(
    text('%ci:%cp %f %ft %fi:%fp %b/%s %si:%sp %bi:%bp'),
    '127.0.0.1:40178 f f 10.0.0.255:9101 b/s1 127.0.0.1:7101 -:-',
  );
  assert.equal(text('%Th/%Tw/%Tc/%Td/%Tt/%Tu'), '0/1/1/903/904/904');
  assert.equal(text('%B %U %ts %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq'), '11 6 -- ---- 1/1/0/0/2 3/4');
  assert.equal(
    text('%lc %rt %pid %ms %Ts %ST|%hr|%hs|%hrl|%hsl|%ID|%sslv'),
    `10 0 ${process.pid} 070 1795312530 0|||||-|-`,
  );
  assert.equal(text('%T'), '22/Nov/2026:01:55:30 +0000');
  assert.match(text('%t'), /^2[123]\/Nov\/2026:\d\d:\d\d:30\.070$/);
  assert.match(text('%Tl'), /^2[123]\/Nov\/2026:\d\d:\d\d:30 [+-]\d{4}$/);
});

test('logasap puts a plus before what is not final', () => {
  const c = context(true);
  assert.equal(logFormatStr(good('%Tt %Tu %B %U %Tw'), c), '+904 +904 +11 6 1');
});

test('a session that never had a stream or a server has empty fields', () => {
  const c = { ...context(), strm: null };
  assert.equal(
    logFormatStr(good('%Tw %Tc %Td %b %s %si %bi:%bp %rc %ts %ID %B'), c),
    '-1 -1 -1 f <NOSRV> - -:- 0 -- - 0',
  );
});

test('flag X: addresses, ports, numbers of the process in hexadecimal', () => {
  assert.equal(text('%{+X}ci %{+X}cp %{+X}Ts %{+X}lc %{+X}rt %{+X}ms'), '7F000001 9CF2 6B024B92 000A 0000 46');
  assert.equal(text('%{+X}rc %{+X}Tt %{+X}B %{+X}ac %{+X}H'), `2 904 11 1 ${text('%H')}`);
});

test('only lines of logs have a dash for what is not there', () => {
  const ctx = newContext();
  const text = '<%[str()]|%[var(txn.none)]|%{+Q}[str()]|%sp|%ID>';
  const plain = parseLogFormat(text, { ...OPTIONS, dash: false });
  assert.ok(isLogFormat(plain));
  assert.equal(logFormatStr(plain, ctx), '<||""||>');
  assert.equal(logFormatStr(good(text), ctx), '<-|-|""|-|->');
});

test('flag Q quotes strings and addresses, E escapes, o passes flags on', () => {
  assert.equal(text('%{+Q}o %ci %cp %b %ID %ts %{-Q}b %{+X}ci %{+Q}Tt'), ' "127.0.0.1" 40178 "b" "" -- b 7F000001 904');
  assert.equal(text('%{+Q,+X}o %ci %{-X}ci %{-Q}ci %{Q}ci'), ' 7F000001 "127.0.0.1" 7F000001 7F000001');
  assert.equal(text('%{-Q-X}cp %{+X}o%{-Q,X}cp %{+Z}ci %{}ci'), '40178 9CF2 7F000001 7F000001');
  assert.equal(text(`%[str('a"b\\]')] %{+E}[str('a"b\\]')]`), 'a"b\\] a\\"b\\\\\\]');
  assert.equal(text(`%{+E,+Q}[str('a"b')] %{+Q}[str()] %[str()] %[bin(610062)] %[bin(0061)]`), '"a\\"b" "" - a -');
});

test('text, percent signs and bytes beyond ASCII stay as they are', () => {
  assert.equal(text('a%%b 100%%|%(x)ci|a%&b|%-x|%_y'), 'a%b 100%|(x)ci|a&b|-x|_y');
  assert.equal(text('é%b'), '\u00c3\u00a9b');
});

test('a format says what it needs and from when on it can be sent', () => {
  assert.deepEqual(
    [
      good('Connect from %ci:%cp').at,
      good('%ci %s %b').at,
      good('%ci %ts').at,
      good('%[str(a)]').at,
      good('%t %pid').at,
    ],
    [0, 1, 2, 1, 0],
  );
  assert.deepEqual([good('%ci').needs, good('%fi').needs, good('%bi %fp').needs], [0, 1, 3]);
});
