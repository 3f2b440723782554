// Conditions of .if and -cc (configuration manual 2.4); values and messages as the reference gives them.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import {
  type ConditionContext,
  compareVersions,
  conditionStatus,
  evaluateCondition,
} from '../../../src/config/conditions.js';

const ctx: ConditionContext = {
  defined: (name) => name === 'HOME',
  feature: (name) => name === 'EPOLL',
  enabled: (name) => name === 'SPLICE',
  version: '2.6',
  sslVersion: '3.0.15',
  sslName: 'OpenSSL 3',
};

function value(text: string): boolean | string {
  const r = evaluateCondition(text, ctx);
  return r.ok ? r.value : `${r.error.position}: ${r.error.message}`;
}

const TRUE = [
  '1', '12', '-1', '0x10', ' 1 ', '!0', '! 0', '!!1', '1 || 0', '0 || 1', '1&&1', '(1)', '((1))', '!(1)||1', '!(0 && 1)',
  '1 || 1 && 0', '0 || (0 || 1) && 1', 'defined(HOME)', 'feature(EPOLL)', 'feature', 'feature()', 'streq(a,a)', 'streq(,)',
  'streq(a b,a b)', 'streq("a,b","a,b")', "streq('a)','a)')", 'streq("a"b,ab)', 'strneq(a,b)',
  'strstr(abc,b)', 'version_atleast(2.4-dev19)', 'version_atleast(v2.6)', 'version_atleast(2.6-rc1)', 'version_atleast()',
  'version_atleast(2)', 'version_before(2.7-dev1)', 'version_before(2.6.1)', 'enabled(SPLICE)', 'openssl_version_atleast(3.0.0)',
  'openssl_version_before(3.5.0)', 'ssllib_name_startswith(OpenSSL)',
]; // prettier-ignore
const FALSE = [
  '', '  ', '0', '!1', '1 && 0', '(1 || 1) && 0', 'defined(NOPE)', 'defined', 'defined()', 'defined( HOME)', 'feature(epoll)',
  'feature(+EPOLL)', 'streq(a,b)', 'streq( a ,a)', 'strneq(a,a)', 'strstr(abc,x)', 'version_atleast(2.7)', 'version_atleast(3)',
  'version_before(2.6)', 'version_before(x)', 'version_before()', 'enabled(POLL)', 'fips_mode()', 'awslc_api_atleast(1)',
]; // prettier-ignore

test('conditions are true and false as with the reference', () => {
  for (const text of TRUE) assert.equal(value(text), true, text);
  for (const text of FALSE) assert.equal(value(text), false, text);
});

const BAD: readonly (readonly [text: string, result: string])[] = [
  ['foo', "1: unparsable conditional expression 'foo'"],
  ['!foo', "1: unparsable conditional expression '!foo'"],
  ['1 || foo', "6: unparsable conditional expression 'foo'"],
  ['0 && foo', "6: unparsable conditional expression 'foo'"],
  ['1 && (foo)', "7: unparsable conditional expression 'foo)'"],
  ['1 &&', "3: unparsable conditional expression '&&'"],
  ['()', "2: unparsable conditional expression ')'"],
  ['!', "1: unparsable conditional expression '!'"],
  ['(1', "1: expected ')' after conditional expression '(1'"],
  ['(1 1)', "1: expected ')' after conditional expression '(1 1)'"],
  ['1)', "2: unexpected character ')' at the end of conditional expression '1)'"],
  ['1 1', "3: unexpected character '1' at the end of conditional expression '1 1'"],
  ['2a', "2: unexpected character 'a' at the end of conditional expression '2a'"],
  ['1 & 1', "3: unexpected character '&' at the end of conditional expression '1 & 1'"],
  ['feature epoll', "9: unexpected character 'e' at the end of conditional expression 'feature epoll'"],
  ['feature(EPOLL', "14: expected ')' in argument 1 of predicate 'feature' used in conditional expression"],
  [
    'streq(a)',
    "8: missing arguments (got 1/2), type 'string' expected in argument 1 of predicate 'streq' used in conditional expression",
  ],
  ['streq(a,b,c)', "10: expected ')' before ',c)' in argument 1 of predicate 'streq' used in conditional expression"],
  ['streq(a,"b', "11: expected ')' in argument 1 of predicate 'streq' used in conditional expression"],
  [' foo', "1: unparsable conditional expression ' foo'"],
  ['1 || ! ! foo', "6: unparsable conditional expression '! ! foo'"],
  ['! (foo', "4: unparsable conditional expression 'foo'"],
  ['1 && (0 ||', "7: unparsable conditional expression '0 ||'"],
  ['0 ||', "1: unparsable conditional expression '0 ||'"],
  ['defined)', "1: unparsable conditional expression 'defined)'"],
  ['streq||1', "1: unparsable conditional expression 'streq||1'"],
  ['streq(a\\,b,c)', "11: expected ')' before ',c)' in argument 1 of predicate 'streq' used in conditional expression"],
  [
    'openssl_version_before(3)',
    "26: '3' is not a version of the library in argument 1 of predicate 'openssl_version_before' used in conditional expression",
  ],
];

test('mistakes are named with their position, also where the value no longer matters', () => {
  for (const [text, result] of BAD) assert.equal(value(text), result, text);
});

test('an argument that means nothing is a mistake only where its value counts', () => {
  assert.equal(value('1 || openssl_version_before()'), true);
  assert.equal(value('0 && openssl_version_before()'), false);
  assert.match(String(value('1 && !openssl_version_before()')), /is not a version/);
});

test('an argument that means nothing is a mistake only where its value counts', () => {
  assert.equal(value('1 || openssl_version_before()'), true);
  assert.equal(value('0 && openssl_version_before()'), false);
  assert.match(String(value('1 && !openssl_version_before()')), /is not a version/);
});

test('a predicate that was mistyped is recognised', () => {
  const r = evaluateCondition('1 && featur(EPOLL)', ctx);
  assert.ok(!r.ok);
  assert.equal(r.error.nearest, 'feature');
});

test('ten thousand parentheses are refused, not recursed into', () => {
  const r = evaluateCondition('('.repeat(10000), ctx);
  assert.ok(!r.ok);
  assert.match(r.error.message, /nested too deeply/);
  assert.equal(evaluateCondition('!'.repeat(10000) + '1', ctx).ok, false);
});

test('versions: development before release, missing parts are zero', () => {
  const ascending = ['1.9', '2.4-dev19', '2.4-rc1', '2.4', '2.4.1', '2.6', '3'];
  for (let i = 1; i < ascending.length; i++) {
    assert.ok(compareVersions(ascending[i - 1]!, ascending[i]!) < 0, ascending[i]);
    assert.ok(compareVersions(ascending[i]!, ascending[i - 1]!) > 0, ascending[i]);
  }
  assert.equal(compareVersions('2.6', 'v2.6.0'), 0);
});

test('-cc: status 0 true, 1 false, 2 with a message; quotes and variables are resolved first', () => {
  const env = (name: string): string | undefined => (name === 'HOME' ? '/root' : undefined);
  assert.deepEqual(conditionStatus('streq("$HOME",/root)', env, ctx), { status: 0, message: '' });
  assert.equal(conditionStatus('', env, ctx).status, 1);
  assert.equal(conditionStatus('1#', env, ctx).status, 2);
  assert.deepEqual(conditionStatus('foo', env, ctx), {
    status: 2,
    message: "config : Failed to evaluate condition: unparsable conditional expression 'foo'",
  });
  assert.deepEqual(conditionStatus('streq("a', env, ctx), {
    status: 2,
    message: 'config : Syntax Error in condition: Unmatched quote.',
  });
});
