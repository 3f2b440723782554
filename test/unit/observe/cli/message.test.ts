// Messages with their severities.
import assert from 'node:assert/strict';
import test from 'node:test';
import { cliErr, cliInfo, cliWarning, isMessage, messageText } from '../../../../src/observe/cli/message.js';

test('a severity is shown as a number or a word, or not at all', () => {
  assert.equal(messageText(cliErr('wrong\n'), 'none'), 'wrong\n');
  assert.equal(messageText(cliErr('wrong\n'), 'number'), '[3]: wrong\n');
  assert.equal(messageText(cliWarning('odd\n'), 'string'), '[warning]: odd\n');
  assert.equal(messageText(cliInfo('so\n'), 'string'), '[info]: so\n');
});

test('dumps are no messages', () => {
  assert.ok(isMessage(cliErr('x')));
  assert.ok(!isMessage('x'));
  assert.ok(!isMessage(['x', 'y']));
});
