// Tasks and tasklets on one scheduler: wake-ups, lazy dates, what handlers return, what a thrown error does.
import '../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { TICK_ETERNITY } from '../../../src/base/ticks.js';
import {
  TASK_KILLED,
  TASK_QUEUED,
  TASK_RUNNING,
  TASK_SELF_WAKING,
  TASK_WOKEN_INIT,
  TASK_WOKEN_IO,
  TASK_WOKEN_MSG,
  TASK_WOKEN_TIMER,
} from '../../../src/sched/flags.js';
import { Scheduler } from '../../../src/sched/scheduler.js';
import {
  type Task,
  type Tasklet,
  taskDestroy,
  taskletFree,
  taskletNew,
  taskletWakeup,
  taskNew,
  taskQueue,
  taskSchedule,
  taskWakeup,
} from '../../../src/sched/task.js';

/** A scheduler whose clock the test moves. */
function at(now: number): Scheduler {
  const s = new Scheduler();
  s.now = now;
  return s;
}

function pass(s: Scheduler, ms: number): number {
  s.now = (s.now + ms) | 0;
  s.wakeExpired();
  return s.runQueues();
}

test('C25 a task runs once for many wake-ups and gets all reasons', () => {
  const s = at(1);
  const seen: number[] = [];
  const t = taskNew(
    s,
    (me, ctx, why) => {
      assert.equal(ctx, 'ctx');
      assert.equal(s.current, me);
      assert.ok((me.state & TASK_RUNNING) !== 0);
      seen.push(why & ~TASK_QUEUED);
      return me;
    },
    'ctx',
  );
  taskWakeup(t, TASK_WOKEN_INIT);
  taskWakeup(t, TASK_WOKEN_MSG);
  assert.equal(s.delay(), 0);
  assert.equal(s.runQueues(), 1);
  assert.deepEqual(seen, [TASK_WOKEN_INIT | TASK_WOKEN_MSG]);
  assert.equal(t.state, 0, 'the reasons are gone');
  assert.equal(s.current, null);
  assert.deepEqual([t.calls, s.taskCalls], [1, 1]);
  assert.equal(s.runQueues(), 0);
});

test('C25 a task that frees itself returns null; any other pairing is a bug', () => {
  const run = (process: (t: Task) => Task | null): Scheduler => {
    const s = at(1);
    taskWakeup(taskNew(s, process, null), TASK_WOKEN_MSG);
    s.runQueues();
    return s;
  };
  const freed = run((t) => {
    taskDestroy(t);
    return null;
  });
  assert.equal(freed.tasksUsed, 0);
  assert.throws(() => run(() => null), /null exactly when/);
  assert.throws(
    () =>
      run((t) => {
        taskDestroy(t);
        return t;
      }),
    /null exactly when/,
  );
  assert.throws(() => run((t) => taskNew(t.sched, (x) => x, null)), /not its own/);
});

test('C25 a tasklet that frees itself returns null; any other pairing is a bug', () => {
  const run = (process: (t: Tasklet) => Tasklet | null): Scheduler => {
    const s = at(1);
    taskletWakeup(taskletNew(s, process, null));
    s.runQueues();
    return s;
  };
  const freed = run((t) => {
    taskletFree(t);
    return null;
  });
  assert.equal(freed.taskletsUsed, 0);
  assert.throws(() => run(() => null), /null exactly when/);
  assert.throws(
    () =>
      run((t) => {
        taskletFree(t);
        return t;
      }),
    /null exactly when/,
  );
});

test('C25 what was freed never runs again and is freed once', () => {
  const s = at(1);
  const ran: string[] = [];
  const task = taskNew(s, (t) => (ran.push('task'), t), null);
  const tl = taskletNew(s, (t) => (ran.push('tasklet'), t), null);
  taskWakeup(task, TASK_WOKEN_MSG);
  taskSchedule(task, 10);
  taskletWakeup(tl);
  taskDestroy(task);
  taskletFree(tl);
  taskWakeup(task, TASK_WOKEN_MSG);
  taskletWakeup(tl);
  pass(s, 100);
  assert.deepEqual(ran, []);
  assert.deepEqual([s.tlCount, s.rqCount, s.wq.size, s.tasksUsed, s.taskletsUsed], [0, 0, 0, 0, 0]);
  assert.equal(s.delay(), -1);
  assert.throws(() => {
    taskDestroy(task);
  }, /twice/);
  assert.throws(() => {
    taskletFree(tl);
  }, /twice/);
});

test('C26 a tasklet woken while it runs runs once more afterwards, never inside itself', () => {
  const s = at(1);
  let depth = 0;
  let runs = 0;
  const t = taskletNew(
    s,
    (me) => {
      assert.equal(++depth, 1, 'it is not on the stack twice');
      if (++runs === 1) {
        taskletWakeup(me);
        taskletWakeup(me);
      }
      depth--;
      return me;
    },
    null,
  );
  taskletWakeup(t);
  assert.equal(s.runQueues(), 1, 'the new wake-up is for the next round');
  assert.equal(s.tlCount, 1);
  assert.equal(s.runQueues(), 1);
  assert.equal(s.runQueues(), 0);
  assert.equal(runs, 2);
});

test('C26 a task that wakes itself is marked and runs in the next round', () => {
  const s = at(1);
  let runs = 0;
  const t = taskNew(
    s,
    (me) => {
      if (++runs === 1) taskWakeup(me, TASK_WOKEN_MSG);
      return me;
    },
    null,
  );
  taskWakeup(t, TASK_WOKEN_MSG);
  assert.equal(s.runQueues(), 1);
  assert.ok((t.state & TASK_SELF_WAKING) !== 0);
  assert.equal(s.runQueues(), 1);
  assert.equal(t.state & (TASK_SELF_WAKING | TASK_QUEUED), 0);
  assert.equal(runs, 2);
});

test('tasklets taken out of the middle leave their neighbours in order', () => {
  const s = at(1);
  const ran: number[] = [];
  const all = [0, 1, 2, 3, 4].map((n) => taskletNew(s, (t) => (ran.push(n), t), null));
  for (const t of all) taskletWakeup(t);
  for (const n of [0, 2, 4]) taskletFree(all[n]!);
  assert.equal(s.tlCount, 2);
  s.runQueues();
  assert.deepEqual(ran, [1, 3]);
  assert.equal(s.tlHead, null);
  assert.equal(s.tlTail, null);
});

test('a round runs at most `depth` of each kind, the rest keeps its turn', () => {
  const s = at(1);
  s.depth = 3;
  const ran: number[] = [];
  for (let n = 0; n < 5; n++) taskletWakeup(taskletNew(s, (t) => (ran.push(n), t), null));
  for (let n = 10; n < 15; n++)
    taskWakeup(
      taskNew(s, (t) => (ran.push(n), t), null),
      TASK_WOKEN_MSG,
    );
  assert.equal(s.runQueues(), 6);
  assert.deepEqual(ran, [0, 1, 2, 10, 11, 12]);
  assert.equal(s.delay(), 0);
  assert.equal(s.runQueues(), 4);
  assert.deepEqual(ran.slice(6), [3, 4, 13, 14]);
});

for (const start of [1, 0x7fffffff - 20, -20]) {
  test(`a date fires once, when it has passed, from tick ${start}`, () => {
    const s = at(start);
    let fired = 0;
    const t = taskNew(
      s,
      (me, _ctx, why) => {
        assert.ok((why & TASK_WOKEN_TIMER) !== 0);
        fired++;
        return me;
      },
      null,
    );
    taskSchedule(t, (start + 40) | 0);
    assert.equal(s.delay(), 40);
    assert.equal(pass(s, 39), 0);
    assert.equal(s.delay(), 1);
    assert.equal(pass(s, 1), 1);
    assert.equal(pass(s, 1000), 0);
    assert.deepEqual([fired, s.timersFired, s.delay()], [1, 1, -1]);
  });
}

test('a date that I/O moved ahead costs nothing until the old one fires, then is looked at again', () => {
  const s = at(1);
  let fired = 0;
  const t = taskNew(s, (me) => (fired++, me), null);
  taskSchedule(t, 101);
  for (let ms = 0; ms < 90; ms++) {
    s.now++;
    t.expire = s.now + 100; // a receive
    taskQueue(t);
  }
  assert.equal(t.wqKey, 101, 'the queue was not touched');
  assert.equal(pass(s, 10), 0, 'the old date passes in silence');
  assert.equal(t.wqKey, 191);
  assert.equal(pass(s, 89), 0);
  assert.equal(pass(s, 1), 1);
  assert.equal(fired, 1);
  assert.equal(s.timersFired, 1);
});

test('an earlier date moves the task forward, a date taken back never fires', () => {
  const s = at(1);
  let fired = 0;
  const t = taskNew(s, (me) => (fired++, me), null);
  taskSchedule(t, 500);
  taskSchedule(t, 900);
  assert.equal(t.expire, 500, 'a later wish changes nothing');
  taskSchedule(t, 50);
  assert.equal(s.delay(), 49);
  t.expire = TICK_ETERNITY;
  taskQueue(t);
  assert.equal(pass(s, 49), 0);
  assert.deepEqual([fired, s.wq.size, s.delay()], [0, 0, -1]);
  taskSchedule(t, TICK_ETERNITY);
  assert.equal(s.wq.size, 0);
});

test('what a handler throws goes to onCrash with its entry, and the round goes on', () => {
  const s = at(1);
  const crashed: (Task | Tasklet)[] = [];
  s.onCrash = (error, entry) => {
    assert.equal((error as Error).message, 'mine');
    assert.equal(s.current, entry);
    crashed.push(entry);
  };
  const bad = taskletNew(
    s,
    () => {
      throw new Error('mine');
    },
    null,
  );
  const worse = taskNew(
    s,
    () => {
      throw new Error('mine');
    },
    null,
  );
  let good = 0;
  const fine = taskletNew(s, (t) => (good++, t), null);
  taskletWakeup(bad);
  taskletWakeup(fine);
  taskWakeup(worse, TASK_WOKEN_MSG);
  assert.equal(s.runQueues(), 3);
  assert.deepEqual(crashed, [bad, worse]);
  assert.equal(good, 1);
  assert.equal((bad.state | worse.state) & TASK_RUNNING, 0);
});

test('without onCrash the error goes up, and the scheduler is as it was between rounds', () => {
  const s = at(1);
  let runs = 0;
  const t = taskNew(
    s,
    (me) => {
      if (++runs === 1) throw new Error('up');
      return me;
    },
    null,
  );
  taskWakeup(t, TASK_WOKEN_MSG);
  assert.throws(() => s.runQueues(), /up/);
  assert.equal(s.current, null);
  assert.equal(t.state, 0);
  taskWakeup(t, TASK_WOKEN_IO);
  assert.equal(t.state & TASK_SELF_WAKING, 0);
  assert.equal(s.runQueues(), 1);
});

test('a freed tasklet that a list still names is woken in vain', () => {
  const s = at(1);
  const t = taskletNew(s, (me) => me, null);
  taskletFree(t);
  assert.ok((t.state & TASK_KILLED) !== 0);
  taskletWakeup(t);
  assert.equal(s.tlCount, 0);
});

/** Order in which tasks run that are woken in this order, by their niceness. */
function orderOf(...nices: number[]): number[] {
  const s = at(1);
  const ran: number[] = [];
  for (const [i, nice] of nices.entries()) {
    const t = taskNew(
      s,
      (me) => {
        ran.push(i);
        return me;
      },
      null,
    );
    t.nice = nice;
    taskWakeup(t, TASK_WOKEN_MSG);
  }
  s.runQueues();
  assert.deepEqual([s.rqHead, s.rqTail, s.rqCount], [null, null, 0]);
  return ran;
}

test('tasks run in the order of their wake-ups; a nice one lets others go first, a negative one goes first itself', () => {
  assert.deepEqual(orderOf(0, 0, 0, 0), [0, 1, 2, 3]);
  assert.deepEqual(orderOf(0, 0, 1024, 0, 0, 0), [0, 1, 3, 4, 5, 2]);
  assert.deepEqual(orderOf(0, 0, 0, -1024, 0), [3, 0, 1, 2, 4]);
  assert.deepEqual(orderOf(1024, 0, 0), [0, 1, 2], 'where nobody waits it costs nothing');
  assert.deepEqual(orderOf(0, 64, 0, 0, 0), [0, 1, 2, 3, 4], 'one place behind one that waits is its own');
});

test('the nicest task runs, too: later ones overtake it only so often', () => {
  const s = at(1);
  let ran = false;
  const quiet = (): ReturnType<typeof taskNew> => taskNew(s, (me) => me, null);
  taskWakeup(quiet(), TASK_WOKEN_MSG);
  const nicest = taskNew(
    s,
    (me) => {
      ran = true;
      return me;
    },
    null,
  );
  nicest.nice = 1024;
  taskWakeup(nicest, TASK_WOKEN_MSG);
  for (let i = 0; i < 40; i++) taskWakeup(quiet(), TASK_WOKEN_MSG);
  s.depth = 20;
  s.runQueues();
  assert.ok(ran);
});

test('the order holds where the count of wake-ups wraps', () => {
  const s = at(1);
  s.rqSeq = 0x7ffffffe;
  const ran: number[] = [];
  for (let i = 0; i < 4; i++) {
    const t = taskNew(
      s,
      (me) => {
        ran.push(i);
        return me;
      },
      null,
    );
    t.nice = i === 1 ? 1024 : 0;
    taskWakeup(t, TASK_WOKEN_MSG);
  }
  s.runQueues();
  assert.deepEqual(ran, [0, 2, 3, 1]);
});
