// The action table: words and parentheses as the syntax has them, each word once for each ruleset.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ACTION_LISTS, actionTable, actionWords, findAction } from '../../../../src/policy/rules/actions.js';
import {
  RULE_TCP_REQ_CONN,
  RULE_TCP_REQ_CONT,
  RULE_TCP_REQ_SESS,
  RULE_TCP_RES_CONT,
} from '../../../../src/policy/rules/types.js';

const RULESETS = [RULE_TCP_REQ_CONN, RULE_TCP_REQ_SESS, RULE_TCP_REQ_CONT, RULE_TCP_RES_CONT];

test('a word begins its syntax, with a parenthesis where it takes an argument in one', () => {
  for (const { word, parens, syntax, status, parse } of actionTable) {
    assert.ok(syntax === word || syntax.startsWith(`${word}${parens ? '(' : ' '}`), syntax);
    assert.equal(parse === null, status === 'later', word);
  }
});

test('no ruleset has a word twice, and every word stands in the list that the reference prints', () => {
  for (const rules of RULESETS) {
    const words = actionWords(rules);
    assert.equal(new Set(words).size, words.length);
    const list = ACTION_LISTS[rules]!.replace("'track-sc0' ... 'track-sc2'", "'track-sc0', 'track-sc1', 'track-sc2'");
    for (const word of words) {
      assert.ok(list.includes(`'${word}'`) || list.includes(`'${word}(*)'`), `${word} in ${list}`);
    }
  }
});

test('actions are found by their word, with what follows it only where that belongs to it', () => {
  assert.equal(findAction('accept', RULE_TCP_REQ_CONN)?.word, 'accept');
  assert.equal(findAction('accept(x)', RULE_TCP_REQ_CONN), undefined);
  assert.equal(findAction('set-var(txn.a)', RULE_TCP_REQ_CONN)?.word, 'set-var');
  assert.equal(findAction('set-var', RULE_TCP_REQ_CONN)?.word, 'set-var');
  assert.equal(findAction('close', RULE_TCP_REQ_CONN), undefined);
});
