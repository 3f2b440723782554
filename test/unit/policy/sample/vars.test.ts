// Variables: names, conditions of set-var, and what a scope may keep.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { SampleValue, smpInt, smpStr } from '../../../../src/policy/sample/sample.js';
import {
  parseVarConditions,
  parseVarName,
  storeSet,
  VAR_PROC,
  VAR_TXN,
  VarStore,
} from '../../../../src/policy/sample/vars.js';
import { answerOf, newContext, newProcess } from '../../../support/samples.js';

function mistakeOf(text: string): string {
  const name = parseVarName(text);
  assert.ok(typeof name === 'string');
  return name;
}

test('names are read as scope and rest; what is wrong is told in the words of the reference', () => {
  assert.deepEqual(parseVarName('txn.a.b_1'), { scope: VAR_TXN, name: 'a.b_1' });
  assert.deepEqual(parseVarName('proc.x'), { scope: VAR_PROC, name: 'x' });
  assert.equal(parseVarName(''), 'Empty variable name cannot be accepted');
  assert.match(mistakeOf('foo'), /^invalid variable name 'foo'\. A variable name must be start by its scope\./);
  assert.match(mistakeOf('txn.'), /^invalid variable name 'txn\.'/);
  assert.equal(parseVarName('txn.a-b'), "invalid syntax at char '-b'");
  assert.equal(parseVarConditions(['ifexists', 'maybe']), 'unknown condition "maybe"');
});

test('set-var under conditions: the variable keeps its value, and there is no sample, where one does not hold', () => {
  const ctx = newContext();
  const run = (text: string): string => answerOf(text, ctx);
  assert.equal(run('str(a),set-var(proc.v,ifexists)'), '-');
  assert.equal(run('int(4),set-var(proc.v),add(1)'), 'sint\t5');
  assert.equal(run('int(3),set-var(proc.v,ifgt)'), 'sint\t3');
  assert.equal(run('int(5),set-var(proc.v,ifgt)'), '-');
  assert.equal(run('int(2),set-var(proc.v,iflt)'), '-');
  assert.equal(run('str(),set-var(proc.v,ifnotempty)'), '-');
  assert.equal(run('str(x),set-var(proc.v,ifgt)'), 'str\tx');
  assert.equal(run('str(x),unset-var(proc.v)'), 'str\tx');
  assert.equal(run('var(proc.v)'), '-');
  assert.equal(run('var(proc.v,none)'), 'str\tnone');
  assert.equal(run('str(y),set-var(proc.v,ifset)'), '-');
  assert.equal(run('str(y),set-var(proc.v,ifnotset,ifexists)'), 'str\ty');
  assert.equal(run('str(y),set-var(txn.v)'), '-', 'there is no stream');
});

test('a limit counts what finer scopes keep; releasing one gives it back to all above', () => {
  const smp = new SampleValue();
  smpStr(smp, 'x'.repeat(36));
  const global = new VarStore(null, 0);
  const sess = new VarStore(global, 200);
  const txn = new VarStore(sess, 0);
  assert.equal(storeSet(txn, 'a', smp), true);
  assert.equal(sess.bytes, 100);
  assert.equal(storeSet(sess, 'b', smp), true);
  assert.equal(storeSet(txn, 'c', smp), false, 'full');
  assert.equal(txn.values.has('c'), false);
  assert.equal(global.bytes, 200);
  smpInt(smp, 7);
  assert.equal(storeSet(txn, 'a', smp), true, 'smaller than before');
  assert.equal(global.bytes, 164);
  txn.release();
  assert.equal(global.bytes, 100);
  assert.equal(sess.bytes, 100);
  sess.release();
  assert.equal(global.bytes, 0);
});

test('a variable keeps its type', () => {
  const ctx = newContext(newProcess());
  assert.equal(answerOf('ipv4(1.2.3.4),set-var(proc.ip)', ctx), 'ipv4\t1.2.3.4');
  assert.equal(answerOf('var(proc.ip),ipmask(8)', ctx), 'ipv4\t1.0.0.0');
  assert.equal(answerOf('var(proc.word),add(1)', ctx), 'sint\t1');
});
