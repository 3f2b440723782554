// Heads of HTTP/1 requests: what the reference's `req.proto_http` answered is in vectors/ (whole, short or bad, and the bytes as a
// JSON string); limits and prefixes beside that.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { HEAD_BAD, HEAD_SHORT, HEAD_WHOLE, requestHead } from '../../../src/http/request-head.js';

const LIMITS = { lineMax: 1989, fieldsMax: 98 };
const NAMES = ['short', 'whole', 'bad'];

const vectors = readFileSync(new URL('vectors/request-head.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => {
    const [answer, text] = line.split('\t') as [string, string];
    return { answer, text: JSON.parse(text) as string };
  });

test('heads are judged as the reference judges them', () => {
  assert.ok(vectors.length > 200);
  for (const { answer, text } of vectors) {
    assert.equal(NAMES[requestHead(text, LIMITS)], answer, JSON.stringify(text));
  }
});

test('the beginning of a good head is short, never bad; what is bad stays bad', () => {
  for (const { answer, text } of vectors) {
    let last = HEAD_SHORT;
    for (let n = 0; n <= text.length; n++) {
      const now = requestHead(text.slice(0, n), LIMITS);
      if (last !== HEAD_SHORT) assert.equal(now, last, JSON.stringify(text.slice(0, n)));
      last = now;
    }
    assert.equal(NAMES[last], answer);
  }
});

test('limits: the request line, the number of fields, the length of a name', () => {
  const head = (line: string, fields = ''): number => requestHead(`${line}\r\n${fields}\r\n`, LIMITS);
  assert.equal(head(`GET /${'a'.repeat(1977)} HTTP/1.1`), HEAD_WHOLE);
  assert.equal(head(`GET /${'a'.repeat(1978)} HTTP/1.1`), HEAD_BAD);
  assert.equal(head(`${'A'.repeat(1980)} / HTTP/1.1`), HEAD_WHOLE);
  assert.equal(head(`${'A'.repeat(1981)} / HTTP/1.1`), HEAD_BAD);
  assert.equal(head('GET / HTTP/1.1', 'A: b\r\n'.repeat(98)), HEAD_WHOLE);
  assert.equal(head('GET / HTTP/1.1', 'A: b\r\n'.repeat(99)), HEAD_BAD);
  assert.equal(head('GET / HTTP/1.1', `${'a'.repeat(255)}: b\r\n`), HEAD_WHOLE);
  assert.equal(head('GET / HTTP/1.1', `${'a'.repeat(256)}: b\r\n`), HEAD_BAD);
});

test('lengths that do not fit 63 bits are bad, whatever zeros stand before', () => {
  const length = (digits: string): number => requestHead(`GET / HTTP/1.1\r\nContent-Length: ${digits}\r\n\r\n`, LIMITS);
  assert.equal(length(`${'0'.repeat(100)}5`), HEAD_WHOLE);
  assert.equal(length('9223372036854775807'), HEAD_WHOLE);
  assert.equal(length('9223372036854775808'), HEAD_BAD);
  assert.equal(length('18446744073709551617'), HEAD_BAD);
  assert.equal(length('9'.repeat(3000)), HEAD_BAD);
});

test('bytes of no sense end in an answer', () => {
  let seed = 1;
  for (let round = 0; round < 3000; round++) {
    let text = '';
    for (let n = 0; n < 60; n++) {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      text += 'GET / HTTP/1.1\r\n:\t\0\xffA'[(seed >> 8) % 21]!;
    }
    assert.ok([HEAD_SHORT, HEAD_WHOLE, HEAD_BAD].includes(requestHead(text, LIMITS)));
  }
});
