// Finding commands, help, and what is said of unknown ones.
import assert from 'node:assert/strict';
import test from 'node:test';
import { cliCommands } from '../../../../src/observe/cli/commands.js';
import { findCommand, helpText, levelAllows, unknownText } from '../../../../src/observe/cli/lookup.js';

const find = (line: string): string | null => findCommand(cliCommands, line.split(' '))?.name ?? null;

test('findCommand: whole words only, the longest name wins, arguments may follow', () => {
  assert.equal(find('show info'), 'show info');
  assert.equal(find('show info typed'), 'show info');
  assert.equal(find('show in'), null);
  assert.equal(find('show'), null);
  assert.equal(find('show cli level'), 'show cli level');
  assert.equal(find('show cli'), null);
  assert.equal(find(''), null);
});

test('the table of commands: no name twice, help, prompt and quit last, each with a usage that begins with its name', () => {
  const names = cliCommands.map((c) => c.name);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(names.slice(-3), ['help', 'prompt', 'quit']);
  for (const c of cliCommands) assert.ok(c.usage.startsWith(c.name), c.name);
  for (const c of cliCommands) assert.ok(c.help !== '' && !c.help.includes('\n'), c.name);
});

test('levels: each allows what is at or below it', () => {
  assert.ok(levelAllows('admin', 'operator'));
  assert.ok(levelAllows('operator', 'operator'));
  assert.ok(!levelAllows('user', 'operator'));
  assert.ok(!levelAllows('operator', 'admin'));
});

test('help: all commands, or those that begin with the words, always with help, prompt and quit', () => {
  const lines = (text: string): string[] => text.trimEnd().split('\n');
  assert.equal(lines(helpText(cliCommands, [])).length, cliCommands.length + 1);
  const show = lines(helpText(cliCommands, ['show', 'stat']));
  assert.equal(show[0], 'The following commands are valid at this level:');
  assert.deepEqual(
    show.slice(1).map((l) => l.trim().split(' ')[0]),
    ['show', 'help', 'prompt', 'quit'],
  );
});

test('unknown commands: the nearest are named, all where nothing is near', () => {
  assert.match(unknownText(cliCommands, ['show', 'nosuch']), /^Unknown command/);
  const near = unknownText(cliCommands, ['sho', 'info']);
  assert.match(near, /^Unknown command, but maybe one of the following ones is a better match:\n {2}show info /);
  const all = unknownText(cliCommands, []);
  assert.match(all, /^Unknown command\. Please enter one of the following commands only:\n/);
  assert.equal(all.split('\n').length, cliCommands.length + 2);
  assert.ok(unknownText(cliCommands, ['x'.repeat(10_000)]).length < 10_000, 'a long word costs little');
});
