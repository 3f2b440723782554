// Readiness: edges, generations, registered descriptors that are closed, shared ones, waking: native/epoll.cc and wake.cc.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import * as C from '../../src/sys/constants.js';
import * as E from '../../src/sys/errno.js';
import { SYS_POLL_ERR, SYS_POLL_HUP, SYS_POLL_IN, SYS_POLL_OUT, SYS_POLL_RDHUP } from '../../src/sys/types.js';
import * as S from './support.js';

test('poll: an edge is told once, the next bytes are the next edge', (t) => {
  const sys = S.openSys(t);
  const { client, server } = S.tcpPair(sys);
  assert.equal(sys.pollAdd(server, 7), 0);
  assert.equal(sys.pollAdd(server, 8), -17); // EEXIST: once means once
  assert.deepEqual(S.poll(sys, 0), [{ mask: SYS_POLL_OUT, fd: server, gen: 7 }]);
  assert.deepEqual(S.poll(sys, 0), []);
  assert.equal(sys.send(client, S.DATA, 10, 0), 10);
  assert.deepEqual(S.poll(sys, 1000), [{ mask: SYS_POLL_IN | SYS_POLL_OUT, fd: server, gen: 7 }]);
  assert.deepEqual(S.poll(sys, 0), [], 'unread bytes are no new edge');
  assert.equal(sys.send(client, S.DATA, 10, 0), 10);
  assert.deepEqual(S.poll(sys, 1000), [{ mask: SYS_POLL_IN | SYS_POLL_OUT, fd: server, gen: 7 }]);
  assert.equal(sys.recv(server, S.DATA, 100, 0), 20);
});

test('poll: FIN brings RDHUP with IN, both sides shut bring HUP, a reset brings ERR', (t) => {
  const sys = S.openSys(t);
  const { client, server } = S.tcpPair(sys);
  S.ok(sys.pollAdd(server, 1), 'pollAdd');
  S.settle(sys);
  S.ok(sys.shutdown(client, C.SHUT_WR), 'shutdown');
  assert.equal(S.awaitMask(sys, server, SYS_POLL_IN | SYS_POLL_RDHUP) & (SYS_POLL_HUP | SYS_POLL_ERR), 0);
  S.ok(sys.shutdown(server, C.SHUT_WR), 'shutdown');
  S.awaitMask(sys, server, SYS_POLL_HUP);

  const other = S.tcpPair(sys);
  S.ok(sys.pollAdd(other.server, 2), 'pollAdd');
  sys.arena.view.setInt32(S.ADDR, 1, true);
  sys.arena.view.setInt32(S.ADDR + 4, 0, true);
  S.ok(sys.setsockoptBytes(other.client, C.SOL_SOCKET, C.SO_LINGER, S.ADDR, 8), 'linger');
  S.ok(sys.close(other.client), 'close');
  S.awaitMask(sys, other.server, SYS_POLL_ERR | SYS_POLL_HUP);
});

test('poll: generations keep all 32 bits and tell two lives of one number apart', (t) => {
  const sys = S.openSys(t);
  const first = S.tcpPair(sys);
  for (const gen of [0x7fffffff, -1, -2147483648, 0]) {
    S.ok(sys.pollAdd(first.server, gen), 'pollAdd');
    assert.deepEqual(S.poll(sys, 1000), [{ mask: SYS_POLL_OUT, fd: first.server, gen }]);
    S.ok(sys.pollDel(first.server), 'pollDel');
  }
  S.ok(sys.pollAdd(first.server, 1), 'pollAdd');
  S.ok(sys.close(first.server), 'close');
  let again = -1;
  for (let i = 0; i < 16 && again !== first.server; i++) again = S.ok(sys.socket(C.AF_INET, C.SOCK_DGRAM), 'socket');
  assert.equal(again, first.server, 'a free number comes again');
  S.ok(sys.pollAdd(again, 2), 'pollAdd');
  assert.deepEqual(S.poll(sys, 0), [{ mask: SYS_POLL_OUT, fd: again, gen: 2 }]);
});

test('poll: a writer that met -EAGAIN is told once there is room', (t) => {
  const sys = S.openSys(t);
  const { client, server } = S.tcpPair(sys);
  S.ok(sys.pollAdd(client, 1), 'pollAdd');
  S.settle(sys);
  let sent = 0;
  for (let n = 0; n >= 0; n = sys.send(client, S.DATA2, 1 << 20, 0)) sent += n;
  assert.deepEqual(S.poll(sys, 0), []);
  let got = 0;
  while (got < sent) {
    const n = S.retry(() => sys.recv(server, S.DATA2 + (1 << 20), 1 << 20, 0), -E.EAGAIN);
    got += S.ok(n, 'recv');
  }
  S.awaitMask(sys, client, SYS_POLL_OUT);
  assert.ok(sys.send(client, S.DATA2, 1 << 20, 0) > 0);
});

test('pollDel: what left the set brings nothing more; closed descriptors leave it by themselves', (t) => {
  const sys = S.openSys(t);
  const { client, server } = S.tcpPair(sys);
  S.ok(sys.pollAdd(server, 1), 'pollAdd');
  S.settle(sys);
  S.ok(sys.pollDel(server), 'pollDel');
  assert.equal(sys.pollDel(server), -E.ENOENT);
  assert.equal(sys.send(client, S.DATA, 1, 0), 1);
  assert.deepEqual(S.poll(sys, 20), []);
  S.ok(sys.pollAdd(client, 2), 'pollAdd');
  S.ok(sys.close(client), 'close');
  assert.deepEqual(S.poll(sys, 20), []);
});

test('close: an adopted descriptor leaves the set although another process keeps its file open', async (t) => {
  const sys = S.openSys(t);
  const { client, server } = S.tcpPair(sys);
  const holder = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', server] });
  const gone = new Promise((resolve) => holder.once('exit', resolve));
  await new Promise((resolve) => holder.once('spawn', resolve));
  assert.equal(sys.adopt(server), server);
  S.ok(sys.pollAdd(server, 5), 'pollAdd');
  S.settle(sys);
  assert.equal(sys.close(server), 0);
  assert.equal(sys.send(client, S.DATA, 1, 0), 1);
  assert.deepEqual(S.poll(sys, 50), [], 'events of a file that was closed here');
  holder.kill();
  await gone;
});

test('wake: each write is an edge of its own, and the fd need not be drained', (t) => {
  const sys = S.openSys(t);
  const waker = S.openSys(t);
  const fd = S.ok(sys.wakeFd(), 'wakeFd');
  S.ok(sys.pollAdd(fd, 3), 'pollAdd');
  S.settle(sys);
  for (let i = 0; i < 3; i++) {
    assert.equal(waker.wake(fd), 0);
    assert.deepEqual(S.poll(sys, 1000), [{ mask: SYS_POLL_IN | SYS_POLL_OUT, fd, gen: 3 }]);
    assert.deepEqual(S.poll(sys, 0), []);
  }
});

test('poll: brings at most eventsMax at once and the rest after', (t) => {
  const sys = S.openSys(t);
  const count = sys.eventsMax + 10;
  const fds = new Set<number>();
  for (let i = 0; i < count; i++) {
    const fd = S.ok(sys.wakeFd(), 'wakeFd');
    fds.add(fd);
    S.ok(sys.pollAdd(fd, i), 'pollAdd');
  }
  const first = S.poll(sys, 0);
  assert.equal(first.length, sys.eventsMax);
  const rest = S.poll(sys, 0);
  assert.equal(rest.length, 10);
  for (const event of [...first, ...rest]) fds.delete(event.fd);
  assert.equal(fds.size, 0);
});

test('poll: waits for its time and no event; a signal ends the wait with none', async (t) => {
  const sys = S.openSys(t);
  const before = sys.now();
  assert.equal(sys.poll(30), 0);
  assert.ok(sys.now() - before >= 29, 'shorter than asked for');
  assert.ok(Math.abs(sys.date() - Date.now()) < 5000);
  const seen = new Promise((resolve) => process.once('SIGUSR2', resolve));
  const child = spawn('sh', ['-c', `sleep 0.2; kill -USR2 ${process.pid}`], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('spawn', resolve));
  assert.equal(sys.poll(20000), 0);
  await seen;
});
