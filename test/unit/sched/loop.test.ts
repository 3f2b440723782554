// The loop's turn over a kernel that says nothing: what it waits for, when it leaves, what it counts as spinning.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Loop } from '../../../src/sched/loop.js';
import { TASK_WOKEN_MSG } from '../../../src/sched/flags.js';
import { Scheduler } from '../../../src/sched/scheduler.js';
import { taskletNew, taskletWakeup, taskNew, taskSchedule, taskWakeup } from '../../../src/sched/task.js';
import { SYS_F_BLOCKS, type Sys } from '../../../src/sys/types.js';

/** Only what a loop asks of a sys; its clock stands still but for `poll`. */
class Clockwork {
  ms = 1000;
  host = -1;
  features = SYS_F_BLOCKS;
  readonly waits: number[] = [];
  /** Answers of poll, first to last; 0 when there are none left. */
  readonly answers: number[] = [];
  rounds: (() => void) | null = null;

  now(): number {
    return this.ms;
  }

  date(): number {
    return this.ms;
  }

  pauses = 0;

  pause(): number {
    this.pauses++;
    return 0;
  }

  hostTimeout(): number {
    return this.host;
  }

  hostStart(rounds: () => void): void {
    this.rounds = rounds;
  }

  hostStop(): void {
    this.rounds = null;
  }

  poll(timeoutMs: number): number {
    this.waits.push(timeoutMs);
    const n = this.answers.shift() ?? 0;
    if (n === 0 && timeoutMs > 0) this.ms += timeoutMs;
    return n;
  }
}

function build(dispatch: (count: number) => boolean = () => false): { c: Clockwork; s: Scheduler; loop: Loop } {
  const c = new Clockwork();
  const s = new Scheduler();
  return { c, s, loop: new Loop(c as unknown as Sys, s, dispatch) };
}

test('a round waits for the next timer or the host, whichever comes first, and for ever when there is neither', () => {
  const { c, s, loop } = build();
  loop.round(false);
  const t = taskNew(s, (me) => me, null);
  taskSchedule(t, s.now + 300);
  loop.round(false);
  c.host = 50;
  taskSchedule(t, s.now + 300);
  loop.round(false);
  c.host = 0;
  loop.round(false);
  assert.deepEqual(c.waits, [-1, 300, 50, 0]);
});

test('nothing is waited for while something is queued', () => {
  const { c, s, loop } = build();
  const t = taskletNew(
    s,
    (me) => {
      taskletWakeup(me);
      return me;
    },
    null,
  );
  taskletWakeup(t);
  c.host = 70;
  loop.round(false);
  assert.deepEqual(c.waits, [0]);
});

test('a turn ends at once when the host has something due, before and after the wait', () => {
  const { c, loop } = build(() => true);
  c.host = 0;
  assert.equal(loop.round(true), true, 'due now');
  c.host = -1;
  c.answers.push(2);
  assert.equal(loop.round(true), true, 'its descriptor was among the events');
  c.host = 100;
  assert.equal(loop.round(true), false);
});

test('a turn is bounded in rounds, and one round where poll may not block', () => {
  const { c, loop } = build();
  loop.start();
  for (let i = 0; i < 500; i++) c.answers.push(1);
  c.rounds!();
  assert.equal(loop.rounds, 64);
  c.features = 0;
  c.rounds!();
  assert.equal(loop.rounds, 65);
  loop.stop();
  assert.equal(c.rounds, null);
});

test('events are handed out after the clock was read again', () => {
  let seen = 0;
  const { c, s, loop } = build((count) => {
    seen = s.now;
    assert.equal(count, 3);
    return false;
  });
  c.answers.push(3);
  const poll = c.poll.bind(c);
  c.poll = (ms) => {
    c.ms += 25;
    return poll(ms);
  };
  loop.round(false);
  assert.equal(seen, 1025);
});

test('a passed date runs its task in the first round of a turn', () => {
  const { c, s, loop } = build();
  let ran = 0;
  const t = taskNew(s, (me) => (ran++, me), null);
  taskSchedule(t, s.now + 10);
  c.ms += 10;
  loop.turn();
  assert.equal(ran, 1);
});

test('rounds that wait for nothing and find nothing are counted; a thousand in a row are a spin', () => {
  const { c, s, loop } = build();
  // A date in the past that nobody takes out: the wait is 0, nothing runs.
  const t = taskNew(s, (me) => me, null);
  c.answers.push(1);
  s.delay = () => 0;
  loop.round(false);
  assert.equal(loop.emptyRounds, 0, 'an event came');
  for (let i = 0; i < 999; i++) loop.round(false);
  assert.equal(loop.spins, 0);
  taskWakeup(t, TASK_WOKEN_MSG);
  loop.round(false);
  for (let i = 0; i < 999; i++) loop.round(false);
  assert.equal(loop.spins, 0, 'something ran between');
  loop.round(false);
  assert.equal(loop.spins, 1);
  assert.equal(loop.emptyRounds, 999 + 1000);
});

test('turns that the host asks for are no spin', () => {
  const { c, loop } = build();
  c.host = 0;
  for (let i = 0; i < 3000; i++) loop.round(false);
  assert.deepEqual([loop.emptyRounds, loop.spins], [0, 0]);
});

test('idle memory is looked at before long waits alone', () => {
  const { c, s, loop } = build();
  let idle = 0;
  loop.onIdle = () => {
    idle++;
  };
  c.host = 100;
  loop.round(false);
  assert.equal(idle, 0);
  c.host = 101;
  loop.round(false);
  assert.equal(idle, 1);
  taskletWakeup(taskletNew(s, (t) => t, null));
  loop.round(false);
  assert.equal(idle, 1, 'this round ran something');
});

/** `rounds` rounds, each of which serves one entry that belongs to a bulk flow, or not. */
function serve(s: Scheduler, loop: Loop, rounds: number, bulk: boolean): void {
  const t = taskletNew(
    s,
    (me) => {
      if (bulk) s.bulkRan++;
      return me;
    },
    null,
  );
  for (let i = 0; i < rounds; i++) {
    taskletWakeup(t);
    loop.round(true);
  }
}

test('several bulk flows alone on the loop are given a moment to gather input', () => {
  const { c, s, loop } = build();
  s.streamers = 2;
  serve(s, loop, 15, true);
  assert.equal(c.pauses, 0, 'paused before the loop was calm');
  serve(s, loop, 5, true);
  assert.equal(c.pauses, 5);
});

test('a single bulk flow is never delayed, nor is anything else that shares the loop', () => {
  const alone = build();
  alone.s.streamers = 1;
  serve(alone.s, alone.loop, 100, true);
  assert.equal(alone.c.pauses, 0);
  const mixed = build();
  mixed.s.streamers = 8;
  for (let i = 0; i < 20; i++) {
    serve(mixed.s, mixed.loop, 10, true);
    serve(mixed.s, mixed.loop, 1, false);
  }
  assert.equal(mixed.c.pauses, 0);
});
