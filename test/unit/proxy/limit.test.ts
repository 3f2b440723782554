// Limits on connections and who waits for them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ConnLimit, type LimitWaiter } from '../../../src/proxy/limit.js';

class Waiter implements LimitWaiter {
  waitsFor: ConnLimit | null = null;
  resumed = 0;
  /** What it does with the room. */
  use: (() => void) | null = null;

  resume(): void {
    assert.equal(this.waitsFor, null);
    this.resumed++;
    this.use?.();
  }
}

test('fits, full, one more; 0 is no limit', () => {
  const l = new ConnLimit(2);
  assert.equal(l.full, false);
  l.used = 1;
  assert.equal(l.full, false);
  l.used = 2;
  assert.equal(l.full, true);
  l.max = 0;
  assert.equal(l.full, false);
});

test('a release resumes every waiter: one that takes nothing must not keep the room from the next', () => {
  const l = new ConnLimit(1);
  l.used = 1;
  const idle = new Waiter();
  const busy = new Waiter();
  l.wait(idle);
  l.wait(idle);
  l.wait(busy);
  assert.equal(l.waiters.length, 2, 'twice is once');
  l.release();
  assert.deepEqual([idle.resumed, busy.resumed], [1, 1]);
  assert.equal(l.waiters.length, 0);
});

test('who comes behind one that took the room at once goes on waiting', () => {
  const l = new ConnLimit(1);
  l.used = 1;
  const first = new Waiter();
  const second = new Waiter();
  first.use = () => {
    l.used++;
  };
  l.wait(first);
  l.wait(second);
  l.release();
  assert.deepEqual([first.resumed, second.resumed], [1, 0]);
  assert.equal(second.waitsFor, l);
  l.release();
  assert.equal(second.resumed, 1);
});

test('a waiter that waits again from inside is not resumed in circles', () => {
  const l = new ConnLimit(3);
  l.used = 3;
  const w = new Waiter();
  w.use = () => {
    if (w.resumed < 100) l.wait(w);
  };
  l.wait(w);
  l.release();
  assert.equal(w.resumed, 1);
  assert.equal(w.waitsFor, l);
});

test('a limit lowered below present use resumes nobody, raised or lifted it does', () => {
  const l = new ConnLimit(2);
  l.used = 2;
  const w = new Waiter();
  l.wait(w);
  l.setMax(1);
  l.release();
  assert.deepEqual([w.resumed, l.used, l.full], [0, 1, true]);
  l.setMax(2);
  assert.equal(w.resumed, 1);
  l.used = 2;
  l.wait(w);
  l.setMax(0);
  assert.equal(w.resumed, 2);
});

test('who is forgotten is not resumed', () => {
  const l = new ConnLimit(1);
  l.used = 1;
  const w = new Waiter();
  l.wait(w);
  l.forget(w);
  assert.equal(w.waitsFor, null);
  l.release();
  assert.equal(w.resumed, 0);
  l.forget(w);
});
