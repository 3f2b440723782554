// String matching: look-ups against one-by-one comparison, case, delimiters.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import {
  matchDir,
  matchDom,
  matchExact,
  matchPrefix,
  matchSubstring,
  matchSuffix,
  type StringPattern,
} from '../../../../../src/policy/acl/match/strings.js';
import type { Matcher } from '../../../../../src/policy/acl/types.js';
import { SampleValue, smpStr } from '../../../../../src/policy/sample/sample.js';

function rng(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}

function ask(m: Matcher, text: string): boolean {
  const smp = new SampleValue();
  smpStr(smp, text);
  return m.match(smp);
}

const plain = (...texts: string[]): StringPattern[] => texts.map((text) => ({ text, icase: false }));
const folded = (...texts: string[]): StringPattern[] => texts.map((text) => ({ text, icase: true }));

test('str, beg, end: 10,000 strings answer as one after the other does', () => {
  const random = rng(3);
  const word = (max: number): string =>
    Array.from({ length: 1 + Math.floor(random() * max) }, () => 'abcDEF'[Math.floor(random() * 6)]!).join('');
  const patterns: StringPattern[] = [];
  for (let i = 0; i < 10000; i++) patterns.push({ text: word(9), icase: random() < 0.3 });
  const kinds: [Matcher, (text: string, p: string) => boolean][] = [
    [matchExact(patterns), (t, p) => t === p],
    [matchPrefix(patterns), (t, p) => t.startsWith(p)],
    [matchSuffix(patterns), (t, p) => t.endsWith(p)],
  ];
  for (const [matcher, test1] of kinds) {
    let hits = 0;
    for (let i = 0; i < 300; i++) {
      // Letters that no pattern has keep some of the answers negative.
      const text = i % 3 === 0 ? `x${word(8)}x` : word(10);
      const expected = patterns.some((p) =>
        p.icase ? test1(text.toLowerCase(), p.text.toLowerCase()) : test1(text, p.text),
      );
      assert.equal(ask(matcher, text), expected, `${matcher.method} ${text}`);
      if (expected) hits++;
    }
    assert.ok(hits > 0 && hits < 300, `${matcher.method}: ${hits} hits`);
  }
});

test('str: case matters but for the patterns behind -i, and bytes above 127 never fold', () => {
  const m = matchExact([...plain('Exact'), ...folded('LOOSE', '\xc9')]);
  assert.deepEqual(
    ['Exact', 'exact', 'loose', 'LoOsE', '\xc9', '\xe9'].map((t) => ask(m, t)),
    [true, false, true, true, true, false],
  );
});

test('beg, end: an empty pattern matches all, a longer one than the text nothing', () => {
  assert.equal(ask(matchPrefix(plain('')), 'x'), true);
  assert.equal(ask(matchSuffix(plain('abcd')), 'abc'), false);
  assert.equal(ask(matchSubstring(plain('b', 'zz')), 'abc'), true);
});

test('dir: a part between slashes, as the manual says it', () => {
  const path = '/images/png/logo/32x32.png';
  for (const p of ['/images', '/images/png', 'images/png', '/png/logo', 'logo/32x32.png', '32x32.png'])
    assert.equal(ask(matchDir(plain(p)), path), true, p);
  for (const p of ['pn', '32x32', '/', '']) assert.equal(ask(matchDir(plain(p)), path), false, p);
});

test('dom: a part between dots, colons, slashes and question marks, as the manual says it', () => {
  const url = 'http://www1.dc-eu.example.com:80/blah';
  const good = [
    'http',
    'www1',
    '.www1',
    'dc-eu',
    'example',
    'com',
    '80',
    'dc-eu.example',
    'blah',
    ':www1:',
    'dc-eu.example:80',
  ];
  for (const p of good) {
    // The delimiter inside a pattern is taken as it stands.
    assert.equal(ask(matchDom(plain(p)), p === 'dc-eu.example:80' ? 'www1.dc-eu.example:80/blah' : url), true, p);
  }
  for (const p of ['eu', 'dc', '.']) assert.equal(ask(matchDom(plain(p)), url), false, p);
  assert.equal(ask(matchDom(folded('EXAMPLE')), url), true);
});
