// The rule that decided last: nothing is kept before an expression asks for it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Stream } from '../../../../src/datapath/stream/stream.js';
import { lastRuleNote, lastRuleOf, lastRuleWanted } from '../../../../src/policy/sample/last-rule.js';

const at = (line: number): { file: string; line: number; column: number; length: number } => ({
  file: 'f',
  line,
  column: 1,
  length: 0,
});

test('the last verdict of each stream counts, once somebody asks', () => {
  const one = {} as Stream;
  const other = {} as Stream;
  lastRuleNote(one, at(1));
  assert.equal(lastRuleOf(one), null);
  lastRuleWanted();
  lastRuleNote(one, at(2));
  lastRuleNote(one, at(3));
  lastRuleNote(other, at(4));
  assert.equal(lastRuleOf(one)?.line, 3);
  assert.equal(lastRuleOf(other)?.line, 4);
  assert.equal(lastRuleOf({} as Stream), null);
});
