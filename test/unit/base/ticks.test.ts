// Ticks wrap every 49 days; only differences are compared.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  TICK_ETERNITY,
  tickAdd,
  tickAddIfSet,
  tickFirst,
  tickIsExpired,
  tickIsLt,
  tickOf,
  tickRemain,
} from '../../../src/base/ticks.js';

const BEFORE = 0x7fffffff - 5; // five ms before the sign changes
const AROUND = [1, 1000, BEFORE, -5, -1, -0x80000000, 0x7fffffff];

test('dates keep their order where the number wraps', () => {
  for (const now of AROUND) {
    for (const ms of [1, 10, 60_000, 0x7ffffffe]) {
      const t = tickAdd(now, ms);
      assert.notEqual(t, TICK_ETERNITY);
      assert.equal(tickIsExpired(t, now), false, `${now} + ${ms} lies ahead`);
      assert.equal(tickIsExpired(t, t), true, 'it has passed when it is reached');
      assert.equal(tickIsLt(now, t), true);
      assert.equal(tickIsLt(t, now), false);
      assert.equal(tickFirst(now, t), now);
      assert.equal(tickFirst(t, now), now);
    }
    assert.equal(tickRemain(now, tickAdd(now, 60_000)), 60_000);
    assert.equal(tickRemain(tickAdd(now, 60_000), now), 0);
  }
});

test('a date that would fall on eternity is a millisecond later', () => {
  assert.equal(tickAdd(-7, 7), 1);
  assert.equal(tickOf(2 ** 32), 1);
  assert.equal(tickOf(0.9), 1);
});

test('the clock wraps into negative ticks and fractions are cut', () => {
  assert.equal(tickOf(2 ** 31 + 0.5), -0x80000000);
  assert.equal(tickOf(2 ** 31 - 0.5), 0x7fffffff);
  assert.equal(tickOf(12.9), 12);
});

test('eternity never comes, and is after everything', () => {
  for (const now of AROUND) {
    assert.equal(tickIsExpired(TICK_ETERNITY, now), false);
    assert.equal(tickIsLt(TICK_ETERNITY, now), false);
    assert.equal(tickIsLt(now, TICK_ETERNITY), true);
    assert.equal(tickFirst(now, TICK_ETERNITY), now);
    assert.equal(tickFirst(TICK_ETERNITY, now), now);
    assert.equal(tickRemain(now, TICK_ETERNITY), -1);
    assert.equal(tickAddIfSet(now, 0), TICK_ETERNITY);
    assert.equal(tickAddIfSet(now, 5), tickAdd(now, 5));
  }
  assert.equal(tickFirst(TICK_ETERNITY, TICK_ETERNITY), TICK_ETERNITY);
});
