// Conditions: three values, alternatives and terms, and what is not asked.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { condEval } from '../../../../src/policy/acl/condition.js';
import { type Acl, COND_FAIL, COND_MISS, COND_PASS, type Condition } from '../../../../src/policy/acl/types.js';
import { Proxy } from '../../../../src/proxy/proxy.js';
import { newProxy } from '../../../../src/config/defaults.js';
import { matchBool, matchFound } from '../../../../src/policy/acl/match/others.js';
import { smpBool } from '../../../../src/policy/sample/sample.js';
import {
  SMP_F_MAY_CHANGE,
  SMP_F_NOT_LAST,
  SMP_OPT_FINAL,
  SMP_T_BOOL,
  type Sample,
  type SampleContext,
  type SampleExpression,
} from '../../../../src/policy/sample/types.js';

const HERE = { file: 'f', line: 1, column: 1, length: 0 };
const px = new Proxy(newProxy('frontend', 'f', HERE));

function context(final: boolean): SampleContext {
  return { px, sess: null, strm: null, opt: final ? SMP_OPT_FINAL : 0 };
}

/** An expression that gives `values` one after the other, with `flags`. */
function expression(values: readonly boolean[], flags: number, calls: string[] = [], name = ''): SampleExpression {
  const next = (_ctx: SampleContext, smp: Sample): boolean => {
    calls.push(name);
    const value = values[smp.cursor++];
    smp.flags = flags | (smp.cursor < values.length ? SMP_F_NOT_LAST : 0);
    return value !== undefined && smpBool(smp, value);
  };
  return {
    text: name,
    outType: SMP_T_BOOL,
    use: 1,
    next,
    eval: (ctx, smp) => {
      smp.cursor = 0;
      return next(ctx, smp);
    },
    evalStr: () => null,
  };
}

function acl(e: SampleExpression, found = false): Acl {
  const matcher = found ? matchFound() : matchBool();
  return { name: '', exprs: [{ text: '', sample: e, matcher }], position: HERE, use: 1, used: true };
}

const yes = (): Acl => acl(expression([true], 0));
const no = (): Acl => acl(expression([false], 0));
/** Not known yet. */
const maybe = (): Acl => acl(expression([], SMP_F_MAY_CHANGE));

function cond(suites: readonly (readonly Acl[])[], unless = false, negated = false): Condition {
  return {
    suites: suites.map((s) => s.map((a) => ({ acl: a, negated }))),
    unless,
    use: 1,
    position: HERE,
    text: '',
  };
}

test('condition: terms of a suite must all hold, one suite is enough', () => {
  const cases: [Acl[][], number][] = [
    [[[yes(), yes()]], COND_PASS],
    [[[yes(), no()]], COND_FAIL],
    [[[no()], [yes()]], COND_PASS],
    [[[no()], [no(), yes()]], COND_FAIL],
    [[], COND_FAIL],
  ];
  for (const [suites, expected] of cases) {
    assert.equal(condEval(cond(suites), context(true)), expected);
    const turned = expected === COND_PASS ? COND_FAIL : COND_PASS;
    assert.equal(condEval(cond(suites, true), context(true)), turned);
  }
});

test('condition: what may change is neither true nor false until it is final', () => {
  for (const negated of [false, true]) {
    assert.equal(condEval(cond([[maybe()]], false, negated), context(false)), COND_MISS);
    assert.equal(condEval(cond([[maybe()]], true, negated), context(false)), COND_MISS);
    assert.equal(condEval(cond([[maybe()]], false, negated), context(true)), negated ? COND_PASS : COND_FAIL);
  }
});

test('condition: what is known already decides where it can', () => {
  assert.equal(condEval(cond([[no(), maybe()]]), context(false)), COND_FAIL);
  assert.equal(condEval(cond([[maybe(), no()]]), context(false)), COND_MISS); // as the reference: it waits
  assert.equal(condEval(cond([[maybe()], [yes()]]), context(false)), COND_PASS);
  assert.equal(condEval(cond([[maybe()], [no()]]), context(false)), COND_MISS);
});

test('condition: a value that matches now is true, whatever may still come', () => {
  assert.equal(condEval(cond([[acl(expression([true], SMP_F_MAY_CHANGE))]]), context(false)), COND_PASS);
  assert.equal(condEval(cond([[acl(expression([false], SMP_F_MAY_CHANGE))]]), context(false)), COND_MISS);
});

test('condition: every value of a sample is tried', () => {
  assert.equal(condEval(cond([[acl(expression([false, false, true], 0))]]), context(true)), COND_PASS);
  assert.equal(condEval(cond([[acl(expression([false, false, false], 0))]]), context(true)), COND_FAIL);
});

test('condition: terms that cannot change the answer are not asked', () => {
  const calls: string[] = [];
  const named = (name: string, value: boolean): Acl => acl(expression([value], 0, calls, name));
  condEval(
    cond([[named('a', false), named('b', true)], [named('c', true), named('d', true)], [named('e', true)]]),
    context(true),
  );
  assert.deepEqual(calls, ['a', 'c', 'd']);
});

test('found: the sample need not be true, but there', () => {
  assert.equal(condEval(cond([[acl(expression([false], 0), true)]]), context(true)), COND_PASS);
  assert.equal(condEval(cond([[acl(expression([], 0), true)]]), context(true)), COND_FAIL);
});
