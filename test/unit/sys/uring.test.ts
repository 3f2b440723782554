// The ring and the lent buffers against a kernel made of typed arrays: what the real one does only under pressure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EAGAIN, EINVAL, EPERM } from '../../../src/sys/errno.js';
import { RecvBuffers } from '../../../src/sys/uring/buffers.js';
import { Ring, ringOpen } from '../../../src/sys/uring/ring.js';
import {
  SETUP_DEFER_TASKRUN,
  SETUP_NO_SQARRAY,
  SQ_CQ_OVERFLOW,
  SQ_TASKRUN,
  type UringAddon,
  type UringHandle,
} from '../../../src/sys/uring/types.js';

const EBUSY = 16;
// Byte offsets in the made-up ring.
const SQ_HEAD = 0;
const SQ_TAIL = 4;
const SQ_FLAGS = 8;
const CQ_HEAD = 12;
const CQ_TAIL = 16;
const CQES = 64;

class FakeKernel {
  readonly ring = new ArrayBuffer(1024);
  readonly words = new Int32Array(this.ring);
  readonly sqes = new ArrayBuffer(4 * 64);
  /** First words of the entries taken, in order. */
  readonly taken: number[] = [];
  readonly calls: string[] = [];
  /** Answers of the next enters; empty: all is taken. */
  readonly answers: number[] = [];
  closed = 0;

  handle(): UringHandle {
    return {
      ring: this.ring,
      sqes: this.sqes,
      owned: new ArrayBuffer(16),
      fd: 1000,
      features: 0,
      sqEntries: 4,
      sqHead: SQ_HEAD,
      sqTail: SQ_TAIL,
      sqFlags: SQ_FLAGS,
      cqEntries: 8,
      cqHead: CQ_HEAD,
      cqTail: CQ_TAIL,
      cqes: CQES,
      enter: (toSubmit, minComplete) => this.enter(toSubmit, minComplete),
      bufRing: () => -EINVAL,
      close: () => {
        this.closed++;
      },
    };
  }

  complete(data: number): void {
    const at = (CQES >> 2) + (this.words[CQ_TAIL >> 2]! & 7) * 4;
    this.words.set([data, 0, data * 2, 0], at);
    this.words[CQ_TAIL >> 2]!++;
  }

  private enter(toSubmit: number, minComplete: number): number {
    this.calls.push(`${toSubmit},${minComplete}`);
    const answer = this.answers.shift() ?? toSubmit;
    for (let i = 0; i < answer; i++) {
      const head = this.words[SQ_HEAD >> 2]!;
      this.taken.push(new Int32Array(this.sqes)[(head & 3) << 4]!);
      this.words[SQ_HEAD >> 2] = head + 1;
    }
    return answer;
  }
}

function write(ring: Ring, value: number): void {
  ring.sqes[ring.next()] = value;
}

test('ring: entries are taken in the order in which they were written, over many turns of the ring', () => {
  const k = new FakeKernel();
  const ring = new Ring(k.handle(), SETUP_DEFER_TASKRUN);
  for (let i = 0; i < 30; i++) {
    write(ring, i);
    if (i % 3 === 2) assert.equal(ring.enter(0, 0), 3);
  }
  assert.deepEqual(k.taken, [...Array(30).keys()]);
  assert.equal(ring.pending(), 0);
});

test('ring: a full submission ring is submitted, and nothing is overwritten', () => {
  const k = new FakeKernel();
  const ring = new Ring(k.handle(), SETUP_DEFER_TASKRUN);
  for (let i = 0; i < 11; i++) write(ring, i);
  ring.enter(0, 0);
  assert.deepEqual(k.taken, [...Array(11).keys()]);
  assert.equal(ring.flushes, 2);
  assert.deepEqual(k.calls, ['4,-1', '4,-1', '3,0'], 'a flush runs no completions');
});

test('ring: an enter that takes a part is followed by another', () => {
  const k = new FakeKernel();
  const ring = new Ring(k.handle(), SETUP_DEFER_TASKRUN);
  k.answers.push(1, 2);
  for (let i = 0; i < 5; i++) write(ring, i);
  assert.deepEqual(k.calls, ['4,-1', '3,-1', '1,-1']);
});

test('ring: when the kernel is busy, unread completions are put aside and it is tried again', () => {
  const k = new FakeKernel();
  const ring = new Ring(k.handle(), SETUP_DEFER_TASKRUN);
  k.complete(7);
  k.complete(8);
  k.answers.push(-EBUSY);
  for (let i = 0; i < 5; i++) write(ring, i);
  assert.deepEqual(k.calls, ['4,-1', '0,0', '4,-1']);
  assert.deepEqual(ring.spilled, [7, 0, 14, 0, 8, 0, 16, 0]);
  assert.equal(k.words[CQ_HEAD >> 2], 2);
  assert.ok(ring.hasWork());
});

test('ring: a kernel that takes nothing at all is a bug, not a loop', () => {
  const k = new FakeKernel();
  const ring = new Ring(k.handle(), SETUP_DEFER_TASKRUN);
  for (let i = 0; i < 100; i++) k.answers.push(-EAGAIN, 0);
  assert.throws(() => {
    for (let i = 0; i < 5; i++) write(ring, i);
  }, /takes no submissions/);
});

test('ring: indices wrap at 32 bits', () => {
  const k = new FakeKernel();
  k.words[SQ_HEAD >> 2] = 0x7ffffffe;
  k.words[SQ_TAIL >> 2] = 0x7ffffffe;
  const ring = new Ring(k.handle(), SETUP_DEFER_TASKRUN);
  for (let i = 0; i < 9; i++) write(ring, i);
  ring.enter(0, 0);
  assert.deepEqual(k.taken, [...Array(9).keys()]);
});

test('ring: work is what can be read, what overflowed, and what an enter would run', () => {
  const k = new FakeKernel();
  const ring = new Ring(k.handle(), SETUP_DEFER_TASKRUN);
  assert.ok(!ring.hasWork());
  for (const flag of [SQ_CQ_OVERFLOW, SQ_TASKRUN]) {
    k.words[SQ_FLAGS >> 2] = flag;
    assert.ok(ring.hasWork());
    assert.equal(ring.overflown(), flag === SQ_CQ_OVERFLOW);
  }
  k.words[SQ_FLAGS >> 2] = 0;
  k.complete(1);
  assert.ok(ring.hasWork());
});

test('ringOpen: gives up the newest flag first, and other refusals at once', () => {
  const tried: number[] = [];
  const addon = (answer: (flags: number) => number): UringAddon => ({
    uringProbe: () => 0,
    uringSetup: (_entries, _cq, flags) => {
      tried.push(flags);
      const err = answer(flags);
      return err < 0 ? err : new FakeKernel().handle();
    },
    uringAddress: () => 0,
    uringWrite: () => 0,
  });
  const old = ringOpen(
    addon((flags) => ((flags & SETUP_NO_SQARRAY) !== 0 ? -EINVAL : 0)),
    4,
    8,
    0,
  );
  assert.ok(typeof old !== 'number');
  assert.equal(tried.length, 2);
  assert.notEqual(tried[1]! & SETUP_DEFER_TASKRUN, 0);
  assert.equal(
    ringOpen(
      addon(() => -EPERM),
      4,
      8,
      0,
    ),
    -EPERM,
  );
  assert.equal(tried.length, 3);
  assert.equal(
    ringOpen(
      addon(() => -EINVAL),
      4,
      8,
      0,
    ),
    -EINVAL,
  );
});

test('buffers: few are lent at first, twice as many each time all are held, and the tail never lies in an entry', () => {
  const memory = new ArrayBuffer(16 * 16);
  const words = new Int32Array(memory);
  const halves = new Uint16Array(memory);
  const bufs = new RecvBuffers(memory, 65536, 4096, 4, 16, 0x7f);
  assert.equal(bufs.count, 4);
  assert.equal(halves[7], 4);
  assert.deepEqual([...words.subarray(4, 7)], [65536 + 4096, 0x7f, 4096]);
  for (let id = 0; id < 4; id++) bufs.taken(id);
  assert.ok(bufs.grow());
  assert.equal(bufs.count, 8);
  assert.ok(bufs.grow(), 'some are free: no more are lent');
  assert.equal(bufs.count, 8);
  for (let id = 4; id < 8; id++) bufs.taken(id);
  assert.ok(bufs.grow());
  for (let id = 8; id < 16; id++) bufs.taken(id);
  assert.ok(!bufs.grow());
  assert.equal(halves[7], 16);
  for (let id = 15; id >= 0; id--) bufs.give(id);
  assert.equal(bufs.out, 0);
  assert.equal(halves[7], 32);
  assert.deepEqual(
    Array.from({ length: 16 }, (_, i) => halves[i * 8 + 6]),
    [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  );
});
