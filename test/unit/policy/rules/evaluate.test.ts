// Rulesets: the order of rules, what ends one, and what makes it wait.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { newProxy } from '../../../../src/config/defaults.js';
import { matchBool } from '../../../../src/policy/acl/match/others.js';
import type { Condition } from '../../../../src/policy/acl/types.js';
import { rulesRun } from '../../../../src/policy/rules/evaluate.js';
import { ACT_ACCEPT, ACT_CONT, ACT_DENY, ACT_YIELD, type Rule } from '../../../../src/policy/rules/types.js';
import { smpBool } from '../../../../src/policy/sample/sample.js';
import {
  SMP_F_MAY_CHANGE,
  SMP_OPT_FINAL,
  SMP_T_BOOL,
  type Sample,
  type SampleContext,
} from '../../../../src/policy/sample/types.js';
import { Proxy } from '../../../../src/proxy/proxy.js';

const HERE = { file: 'f', line: 1, column: 1, length: 0 };
const ctx = (opt = 0): SampleContext => ({
  px: new Proxy(newProxy('frontend', 'f', HERE)),
  sess: null,
  strm: null,
  opt,
});

/** A condition that is true, false, or not known yet. */
function cond(value: boolean | null): Condition {
  const next = (_c: SampleContext, smp: Sample): boolean => {
    smp.flags = value === null ? SMP_F_MAY_CHANGE : 0;
    return value !== null && smpBool(smp, value);
  };
  const sample = { text: '', outType: SMP_T_BOOL, use: 1, next, eval: next, evalStr: () => null };
  const acl = { name: '', exprs: [{ text: '', sample, matcher: matchBool() }], position: HERE, use: 1, used: true };
  return { suites: [[{ acl, negated: false }]], unless: false, use: 1, position: HERE, text: '' };
}

function rules(ran: string[], ...list: [name: string, answer: number, cond: Condition | null][]): Rule[] {
  return list.map(([name, answer, c]) => ({
    action: {
      name,
      final: false,
      run: () => {
        ran.push(name);
        return answer;
      },
    },
    cond: c,
    position: HERE,
  }));
}

test('rules run in order until one decides', () => {
  const ran: string[] = [];
  const list = rules(
    ran,
    ['a', ACT_CONT, null],
    ['b', ACT_DENY, cond(false)],
    ['c', ACT_ACCEPT, cond(true)],
    ['d', ACT_DENY, null],
  );
  assert.equal(rulesRun(list, ctx()), ACT_ACCEPT);
  assert.deepEqual(ran, ['a', 'c']);
});

test('rules without a decision let pass', () => {
  assert.equal(rulesRun([], ctx()), ACT_CONT);
  assert.equal(rulesRun(rules([], ['a', ACT_DENY, cond(false)]), ctx()), ACT_CONT);
});

test('a condition that is not known yet makes the ruleset wait, and nothing behind it runs', () => {
  const ran: string[] = [];
  const list = rules(ran, ['a', ACT_CONT, null], ['b', ACT_ACCEPT, cond(null)], ['c', ACT_DENY, null]);
  assert.equal(rulesRun(list, ctx()), ACT_YIELD);
  assert.deepEqual(ran, ['a']);
  assert.equal(rulesRun(list, ctx(SMP_OPT_FINAL)), ACT_DENY);
});
