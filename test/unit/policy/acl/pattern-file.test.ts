// Pattern files: what is a pattern of a file, and what is not.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readPatternFile } from '../../../../src/policy/acl/pattern-file.js';

const read = (text: string, map = false): string[] => readPatternFile(text, map).map((p) => `${p.line}:${p.text}`);

test('pattern files: comments and empty lines are left out, blanks in front stripped, blanks behind kept', () => {
  assert.deepEqual(read('foo \n #x\n#y\n\nbaz\r\n\tqux\nlast'), ['1:foo ', '2:#x', '5:baz', '6:qux', '7:last']);
});

test('map files: the first column is the pattern', () => {
  assert.deepEqual(read('10.0.0.0/8 inside\nkey\tvalue of it\nalone\n', true), ['1:10.0.0.0/8', '2:key', '3:alone']);
});
