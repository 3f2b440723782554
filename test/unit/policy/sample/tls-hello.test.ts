// The TLS hello parser: real hellos, hellos over several records and segments, and lengths that do not fit.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import test from 'node:test';
import { connect } from 'node:tls';
import {
  clientHelloRead,
  handshakeRead,
  HELLO_MORE,
  HELLO_NONE,
  protocolAt,
  serverName,
  sslv2Version,
} from '../../../../src/policy/sample/tls-hello.js';
import { FETCHES } from '../../../../src/policy/sample/tables.js';
import { alpnExtension, clientHello, extension, message, record, sniExtension } from '../../../support/hello.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const text = (b: Uint8Array | null | undefined): string | null =>
  b == null ? null : Buffer.from(b).toString('latin1');

/** Name, version and extensions of a stream that starts with a ClientHello; null where there is none. */
function hello(stream: string): { sni: string | null; alpn: string | null; version: number; types: number[] } | null {
  const m = handshakeRead(bytes(stream));
  if (typeof m === 'number' || m.type !== 1) return null;
  const h = clientHelloRead(m.body);
  if (h === null) return null;
  const sni = h.extensions?.get(0);
  const alpn = h.extensions?.get(16);
  return {
    sni: sni === undefined ? null : text(serverName(sni)),
    alpn: alpn === undefined ? null : text(protocolAt(alpn, 0)),
    version: h.version,
    types: [...(h.extensions?.keys() ?? [])],
  };
}

test("the hello of node's own client is read", async () => {
  const sent: Buffer[] = [];
  const wire = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      sent.push(chunk);
      wire.emit('sent');
      done();
    },
  });
  const client = connect({ socket: wire, servername: 'www.example.org', ALPNProtocols: ['h2', 'http/1.1'] });
  client.on('error', () => undefined);
  if (sent.length === 0) await once(wire, 'sent');
  client.destroy();
  const found = hello(Buffer.concat(sent).toString('latin1'))!;
  assert.deepEqual([found.sni, found.alpn, found.version], ['www.example.org', 'h2', 0x0303]);
  assert.ok(found.types.includes(10) && found.types.includes(35), 'groups and tickets');
});

test('a hello is whole with its last byte, wherever it is cut into segments', () => {
  const whole = bytes(record(clientHello()) + 'more');
  for (let n = 0; n < whole.length - 4; n++)
    assert.equal(handshakeRead(whole.subarray(0, n)), HELLO_MORE, `${n} bytes`);
  assert.equal(typeof handshakeRead(whole.subarray(0, whole.length - 4)), 'object');
  assert.equal(hello(text(whole)!)!.sni, 'example.org');
});

test('a hello may go over several records, cut anywhere', () => {
  const h = clientHello({ extensions: sniExtension('a.b') + alpnExtension('acme-tls/1') });
  for (let n = 1; n < h.length; n++) {
    const found = hello(record(h.slice(0, n)) + record(h.slice(n)))!;
    assert.deepEqual([found.sni, found.alpn], ['a.b', 'acme-tls/1'], `cut at ${n}`);
  }
  assert.equal(hello(Array.from(h, (c) => record(c)).join(''))!.sni, 'a.b', 'a record a byte');
});

test('a hello of one record is read in place, one of several is copied once', () => {
  const h = clientHello();
  const whole = bytes(record(h));
  const alone = handshakeRead(whole) as { body: Uint8Array };
  assert.equal(alone.body.buffer, whole.buffer);
  const cut = bytes(record(h.slice(0, 2)) + record(h.slice(2, 7)) + record(h.slice(7) + 'next'));
  const several = handshakeRead(cut) as { body: Uint8Array };
  assert.equal(several.body.buffer.byteLength, h.length);
  assert.deepEqual([...several.body], [...alone.body]);
});

test('what is no handshake record is refused with the byte that shows it', () => {
  const h = clientHello();
  for (const stream of ['GET / HTTP/1.0', record(h, 21), record(h, 23), record(h, 22, '\x02\x00'), record('')]) {
    assert.equal(handshakeRead(bytes(stream)), HELLO_NONE);
  }
  assert.equal(handshakeRead(bytes('\x16\x03\x01\x40\x01')), HELLO_NONE, 'a record longer than records are');
  assert.equal(handshakeRead(bytes('\x16\x03\x01\x40\x00')), HELLO_MORE, 'as long as they are');
  assert.equal(handshakeRead(bytes(record('\x01\x01\x00\x01'))), HELLO_NONE, 'a message longer than we read');
  assert.equal(handshakeRead(bytes(record(h.slice(0, 9)) + 'x')), HELLO_NONE, 'the second record is none');
});

test('lengths that do not fit make a hello none', () => {
  const bad: Readonly<Record<string, string>> = {
    'a session id of 33': clientHello({ sessionId: 's'.repeat(33) }),
    'no cipher suites': clientHello({ ciphers: '' }),
    'half a cipher suite': clientHello({ ciphers: 'abc' }),
    'no compression': clientHello({ compression: '\0' }),
    'bytes behind the extensions': message(1, clientHello().slice(4) + 'zz'),
    'an extension that leaves its block': clientHello({ extensions: `${sniExtension('ok')}\0\x63\0\x32x` }),
    'an extension cut in its head': clientHello({ extensions: `${sniExtension('ok')}\0\x63` }),
    'no version': message(1, '\x03'),
  };
  for (const [what, h] of Object.entries(bad)) assert.equal(hello(record(h)), null, what);
  const good = clientHello().slice(4);
  for (let n = 0; n < good.length; n++) {
    const cut = clientHelloRead(bytes(good.slice(0, n)));
    assert.ok(cut?.extensions == null, `the body cut at ${n} has no extensions`);
  }
});

test('names and protocols: the first one, and only where the lists are right', () => {
  const sni = (value: string): string | null => text(serverName(bytes(value)));
  assert.equal(sni(sniExtension('UPPER.Org').slice(4)), 'UPPER.Org');
  assert.equal(sni(sniExtension('x'.repeat(300)).slice(4)), 'x'.repeat(300));
  for (const value of ['', '\0\x03\0\0\x00', '\0\x09\0\0\x06abc', '\0\x03\0\0\x06abcdef', '\0\x20\0\0\x06abcdef']) {
    assert.equal(sni(value), null);
  }
  assert.equal(sni(sniExtension('a.b', 1).slice(4)), null, 'not a host name');
  assert.equal(sni(sniExtension('a\0b').slice(4)), null, 'a NUL');
  const alpn = (value: string): string | null => text(protocolAt(bytes(value), 0));
  assert.equal(alpn(alpnExtension('h2', 'http/1.1').slice(4)), 'h2');
  const list = bytes(alpnExtension('h2', 'http/1.1', 'x').slice(4));
  assert.deepEqual(
    [0, 1, 2, 3].map((n) => text(protocolAt(list, n))),
    ['h2', 'http/1.1', 'x', null],
  );
  const many = bytes(alpnExtension(...new Array<string>(100).fill('x')).slice(4));
  assert.deepEqual([text(protocolAt(many, 63)), protocolAt(many, 64)], ['x', null], 'no more than that');
  for (const value of ['', '\0', '\0\0', '\0\x05\x02h2', '\0\x03\x05h2', '\0\x01\0']) assert.equal(alpn(value), null);
});

test('extensions exist from TLS 1.0 on, and in a block', () => {
  assert.equal(hello(record(clientHello({ version: '\x03\x00' })))!.sni, null);
  assert.equal(hello(record(clientHello({ version: '\x03\x01' })))!.sni, 'example.org');
  assert.equal(hello(record(clientHello({ version: '\x04\x00' })))!.sni, null);
  assert.deepEqual(hello(record(clientHello({ extensions: null })))!.types, []);
  assert.deepEqual(hello(record(clientHello({ extensions: extension(35, '') })))!.types, [35]);
});

test('an SSLv2 hello tells its version, and nothing where its lengths are wrong', () => {
  const body = '\x01\x03\x01\0\x03\0\0\0\x10\0\0\x2f' + 'C'.repeat(16);
  const whole = `\x80${String.fromCharCode(body.length)}${body}`;
  assert.equal(sslv2Version(bytes(whole)), 0x30001);
  for (let n = 0; n < whole.length; n++) assert.equal(sslv2Version(bytes(whole.slice(0, n))), HELLO_MORE, `${n} bytes`);
  assert.equal(sslv2Version(bytes('\x80\x2e\x05\x03\x01')), HELLO_NONE);
  assert.equal(sslv2Version(bytes(whole.replace('\0\x10', '\0\x11'))), HELLO_NONE);
  assert.equal(sslv2Version(bytes('GET / HTTP/1.0')), HELLO_NONE);
});

test('the words of the manual are there', () => {
  const words = new Set(FETCHES.map((f) => f.words));
  const wanted = 'req.ssl_hello_type req_ssl_hello_type req.ssl_sni req_ssl_sni req.ssl_ver req_ssl_ver req.ssl_alpn';
  for (const word of `${wanted} req.ssl_ec_ext req.ssl_st_ext res.ssl_hello_type rep_ssl_hello_type`.split(' ')) {
    assert.ok(words.has(word), word);
  }
});
