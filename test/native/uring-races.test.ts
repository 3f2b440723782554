// A seeded mix of everything at once over many connections: manners change, directions pause, areas are freed in flight,
// either side closes or resets, splices come in between. Bytes must stay in order, and nothing may be left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MSG_TRUNC, SHUT_WR } from '../../src/sys/constants.js';
import { EAGAIN } from '../../src/sys/errno.js';
import * as S from './support.js';
import * as U from './uring-support.js';

const SEEDS = 12;
const PAIRS = 24;
const STEPS = 1500;
const FAR_AREA = U.PEER + (1 << 20);

class Random {
  private state: number;
  constructor(seed: number) {
    this.state = (seed * 0x9e3779b1) | 1;
  }
  below(n: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % n;
  }
}

/** One connection: `fd` under test, `far` the peer's end, and what each direction has carried. */
class Flow {
  fd = -1;
  far = -1;
  sent = 0; // by us, as the transport told
  asked = 0; // length of the send in flight
  buf = -1; // its area, -1: none
  farGot = 0;
  farSent = 0;
  got = 0;
  lossy = false; // drained or reset: counts no longer say anything
  farOpen = true;
}

const byteAt = (i: number): number => Math.imul(i, 0x9e3779b1) >>> 24;

function check(u8: Uint8Array, ofs: number, len: number, from: number, what: string): void {
  for (let i = 0; i < len; i++) {
    if (u8[ofs + i] !== byteAt(from + i)) assert.fail(`${what}: byte ${from + i} differs`);
  }
}

function fill(u8: Uint8Array, ofs: number, len: number, from: number): void {
  for (let i = 0; i < len; i++) u8[ofs + i] = byteAt(from + i);
}

function closeFlow(r: U.Rig, f: Flow, rnd: Random): void {
  if (rnd.below(4) === 0) U.lingerReset(r.sys, f.fd);
  U.ok(r.sys.close(f.fd), 'close');
  if (f.buf >= 0) r.pool.release(f.buf); // in flight, perhaps: it comes back with its completion
  r.seen.delete(f.fd);
  if (f.farOpen) r.peer.close(f.far);
}

function openFlow(r: U.Rig, gen: number, rnd: Random): Flow {
  const f = new Flow();
  const made = rnd.below(2) === 0 ? r.accepted(gen) : r.connected(gen);
  f.fd = made.fd;
  f.far = made.far;
  return f;
}

function trySend(r: U.Rig, f: Flow, rnd: Random): void {
  if (f.buf < 0) {
    f.buf = U.ok(r.pool.alloc(rnd.below(2)), 'buffer');
    f.asked = 1 + rnd.below(r.pool.sizeOf(f.buf));
    fill(r.sys.arena.u8, f.buf, f.asked, f.sent);
  }
  const n = r.sys.send(f.fd, f.buf, f.asked, 0);
  if (n === -EAGAIN) return;
  if (n < 0) f.lossy = true;
  else f.sent += n;
  r.pool.release(f.buf);
  f.buf = -1;
}

function tryRecv(r: U.Rig, f: Flow, area: number, rnd: Random): void {
  const drain = rnd.below(60) === 0;
  const n = r.sys.recv(f.fd, area, 1 + rnd.below(16384), drain ? MSG_TRUNC : 0);
  if (n <= 0) return;
  if (drain) f.lossy = true;
  if (!f.lossy) check(r.sys.arena.u8, area, n, f.got, 'received');
  f.got += n;
}

function farStep(r: U.Rig, f: Flow, rnd: Random): void {
  if (!f.farOpen) return;
  const u8 = r.peer.arena.u8;
  switch (rnd.below(40)) {
    case 0:
      r.peer.shutdown(f.far, SHUT_WR);
      return;
    case 1:
      if (rnd.below(2) === 0) U.lingerReset(r.peer, f.far);
      r.peer.close(f.far);
      f.farOpen = false;
      f.lossy = true;
      return;
    default:
  }
  if (rnd.below(2) === 0) {
    const len = 1 + rnd.below(20_000);
    fill(u8, FAR_AREA, len, f.farSent);
    const n = r.peer.send(f.far, FAR_AREA, len, 0);
    if (n > 0) f.farSent += n;
  } else {
    const n = r.peer.recv(f.far, FAR_AREA, 1 + rnd.below(100_000), 0);
    if (n <= 0) return;
    check(u8, FAR_AREA, n, f.farGot, 'sent');
    f.farGot += n;
  }
}

function spliceStep(r: U.Rig, f: Flow, rfd: number, wfd: number, area: number): void {
  const n = r.sys.splice(f.fd, wfd, 30_000, 0);
  if (n <= 0) return;
  // What went into the pipe is looked at through the peer's side of the house.
  const out = r.connected(1);
  let left = n;
  while (left > 0) left -= U.ok(r.sys.splice(rfd, out.fd, left, 0), 'splice');
  for (let seen = 0; seen < n;)
    seen += U.ok(
      U.spin(() => r.peer.recv(out.far, area + seen, n, 0)),
      'recv',
    );
  if (!f.lossy) check(r.peer.arena.u8, area, n, f.got, 'spliced');
  f.got += n;
  r.sys.close(out.fd);
  r.peer.close(out.far);
}

test(`races: ${SEEDS} seeds of ${STEPS} steps over ${PAIRS} connections keep every byte and leave nothing`, (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const fdsBefore = S.openFds();
    const r = new U.Rig({ recvBuffers: seed % 3 === 0 ? 8 : 1024, sqEntries: seed % 2 === 0 ? 8 : 1024 });
    try {
      const rnd = new Random(seed);
      const area = r.buffer();
      U.ok(r.sys.pipe(65536), 'pipe');
      const rfd = r.sys.ret[0]!;
      const wfd = r.sys.ret[1]!;
      let gen = 1;
      const flows = Array.from({ length: PAIRS }, () => openFlow(r, gen++, rnd));
      for (let step = 0; step < STEPS; step++) {
        const i = rnd.below(PAIRS);
        const f = flows[i]!;
        switch (rnd.below(12)) {
          case 0:
          case 1:
          case 2:
            trySend(r, f, rnd);
            break;
          case 3:
          case 4:
          case 5:
            tryRecv(r, f, area, rnd);
            break;
          case 6:
            r.sys.want(f.fd, rnd.below(4), rnd.below(2));
            break;
          case 7:
            if (rnd.below(8) === 0) spliceStep(r, f, rfd, wfd, FAR_AREA);
            break;
          case 8:
            if (rnd.below(10) === 0) {
              closeFlow(r, f, rnd);
              flows[i] = openFlow(r, gen++, rnd);
            }
            break;
          case 9:
            r.turn(0);
            break;
          default:
            farStep(r, f, rnd);
        }
      }
      for (const f of flows) closeFlow(r, f, rnd);
      r.pool.release(area);
      r.assertIdle();
      assert.deepEqual([...r.pool.used], [0, 0, 0]);
    } catch (error) {
      t.diagnostic(`seed ${seed}`);
      throw error;
    } finally {
      r.destroy();
    }
    assert.equal(S.openFds(), fdsBefore, `seed ${seed}`);
  }
});
