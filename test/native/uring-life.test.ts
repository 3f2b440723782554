// The ring itself: probing, kernels that refuse flags, full rings, life inside the host loop, threads, the end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { promises as fsp } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { AF_INET, SHUT_WR, SOCK_STREAM } from '../../src/sys/constants.js';
import { EAGAIN, ECONNREFUSED, EINPROGRESS, ENOSYS, EPERM } from '../../src/sys/errno.js';
import { loadAddon, type Addon } from '../../src/sys/load.js';
import {
  EVENT_FD,
  EVENT_GEN,
  EVENT_STRIDE,
  SYS_F_BLOCKS,
  SYS_F_COMPLETION,
  SYS_F_EPOLL,
  SYS_F_SPLICE,
  SYS_POLL_IN,
  SYS_POLL_OUT,
  SYS_RECV_COMPLETE,
  SYS_RECV_POLL,
} from '../../src/sys/types.js';
import { probeUring } from '../../src/sys/uring.js';
import { SETUP_DEFER_TASKRUN, SETUP_NO_SQARRAY, type UringAddon } from '../../src/sys/uring/types.js';
import * as S from './support.js';
import * as U from './uring-support.js';

function addon(): Addon & UringAddon {
  const loaded = loadAddon();
  assert.ok(loaded.addon !== null);
  return loaded.addon as Addon & UringAddon;
}

test('probe: says that io_uring works here, and with which errno it does not', () => {
  const real = addon();
  assert.deepEqual(probeUring(real).missing, []);
  assert.equal(probeUring(real).err, 0);
  const refused: Addon & UringAddon = { ...real, uringProbe: () => -EPERM };
  assert.equal(probeUring(refused).err, -EPERM);
  const old: Addon & UringAddon = { ...real, uringProbe: (ops) => (ops.fill(1, 0, 26), 0) };
  assert.deepEqual(probeUring(old).missing, [26, 27]);
  assert.equal(probeUring(old).err, -ENOSYS);
});

test('features: what the native transport can, completion, and no epoll', (t) => {
  const { sys } = U.rig(t);
  assert.equal(sys.name, 'uring');
  const wanted = SYS_F_COMPLETION | SYS_F_SPLICE | SYS_F_BLOCKS;
  assert.equal(sys.features & (wanted | SYS_F_EPOLL), wanted);
});

/** A short life of everything: both directions, both manners, FIN, close. */
function exercise(r: U.Rig): void {
  const { fd, far } = r.accepted();
  const out = r.connected();
  const buf = r.buffer();
  for (const mode of [SYS_RECV_COMPLETE, SYS_RECV_POLL, SYS_RECV_COMPLETE]) {
    r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'there'), 0);
    assert.equal(r.recv(fd, buf, 100, mode), 5);
    assert.equal(r.send(out.fd, buf, 5, mode), 5);
    r.assertSent();
    assert.equal(
      U.spin(() => r.peer.recv(out.far, U.PEER, 100, 0)),
      5,
    );
    assert.equal(U.text(r.peer, U.PEER, 5), 'there');
  }
  r.peer.shutdown(far, SHUT_WR);
  assert.equal(r.recv(fd, buf, 100), 0);
  U.ok(r.sys.close(fd), 'close');
  U.ok(r.sys.close(out.fd), 'close');
  r.settle();
  assert.equal(r.peer.recv(out.far, U.PEER, 100, 0), 0);
  r.assertIdle();
}

test('set-up: a kernel without NO_SQARRAY, or without DEFER_TASKRUN, is served as well', (t) => {
  for (const refuseFlags of [0, SETUP_NO_SQARRAY, SETUP_NO_SQARRAY | SETUP_DEFER_TASKRUN]) {
    const r = U.rig(t, { refuseFlags });
    assert.equal(r.sys.core.ring.setupFlags & refuseFlags, 0);
    exercise(r);
    r.destroy();
  }
});

test('rings: a submission ring of 4 entries and a completion ring of 8 lose nothing', (t) => {
  const r = U.rig(t, { sqEntries: 4, cqEntries: 8 });
  exercise(r);
  r.seen.clear();
  const pairs = Array.from({ length: 60 }, (_, i) => r.accepted(i));
  const bufs = pairs.map(() => r.buffer());
  for (let round = 0; round < 5; round++) {
    for (const { fd } of pairs) r.sys.want(fd, 1, SYS_RECV_COMPLETE);
    pairs.forEach(({ far }, i) => assert.equal(r.peer.send(far, U.PEER, 10 + i, 0), 10 + i));
    pairs.forEach(({ fd }, i) => assert.equal(r.sys.send(fd, bufs[i]!, 20 + i, 0), 20 + i));
    r.until(() => pairs.every(({ fd }) => (r.seen.get(fd) ?? 0) === SYS_POLL_IN), 'all events');
    r.seen.clear();
    pairs.forEach(({ fd, far }, i) => {
      assert.equal(r.sys.recv(fd, bufs[i]!, 1000, 0), 10 + i);
      assert.equal(r.peer.recv(far, U.PEER, 1000, 0), 20 + i);
    });
  }
  assert.ok(r.sys.core.ring.flushes > 0);
  for (const { fd } of pairs) r.sys.close(fd);
  r.assertIdle();
});

test('poll: more events than fit are reported in the next calls, none twice', (t) => {
  const r = U.rig(t);
  const pairs = Array.from({ length: r.sys.eventsMax + 100 }, (_, i) => r.accepted(i));
  for (const { fd } of pairs) r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  for (const { far } of pairs) r.peer.send(far, U.PEER, 1, 0);
  let got = 0;
  r.until(() => {
    got += r.turn(0);
    return r.seen.size === pairs.length;
  }, 'an event for each');
  r.settle();
  pairs.forEach(({ fd }, i) => assert.equal(r.gens.get(fd), i));
  assert.ok(got <= pairs.length);
});

test('poll: a wait without limit ends with what comes', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.settle();
  r.peer.send(far, U.PEER, 1, 0);
  while (!r.seen.has(fd)) r.turn(-1);
  assert.equal(r.seen.get(fd), SYS_POLL_IN);
});

test('wakeFd: each wake is an event; nobody reads the counter', (t) => {
  const r = U.rig(t);
  const fd = U.ok(r.sys.wakeFd(), 'wakeFd');
  U.ok(r.sys.pollAdd(fd, 4), 'pollAdd');
  r.settle();
  assert.equal(r.seen.size, 0);
  for (let i = 0; i < 3; i++) {
    assert.equal(r.sys.wake(fd), 0);
    r.event(fd, SYS_POLL_IN);
    assert.equal(r.gens.get(fd), 4);
    r.settle();
    assert.equal(r.seen.size, 0);
  }
  U.ok(r.sys.close(fd), 'close');
  r.assertIdle();
});

test('splice: held bytes go into the pipe first, then the socket; an armed receive is cancelled before', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  const out = r.connected();
  U.ok(r.sys.pipe(65536), 'pipe');
  const from = r.sys.ret[0]!;
  const to = r.sys.ret[1]!;
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'held, '), 0);
  r.event(fd, SYS_POLL_IN);
  r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'in the socket, '), 0);
  assert.equal(r.sys.splice(fd, to, 4, 0), 4);
  assert.equal(r.sys.splice(fd, to, 65536, 0), 2);
  assert.equal(r.sys.splice(fd, to, 65536, 0), -EAGAIN, 'the armed receive may have been given bytes meanwhile');
  r.event(fd, SYS_POLL_IN);
  assert.equal(r.sys.splice(fd, to, 65536, 0), 15);
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.settle();
  assert.equal(r.sys.splice(fd, to, 65536, 0), -EAGAIN);
  r.sys.want(fd, 1, SYS_RECV_POLL);
  r.settle();
  r.seen.delete(fd);
  r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'polled'), 0);
  r.peer.shutdown(far, SHUT_WR);
  r.event(fd, SYS_POLL_IN);
  assert.equal(r.sys.core.bufs.out, 0);
  assert.equal(r.sys.splice(fd, to, 65536, 0), 6);
  assert.equal(r.sys.splice(fd, to, 65536, 0), 0);
  assert.equal(r.sys.splice(from, out.fd, 65536, 0), 27);
  assert.equal(
    U.spin(() => r.peer.recv(out.far, U.PEER, 100, 0)),
    27,
  );
  assert.equal(U.text(r.peer, U.PEER, 27), 'held, in the socket, polled');
  r.sys.closeRaw(from);
  r.sys.closeRaw(to);
});

test('splice: waits behind a staged send on the socket it goes into', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.connected();
  const buf = r.buffer();
  U.ok(r.sys.pipe(65536), 'pipe');
  const from = r.sys.ret[0]!;
  const to = r.sys.ret[1]!;
  assert.equal(r.sys.core.addon.uringWrite(to, r.sys.arena.u8, buf, U.put(r.sys, buf, ' second')), 7);
  assert.equal(r.sys.send(fd, buf, U.put(r.sys, buf, 'first'), 0), 5);
  assert.equal(r.sys.splice(from, fd, 100, 0), -EAGAIN);
  r.sys.want(fd, 2, SYS_RECV_COMPLETE);
  r.event(fd, SYS_POLL_OUT);
  assert.equal(r.sys.splice(from, fd, 100, 0), 7);
  let n = 0;
  while (n < 12)
    n += U.ok(
      U.spin(() => r.peer.recv(far, U.PEER + n, 100, 0)),
      'recv',
    );
  assert.equal(U.text(r.peer, U.PEER, 12), 'first second');
  r.sys.closeRaw(from);
  r.sys.closeRaw(to);
});

test('splice: a full socket answers -EAGAIN, and OUT follows when it has room', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.connected();
  U.ok(r.sys.pipe(65536), 'pipe');
  const from = r.sys.ret[0]!;
  const to = r.sys.ret[1]!;
  const write = (): number => r.sys.core.addon.uringWrite(to, r.sys.arena.u8, 65536, 65536);
  let n = 1;
  for (let i = 0; i < 1000 && n > 0; i++) {
    write();
    n = r.sys.splice(from, fd, 1 << 20, 0);
  }
  assert.equal(n, -EAGAIN);
  r.sys.want(fd, 2, SYS_RECV_POLL);
  r.settle();
  assert.equal(r.seen.get(fd), undefined);
  while (r.peer.recv(far, U.PEER, 1 << 20, 0) > 0);
  r.event(fd, SYS_POLL_OUT);
  assert.ok(r.sys.splice(from, fd, 1 << 20, 0) > 0);
  r.sys.closeRaw(from);
  r.sys.closeRaw(to);
});

test('host loop: timers, promises and files of the process go on while rounds block in the ring', async (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = r.listen();
  r.sys.pollAdd(lfd, 1);
  r.sys.want(lfd, 1, SYS_RECV_COMPLETE);
  let accepted = 0;
  let stalls = 0;
  const run = (): void => {
    for (let round = 0; round < 64; round++) {
      const due = r.sys.hostTimeout();
      const wait = due < 0 ? 5000 : due;
      const n = U.ok(r.sys.poll(wait), 'poll');
      if (n === 0 && wait === 5000 && r.sys.core.bareLen === 0) stalls++;
      let leave = due === 0;
      for (let at = 0; at < n * EVENT_STRIDE; at += EVENT_STRIDE) {
        if (r.sys.events[at + EVENT_FD] === r.sys.hostFd) {
          assert.equal(r.sys.events[at + EVENT_GEN], 0);
          leave = true;
        } else if (r.sys.events[at + EVENT_FD] === lfd) {
          for (let fd = r.sys.accept(lfd, U.ADDR); fd >= 0; fd = r.sys.accept(lfd, U.ADDR)) {
            accepted++;
            r.sys.close(fd);
          }
          leave = true;
        }
      }
      if (leave) return;
    }
  };
  r.sys.hostStart(run);
  let ticks = 0;
  const timer = setInterval(() => {
    ticks++;
    U.dial(r.peer, port);
  }, 5);
  for (let i = 0; i < 30; i++) await fsp.stat('/proc/self/status');
  while (ticks < 10 || accepted < 10) await new Promise((done) => setTimeout(done, 5));
  clearInterval(timer);
  r.sys.hostStop();
  assert.equal(stalls, 0);
});

test('destroy: with everything in flight nothing is left in the process', () => {
  const before = S.openFds();
  const r = new U.Rig();
  const l = r.listen();
  r.sys.pollAdd(l.fd, 1);
  r.sys.want(l.fd, 1, SYS_RECV_COMPLETE);
  const a = r.accepted();
  const b = r.connected();
  r.accepted();
  const queued = U.dial(r.peer, l.port);
  r.event(l.fd, SYS_POLL_IN);
  const buf = U.ok(r.pool.alloc(1), 'buffer');
  r.sys.want(a.fd, 1, SYS_RECV_COMPLETE);
  r.sys.want(b.fd, 3, SYS_RECV_POLL);
  r.sys.send(a.fd, buf, 50_000, 0);
  const late = U.ok(r.sys.socket(AF_INET, SOCK_STREAM), 'socket');
  assert.equal(r.sys.connect(late, U.ADDR, U.in4(r.sys, U.ADDR, l.port)), -EINPROGRESS);
  r.sys.wakeFd();
  r.sys.destroy();
  assert.equal(r.sys.core.ops, 0);
  assert.equal(r.sys.core.left.size, 0);
  assert.equal(r.sys.core.bufs.out, 0);
  let last = 1;
  while (last > 0) last = U.spin(() => r.peer.recv(b.far, U.PEER, 100_000, 0));
  assert.equal(last, 0);
  assert.equal(
    U.spin(() => r.peer.recv(queued, U.PEER, 10, 0)),
    0,
  );
  r.destroy();
  assert.equal(S.openFds(), before);
});

interface Hello {
  port: number;
}

async function startWorker(t: TestContext): Promise<{ worker: Worker; port: number }> {
  // tsx does not enter workers by itself
  const code = `import('tsx/esm/api').then(({ register }) => (register(), import(require('node:worker_threads').workerData)))`;
  const workerData = new URL('./uring-worker-child.ts', import.meta.url).href;
  const worker = new Worker(code, { eval: true, workerData, execArgv: [] });
  worker.once('error', (error) => assert.fail(error));
  t.after(() => worker.terminate()); // a failed test ends all the same
  const [hello] = (await once(worker, 'message')) as [Hello];
  return { worker, port: hello.port };
}

/** Sends `text` to the echo of a worker, and gives what comes back. */
function echo(r: U.Rig, port: number, textOut: string): string {
  const fd = U.dial(r.peer, port);
  r.peer.send(fd, U.PEER, U.put(r.peer, U.PEER, textOut), 0);
  let n = -EAGAIN;
  for (let i = 0; i < 5000 && n === -EAGAIN; i++) {
    n = r.peer.recv(fd, U.PEER, 1000, 0);
    r.turn(2);
  }
  return U.text(r.peer, U.PEER, U.ok(n, 'recv'));
}

test('workers: two threads with a ring each serve, hear messages, and end by themselves or terminated', async (t) => {
  const r = U.rig(t);
  const fds = S.openFds();
  const [a, b] = await Promise.all([startWorker(t), startWorker(t)]);
  assert.equal(echo(r, a.port, 'first'), 'first');
  assert.equal(echo(r, b.port, 'second'), 'second');
  const ended = once(a.worker, 'exit');
  a.worker.postMessage('stop');
  assert.deepEqual(await ended, [0]);
  assert.equal(echo(r, b.port, 'third'), 'third');
  await b.worker.terminate();
  for (const port of [a.port, b.port]) {
    const fd = U.ok(r.peer.socket(AF_INET, SOCK_STREAM), 'socket');
    const n = r.peer.connect(fd, U.ADDR, U.in4(r.peer, U.ADDR, port));
    assert.equal(n === -EINPROGRESS ? -r.peer.sockError(fd) : n, -ECONNREFUSED);
    r.peer.close(fd);
  }
  assert.equal(S.openFds() - fds, 3, 'our own three connections');
});
