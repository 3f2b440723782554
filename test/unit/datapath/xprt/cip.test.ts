// NetScaler CIP: both forms, both families, and what does not fit.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  CO_ER_CIP_BAD_MAGIC,
  CO_ER_CIP_BAD_PROTO,
  CO_ER_CIP_TRUNCATED,
} from '../../../../src/datapath/connection/flags.js';
import { addressText } from '../../../../src/datapath/proto/address.js';
import { cipRead } from '../../../../src/datapath/xprt/cip.js';

const be16 = (n: number): string => String.fromCharCode((n >> 8) & 255, n & 255);
const be32 = (n: number): string => be16(n >>> 16) + be16(n & 65535);
const MAGIC = 0xcafe1234;
const ip4 = (options = '', proto = 6): string =>
  `${String.fromCharCode(0x45 + options.length / 4)}\0${be16(40)}\0\0\0\0\x40${String.fromCharCode(proto)}\0\0` +
  `\x01\x02\x03\x04\x05\x06\x07\x08${options}`;
const ip6 = (next = 6): string =>
  `\x60\0\0\0${be16(20)}${String.fromCharCode(next)}\x40\x20\x01${'\0'.repeat(13)}\x01\x20\x01${'\0'.repeat(13)}\x02`;
const tcp = `${be16(1111)}${be16(2222)}${'\0'.repeat(8)}\x50\x02${'\0'.repeat(6)}`;
const legacy = (headers: string, length = headers.length): string => be32(MAGIC) + be32(length) + headers;
const standard = (headers: string, type = 1, length = headers.length): string =>
  be32(MAGIC) + be32(headers.length + 12) + be16(type) + be16(length) + headers;

const read = (text: string, max = 4096): string | number => {
  const r = cipRead(Buffer.from(text, 'latin1'), MAGIC, max);
  return typeof r === 'number' ? r : `${addressText(r.src!)} to ${addressText(r.dst!)}, ${r.bytes}`;
};

test('both forms and both families are read, with options or more behind the headers', () => {
  assert.equal(read(`${legacy(ip4() + tcp)}more`), '1.2.3.4:1111 to 5.6.7.8:2222, 48');
  assert.equal(read(legacy(ip4('\x01\x01\x01\x01') + tcp)), '1.2.3.4:1111 to 5.6.7.8:2222, 52');
  assert.equal(read(legacy(`${ip4()}${tcp}EXTRA`)), '1.2.3.4:1111 to 5.6.7.8:2222, 53');
  assert.equal(read(legacy(ip6() + tcp)), '[2001::1]:1111 to [2001::2]:2222, 68');
  assert.equal(read(standard(ip4() + tcp)), '1.2.3.4:1111 to 5.6.7.8:2222, 52');
  assert.equal(read(standard(ip6() + tcp)), '[2001::1]:1111 to [2001::2]:2222, 72');
});

test('another magic number is refused with the first byte that shows it', () => {
  assert.equal(read('\xca'), 12);
  assert.equal(read('\xcb'), -CO_ER_CIP_BAD_MAGIC);
  assert.equal(read('\xca\xfe\x12\x35'), -CO_ER_CIP_BAD_MAGIC);
});

test('anything but TCP over IPv4 or IPv6 is refused', () => {
  const all = [ip4('', 17) + tcp, `\x55${ip4().slice(1)}${tcp}`, `\x44${ip4().slice(1)}${tcp}`, ip6(17) + tcp];
  for (const headers of all) assert.equal(read(legacy(headers)), -CO_ER_CIP_BAD_PROTO);
  assert.equal(read(standard(ip4() + tcp, 2)), -CO_ER_CIP_BAD_PROTO, 'a type that does not exist');
});

test('headers that do not fit into the length are refused', () => {
  assert.equal(read(legacy((ip4() + tcp).slice(0, 39))), -CO_ER_CIP_TRUNCATED);
  assert.equal(read(legacy((ip4('\x01\x01\x01\x01') + tcp).slice(0, 43))), -CO_ER_CIP_TRUNCATED);
  assert.equal(read(legacy((ip6() + tcp).slice(0, 59))), -CO_ER_CIP_TRUNCATED);
  assert.equal(read(standard(ip4() + tcp, 1, 39)), -CO_ER_CIP_TRUNCATED);
  assert.equal(read(legacy(ip4() + tcp, 4088)), 4096);
  assert.equal(read(legacy(ip4() + tcp, 4089)), -CO_ER_CIP_TRUNCATED, 'longer than the buffer');
  assert.equal(read(legacy(ip4() + tcp, 0xffffffff)), -CO_ER_CIP_TRUNCATED);
});

test('at every cut the reader waits for what it knows is due', () => {
  for (const whole of [legacy(ip4() + tcp), standard(ip6() + tcp)]) {
    for (let n = 1; n < whole.length; n++) assert.equal(read(whole.slice(0, n)), n < 12 ? 12 : whole.length);
  }
});
