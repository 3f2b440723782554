// Binary strings: bytes survive the way from configuration text and back, whatever they are.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { binaryOf, binaryOfBytes, bytesOf, textOf } from '../../../../src/policy/sample/binary.js';

test('text becomes its UTF-8 bytes, lone surrogates the bytes they stand for', () => {
  assert.equal(binaryOf('abc'), 'abc');
  assert.equal(binaryOf('é'), '\xc3\xa9');
  assert.equal(binaryOf('a\udcff\udc80b'), 'a\xff\x80b');
  assert.equal(binaryOf('😀'), '\xf0\x9f\x98\x80');
});

test('any bytes come back the same', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const binary = binaryOfBytes(bytes);
      assert.equal(binaryOf(textOf(binary)), binary);
      assert.deepEqual([...bytesOf(binary)], [...bytes]);
    }),
  );
});
