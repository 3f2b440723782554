// Numbers, times, modes, and the nearest word.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { editDistance, nearestWord } from '../../../src/config/nearest.js';
import { readInt, readMode, readTime } from '../../../src/config/values.js';

test('integers are read as C reads them, and it is told whether that was all', () => {
  assert.deepEqual(readInt('12'), { value: 12, clean: true });
  assert.deepEqual(readInt(' -3'), { value: -3, clean: true });
  assert.deepEqual(readInt('12x'), { value: 12, clean: false });
  assert.deepEqual(readInt('x'), { value: 0, clean: false });
  assert.deepEqual(readInt(''), { value: 0, clean: false });
  assert.equal(readInt('9'.repeat(400)).value, Number.MAX_SAFE_INTEGER);
});

test('times: units, rounding up of microseconds, the limit and one beyond it', () => {
  const ms = (text: string, unit?: 'ms' | 's'): unknown => {
    const t = readTime(text, unit);
    return t.ok ? (t.rest === '' ? t.ms : [t.ms, t.rest]) : t.why === 'character' ? t.character : t.why;
  };
  const cases: Record<string, unknown> = {
    '5': 5,
    '5ms': 5,
    '5s': 5000,
    '2m': 120000,
    '1h': 3600000,
    '1d': 86400000,
    '1us': 1,
    '1500us': 2,
    '0': 0,
    '2147483647': 2147483647,
    '2147483648': 'overflow',
    '25d': 'overflow',
    '5x': 'x',
    '5S': 'S',
    '1.5s': '.',
    '-1': '-',
    s: 's',
    '': '',
    '5s6': [5000, '6'],
    '5mss': [5, 's'],
  };
  for (const [text, expected] of Object.entries(cases)) assert.deepEqual(ms(text), expected, text);
  assert.equal(ms('5', 's'), 5000);
});

test('file modes are octal', () => {
  assert.deepEqual(
    ['600', '0600', '7777', '8', '', '77777', 'x'].map(readMode),
    [0o600, 0o600, 0o7777, -1, -1, -1, -1],
  );
});

test('edit distance counts a swap of neighbours as one, and stops at its limit', () => {
  assert.equal(editDistance('maxconn', 'maxconn', 3), 0);
  assert.equal(editDistance('maxcon', 'maxconn', 3), 1);
  assert.equal(editDistance('wieght', 'weight', 3), 1);
  assert.equal(editDistance('abcdef', 'uvwxyz', 3), 4);
});

test('the nearest word is close, or there is none', () => {
  const known = ['maxconn', 'maxpipes', 'tfo', 'id', 'mode'];
  assert.equal(nearestWord('maxcon', known), 'maxconn');
  assert.equal(nearestWord('Mode', known), 'mode');
  assert.equal(nearestWord('maxpipe', known), 'maxpipes');
  assert.equal(nearestWord('fooo', known), '');
  assert.equal(nearestWord('xyzzy', known), '');
  assert.equal(nearestWord('', known), '');
  assert.equal(nearestWord('x'.repeat(10000), known), '');
});
