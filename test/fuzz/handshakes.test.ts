// Fuzz targets of what a client or a SOCKS4 proxy sends before the stream. Each reader must answer the same however the bytes
// are cut: an answer given early stays, and one who wants more says how much.
import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { cipRead } from '../../src/datapath/xprt/cip.js';
import { proxyV1Read } from '../../src/datapath/xprt/proxy-v1.js';
import { proxyV2Read } from '../../src/datapath/xprt/proxy-v2.js';
import type { HeaderRead } from '../../src/datapath/xprt/types.js';
import { connErrorText } from '../../src/datapath/connection/errors.js';
import type { Address } from '../../src/datapath/proto/types.js';
import { AF_INET } from '../../src/sys/constants.js';
import { fuzz } from './driver.js';

const MAX = 2048;
const MAGIC = 0x77777777;

function checkAddress(a: Address): void {
  assert.ok(a.family === AF_INET ? isIPv4(a.host) : isIPv6(a.host), a.host);
  assert.ok(Number.isInteger(a.port) && a.port >= 0 && a.port <= 65535, `port ${a.port}`);
}

function check(read: (b: Uint8Array) => HeaderRead, input: Uint8Array): void {
  let first: HeaderRead | null = null;
  for (let n = 1; n <= input.length; n++) {
    const r = read(input.subarray(0, n));
    if (first !== null) {
      assert.deepEqual(r, first, `another answer with ${n} bytes`);
      if (n > 300) break; // long tails change nothing any more
    } else if (typeof r === 'object') {
      assert.equal(r.bytes, n, 'a header is whole with its last byte');
      assert.equal(r.src === null, r.dst === null);
      if (r.src !== null) checkAddress(r.src);
      if (r.dst !== null) checkAddress(r.dst);
      first = r;
    } else if (r < 0) {
      assert.notEqual(connErrorText(-r), '');
      first = r;
    } else {
      assert.ok(r > n && r <= Math.max(MAX, n + 1), `wants ${r} bytes where there are ${n}`);
    }
  }
}

const end = '\r\n';
fuzz('proxy-v1', {
  feed: (input) => {
    check(proxyV1Read, input);
  },
  words: ['PROXY ', 'TCP4 ', 'TCP6 ', 'UNKNOWN', ' ', '.', '::', '255', '256', '65535', '65536', '0', end, '%lo'],
  max: 300,
});

fuzz('proxy-v2', {
  feed: (input) => {
    check((b) => proxyV2Read(b, MAX), input);
  },
  words: [
    '\r\n\r\n\0\r\nQUIT\n',
    '\x20\x00',
    '\x21\x11\0\x0c',
    '\x21\x21\0\x24',
    '\x02\0\x04',
    '\x03\0\x04',
    '\x04\0\x00',
  ],
  max: 1200,
});

fuzz('cip', {
  feed: (input) => {
    check((b) => cipRead(b, MAGIC, MAX), input);
  },
  words: ['wwww', '\0\0\0\x28', '\0\x01\0\x28', '\x45\0', '\x60\0', '\x06'],
  max: 400,
});
