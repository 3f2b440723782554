// use-server, and the RDP cookie that names a server by its address: whom they choose, and when load balancing does instead.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { SRV_ADMF_FMAINT } from '../../../../src/proxy/server.js';
import { Analysed } from './analysed.js';

const WAIT = ' tcp-request inspect-delay 1s\n tcp-request content accept if { req.len gt 1 }\n';
/** s2 takes what no rule decides about: the others have no weight. */
const SERVERS = ' server s2 127.0.0.2:9100\n server s3 127.0.0.3:9100 weight 0\n server s4 127.0.0.4:9100 weight 0\n';

function farm(rules: string): Analysed {
  return new Analysed(`listen l\n bind 127.0.0.1:8080\n${WAIT}${rules}${SERVERS}`);
}

function disable(a: Analysed, name: string): void {
  const server = a.p.instance.proxies[0]!.servers.find((s) => s.name === name)!;
  server.admin |= SRV_ADMF_FMAINT;
  assert.equal(server.reachable, false);
}

/** X.224 connection request with a cookie. */
function rdp(cookie: string): string {
  const text = `Cookie: ${cookie}\r\n`;
  return String.fromCharCode(3, 0, 0, text.length + 11, text.length + 6, 0xe0, 0, 0, 0, 0, 0) + text;
}

/** `msts` of 127.0.0.N, port 9100. */
const token = (n: number, port = 9100): string =>
  `msts=${n * 0x1000000 + 127}.${((port & 255) << 8) | (port >> 8)}.0000`;

const ONE = ' use-server s3 if { req.payload(0,1) -m str 3 }\n use-server s4 if { req.payload(0,1) -m str 3 4 }\n';

test('the first rule that holds names the server, also one without weight; without one, load balancing does', () => {
  const a = farm(ONE);
  assert.deepEqual(
    ['3x', '4x', '5x'].map((text) => a.session(text).n),
    [3, 4, 2],
  );
});

test('a server that is down is passed over for the next rule that holds', () => {
  const a = farm(ONE);
  disable(a, 's3');
  assert.equal(a.session('3x').n, 4);
  disable(a, 's4');
  assert.equal(a.session('3x').n, 2);
});

test('with option persist, or where force-persist holds, a server that is down is asked all the same', () => {
  for (const force of [' option persist\n', ' force-persist if { req.len gt 1 }\n']) {
    const a = farm(ONE + force);
    disable(a, 's3');
    assert.equal(a.session('3x').n, 3, force);
  }
  const a = farm(`${ONE} ignore-persist if { req.payload(1,1) -m str i }\n force-persist if TRUE\n`);
  disable(a, 's3');
  assert.equal(a.session('3i').n, 4, 'the first of both kinds that holds counts');
  assert.equal(a.session('3x').n, 3);
});

test('a name can be made of samples; one that no server has leaves it to load balancing, whatever rule is behind', () => {
  const a = farm(' use-server s%[req.payload(0,1)] if TRUE\n use-server s4 if TRUE\n');
  assert.deepEqual(
    ['3x', '9x', '4x'].map((text) => a.session(text).n),
    [3, 2, 4],
  );
});

test('the RDP cookie chooses by address and port, all of them', () => {
  const a = farm(' persist rdp-cookie\n');
  assert.deepEqual(
    [token(3), token(4), token(5), token(3, 9101), 'mstshash=x'].map((cookie) => a.session(rdp(cookie)).n),
    [3, 4, 2, 2, 2],
  );
});

test('a cookie of other numbers, or of too large ones, is none', () => {
  const a = farm(' persist rdp-cookie\n');
  const swapped = String(((9100 & 255) << 8) | (9100 >> 8));
  for (const value of [
    '',
    '.',
    `${3 * 0x1000000 + 127}`,
    `${3 * 0x1000000 + 127}.${swapped}`, // no second dot
    `-1.${swapped}.0000`,
    `${2 ** 32 + 3 * 0x1000000 + 127}.${swapped}.0000`, // more than 32 bits
    `${3 * 0x1000000 + 127}.${65536 + Number(swapped)}.0000`,
    `99999999999999.${swapped}.0000`,
  ])
    assert.equal(a.session(rdp(`msts=${value}`)).n, 2, value);
});

test('the cookie of a server that is down leaves it to load balancing', () => {
  const a = farm(' persist rdp-cookie\n');
  disable(a, 's3');
  assert.equal(a.session(rdp(token(3))).n, 2);
});

test('a rule that chose a server comes before the cookie', () => {
  const a = farm(' persist rdp-cookie\n use-server s4 if TRUE\n');
  assert.equal(a.session(rdp(token(3))).n, 4);
});
