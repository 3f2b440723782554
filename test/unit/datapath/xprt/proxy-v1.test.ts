// The PROXY line: strict where the specification is, ignorant of what follows UNKNOWN.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  CO_ER_PRX_BAD_HDR,
  CO_ER_PRX_BAD_PROTO,
  CO_ER_PRX_NOT_HDR,
  CO_ER_PRX_TRUNCATED,
} from '../../../../src/datapath/connection/flags.js';
import { addressText, addressUnix } from '../../../../src/datapath/proto/address.js';
import { proxyV1Read, proxyV1Write } from '../../../../src/datapath/xprt/proxy-v1.js';

const read = (text: string): string | number => {
  const r = proxyV1Read(Buffer.from(text, 'latin1'));
  if (typeof r === 'number') return r;
  return r.src === null ? `own, ${r.bytes}` : `${addressText(r.src)} to ${addressText(r.dst!)}, ${r.bytes}`;
};

test('lines of both families are read, and what follows is not theirs', () => {
  assert.equal(read('PROXY TCP4 1.2.3.4 5.6.7.8 1111 2222\r\nmore'), '1.2.3.4:1111 to 5.6.7.8:2222, 38');
  assert.equal(read('PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n'), '0.0.0.0:0 to 255.255.255.255:65535, 44');
  assert.equal(read('PROXY TCP6 2001:DB8::1 ::ffff:1.2.3.4 1 2\r\n'), '[2001:db8::1]:1 to [::ffff:1.2.3.4]:2, 43');
});

test('numbers out of range, signs, leading zeros and blanks make a line invalid', () => {
  const host = (h: string): string => `PROXY TCP4 ${h} 5.6.7.8 1 2\r\n`;
  const port = (p: string): string => `PROXY TCP4 1.2.3.4 5.6.7.8 1 ${p}\r\n`;
  const bad = ['10.1.2.300', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.', '1.2.3.-4', '1.2.3.0x4', '::1', ''].map(host);
  bad.push(...['70000', '65536', '-1', '+1', '01', '1x', '', '1 ', '1 3'].map(port));
  bad.push('PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n', 'PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n', 'PROXY TCP4\r\n');
  bad.push(...['1.2.3.4', '::1%lo', '1:2:3:4:5:6:7', '1::2::3', '12345::'].map((h) => `PROXY TCP6 ${h} ::2 1 2\r\n`));
  for (const line of bad) assert.equal(read(line), -CO_ER_PRX_BAD_HDR, JSON.stringify(line));
});

test('a CR or a LF alone ends no line, and is refused when it is seen', () => {
  for (const line of ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\rx', 'PROXY \n'])
    assert.equal(read(line), -CO_ER_PRX_BAD_HDR);
  assert.equal(read('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r'), 32, 'the LF may still come');
});

test('UNKNOWN stands for the own addresses, whatever follows it in the line', () => {
  assert.equal(read('PROXY UNKNOWN\r\n'), 'own, 15');
  assert.equal(read('PROXY UNKNOWN whatever\0 \xff is\rhere\r\nmore'), 'own, 35');
  assert.equal(read(`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`), 'own, 107', 'the longest line');
  assert.equal(read(`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`), -CO_ER_PRX_TRUNCATED, 'one byte more');
  assert.equal(read('PROXY UNKNOWNX\r\n'), -CO_ER_PRX_BAD_PROTO);
  for (const proto of ['UDP4', 'tcp4', ''])
    assert.equal(read(`PROXY ${proto} 1.2.3.4 5.6.7.8 1 2\r\n`), -CO_ER_PRX_BAD_PROTO);
});

test('what does not start like one is refused with the first byte that shows it', () => {
  assert.equal(read('G'), -CO_ER_PRX_NOT_HDR);
  assert.equal(read('PROXI'), -CO_ER_PRX_NOT_HDR);
  assert.equal(read('proxy TCP4 '), -CO_ER_PRX_NOT_HDR);
  assert.equal(read('PROX'), 5);
});

test('at every cut the reader waits, and then says the same', () => {
  for (const line of [
    'PROXY TCP4 1.2.3.4 5.6.7.8 1111 2222\r\n',
    'PROXY TCP6 ::1 ::2 1 2\r\n',
    'PROXY UNKNOWN and more\r\n',
  ]) {
    for (let n = 1; n < line.length; n++) assert.equal(read(line.slice(0, n)), n + 1);
    assert.equal(typeof read(line), 'string');
  }
});

test('lines are written as the reference writes them', () => {
  const line = (from: string): string => {
    const r = proxyV1Read(Buffer.from(from));
    assert.ok(typeof r === 'object');
    return Buffer.from(proxyV1Write(r.src, r.dst)).toString('latin1');
  };
  const tcp4 = 'PROXY TCP4 1.2.3.4 5.6.7.8 1111 2222\r\n';
  const tcp6 = 'PROXY TCP6 ::ffff:1.2.3.4 2001:db8::2 111 222\r\n';
  assert.equal(line(tcp4), tcp4);
  assert.equal(line(tcp6), tcp6);
  assert.equal(line('PROXY UNKNOWN\r\n'), 'PROXY UNKNOWN\r\n');
  const unix = addressUnix('/a', false);
  assert.equal(Buffer.from(proxyV1Write(unix, unix)).toString(), 'PROXY UNKNOWN\r\n');
});
