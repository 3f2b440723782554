// Socket addresses of the js transport: bytes to text and back.

import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import { AF_INET, AF_INET6, AF_UNIX } from '../../../src/sys/constants.js';
import { readAddr, writeAddr } from '../../../src/sys/js/address.js';

const u8 = new Uint8Array(256);

test('IPv4: family little-endian, port and address in network order', () => {
  u8.fill(0xee);
  assert.equal(writeAddr(u8, 4, { family: AF_INET, host: '10.1.2.254', port: 0x1f90, path: '' }), 16);
  assert.deepEqual([...u8.slice(3, 21)], [0xee, 2, 0, 0x1f, 0x90, 10, 1, 2, 254, 0, 0, 0, 0, 0, 0, 0, 0, 0xee]);
  assert.deepEqual(readAddr(u8, 4, 16), { family: AF_INET, host: '10.1.2.254', port: 8080, path: '' });
});

test('IPv6: each short form gives the same bytes as the long one', () => {
  const forms: [string, string][] = [
    ['::', '0:0:0:0:0:0:0:0'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['fe80::', 'fe80:0:0:0:0:0:0:0'],
    ['2001:db8::8:800:200c:417a', '2001:db8:0:0:8:800:200c:417a'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['::ffff:127.0.0.1', '0:0:0:0:0:ffff:7f00:1'],
    ['::1.2.3.4', '0:0:0:0:0:0:102:304'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0:0:0:c000:221'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
    ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
  ];
  for (const [text, long] of forms) {
    u8.fill(0xee);
    assert.equal(writeAddr(u8, 0, { family: AF_INET6, host: text, port: 443, path: '' }), 28);
    const back = readAddr(u8, 0, 28)!;
    assert.equal(back.host, long, text);
    assert.equal(isIPv6(back.host), true);
    assert.equal(back.port, 443);
    assert.equal(u8[28], 0xee);
  }
});

test('UNIX: a path ends at its NUL, an abstract name is all its bytes, no name is two bytes', () => {
  const round = (path: string): string => {
    u8.fill(0xee);
    return readAddr(u8, 0, writeAddr(u8, 0, { family: AF_UNIX, host: '', port: 0, path }))!.path;
  };
  assert.equal(round('/run/x.sock'), '/run/x.sock');
  assert.equal(round('\0name'), '\0name');
  assert.equal(round('\0name\0\0'), '\0name\0\0');
  assert.equal(round(''), '');
  const full = '/'.padEnd(108, 'p');
  assert.equal(round(full), full);
  assert.equal(writeAddr(u8, 0, { family: AF_UNIX, host: '', port: 0, path: 'x'.repeat(200) }), 110);
});

test('what is cut short or of another family is no address', () => {
  writeAddr(u8, 0, { family: AF_INET, host: '1.2.3.4', port: 1, path: '' });
  assert.equal(readAddr(u8, 0, 1), null);
  assert.equal(readAddr(u8, 0, 15), null);
  u8[0] = 77;
  assert.equal(readAddr(u8, 0, 16), null);
});
