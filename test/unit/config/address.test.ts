// Addresses (configuration manual, section 11).

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { type AddressRules, ipv6Bytes, parseAddress } from '../../../src/config/address.js';

const BIND: AddressRules = {
  port: 'required',
  range: true,
  offset: false,
  fd: true,
  type: 'stream',
  preferred: 'stream',
};
const SERVER: AddressRules = {
  port: 'optional',
  range: false,
  offset: true,
  fd: false,
  type: 'stream',
  preferred: 'stream',
};

function show(text: string, rules: AddressRules): string {
  const r = parseAddress(text, rules);
  if (!r.ok) return `! ${r.message}`;
  const { address: a, portLow, portHigh, isOffset, offset, hasPort } = r.parsed;
  const where =
    a.ip === null ? (a.path === '' ? (a.fd < 0 ? `name ${a.host}` : `${a.fd}`) : a.path) : [...a.ip].join('.');
  const port = isOffset ? `${offset >= 0 ? '+' : ''}${offset}` : hasPort ? `${portLow}-${portHigh}` : 'none';
  return `${a.family} ${where} ${port}`;
}

const NULLS = '0.0.0.0.0.0.0.0.0.0.0.0.0.0.0';

test('bind addresses', () => {
  const cases: Record<string, string> = {
    '127.0.0.1:80': 'ipv4 127.0.0.1 80-80',
    ':80': 'ipv4 0.0.0.0 80-80',
    '*:80-82': 'ipv4 0.0.0.0 80-82',
    ':80-80': 'ipv4 0.0.0.0 80-80',
    '[::1]:80': `ipv6 ${NULLS}.1 80-80`,
    '::1:80': `ipv6 ${NULLS}.1 80-80`,
    ':::81': `ipv6 ${NULLS}.0 81-81`,
    'ipv6@:81': `ipv6 ${NULLS}.0 81-81`,
    'ipv4@*:82': 'ipv4 0.0.0.0 82-82',
    'localhost:83': 'ipv4 name localhost 83-83',
    'tcp4@127.0.0.1:80': 'ipv4 127.0.0.1 80-80',
    'fd@7': 'fd 7 none',
    'abns@x y': 'abns x y none',
    'unix@rel': 'unix rel none',
    '/tmp/s': 'unix /tmp/s none',
    '::80': "! invalid address: ':' in '::80'",
    '127.0.0.1': "! missing port specification in '127.0.0.1'",
    ':0': "! invalid port '0'",
    ':70000': "! invalid port '70000'",
    ':80-': "! invalid port ''",
    ':80-79': "! invalid port range '80-79'",
    ':+80': "! port offset not permitted here in ':+80'",
    ':x': "! invalid character 'x' in port number 'x' in ':x'",
    'fd@x': "! file descriptor 'x' is not a valid integer in 'fd@x'",
    'udp@127.0.0.1:80': "! dgram-type address not acceptable in 'udp@127.0.0.1:80'",
    '': "! '' resolves to an empty address (environment variable missing?)",
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(show(text, BIND), expected, text);
});

test('server addresses: port, offset, or none', () => {
  const cases: Record<string, string> = {
    '1.2.3.4:80': 'ipv4 1.2.3.4 80-80',
    '1.2.3.4': 'ipv4 1.2.3.4 none',
    '1.2.3.4:': 'ipv4 1.2.3.4 none',
    '1.2.3.4:+10': 'ipv4 1.2.3.4 +10',
    '1.2.3.4:-10': 'ipv4 1.2.3.4 -10',
    '1.2.3.4:+': 'ipv4 1.2.3.4 +0',
    '[::1]': `ipv6 ${NULLS}.1 none`,
    'ipv6@host:80': 'ipv6 name host 80-80',
    'foo@host:80': 'ipv4 name foo@host 80-80',
    '1.2.3.4:80-90': "! port range not permitted here in '1.2.3.4:80-90'",
    'fd@5': "! a file descriptor is not acceptable here in 'fd@5'",
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(show(text, SERVER), expected, text);
});

test('a socket path has 97 bytes at most, the prefix of unix-bind included', () => {
  const rules = { ...BIND, pathPrefix: '/p' };
  assert.equal(show(`/${'a'.repeat(94)}`, rules), `unix /p/${'a'.repeat(94)} none`);
  assert.match(show(`/${'a'.repeat(95)}`, rules), /too long \(max 97\)/);
});

test('characters behind a port are told, not refused', () => {
  const r = parseAddress('127.0.0.1:80x', BIND);
  assert.ok(r.ok);
  assert.equal(r.parsed.ignored, 'x');
  assert.equal(r.parsed.address.port, 80);
});

test('property: IPv6 texts become the 16 bytes they name', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      if (!isIPv6(text)) return;
      const bytes = ipv6Bytes(text);
      assert.equal(bytes.length, 16);
      const full = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16)).join(
        ':',
      );
      assert.equal(new URL(`http://[${full}]/`).host, new URL(`http://[${text}]/`).host);
    }),
  );
});

test('variables stand in an address where the caller has an environment, and are characters elsewhere', () => {
  const env = (name: string): string | undefined => ({ PORT: '8080', HOST: '10.0.0.1', DIR: '/run' })[name];
  const rules: AddressRules = { ...BIND, env };
  const read = (text: string): string => {
    const r = parseAddress(text, rules);
    return r.ok ? `${r.parsed.address.host} ${r.parsed.portLow}` : r.message;
  };
  assert.equal(read('*:$PORT'), '* 8080');
  assert.equal(read('$HOST:${PORT}'), '10.0.0.1 8080');
  assert.equal(read('${HOST:${PORT'), '10.0.0.1 8080', 'a brace that is not closed is taken');
  assert.equal(read('$$HOST:8$NONE1'), '10.0.0.1 8');
  assert.equal(read('$DIR/x$NONE.sock'), '/run/x.sock 0');
  assert.equal(read('$NONE'), "'$NONE' resolves to an empty address (environment variable missing?)");
  assert.equal(read('$HOST:$NONE'), "missing port specification in '$HOST:$NONE'");
  const plain = parseAddress('*:$PORT', BIND);
  assert.ok(!plain.ok && plain.message.startsWith("invalid character '$'"));
});
