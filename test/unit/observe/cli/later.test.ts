// Commands that HAProxy has and sluice has not yet.
import assert from 'node:assert/strict';
import test from 'node:test';
import { cliCommands } from '../../../../src/observe/cli/commands.js';
import { laterText } from '../../../../src/observe/cli/later.js';

test('no command that is there is said to come later', () => {
  for (const { name } of cliCommands) assert.equal(laterText(name.split(' ')), '', name);
});

test('what is not there yet is refused by name, with any arguments; the rest is unknown', () => {
  const text = (name: string): string => `'${name}' is known to HAProxy, but not in sluice yet.\n`;
  assert.equal(laterText(['add', 'server', 'be/s9', '127.0.0.1:80']), text('add server'));
  assert.equal(laterText(['show', 'table']), text('show table'));
  assert.equal(laterText(['set', 'ssl', 'cert', 'x', '<<']), text('set ssl cert'));
  assert.equal(laterText(['show', 'ssl']), '');
  assert.equal(laterText([]), '');
  assert.equal(laterText(['constructor']), '');
});
