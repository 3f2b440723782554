// The expression parser against bytes that mean harm: an answer each time, no exception, bounded.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { CONVERTER_WORDS, FETCH_WORDS } from '../../../../src/policy/sample/tables.js';
import { isSampleError } from '../../../../src/policy/sample/expr.js';
import { SampleValue } from '../../../../src/policy/sample/sample.js';
import { newContext, parseOf } from '../../../support/samples.js';

/** Numbers that look random and are the same each time. */
function draws(seed: number): () => number {
  let s = seed;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s;
  };
}

const PIECES = [
  '(',
  ')',
  ',',
  '"',
  "'",
  '\\',
  ' ',
  '1',
  '-1',
  'a',
  '.',
  'txn.x',
  '99999999999999999999',
  '\udc80',
  'é',
  '%',
  '0x',
];

test('random words and delimiters never throw, and mistakes lie inside the text', () => {
  const next = draws(7);
  const words = [...FETCH_WORDS, ...CONVERTER_WORDS].map((w) => w.word);
  const ctx = newContext();
  for (let round = 0; round < 3_000; round++) {
    let text = words[next() % words.length]!;
    for (let n = next() % 12; n > 0; n--) {
      text += next() % 3 === 0 ? words[next() % words.length]! : PIECES[next() % PIECES.length]!;
    }
    const parsed = parseOf(text);
    if (isSampleError(parsed)) {
      assert.ok(parsed.at >= 0 && parsed.at + parsed.length <= text.length, text);
      assert.notEqual(parsed.message, '');
    } else {
      assert.equal(parsed.used, text.length);
      parsed.expr.eval(ctx, new SampleValue());
    }
  }
});

test('random bytes never throw', () => {
  const next = draws(11);
  for (let round = 0; round < 3_000; round++) {
    let text = '';
    for (let n = next() % 40; n > 0; n--) text += String.fromCharCode((next() >>> 8) % 256);
    assert.ok(isSampleError(parseOf(text)) || text !== '');
  }
});

test('a megabyte of anything is answered without effort', () => {
  for (const text of [
    'str('.repeat(250_000),
    'a'.repeat(1 << 20),
    `str(${'\\'.repeat(1 << 20)}`,
    `str(a)${','.repeat(1 << 20)}`,
  ]) {
    const parsed = parseOf(text);
    assert.ok(isSampleError(parsed) || parsed.used === text.length);
  }
  const chain = `str(a)${',lower'.repeat(50_000)}`;
  assert.ok(!isSampleError(parseOf(chain)));
});
