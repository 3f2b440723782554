// Regular expressions: what they match, what is wrong with them, and that none takes long.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { regexCompile } from '../../../src/base/regex.js';

function matches(pattern: string, text: string, icase = false): boolean {
  const { re, error } = regexCompile(pattern, icase);
  assert.ok(re !== null, `${pattern}: ${error?.message ?? ''}`);
  return re.test(text);
}

test('regex: a pattern that backtracks without end answers at once', () => {
  assert.equal(matches('^(a+)+$', `${'a'.repeat(20000)}b`), false);
  assert.equal(matches('(?:a?){60}a{60}b', 'a'.repeat(16384)), false);
});

const VECTORS: readonly (readonly [pattern: string, text: string, expected: boolean])[] = [
  ['^a.c$', 'abc', true],
  ['a.c', 'a\nc', false],
  ['(?s)a.c', 'a\nc', true],
  ['c$', 'abc\n', true],
  ['c\\z', 'abc\n', false],
  ['[]a]', ']', true],
  ['[^]a]', ']', false],
  ['[a-z-9]', '-', true],
  ['[[:alpha:]]+[[:digit:]]{2}', 'ab12', true],
  ['[[:^alpha:]]', 'ab', false],
  ['\\s', '\xa0', false],
  ['\\h', '\xa0', true],
  ['\\w+\\W', 'ab\xe9', true],
  ['a{2,4}b', 'aaaaab', true],
  ['^a{2,4}b', 'aaaaab', false],
  ['a{,3}', 'a{,3}', true],
  ['\\Qa.b\\E+c', 'a.bbc', true],
  ['\\x41\\x{42}\\103', 'ABC', true],
  ['(?i)abc(?-i)D', 'ABCD', true],
  ['(?i)abc(?-i)D', 'ABCd', false],
  ['a(?i:b)c', 'aBc', true],
  ['(?x) a  b # comment', 'ab', true],
  ['(?#comment)a', 'a', true],
  ['(?<name>a)|(?P<other>b)', 'b', true],
  ['a|b|', '', true],
  ['\\.example\\.com$', 'www.example.com', true],
];

for (const [pattern, text, expected] of VECTORS) {
  test(`regex: ${JSON.stringify(pattern)} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
    assert.equal(matches(pattern, text), expected);
  });
}

test('regex: without case, letters fold and other bytes do not', () => {
  assert.equal(matches('^[a-c]x$', 'BX', true), true);
  assert.equal(matches('\xc9', '\xe9', true), false);
});

test('regex: mistakes come with the words and the offset of the reference', () => {
  const told = (p: string): string => {
    const { error } = regexCompile(p, false);
    return error === null ? '' : `${error.message} @${error.offset} ${error.refused ? 'refused' : 'wrong'}`;
  };
  assert.equal(told('('), 'missing closing parenthesis @1 wrong');
  assert.equal(told('['), 'missing terminating ] for character class @1 wrong');
  assert.equal(told('a**'), 'quantifier does not follow a repeatable item @2 wrong');
  assert.equal(told('*'), 'quantifier does not follow a repeatable item @0 wrong');
  assert.equal(told('a{70000}'), 'number too big in {} quantifier @7 wrong');
  assert.equal(told('x)'), 'unmatched closing parenthesis @1 wrong');
  assert.equal(told('[z-a]'), 'range out of order in character class @3 wrong');
});

test('regex: what is beyond the linear engine is refused with its place, unless the pattern opts in', () => {
  for (const [pattern, offset] of [
    ['x(?=a)', 1],
    ['(a)\\1', 3],
    ['a++', 2],
    ['(?>a)', 0],
    ['\\Kx', 0],
    ['(a{100}){300}', 8],
  ] as const) {
    const { error } = regexCompile(pattern, false);
    assert.deepEqual([error?.refused, error?.offset], [true, offset], pattern);
  }
  assert.equal(matches('(*LIMIT_MATCH=1000)(a)\\1', 'aa'), true);
  assert.equal(matches('(*LIMIT_MATCH=1000)^(?=a)', 'ab'), true);
});
