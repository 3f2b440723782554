// Which messages of each batch go to a target.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogSample } from '../../../../src/observe/log/sampling.js';

function taken(text: string, messages: number): string {
  const sample = new LogSample(text);
  return Array.from({ length: messages }, () => (sample.take() ? 'x' : '.')).join('');
}

test('single numbers and ranges of each batch are taken, the others are not', () => {
  assert.equal(taken('1:2', 6), 'x.x.x.');
  assert.equal(taken('1,3-4:5', 10), 'x.xx.x.xx.');
  assert.equal(taken('2-3:3', 7), '.xx.xx.');
  assert.equal(taken('1:1', 3), 'xxx');
  assert.equal(taken('1,:3', 4), 'x..x');
});
