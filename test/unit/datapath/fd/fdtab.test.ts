// The descriptor table: events reach their owner, stale ones nobody, and the poller is asked once.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  FD_EV_ACTIVE_R,
  FD_EV_READY_R,
  FD_EV_READY_W,
  FD_POLL_HUP,
  FD_POLL_RDHUP,
  FD_POLLED,
} from '../../../../src/datapath/fd/flags.js';
import { FdTab } from '../../../../src/datapath/fd/fdtab.js';
import {
  SYS_F_COMPLETION,
  SYS_POLL_ERR,
  SYS_POLL_HUP,
  SYS_POLL_IN,
  SYS_POLL_OUT,
  SYS_POLL_RDHUP,
  SYS_RECV_COMPLETE,
  SYS_RECV_POLL,
  type Sys,
} from '../../../../src/sys/types.js';

/** Only what a table asks of a sys; every call is kept. */
class Calls {
  readonly features: number;
  readonly events = new Int32Array(30);
  readonly hostFd = 999;
  readonly calls: string[] = [];
  readonly gens = new Map<number, number>();

  constructor(features = 0) {
    this.features = features;
  }

  pollAdd(fd: number, gen: number): number {
    this.calls.push(`add ${fd}`);
    this.gens.set(fd, gen);
    return 0;
  }

  pollDel(fd: number): number {
    this.calls.push(`del ${fd}`);
    return 0;
  }

  close(fd: number): number {
    this.calls.push(`close ${fd}`);
    return 0;
  }

  want(fd: number, events: number, mode: number): void {
    this.calls.push(`want ${fd} ${events} ${mode}`);
  }

  /** Puts events `[mask, fd, gen]` into the table. */
  put(...events: readonly (readonly [number, number, number])[]): number {
    events.forEach((e, i) => {
      this.events.set(e, 3 * i);
    });
    return events.length;
  }
}

function build(features = 0): { c: Calls; t: FdTab; got: [unknown, number, number][] } {
  const c = new Calls(features);
  return { c, t: new FdTab(c as unknown as Sys), got: [] };
}

test('an event goes to the owner with what is ready, and the poller is asked once for a descriptor', () => {
  const { c, t, got } = build();
  t.insert(5, 'owner', (owner, fd, state) => got.push([owner, fd, state]), 0);
  assert.deepEqual(c.calls, [], 'nothing pending, nothing polled');
  t.wantRecv(5);
  t.wantSend(5);
  t.stopRecv(5);
  t.wantRecv(5);
  assert.deepEqual(c.calls, ['add 5']);
  t.dispatch(c.put([SYS_POLL_IN | SYS_POLL_OUT, 5, c.gens.get(5)!]));
  assert.equal(got.length, 1);
  const [owner, fd, state] = got[0]!;
  assert.deepEqual([owner, fd], ['owner', 5]);
  const both = FD_EV_READY_R | FD_EV_READY_W;
  assert.equal(state & (both | FD_EV_ACTIVE_R | FD_POLLED), both | FD_EV_ACTIVE_R | FD_POLLED);
});

test('an event that nobody waits for is remembered, not told; errors and hang-ups are told to all', () => {
  const { c, t, got } = build();
  t.insert(5, 'o', (o, fd, s) => got.push([o, fd, s]), 0);
  t.watch(5);
  const gen = c.gens.get(5)!;
  t.dispatch(c.put([SYS_POLL_IN | SYS_POLL_RDHUP, 5, gen]));
  assert.equal(got.length, 0);
  assert.equal(t.state[5]! & (FD_EV_READY_R | FD_POLL_RDHUP), FD_EV_READY_R | FD_POLL_RDHUP);
  t.dispatch(c.put([SYS_POLL_HUP, 5, gen]));
  assert.equal(got.length, 1);
  assert.ok((got[0]![2] & FD_POLL_HUP) !== 0);
  t.cantRecv(5);
  t.cantSend(5);
  t.dispatch(c.put([SYS_POLL_ERR, 5, gen]));
  const both = FD_EV_READY_R | FD_EV_READY_W;
  assert.equal(got[1]![2] & both, both, 'both directions may be tried: they will find it');
});

test('a stale generation is dropped: closed, and reused, in the same batch', () => {
  const { c, t, got } = build();
  t.insert(5, 'old', () => got.push(['old', 5, 0]), 0);
  t.wantRecv(5);
  const old = c.gens.get(5)!;
  t.delete(5);
  t.dispatch(c.put([SYS_POLL_IN, 5, old]));
  t.insert(5, 'new', () => got.push(['new', 5, 0]), 0);
  t.wantRecv(5);
  assert.notEqual(c.gens.get(5), old);
  t.dispatch(c.put([SYS_POLL_IN, 5, old], [SYS_POLL_IN, 7000, 1]));
  assert.deepEqual([got.length, t.stale, t.state[5]! & FD_EV_READY_R], [0, 3, 0]);
  t.dispatch(c.put([SYS_POLL_IN, 5, c.gens.get(5)!]));
  assert.deepEqual(got, [['new', 5, 0]]);
});

test('a callback that closes another descriptor of the batch keeps it from its event', () => {
  const { c, t, got } = build();
  t.insert(
    5,
    '',
    () => {
      t.delete(6);
    },
    0,
  );
  t.insert(6, '', () => got.push(['', 6, 0]), 0);
  t.wantRecv(5);
  t.wantRecv(6);
  t.dispatch(c.put([SYS_POLL_IN, 5, c.gens.get(5)!], [SYS_POLL_IN, 6, c.gens.get(6)!]));
  assert.deepEqual([got.length, t.stale], [0, 1]);
});

test('the host’s own descriptor is reported among others', () => {
  const { c, t, got } = build();
  t.insert(5, '', () => got.push(['', 5, 0]), 0);
  t.wantRecv(5);
  assert.equal(t.dispatch(c.put([SYS_POLL_IN, 999, 0], [SYS_POLL_IN, 5, c.gens.get(5)!])), true);
  assert.equal(got.length, 1);
  assert.equal(t.dispatch(0), false);
});

test('the table grows and keeps what it knew', () => {
  const { c, t, got } = build();
  t.insert(3, 'low', (o, fd, s) => got.push([o, fd, s]), FD_EV_READY_W);
  t.wantRecv(3);
  t.insert(100_000, 'high', (o, fd, s) => got.push([o, fd, s]), 0);
  t.wantRecv(100_000);
  assert.ok(t.state.length > 100_000);
  assert.equal(t.state[3]! & (FD_EV_READY_W | FD_EV_ACTIVE_R), FD_EV_READY_W | FD_EV_ACTIVE_R);
  t.dispatch(c.put([SYS_POLL_IN, 3, c.gens.get(3)!], [SYS_POLL_IN, 100_000, c.gens.get(100_000)!]));
  assert.deepEqual(
    got.map(([o, fd]) => [o, fd]),
    [
      ['low', 3],
      ['high', 100_000],
    ],
  );
  assert.deepEqual([t.used, t.usedMax], [2, 2]);
});

test('a completion transport hears every change of what is wanted, and how', () => {
  const { c, t } = build(SYS_F_COMPLETION);
  t.insert(5, '', () => undefined, 0);
  t.wantRecv(5);
  t.wantSend(5);
  t.setBulk(5);
  t.wantRecv(5);
  t.stopSend(5);
  t.stopRecv(5);
  const C = SYS_RECV_COMPLETE;
  const P = SYS_RECV_POLL;
  assert.deepEqual(c.calls, [
    'add 5',
    `want 5 1 ${C}`,
    `want 5 3 ${C}`,
    `want 5 3 ${P}`,
    `want 5 1 ${P}`,
    `want 5 0 ${P}`,
  ]);
});

test('removed is not closed and leaves the poller; deleted is closed by the sys, which takes it out itself', () => {
  const { c, t } = build();
  for (const fd of [5, 6]) {
    t.insert(fd, '', () => undefined, 0);
    t.wantRecv(fd);
  }
  t.insert(7, '', () => undefined, 0);
  c.calls.length = 0;
  t.remove(5);
  t.delete(6);
  t.remove(7);
  assert.deepEqual(c.calls, ['del 5', 'close 6']);
  assert.equal(t.used, 0);
  assert.throws(() => {
    t.delete(5);
  }, /not in the table/);
  t.insert(5, '', () => undefined, 0);
  assert.throws(() => {
    t.insert(5, '', () => undefined, 0);
  }, /twice/);
});
