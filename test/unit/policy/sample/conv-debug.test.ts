// The converter `debug`: what it says about a sample, where it says it, and that the sample goes on as it came.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { isSampleError, parseSampleExpr } from '../../../../src/policy/sample/expr.js';
import { SampleValue } from '../../../../src/policy/sample/sample.js';
import { SMP_T_BIN } from '../../../../src/policy/sample/types.js';
import { newContext, newProcess } from '../../../support/samples.js';

/** What `text` sends to its sinks, `sink|message` each, and the sample behind it. */
function told(text: string): { events: string[]; smp: SampleValue; found: boolean } {
  const events: string[] = [];
  const ctx = newContext({ ...newProcess(), event: (sink, message) => void events.push(`${sink}|${message}`) });
  const parsed = parseSampleExpr(text, { px: null, dir: 0 });
  assert.ok(!isSampleError(parsed), text);
  const smp = new SampleValue();
  const found = parsed.expr.eval(ctx, smp);
  return { events, smp, found };
}

test('every type says its name and its value as text', () => {
  for (const [expr, message] of [
    ['str(a b)', 'type=str <a b>'],
    ['int(-5)', 'type=sint <-5>'],
    ['bool(true)', 'type=bool <1>'],
    ['ipv4(10.0.0.1)', 'type=ipv4 <10.0.0.1>'],
    ['ipv6(::1)', 'type=ipv6 <::1>'],
    ['meth(GET)', 'type=meth <GET>'],
    ['bin(090a7e7f80ff41)', 'type=bin <..~...A>'],
    ['bin(4100420a)', 'type=bin <A>'],
    ['str()', 'type=str <>'],
  ] as const) {
    assert.deepEqual(told(`${expr},debug(p,r1)`).events, [`r1|[debug] p: ${message}`]);
  }
});

test('without arguments the message has no name and goes to buf0', () => {
  assert.deepEqual(told('int(1),debug').events, ['buf0|[debug] : type=sint <1>']);
  assert.deepEqual(told('int(1),debug(x)').events, ['buf0|[debug] x: type=sint <1>']);
});

test('the sample goes on as it came; without one nothing is said', () => {
  const { smp, found } = told('bin(ff00),debug(a,stderr)');
  assert.ok(found);
  assert.equal(smp.type, SMP_T_BIN);
  assert.equal(smp.str, '\xff\0');
  const none = told('var(txn.none),debug');
  assert.equal(none.found, false);
  assert.deepEqual(none.events, []);
  assert.deepEqual(told('int(1),debug(a),add(1),debug(b)').events, [
    'buf0|[debug] a: type=sint <1>',
    'buf0|[debug] b: type=sint <2>',
  ]);
});
