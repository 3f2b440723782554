// The cookie of RDP connection requests.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buf } from '../../../../src/base/buf.js';
import { rdpCookie } from '../../../../src/proxy/lb/rdp-cookie.js';

/** TPKT and X.224 headers around `text`. */
function request(text: string): Uint8Array {
  const body = Buffer.concat([Buffer.from([0xe0, 0, 0, 0, 0, 0]), Buffer.from(text, 'latin1')]);
  return Buffer.concat([Buffer.from([3, 0, 0, body.length + 5, body.length]), body]);
}

/** The bytes as a buffer whose area starts at 7 and whose head is at `head`, so that they wrap. */
function cookie(bytes: Uint8Array, name: string, head = 0): string | null {
  const size = 256;
  const arena = new Uint8Array(7 + size);
  const buf = Object.assign(new Buf(), { area: 7, size, head, data: bytes.length });
  bytes.forEach((b, i) => (arena[7 + ((head + i) % size)] = b));
  return rdpCookie(arena, buf, name);
}

test('the value is found under its name, in any case, wherever the buffer wraps', () => {
  const bytes = request('Cookie: mstshash=user1\r\n\x01\x00\x08\x00\x03\x00\x00\x00');
  for (let head = 0; head < 256; head++) assert.equal(cookie(bytes, 'mstshash', head), 'user1');
  assert.equal(cookie(request('cookie: MSTSHASH=User\r\n'), 'mstshash'), 'User');
  assert.equal(cookie(request('Cookie: mstshash=\r\n'), 'mstshash'), '');
});

test('anything else has none, cut short anywhere', () => {
  const bytes = request('Cookie: mstshash=user1\r\n');
  for (let n = 0; n < bytes.length; n++) assert.equal(cookie(bytes.subarray(0, n), 'mstshash'), null, `${n} bytes`);
  assert.equal(cookie(bytes, 'other'), null);
  assert.equal(cookie(Buffer.from('GET / HTTP/1.1\r\nCookie: mstshash=x\r\n'), 'mstshash'), null);
  const connectConfirm = request('Cookie: mstshash=user1\r\n').map((b, i) => (i === 5 ? 0xd0 : b));
  assert.equal(cookie(connectConfirm, 'mstshash'), null);
});
