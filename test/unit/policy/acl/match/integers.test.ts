// Integer matching: ranges against one-by-one comparison, operators, the words of mistakes.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { type IntRange, matchInt, matchLength, parseIntPattern } from '../../../../../src/policy/acl/match/integers.js';
import { SampleValue, smpInt, smpStr } from '../../../../../src/policy/sample/sample.js';

function rng(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}

test('int: 10,000 ranges answer as one after the other does', () => {
  const random = rng(11);
  const ranges: IntRange[] = [];
  for (let i = 0; i < 10000; i++) {
    const min = BigInt(Math.floor(random() * 1e7) - 5e6);
    ranges.push({ min, max: min + BigInt(Math.floor(random() * 400)) });
  }
  const matcher = matchInt(ranges);
  const smp = new SampleValue();
  let hits = 0;
  for (let i = 0; i < 3000; i++) {
    const r = ranges[i]!;
    const value = i % 3 === 0 ? r.min : i % 3 === 1 ? r.max + 1n : BigInt(Math.floor(random() * 1e7) - 5e6);
    smpInt(smp, value);
    const expected = ranges.some((x) => value >= x.min && value <= x.max);
    assert.equal(matcher.match(smp), expected, String(value));
    if (expected) hits++;
  }
  assert.ok(hits > 1000 && hits < 3000, `${hits} hits`);
});

function matches(value: number, text: string, op = 'eq', dotted = false): boolean {
  const range = parseIntPattern(text, op, dotted);
  assert.ok(typeof range !== 'string', text);
  const smp = new SampleValue();
  smpInt(smp, value);
  return matchInt([range]).match(smp);
}

test('int: operators compare with one value, and mean nothing in front of a range', () => {
  assert.deepEqual(
    ['eq', 'ne', 'gt', 'ge', 'lt', 'le'].map((op) => [4, 5, 6].map((v) => matches(v, '5', op))),
    [
      [false, true, false],
      [false, true, false], // the reference takes `ne` for `eq`
      [false, false, true],
      [false, true, true],
      [true, false, false],
      [true, true, false],
    ],
  );
  for (const op of ['eq', 'gt', 'lt'])
    assert.deepEqual(
      [3, 4, 6, 7].map((v) => matches(v, '4:6', op)),
      [false, true, true, false],
    );
});

test('int: ranges may be open, and numbers negative', () => {
  assert.equal(matches(-9, ':5'), true);
  assert.equal(matches(6, ':5'), false);
  assert.equal(matches(1e9, '5:'), true);
  assert.equal(matches(-5, '-5'), true);
});

test('int: what is no number is told as the reference tells it', () => {
  assert.equal(parseIntPattern('foo', 'eq', false), "'foo' is not a number");
  assert.equal(parseIntPattern('5:3', 'eq', false), "'5:3' is not a valid number range");
  assert.equal(parseIntPattern(':', 'eq', false), "':' is not a valid number range");
  assert.equal(parseIntPattern('9223372036854775808', 'eq', false), "'9223372036854775808' is not a number");
  assert.equal(parseIntPattern('0x10', 'eq', false), "'0x10' is not a number");
  assert.equal(parseIntPattern('3.', 'eq', true), "'3.' is not a dotted number");
  assert.equal(parseIntPattern('3.1:3', 'eq', true), "'3.1:3' is not a valid dotted number range");
});

test('int: a dotted number is its major part in the upper 16 bits', () => {
  assert.equal(matches(0x30001, '3.1', 'eq', true), true);
  assert.equal(matches(0x30000, '3:3.1', 'eq', true), true);
  assert.equal(matches(0x30002, '3:3.1', 'eq', true), false);
  assert.equal(matches(0x30002, '3.1', 'gt', true), true);
});

test('len: the length is matched, in bytes', () => {
  const matcher = matchLength([{ min: 3n, max: 4n }]);
  const smp = new SampleValue();
  for (const [text, expected] of [
    ['ab', false],
    ['abc', true],
    ['\xc3\xa9ab', true],
    ['abcde', false],
  ] as const) {
    smpStr(smp, text);
    assert.equal(matcher.match(smp), expected, text);
  }
});
