// Flag words as text. That each family's table is complete and disjoint is a rule of test/tidy.
import assert from 'node:assert/strict';
import test from 'node:test';
import { decodeFlags } from '../../../src/base/flags.js';

const TABLE = { prefix: 'X_', bits: { ONE: 1, FOUR: 4, TOP: 0x40000000 } };

test('names stand in the order of the table, unknown bits as a number behind them', () => {
  assert.equal(decodeFlags(TABLE, 0), '0');
  assert.equal(decodeFlags(TABLE, 4), 'FOUR');
  assert.equal(decodeFlags(TABLE, 0x40000005), 'ONE|FOUR|TOP');
  assert.equal(decodeFlags(TABLE, 0x105), 'ONE|FOUR|0x100');
});

test('bit 31 is shown as the positive number it is', () => {
  assert.equal(decodeFlags(TABLE, 0x80000001 | 0), 'ONE|0x80000000');
});
