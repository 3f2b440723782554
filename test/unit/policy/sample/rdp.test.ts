// RDP cookies: found, another, none, or too short to say; cut at any byte.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { RDP_FOUND, RDP_NONE, RDP_OTHER, RDP_SHORT, rdpCookie } from '../../../../src/policy/sample/rdp.js';

const HEAD = '\x03\x00\x00\x24\x1f\xe0\x00\x00\x00\x00\x00';

test('the cookie of the asked name in any case, with all that stands before CR LF', () => {
  assert.deepEqual(rdpCookie(`${HEAD}Cookie: mstshash=user 1;x\r\n`, 'MSTSHASH'), {
    status: RDP_FOUND,
    value: 'user 1;x',
  });
  assert.deepEqual(rdpCookie(`${HEAD}cookie:msts=1.2.3\r\n`, ''), { status: RDP_FOUND, value: '1.2.3' });
  assert.equal(rdpCookie(`${HEAD}Cookie: mstshash=u\r\n`, 'msts').status, RDP_OTHER);
  assert.equal(rdpCookie(`${HEAD}Cookies are here\r\n`, '').status, RDP_NONE);
  assert.equal(rdpCookie(`${HEAD}Cookie: mstshash\r\n`, '').status, RDP_OTHER);
});

test('a packet that is cut short is never answered wrongly', () => {
  const whole = `${HEAD}Cookie: mstshash=user\r\n`;
  for (let n = 0; n < whole.length; n++)
    assert.equal(rdpCookie(whole.slice(0, n), 'mstshash').status, RDP_SHORT, String(n));
});
