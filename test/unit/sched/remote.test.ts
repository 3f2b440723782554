// Wake-ups between threads: (id, generation) pairs in a shared ring (C26).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import { RemoteWakes, wakeRingBytes, wakeRingNew, wakeRingPush } from '../../../src/sched/remote.js';
import { Scheduler } from '../../../src/sched/scheduler.js';
import { type Tasklet, taskletFree, taskletNew } from '../../../src/sched/task.js';

interface Owner {
  readonly sched: Scheduler;
  readonly wakes: RemoteWakes;
  readonly ran: number[];
  make(n: number): { readonly id: number; readonly tasklet: Tasklet };
}

function owner(slots: number): Owner {
  const sched = new Scheduler();
  const wakes = new RemoteWakes(wakeRingNew(slots));
  const ran: number[] = [];
  const make = (n: number): { id: number; tasklet: Tasklet } => {
    const tasklet = taskletNew(sched, (t) => (ran.push(n), t), null);
    return { id: wakes.register(tasklet), tasklet };
  };
  return { sched, wakes, ran, make };
}

test('C26 a pair in the ring wakes its tasklet once, however often it was pushed', () => {
  const o = owner(8);
  const a = o.make(1);
  const b = o.make(2);
  assert.equal(o.wakes.ring.buffer instanceof SharedArrayBuffer, true);
  assert.equal(o.wakes.ring.byteLength, wakeRingBytes(8));
  assert.equal(wakeRingPush(o.wakes.ring, a.id, 0), true, 'the owner may sleep');
  assert.equal(wakeRingPush(o.wakes.ring, b.id, 0), false, 'it has been called already');
  assert.equal(wakeRingPush(o.wakes.ring, a.id, 0), false);
  assert.equal(o.wakes.drain(), 3);
  assert.equal(o.sched.runQueues(), 2);
  assert.deepEqual(o.ran, [1, 2]);
  assert.equal(o.wakes.drain(), 0);
  assert.equal(wakeRingPush(o.wakes.ring, b.id, 0), true, 'empty again');
});

test('C26 a stale pair wakes nobody, also when its id has a new owner', () => {
  const o = owner(8);
  const old = o.make(1);
  const before = o.wakes.generationOf(old.id);
  wakeRingPush(o.wakes.ring, old.id, before);
  o.wakes.unregister(old.id);
  const next = o.make(2);
  assert.equal(next.id, old.id, 'ids are used again');
  assert.notEqual(o.wakes.generationOf(next.id), before);
  wakeRingPush(o.wakes.ring, 77, 0);
  assert.equal(o.wakes.drain(), 0);
  wakeRingPush(o.wakes.ring, next.id, o.wakes.generationOf(next.id));
  assert.equal(o.wakes.drain(), 1);
  o.sched.runQueues();
  assert.deepEqual(o.ran, [2]);
  assert.equal(o.wakes.generationOf(99), -1);
  o.wakes.unregister(next.id);
  assert.throws(() => {
    o.wakes.unregister(next.id);
  }, /not registered/);
});

test('C26 a tasklet that was freed is not woken', () => {
  const o = owner(4);
  const a = o.make(1);
  wakeRingPush(o.wakes.ring, a.id, 0);
  taskletFree(a.tasklet);
  assert.equal(o.wakes.drain(), 0);
  assert.equal(o.sched.tlCount, 0);
});

test('C26 a full ring loses precision, not wake-ups: everybody is woken', () => {
  const o = owner(4);
  const all = [1, 2, 3].map((n) => o.make(n));
  for (let i = 0; i < 4; i++) wakeRingPush(o.wakes.ring, all[0]!.id, 0);
  assert.equal(wakeRingPush(o.wakes.ring, all[2]!.id, 0), true);
  o.wakes.drain();
  o.sched.runQueues();
  assert.deepEqual([...new Set(o.ran)].sort(), [1, 2, 3]);
  assert.equal(o.wakes.drain(), 0, 'once');
});

test('C26 the ring goes round: tickets pass the number of slots many times', () => {
  const o = owner(2);
  const a = o.make(1);
  for (let i = 0; i < 100; i++) {
    assert.equal(wakeRingPush(o.wakes.ring, a.id, 0), true);
    if (i % 2 === 0) assert.equal(wakeRingPush(o.wakes.ring, a.id, 0), false);
    o.wakes.drain();
  }
  assert.throws(() => wakeRingNew(3), /power of two/);
});

/** Runs `between` right before the first call of Atomics[name] that `when` accepts: another thread's moment. */
function interleave(
  name: 'compareExchange' | 'store',
  when: (index: number) => boolean,
  between: () => void,
  body: () => void,
): void {
  const real = Atomics[name] as (...args: unknown[]) => unknown;
  let done = false;
  const patched = (...args: unknown[]): unknown => {
    if (!done && when(args[1] as number)) {
      done = true;
      between();
    }
    return real.apply(Atomics, args);
  };
  Object.assign(Atomics, { [name]: patched });
  try {
    body();
  } finally {
    Object.assign(Atomics, { [name]: real });
  }
  assert.ok(done, 'the moment came');
}

test('C26 the owner empties the ring between a writer’s look and its ticket: the writer calls it', () => {
  const o = owner(8);
  const a = o.make(1);
  const b = o.make(2);
  wakeRingPush(o.wakes.ring, a.id, 0);
  let call = false;
  interleave(
    'compareExchange',
    () => true,
    () => o.wakes.drain(),
    () => {
      call = wakeRingPush(o.wakes.ring, b.id, 0);
    },
  );
  assert.equal(call, true, 'the owner sleeps by now');
  assert.equal(o.wakes.drain(), 1);
});

test('C26 the owner meets a slot whose writer has not stored yet: that writer calls it', () => {
  const o = owner(8);
  const a = o.make(1);
  const b = o.make(2);
  wakeRingPush(o.wakes.ring, a.id, 0);
  const slotOfB = 4 + 2; // behind four words of head and one pair
  let call = false;
  let woken = -1;
  interleave(
    'store',
    (index) => index === slotOfB,
    () => (woken = o.wakes.drain()),
    () => {
      call = wakeRingPush(o.wakes.ring, b.id, 0);
    },
  );
  assert.equal(woken, 1, 'only the first pair was there');
  assert.equal(call, true);
  assert.equal(o.wakes.drain(), 1);
});

test('C26 threads push at once: the owner, asleep between calls, sees them all', { timeout: 60_000 }, async () => {
  const THREADS = 3;
  const PUSHES = 20_000;
  const o = owner(16);
  const made = Array.from({ length: 6 }, (_, n) => o.make(n));
  const ids = made.map(({ id }) => [id, o.wakes.generationOf(id)] as const);
  const bell = new Int32Array(new SharedArrayBuffer(8)); // [0] calls, [1] threads that are done
  // tsx does not enter workers by itself
  const code = `import('tsx/esm/api').then(({ register }) => (register(), import(require('node:worker_threads').workerData.url)))`;
  const { href: url } = new URL('./remote-child.ts', import.meta.url);
  const workers = Array.from({ length: THREADS }, (_, i) => {
    // Each thread has its own tasklets, so that one that is never woken shows.
    const workerData = { url, ring: o.wakes.ring, bell, ids: ids.slice(2 * i, 2 * i + 2), pushes: PUSHES };
    return new Worker(code, { eval: true, workerData, execArgv: [] });
  });
  const errors: unknown[] = [];
  for (const w of workers) w.on('error', (e) => errors.push(e));
  await Promise.all(workers.map((w) => once(w, 'online')));
  let heard = 0;
  const counts = new Map<number, number>();
  while (Atomics.load(bell, 1) < THREADS && errors.length === 0) {
    assert.notEqual(Atomics.wait(bell, 0, heard, 30_000), 'timed-out', 'nobody called the owner');
    heard = Atomics.load(bell, 0);
    o.wakes.drain();
    o.sched.runQueues();
    for (const n of o.ran.splice(0)) counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  await Promise.all(workers.map((w) => w.terminate()));
  assert.deepEqual(errors, []);
  o.wakes.drain();
  o.sched.runQueues();
  for (const n of o.ran.splice(0)) counts.set(n, (counts.get(n) ?? 0) + 1);
  assert.deepEqual([...counts.keys()].sort(), [0, 1, 2, 3, 4, 5]);
  assert.equal(o.wakes.drain(), 0, 'nothing stays behind');
  assert.equal(Atomics.load(o.wakes.ring, 0), Atomics.load(o.wakes.ring, 1), 'every ticket was read');
});
