// Arithmetic in 64 bits: what a converter answers is what exact arithmetic gives, moved to the nearer end where it does not fit.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { answerOf, newContext } from '../../../support/samples.js';

const MAX = 2n ** 63n - 1n;
const int64 = fc.oneof(
  fc.bigInt(-MAX - 1n, MAX),
  fc.constantFrom(0n, 1n, -1n, MAX, -MAX - 1n, 2n ** 32n, -(2n ** 31n)),
);

function saturate(v: bigint): bigint {
  return v > MAX ? MAX : v < -MAX - 1n ? -MAX - 1n : v;
}

const EXACT: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0n ? MAX : a / b),
  mod: (a, b) => (b === 0n ? 0n : a % b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

for (const [word, exact] of Object.entries(EXACT)) {
  test(`${word} is exact where 64 bits hold the result, and saturates where not`, () => {
    const ctx = newContext();
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        assert.equal(answerOf(`int(${a}),${word}(${b})`, ctx), `sint\t${saturate(exact(a, b))}`);
      }),
      { numRuns: 300 },
    );
  });
}

test('neg, cpl, odd, even, not and bool agree with each other', () => {
  const ctx = newContext();
  fc.assert(
    fc.property(int64, (a) => {
      assert.equal(answerOf(`int(${a}),cpl,cpl`, ctx), `sint\t${a}`);
      assert.equal(answerOf(`int(${a}),neg`, ctx), `sint\t${saturate(-a)}`);
      assert.equal(answerOf(`int(${a}),odd,not`, ctx), answerOf(`int(${a}),even`, ctx));
      assert.equal(answerOf(`int(${a}),not,not`, ctx), answerOf(`int(${a}),bool`, ctx));
    }),
    { numRuns: 300 },
  );
});
