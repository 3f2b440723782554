// Lines, commands and words of the runtime CLI.
import assert from 'node:assert/strict';
import test from 'node:test';
import { lineLength, lineText, splitCommands, splitWords } from '../../../../src/observe/cli/words.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

test('lineLength: counts the newline, and is 0 until it came', () => {
  assert.equal(lineLength(bytes('')), 0);
  assert.equal(lineLength(bytes('show info')), 0);
  assert.equal(lineLength(bytes('show info\n')), 10);
  assert.equal(lineLength(bytes('\nshow')), 1);
});

test('lineText: the end of the line goes, with its CR; a NUL separates', () => {
  assert.equal(lineText(bytes('show info\r\n')), 'show info');
  assert.equal(lineText(bytes('show\0info\n')), 'show info');
  assert.equal(lineText(bytes('\n')), '');
});

test('splitCommands: semicolons part commands, a backslash keeps them, empty ones count', () => {
  assert.deepEqual(splitCommands('show info'), ['show info']);
  assert.deepEqual(splitCommands('a;b ; c'), ['a', 'b ', ' c']);
  assert.deepEqual(splitCommands('a\\;b;c'), ['a\\;b', 'c']);
  assert.deepEqual(splitCommands('a;'), ['a', '']);
  assert.deepEqual(splitCommands(''), ['']);
  assert.deepEqual(splitCommands('a\\\\;b'), ['a\\\\', 'b']);
});

test('splitWords: blanks part words, a backslash takes the next character as it is', () => {
  assert.deepEqual(splitWords('  show \t stat  '), ['show', 'stat']);
  assert.deepEqual(splitWords('a\\ b c\\;d'), ['a b', 'c;d']);
  assert.deepEqual(splitWords('a\\\\b'), ['a\\b']);
  assert.deepEqual(splitWords('end\\'), ['end\\']);
  assert.deepEqual(splitWords(''), []);
});
