// Times of tasks: what their calls took, how long they waited, and that nobody pays who did not ask.
import '../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { TASK_WOKEN_MSG } from '../../../src/sched/flags.js';
import { TaskProfiler, taskTimesOf } from '../../../src/sched/profiler.js';
import { Scheduler } from '../../../src/sched/scheduler.js';
import { taskDestroy, taskNew, taskWakeup } from '../../../src/sched/task.js';

test('calls and waits of a task are added up, each on its own', () => {
  let now = 100;
  const s = new Scheduler();
  s.profiler = new TaskProfiler(() => now);
  const t = taskNew(
    s,
    (me) => {
      now += 5;
      return me;
    },
    null,
  );
  assert.equal(taskTimesOf(t), null);
  for (const wait of [3, 4]) {
    taskWakeup(t, TASK_WOKEN_MSG);
    now += wait;
    taskWakeup(t, TASK_WOKEN_MSG); // it waits already
    s.runQueues();
  }
  const times = taskTimesOf(t)!;
  assert.equal(times.latencyMs, 7);
  assert.equal(times.cpuMs, 10);
  assert.equal(t.calls, 2);
});

test('a task that wakes itself up waits from that moment on, and one that ends is counted', () => {
  let now = 100;
  const s = new Scheduler();
  s.profiler = new TaskProfiler(() => now);
  const t = taskNew(
    s,
    (me) => {
      if (me.calls === 2) {
        now += 1;
        taskDestroy(me);
        return null;
      }
      taskWakeup(me, TASK_WOKEN_MSG);
      now += 5;
      return me;
    },
    null,
  );
  taskWakeup(t, TASK_WOKEN_MSG);
  s.runQueues();
  s.runQueues();
  const times = taskTimesOf(t)!;
  assert.equal(times.cpuMs, 6);
  assert.equal(times.latencyMs, 5);
});

test('what was woken before anybody measured is measured from its next wake-up on', () => {
  const s = new Scheduler();
  const t = taskNew(s, (me) => me, null);
  taskWakeup(t, TASK_WOKEN_MSG);
  s.profiler = new TaskProfiler(() => 1);
  s.runQueues();
  assert.equal(taskTimesOf(t), null);
});
