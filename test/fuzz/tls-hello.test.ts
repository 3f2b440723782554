// Fuzz target of the TLS hello parser: what it says of a stream holds however much more of it comes, and everything it hands out
// lies within the message.
import assert from 'node:assert/strict';
import {
  clientHelloRead,
  handshakeRead,
  HELLO_MORE,
  protocolAt,
  serverName,
  sslv2Version,
} from '../../src/policy/sample/tls-hello.js';
import { fuzz } from './driver.js';

fuzz('tls-hello', {
  feed: (input) => {
    let first: ReturnType<typeof handshakeRead> | null = null;
    for (let n = 0; n <= input.length; n += n < 64 ? 1 : 7) {
      const r = handshakeRead(input.subarray(0, n));
      if (first !== null) assert.deepEqual(r, first, `another answer with ${n} bytes`);
      else if (r !== HELLO_MORE) first = r;
    }
    const version = sslv2Version(input);
    assert.ok(Number.isInteger(version) && version < 0x1000000);
    const message = first ?? handshakeRead(input);
    if (typeof message === 'number') return;
    assert.ok(message.body.length < input.length);
    const hello = clientHelloRead(message.body);
    for (const [, value] of hello?.extensions ?? []) {
      assert.ok(value.length < message.body.length);
      for (const name of [serverName(value), protocolAt(value, 0), protocolAt(value, 1)]) {
        assert.ok(name === null || (name.length > 0 && name.length < value.length));
      }
    }
  },
  words: [
    '\x16\x03\x01',
    '\x16\x03\x03\0\x01',
    '\x01\0\0',
    '\0\0\0\x10\0\x0e\0\0\x0b',
    '\0\x10\0\x05\0\x03\x02h2',
    '\x80\x2e\x01',
  ],
  max: 1500,
});
