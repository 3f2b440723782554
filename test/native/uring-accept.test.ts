// Accepting over io_uring: one-shot accepts with an address slot each, bounded, cancelled where the listener is paused.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EAGAIN, EBADF, ECONNREFUSED, EINPROGRESS } from '../../src/sys/errno.js';
import { AF_INET, AF_UNIX, SOCK_STREAM } from '../../src/sys/constants.js';
import { packageRoot } from '../../src/sys/load.js';
import { SYS_POLL_IN, SYS_RECV_COMPLETE, type Sys } from '../../src/sys/types.js';
import * as U from './uring-support.js';

function listening(r: U.Rig): { fd: number; port: number } {
  const l = r.listen();
  U.ok(r.sys.pollAdd(l.fd, 5), 'pollAdd');
  r.sys.want(l.fd, 1, SYS_RECV_COMPLETE);
  return l;
}

/** Everything that `accept` gives now. */
function drain(r: U.Rig, lfd: number): number[] {
  const out: number[] = [];
  for (let n = r.sys.accept(lfd, U.ADDR); n !== -EAGAIN; n = r.sys.accept(lfd, U.ADDR)) out.push(U.ok(n, 'accept'));
  return out;
}

test('accept: -EAGAIN first, an event IN, then the descriptor and the address of its peer', (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = listening(r);
  assert.equal(r.sys.accept(lfd, U.ADDR), -EAGAIN);
  const far = U.dial(r.peer, port);
  r.event(lfd, SYS_POLL_IN);
  assert.equal(r.gens.get(lfd), 5);
  r.sys.arena.u8.fill(0xff, 256, 384);
  const fd = U.ok(r.sys.accept(lfd, 256), 'accept');
  assert.equal(r.sys.arena.view.getUint16(256, true), AF_INET);
  assert.deepEqual([...r.sys.arena.u8.subarray(260, 264)], [127, 0, 0, 1]);
  r.peer.getsockname(far, U.ADDR);
  assert.equal(r.sys.arena.view.getUint16(258, false), r.peer.arena.view.getUint16(U.ADDR + 2, false));
  assert.equal(r.sys.accept(lfd, U.ADDR), -EAGAIN);
  r.peer.send(far, U.PEER, 3, 0);
  r.sys.pollAdd(fd, 1);
  assert.equal(r.recv(fd, r.buffer(), 10), 3);
});

test('accept: before the registration it is the plain call', (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = r.listen();
  assert.equal(r.sys.accept(lfd, U.ADDR), -EAGAIN);
  U.dial(r.peer, port);
  U.ok(r.sys.accept(lfd, U.ADDR), 'accept');
});

test('accept: a burst of 300 connections comes in whole, each once', (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = listening(r);
  for (let i = 0; i < 300; i++) U.dial(r.peer, port);
  const got = new Set<number>();
  r.until(() => {
    for (const fd of drain(r, lfd)) got.add(fd);
    return got.size === 300;
  }, 'all connections');
  r.settle();
  assert.deepEqual(drain(r, lfd), []);
});

test('accept: no more connections are taken ahead than there is room for', (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = r.listen();
  r.sys.acceptRoom(lfd, 2);
  r.sys.pollAdd(lfd, 5);
  r.sys.want(lfd, 1, SYS_RECV_COMPLETE);
  for (let i = 0; i < 6; i++) U.dial(r.peer, port);
  r.event(lfd, SYS_POLL_IN);
  r.settle();
  const l = r.sys.core.listeners[lfd]!;
  assert.equal(l.queued, 2);
  assert.equal(l.armed, 0);
  r.sys.acceptRoom(lfd, 0);
  assert.equal(drain(r, lfd).length, 2, 'what was taken is given out');
  r.settle();
  assert.equal(l.queued + l.armed, 0);
  r.sys.acceptRoom(lfd, 8);
  r.until(() => l.queued === 4, 'the other four');
  assert.equal(drain(r, lfd).length, 4);
});

test('accept: a paused listener takes nothing, keeps what came before, and goes on when resumed', (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = listening(r);
  r.settle();
  U.dial(r.peer, port);
  U.dial(r.peer, port);
  r.sys.want(lfd, 0, SYS_RECV_COMPLETE);
  r.settle();
  U.dial(r.peer, port);
  r.settle();
  const l = r.sys.core.listeners[lfd]!;
  assert.equal(l.armed, 0);
  const before = l.queued;
  assert.ok(before <= 2);
  r.seen.delete(lfd);
  r.sys.want(lfd, 1, SYS_RECV_COMPLETE);
  let got = 0;
  r.until(() => (got += drain(r, lfd).length) === 3, 'three connections');
});

test('accept: pausing and resuming at each step of a burst loses no connection', (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = listening(r);
  let dialled = 0;
  let got = 0;
  for (let i = 0; i < 200; i++) {
    if (i % 2 === 0) {
      U.dial(r.peer, port);
      dialled++;
    }
    r.sys.want(lfd, i % 3 === 0 ? 0 : 1, SYS_RECV_COMPLETE);
    if (i % 4 !== 0) r.turn(0);
    if (i % 5 === 0) got += drain(r, lfd).length;
  }
  r.sys.want(lfd, 1, SYS_RECV_COMPLETE);
  r.until(() => (got += drain(r, lfd).length) === dialled, `${dialled} connections`);
});

test('close: a listener with accepts armed is gone at once, and its port can be bound again', (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = listening(r);
  r.settle();
  U.ok(r.sys.close(lfd), 'close');
  const fd = U.ok(r.peer.socket(AF_INET, SOCK_STREAM), 'socket');
  const refused = r.peer.connect(fd, U.ADDR, U.in4(r.peer, U.ADDR, port));
  assert.ok(refused === -ECONNREFUSED || (refused === -EINPROGRESS && r.peer.sockError(fd) === ECONNREFUSED));
  U.listenOn(r.sys, port);
  r.assertIdle();
});

test('close: connections accepted and not asked for are closed with their listener', (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = listening(r);
  const far = U.dial(r.peer, port);
  r.event(lfd, SYS_POLL_IN);
  U.ok(r.sys.close(lfd), 'close');
  assert.equal(
    U.spin(() => r.peer.recv(far, U.PEER, 10, 0)),
    0,
  );
  r.assertIdle();
});

test('accept: UNIX clients come in with no address but their family', (t) => {
  const r = U.rig(t);
  const name = `\0sluice-uring-accept-${process.pid}`;
  const un = (sys: Sys): number => {
    sys.arena.view.setUint16(U.ADDR, AF_UNIX, true);
    return 2 + U.put(sys, U.ADDR + 2, name);
  };
  const lfd = U.ok(r.sys.socket(AF_UNIX, SOCK_STREAM), 'socket');
  U.ok(r.sys.bind(lfd, U.ADDR, un(r.sys)), 'bind');
  U.ok(r.sys.listen(lfd, 10), 'listen');
  U.ok(r.sys.pollAdd(lfd, 1), 'pollAdd');
  r.sys.want(lfd, 1, SYS_RECV_COMPLETE);
  const far = U.ok(r.peer.socket(AF_UNIX, SOCK_STREAM), 'socket');
  U.ok(r.peer.connect(far, U.ADDR, un(r.peer)), 'connect');
  r.event(lfd, SYS_POLL_IN);
  r.sys.arena.u8.fill(0xff, 256, 384);
  const fd = U.ok(r.sys.accept(lfd, 256), 'accept');
  assert.equal(r.sys.arena.view.getUint16(256, true), AF_UNIX);
  assert.ok(r.sys.arena.u8.subarray(258, 384).every((b) => b === 0));
  U.ok(r.sys.pollAdd(fd, 2), 'pollAdd');
  r.peer.send(far, U.PEER, 9, 0);
  assert.equal(r.recv(fd, r.buffer(), 100), 9);
});

test('adopt: an inherited listening socket is accepted from in the ring', (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = U.listenOn(r.peer);
  U.ok(r.sys.adopt(lfd), 'adopt');
  U.ok(r.sys.pollAdd(lfd, 1), 'pollAdd');
  r.sys.want(lfd, 1, SYS_RECV_COMPLETE);
  U.dial(r.peer, port);
  r.event(lfd, SYS_POLL_IN);
  U.ok(r.sys.accept(lfd, U.ADDR), 'accept');
  U.ok(r.sys.close(lfd), 'close');
  r.peer.calls.disown(lfd);
});

test('pollAdd: of a number that is no descriptor answers -EBADF', (t) => {
  const r = U.rig(t);
  assert.equal(r.sys.pollAdd(9999, 1), -EBADF);
});

test('accept: without descriptors it answers -EMFILE once, arms nothing meanwhile, and goes on afterwards', () => {
  const child = fileURLToPath(new URL('uring-emfile-child.ts', import.meta.url));
  const limited = ['-c', 'ulimit -n 200; exec "$0" "$@"', process.execPath, '--import', 'tsx', child];
  const run = spawnSync('sh', limited, { encoding: 'utf8', cwd: packageRoot });
  assert.equal(run.stderr, '');
  assert.equal(run.stdout, 'EMFILE, paused, resumed\n');
  assert.equal(run.status, 0);
});
