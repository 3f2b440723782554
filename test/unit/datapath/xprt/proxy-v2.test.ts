// The binary PROXY header: versions, commands, families, lengths, TLVs and checksum; headers as the reference writes them.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { crc32c } from '../../../../src/base/crc32c.js';
import {
  CO_ER_PRX_BAD_HDR,
  CO_ER_PRX_NOT_HDR,
  CO_ER_PRX_TRUNCATED,
} from '../../../../src/datapath/connection/flags.js';
import { addressInet, addressText, addressUnix } from '../../../../src/datapath/proto/address.js';
import type { Address } from '../../../../src/datapath/proto/types.js';
import { proxyV2Read, proxyV2Write } from '../../../../src/datapath/xprt/proxy-v2.js';
import { AF_INET6 } from '../../../../src/sys/constants.js';

const be16 = (n: number): string => String.fromCharCode((n >> 8) & 255, n & 255);
const SIG = '\r\n\r\n\0\r\nQUIT\n';
const TCP4 = `\x01\x02\x03\x04\x05\x06\x07\x08${be16(1111)}${be16(2222)}`;
const TCP6 = `\x20\x01${'\0'.repeat(13)}\x01\x20\x01${'\0'.repeat(13)}\x02${be16(3333)}${be16(4444)}`;
const tlv = (type: number, value: string): string => String.fromCharCode(type) + be16(value.length) + value;
const header = (command: number, family: number, body: string, length = body.length): string =>
  SIG + String.fromCharCode(command, family) + be16(length) + body;
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function read(text: string, max = 16384): string | number {
  const r = proxyV2Read(bytes(text), max);
  if (typeof r === 'number') return r;
  const tlvs = (r.tlvs ?? []).map((t) => ` ${t.type}=${Buffer.from(t.value).toString('latin1')}`).join('');
  const ends = r.src === null ? 'own' : `${addressText(r.src)} to ${addressText(r.dst!)}`;
  return `${ends}, ${r.bytes}${tlvs}`;
}

test('addresses of both families are read, and what follows is not theirs', () => {
  assert.equal(read(`${header(0x21, 0x11, TCP4)}more`), '1.2.3.4:1111 to 5.6.7.8:2222, 28');
  assert.equal(read(header(0x21, 0x21, TCP6)), '[2001::1]:3333 to [2001::2]:4444, 52');
});

test('LOCAL stands for the own addresses, whatever its family and its bytes', () => {
  assert.equal(read(header(0x20, 0x00, '')), 'own, 16');
  assert.equal(read(header(0x20, 0x11, TCP4)), 'own, 28');
  assert.equal(read(header(0x20, 0xff, 'what ever')), 'own, 25');
  assert.equal(read(header(0x20, 0x11, '\x02\0\x63')), 'own, 19');
});

test('valid combinations that are of no use stand for the own addresses', () => {
  assert.equal(read(header(0x21, 0x00, '')), 'own, 16');
  assert.equal(read(header(0x21, 0x00, 'addresses?')), 'own, 26');
  assert.equal(read(header(0x21, 0x12, TCP4 + tlv(2, 'a.b'))), 'own, 34 2=a.b');
  assert.equal(read(header(0x21, 0x22, TCP6)), 'own, 52');
  assert.equal(read(header(0x21, 0x31, 'x'.repeat(216))), 'own, 232');
  assert.equal(read(header(0x21, 0x32, 'x'.repeat(216))), 'own, 232');
});

test('versions, commands, families and transports that do not exist are refused', () => {
  for (const command of [0x01, 0x11, 0x31, 0xf1]) assert.equal(read(header(command, 0x11, TCP4)), -CO_ER_PRX_NOT_HDR);
  for (const command of [0x22, 0x2f]) assert.equal(read(header(command, 0x11, TCP4)), -CO_ER_PRX_BAD_HDR);
  for (const family of [0x01, 0x10, 0x13, 0x20, 0x30, 0x33, 0x41, 0xff])
    assert.equal(read(header(0x21, family, TCP6.repeat(8))), -CO_ER_PRX_BAD_HDR, family.toString(16));
});

test('a length that does not hold the addresses is refused before they come', () => {
  assert.equal(read(header(0x21, 0x11, '', 11)), -CO_ER_PRX_BAD_HDR);
  assert.equal(read(header(0x21, 0x11, '', 12)), 28);
  assert.equal(read(header(0x21, 0x21, '', 35)), -CO_ER_PRX_BAD_HDR);
  assert.equal(read(header(0x21, 0x31, '', 215)), -CO_ER_PRX_BAD_HDR);
});

test('a header is as long as a buffer at most', () => {
  assert.equal(read(header(0x21, 0x11, '', 1008), 1024), 1024);
  assert.equal(read(header(0x21, 0x11, '', 1009), 1024), -CO_ER_PRX_TRUNCATED);
  assert.equal(read(header(0x20, 0x00, '', 65535), 1024), -CO_ER_PRX_TRUNCATED);
});

test('another signature is refused with the first byte that shows it', () => {
  for (let n = 1; n < SIG.length; n++) {
    assert.equal(read(SIG.slice(0, n)), 16);
    assert.equal(read(`${SIG.slice(0, n)}X`), -CO_ER_PRX_NOT_HDR);
  }
});

test('every TLV is kept, and one that leaves the header or is too long for its type is refused', () => {
  const with4 = (more: string): string | number => read(header(0x21, 0x11, TCP4 + more));
  assert.equal(
    with4(tlv(2, 'a.b') + tlv(5, 'id') + tlv(2, 'c') + tlv(0xe5, '')),
    '1.2.3.4:1111 to 5.6.7.8:2222, 46 2=a.b 5=id 2=c 229=',
  );
  for (const bad of ['\x02', '\x02\0', '\x02\0\x09auth.org', `${tlv(2, 'ok')}\x02\0`])
    assert.equal(with4(bad), -CO_ER_PRX_BAD_HDR);
  assert.equal(typeof with4(tlv(2, 'x'.repeat(255))), 'string');
  assert.equal(with4(tlv(2, 'x'.repeat(256))), -CO_ER_PRX_BAD_HDR);
  assert.equal(typeof with4(tlv(5, 'x'.repeat(128))), 'string');
  assert.equal(with4(tlv(5, 'x'.repeat(129))), -CO_ER_PRX_BAD_HDR);
});

test('a checksum must be right', () => {
  const right = '0d0a0d0a000d0a515549540a211100130102030405060708045708ae030004d17a2c97'; // by the reference
  const good = Buffer.from(right, 'hex').toString('latin1');
  assert.match(read(good) as string, /^1\.2\.3\.4:1111 to 5\.6\.7\.8:2222, 35 3=/);
  for (const at of [16, 20, 27, 31, 34]) {
    const b = Buffer.from(right, 'hex');
    b[at]! ^= 1;
    assert.equal(read(b.toString('latin1')), -CO_ER_PRX_BAD_HDR, `byte ${at}`);
  }
  assert.equal(read(header(0x21, 0x11, TCP4 + tlv(3, '\0\0\0'))), -CO_ER_PRX_BAD_HDR, 'three bytes');
  assert.equal(crc32c(bytes('123456789')), 0xe3069283, 'the check value of CRC-32C');
});

test('at every cut the reader waits for what it knows is due', () => {
  const whole = header(0x21, 0x11, TCP4 + tlv(2, 'a.b'));
  for (let n = 1; n < whole.length; n++) assert.equal(read(whole.slice(0, n)), n < 16 ? 16 : whole.length);
});

test('headers are written as the reference writes them', () => {
  const at4: [Address, Address] = [addressInet('1.2.3.4', 1111), addressInet('5.6.7.8', 2222)];
  const six = (host: string, port: number): Address => ({
    family: AF_INET6,
    host,
    port,
    abstract: false,
    encoded: null,
  });
  const none = { crc32c: false, authority: null, uniqueId: null, tls: false };
  const hex = (...args: Parameters<typeof proxyV2Write>): string =>
    Buffer.from(proxyV2Write(...args))
      .toString('hex')
      .slice(24);
  assert.equal(hex(...at4, none), '2111000c0102030405060708045708ae');
  assert.equal(hex(...at4, { ...none, crc32c: true }), '211100130102030405060708045708ae030004d17a2c97');
  assert.equal(hex(...at4, { ...none, tls: true }), '211100140102030405060708045708ae2000050000000000');
  const all = { crc32c: true, authority: bytes('auth.org'), uniqueId: bytes('1.2.3.4-1111-abc'), tls: false };
  assert.equal(
    hex(...at4, all),
    '211100310102030405060708045708ae030004606f27a7020008617574682e6f7267050010312e322e332e342d313131312d616263',
  );
  assert.equal(
    hex(six('::1', 111), six('ffff::2', 222), none),
    '2121002400000000000000000000000000000001ffff0000000000000000000000000002006f00de',
  );
  const unix = addressUnix('/a', false);
  assert.equal(hex(unix, unix, { ...none, crc32c: true }), '20000007030004a9b87e8f');
  assert.equal(hex(null, null, none), '20000000');
  assert.equal(hex(at4[0], six('::1', 1), none), '20000000');
  const long = proxyV2Write(...at4, { ...none, uniqueId: new Uint8Array(200) });
  assert.equal(typeof read(Buffer.from(long).toString('latin1')), 'string', 'an id is cut to what may be sent');
});
