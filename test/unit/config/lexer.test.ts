// Words of a line: quoting, escapes, variables, comments (configuration manual 2.2, 2.3). Values as the reference has them.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { WORDS_MAX, lexLine } from '../../../src/config/lexer.js';

const ENV: Readonly<Record<string, string>> = { FOO: 'a b  c', EMPTY: '', PORT: '8080', ONE: 'x', TRAIL: ' p q ' };
const env = (name: string): string | undefined => (name === '.LINE' ? '7' : name === '.FILE' ? 'f.cfg' : ENV[name]);

function words(line: string): string[] {
  const { words: found, error } = lexLine(line, env);
  assert.equal(error, null, line);
  return found.map((w) => w.text);
}

const CASES: readonly (readonly [line: string, ...words: string[]])[] = [
  [''],
  ['   \t '],
  ['# only a comment'],
  ['a b\tc', 'a', 'b', 'c'],
  ['  a  # b', 'a'],
  ['a#b', 'a'],
  ['a\\#b', 'a#b'],
  ['a\\ b', 'a b'],
  ['\'a b\' "c d"', 'a b', 'c d'],
  ['a\'b\'"c"d', 'abcd'],
  ["'$FOO' '\\n' '\"'", '$FOO', '\\n', '"'],
  ['"\\n\\r\\t\\\\\\"\\x41\\$ONE\\#"', '\n\r\t\\"A$ONE#'],
  ['\\n\\x41\\\'\\"\\$', '\nA\'"\\$'],
  ['a\\qb "a\\qb"', 'a\\qb', 'a\\qb'],
  ['$ONE ${ONE}', '$ONE', '${ONE}'],
  ['"$ONE" "${ONE}" "$ONE-y" "${ONE}y"', 'x', 'x', 'x-y', 'xy'],
  ['"$FOO"', 'a b  c'],
  ['"${NONE-d e}" "${EMPTY-d}" "$NONE"', 'd e', '', ''],
  ['"${FOO[*]}"', 'a', 'b', 'c'],
  ['"x${FOO[*]}y"', 'xa', 'b', 'cy'],
  ['"${TRAIL[*]}"', '', 'p', 'q'],
  ['"x${TRAIL[*]}y"z', 'x', 'p', 'q', 'yz'],
  ['"${TRAIL[*]}" z', '', 'p', 'q', 'z'],
  ['"${NONE[*]-d}"', 'd'],
  ['"${EMPTY[*]}"', ''],
  ['"${NONE-$PORT}"', '$PORT'],
  ['"${.LINE}|${.FILE}|$.LINE"', '7|f.cfg|7'],
  ['""', ''],
  ['a "" b', 'a', '', 'b'],
  ['a\\', 'a\\'],
  ['a\r', 'a'],
  ['\r a \r b\rc d', 'a', 'b'],
  ['a\\x00b c', 'a', 'c'],
  ['a\\zb\\a', 'a\\zb\\a'],
];

test('lines become words by the rules of the manual', () => {
  for (const [line, ...expected] of CASES) assert.deepEqual(words(line), expected, JSON.stringify(line));
});

test('a word knows its column and its length in the line', () => {
  const { words: found } = lexLine('  ab "c d"\t"${FOO[*]}" e', env);
  assert.deepEqual(
    found.map((w) => [w.text, w.column, w.length]),
    [
      ['ab', 3, 2],
      ['c d', 6, 5],
      ['a', 12, 10],
      ['b', 13, 9],
      ['c', 13, 10],
      ['e', 24, 1],
    ],
  );
});

const ERRORS: readonly (readonly [line: string, code: string, column: number])[] = [
  ['a "b', 'quote', 3],
  ["a 'b", 'quote', 3],
  ['"\\', 'quote', 1],
  ['"${FOO"', 'brace', 3],
  ['"${FOO-x', 'brace', 3],
  ['"${A B}"', 'brace', 3],
  ['"${1A}"', 'env-name', 4],
  ['"$"', 'env-name', 3],
  ['"${}"', 'env-name', 4],
  ['"${.NO}"', 'env-name', 4],
  ['"${FOO[x]}"', 'expansion', 7],
  ['\\xz', 'hex', 1],
  ['"\\x4"', 'hex', 2],
];

test('what cannot be read is named with its column', () => {
  for (const [line, code, column] of ERRORS) {
    const { error } = lexLine(line, env);
    assert.deepEqual([error?.code, error?.column], [code, column], JSON.stringify(line));
  }
});

test('a line has 64 words at most', () => {
  const line = (n: number): string => Array.from({ length: n }, (_, i) => `w${i}`).join(' ');
  assert.equal(lexLine(line(WORDS_MAX), env).error, null);
  const over = lexLine(line(WORDS_MAX + 1), env);
  assert.equal(over.error?.code, 'too-many');
  assert.equal(over.words.length, WORDS_MAX);
});

test('without comments a hash is a character like others', () => {
  assert.deepEqual(
    lexLine('a # b#c', env, false).words.map((w) => w.text),
    ['a', '#', 'b#c'],
  );
});

/** A word written so that it reads as itself, in one of the ways there are. */
function quoted(word: string, way: number): string {
  if (way === 0 && !word.includes("'")) return `'${word}'`;
  if (way === 1) return `"${word.replace(/[\\"$]/g, (c) => `\\${c}`)}"`;
  return word.replace(/[\\"'# \t]/g, (c) => `\\${c}`);
}

test('property: quoted words read back as they were, with columns that lie on them', () => {
  const char = fc.oneof(
    fc.constantFrom(...Array.from('\'"\\#$ \t{}[*]-.xn')),
    fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme-ascii' }),
  );
  const word = fc.array(char, { minLength: 1, maxLength: 12 }).map((c) => c.join(''));
  fc.assert(
    fc.property(fc.array(fc.tuple(word, fc.nat(2)), { maxLength: 10 }), (list) => {
      const line = list.map(([w, way]) => quoted(w, way)).join(' ');
      const { words: found, error } = lexLine(line, () => undefined);
      assert.equal(error, null);
      assert.deepEqual(
        found.map((w) => w.text),
        list.map(([w]) => w),
      );
      for (const w of found) {
        const again = lexLine(line.slice(w.column - 1, w.column - 1 + w.length), () => undefined);
        assert.deepEqual(
          again.words.map((x) => x.text),
          [w.text],
        );
      }
    }),
  );
});

test('property: any text gives words or an error whose column lies in it, and nothing throws', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80, unit: 'binary' }), (line) => {
      const { words: found, error } = lexLine(line, env);
      assert.ok(error === null || (error.column >= 1 && error.column <= line.length + 1));
      for (const w of found) assert.ok(w.column >= 1 && w.column - 1 + w.length <= line.length);
    }),
  );
});
