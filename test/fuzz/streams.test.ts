// Fuzz targets of what a peer says before the stream, through the whole engine: PROXY and CIP headers of clients, answers of a
// SOCKS4 proxy. Whatever comes, in any pieces: what the header's own reader calls good becomes a forwarded stream with the rest
// of the bytes, anything else a closed connection, at once or after the time-out; and nothing is left.
import '../support/strict.js';
import assert from 'node:assert/strict';
import { cipRead } from '../../src/datapath/xprt/cip.js';
import { proxyV1Read } from '../../src/datapath/xprt/proxy-v1.js';
import { proxyV2Looks, proxyV2Read } from '../../src/datapath/xprt/proxy-v2.js';
import { SOCKS4_ANSWER_BYTES, socks4Granted } from '../../src/datapath/xprt/socks4.js';
import type { HeaderRead } from '../../src/datapath/xprt/types.js';
import type { SimClient, SimProgram, SimServer } from '../support/sim-program.js';
import { fuzz } from './driver.js';
import { type End, sendInPieces, waitFor, Whole } from './whole.js';

const BUFSIZE = 16_384;
const MAGIC = 0x77777777;
const PROXY_PORT = 8080;
const CIP_PORT = 8081;
const SOCKS4_PORT = 8082;
const ORIGIN = 9100;
const TIMEOUT_MS = 1000;
const LIMIT_MS = 5 * TIMEOUT_MS;

const LOG = '%ci %cp %ft %[fc_pp_authority] %[fc_pp_unique_id,hex] %[fc_rcvd_proxy] %[fc_err_str] %ts';
const CONFIG = `
global
 tune.bufsize ${BUFSIZE}
ring r
 size 65536
defaults
 mode tcp
 log ring@r local0
 log-format "${LOG}"
 error-log-format "${LOG}"
 retries 0
 timeout client ${TIMEOUT_MS}ms
 timeout connect ${TIMEOUT_MS}ms
 timeout server ${2 * TIMEOUT_MS}ms
listen proxy
 bind 127.0.0.1:${PROXY_PORT} accept-proxy
 server s1 127.0.0.2:${ORIGIN} send-proxy-v2
listen cip
 bind 127.0.0.1:${CIP_PORT} accept-netscaler-cip ${MAGIC}
 tcp-request inspect-delay 200ms
 tcp-request content set-var(txn.first) req.payload(0,4),hex
 tcp-request content accept if { req.ssl_hello_type 1 }
 server s1 127.0.0.2:${ORIGIN} send-proxy-v2
listen socks4
 bind 127.0.0.1:${SOCKS4_PORT}
 server s1 127.0.0.3:1234 socks4 127.0.0.2:${ORIGIN}
`;

const servers = new WeakMap<SimProgram, SimServer>();
const whole = new Whole(CONFIG, (p) => servers.set(p, p.listen('127.0.0.2', ORIGIN)));

/** What a server got behind the PROXY header that is sent to it, which must advertise the same ends. */
function behindHeader(got: Buffer, expected: Exclude<HeaderRead, number>): Buffer {
  const sent = proxyV2Read(got, BUFSIZE);
  assert.ok(typeof sent === 'object', 'a good header is sent');
  if (expected.src !== null && expected.dst !== null) {
    assert.equal(sent.src!.port, expected.src.port);
    assert.equal(sent.dst!.port, expected.dst.port);
    if (expected.src.family === expected.dst.family) assert.equal(sent.src!.host, expected.src.host);
  }
  return got.subarray(sent.bytes);
}

/** `got` is all of `sent`; where a reset came after it, the beginning of it. */
function assertForwarded(got: Uint8Array, sent: Uint8Array, end: End): void {
  assert.deepEqual(Buffer.from(got), Buffer.from(end === 'reset' ? sent.subarray(0, got.length) : sent));
}

/** A client of `port` sends `input`; `read` is what decides about its beginning. */
function fromClient(port: number, read: (b: Uint8Array) => HeaderRead): (input: Uint8Array) => void {
  return (input) => {
    whole.run(input, (p, rng) => {
      const server = servers.get(p)!;
      const c = p.connect(port);
      const end = sendInPieces(p, rng, c, input);
      const at: { server: SimClient | null; closed: boolean } = { server: null, closed: false };
      waitFor(p, LIMIT_MS, () => {
        at.server ??= server.accept();
        if (at.server !== null && at.server.state !== 'open' && !at.closed) {
          at.closed = true;
          at.server.close();
        }
        return p.thr.counters.connections === 0 && (at.server === null || at.closed);
      });
      const s = at.server;
      const header = input.length === 0 ? 0 : read(input);
      if (typeof header === 'object') {
        const rest = input.subarray(header.bytes);
        // Who ends without a byte while the server is connected to leaves nothing to do (CC).
        if (end === 'silent' || (end === 'shut' && rest.length > 0))
          assert.ok(s !== null, 'a good header becomes a stream');
        const got = Buffer.concat(s?.chunks ?? []);
        // A reset overtakes what was not delivered yet, the header too.
        const cut = typeof proxyV2Read(got, BUFSIZE) === 'number' && s?.state !== 'end';
        if (cut) assert.ok(end !== 'silent' && (end === 'reset' || rest.length === 0), 'a server gets its header');
        else assertForwarded(behindHeader(got, header), rest, end);
      } else {
        assert.equal(s, null, 'no stream without a good header');
      }
      if (end !== 'reset') assert.notEqual(c.state, 'open');
      assert.equal(c.bytes, 0, 'nothing is answered');
      c.close();
    });
  };
}

fuzz('whole-proxy', {
  feed: fromClient(PROXY_PORT, (b) => (proxyV2Looks(b) ? proxyV2Read(b, BUFSIZE) : proxyV1Read(b))),
  also: ['proxy-v1', 'proxy-v2'],
  words: ['PROXY ', 'TCP4 ', 'TCP6 ', 'UNKNOWN', ' ', '255', '65535', '\r\n', '\r\n\r\n\0\r\nQUIT\n', '\x21\x11\0\x0c'],
  max: 1200,
});

fuzz('whole-cip', {
  feed: fromClient(CIP_PORT, (b) => cipRead(b, MAGIC, BUFSIZE)),
  also: ['cip', 'tls-hello'],
  words: ['wwww', '\0\0\0\x28', '\0\x01\0\x28', '\x45\0', '\x60\0', '\x06', '\x16\x03\x01'],
  max: 600,
});

fuzz('whole-socks4', {
  feed: (input) => {
    whole.run(input, (p, rng) => {
      const server = servers.get(p)!;
      const c = p.connect(SOCKS4_PORT);
      c.send('hello');
      p.advance(5);
      const s = server.accept()!;
      const end = sendInPieces(p, rng, s, input);
      const at = { closed: false };
      waitFor(p, LIMIT_MS, () => {
        if (c.state !== 'open' && !at.closed) {
          at.closed = true;
          c.close();
        }
        return p.thr.counters.connections === 0;
      });
      assert.equal(s.text.slice(0, 2), '\x04\x01', 'the request');
      const granted = input.length >= SOCKS4_ANSWER_BYTES && socks4Granted(input);
      if (granted) assertForwarded(Buffer.concat(c.chunks), input.subarray(SOCKS4_ANSWER_BYTES), end);
      else assert.equal(c.bytes, 0, 'nothing of an answer is for the client');
      if (end !== 'reset') assert.equal(s.text.endsWith('hello'), granted, 'the stream goes on where it was granted');
      s.close();
      if (!at.closed) c.close();
    });
  },
  also: ['socks4'],
  max: 300,
});
