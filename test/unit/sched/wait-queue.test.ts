// The wait queue against a plainly sorted list, with dates around the wrap of ticks.
import '../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { tickAdd } from '../../../src/base/ticks.js';
import { Scheduler } from '../../../src/sched/scheduler.js';
import { NOT_IN_WQ, type Task, taskNew } from '../../../src/sched/task.js';

const STARTS = [1, 0x7fffffff - 500, -500, -0x80000000];

/** The task filed earliest must be one whose date no other precedes. */
function check(tasks: readonly Task[], start: number, sched: Scheduler): void {
  const filed = tasks.filter((t) => t.wqIndex !== NOT_IN_WQ);
  assert.equal(sched.wq.size, filed.length);
  const first = sched.wq.first();
  if (filed.length === 0) {
    assert.equal(first, null);
    return;
  }
  const least = Math.min(...filed.map((t) => (t.wqKey - start) | 0));
  assert.equal((first!.wqKey - start) | 0, least);
}

test('file, move and remove in any order keep the earliest first', () => {
  const step = fc.record({ task: fc.nat(11), ms: fc.integer({ min: 1, max: 1000 }), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.constantFrom(...STARTS), fc.array(step, { maxLength: 60 }), (start, steps) => {
      const sched = new Scheduler();
      const tasks = Array.from({ length: 12 }, () => taskNew(sched, (t) => t, null));
      for (const { task, ms, remove } of steps) {
        const t = tasks[task]!;
        if (remove) sched.wq.remove(t);
        else {
          t.expire = tickAdd(start, ms);
          sched.wq.file(t);
        }
        check(tasks, start, sched);
      }
      // What is left comes out sorted.
      let before = 0;
      for (let t = sched.wq.first(); t !== null; t = sched.wq.first()) {
        const at = (t.wqKey - start) | 0;
        assert.ok(at >= before);
        before = at;
        sched.wq.remove(t);
        assert.equal(t.wqIndex, NOT_IN_WQ);
      }
    }),
    { numRuns: 300, seed: 20 },
  );
});

test('removing what is not filed does nothing, filing under eternity is a bug', () => {
  const sched = new Scheduler();
  const t = taskNew(sched, (x) => x, null);
  sched.wq.remove(t);
  assert.equal(sched.wq.size, 0);
  assert.throws(() => {
    sched.wq.file(t);
  }, /eternity/);
});
