// Closing over io_uring: what is in flight is cancelled, the peer sees its FIN or RST, and nothing is left behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AF_INET, SHUT_WR, SO_SNDBUF, SOCK_STREAM, SOL_SOCKET } from '../../src/sys/constants.js';
import { EAGAIN, EBADF, ECONNRESET } from '../../src/sys/errno.js';
import { SYS_POLL_IN, SYS_POLL_OUT, SYS_RECV_COMPLETE, SYS_RECV_POLL } from '../../src/sys/types.js';
import * as S from './support.js';
import * as U from './uring-support.js';

test('close: with a receive armed the peer gets its FIN', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.settle();
  U.ok(r.sys.close(fd), 'close');
  r.settle();
  assert.equal(r.peer.recv(far, U.PEER, 10, 0), 0);
  r.assertIdle();
});

test('close: with polls armed for both directions the peer gets its FIN', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.connected();
  U.ok(r.sys.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, 8192), 'sndbuf');
  const buf = U.ok(r.pool.alloc(2), 'buffer');
  while (r.sys.send(fd, buf, 200_000, 0) > 0);
  r.sys.want(fd, 3, SYS_RECV_POLL);
  r.settle();
  U.ok(r.sys.close(fd), 'close');
  r.settle();
  let last = 1;
  while (last > 0) last = U.spin(() => r.peer.recv(far, U.PEER, 1 << 20, 0));
  assert.equal(last, 0);
  r.assertIdle();
});

test('close: behind a staged send the peer gets the bytes, then the FIN', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  const buf = r.buffer();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  assert.equal(r.sys.send(fd, buf, U.put(r.sys, buf, 'the end'), 0), 7);
  U.ok(r.sys.close(fd), 'close');
  r.pool.release(buf);
  r.settle();
  assert.equal(r.peer.recv(far, U.PEER, 100, 0), 7);
  assert.equal(U.text(r.peer, U.PEER, 7), 'the end');
  assert.equal(r.peer.recv(far, U.PEER, 100, 0), 0);
  assert.equal(r.pool.used[0], 0);
  r.assertIdle();
});

/** A connection whose socket is full, and that holds bytes which send() took; returns how many send() took in all. */
function blocked(r: U.Rig): { fd: number; far: number; taken: number } {
  const { fd, far } = r.connected();
  U.ok(r.sys.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, 8192), 'sndbuf');
  const buf = r.buffer();
  let taken = 0;
  r.until(() => {
    const n = r.sys.send(fd, buf, 3000, 0);
    if (n > 0) taken += n;
    r.settle(1);
    return r.sys.core.left.size !== 0;
  }, 'a send that the socket refuses');
  return { fd, far, taken };
}

function drain(r: U.Rig, far: number): { bytes: number; end: number } {
  let bytes = 0;
  for (let idle = 0; idle < 1000;) {
    const n = r.peer.recv(far, U.PEER, 1 << 20, 0);
    if (n > 0) bytes += n;
    else if (n !== -EAGAIN) return { bytes, end: n };
    else {
      idle++;
      r.turn(1);
    }
  }
  return { bytes, end: -EAGAIN };
}

test('close: bytes that a full socket refused arrive when there is room, then the FIN', (t) => {
  const r = U.rig(t);
  const { fd, far, taken } = blocked(r);
  U.ok(r.sys.close(fd), 'close');
  assert.deepEqual(drain(r, far), { bytes: taken, end: 0 });
  r.assertIdle();
});

test('shutdown: the FIN comes behind the bytes that a full socket refused', (t) => {
  const r = U.rig(t);
  const { fd, far, taken } = blocked(r);
  U.ok(r.sys.shutdown(fd, SHUT_WR), 'shutdown');
  assert.deepEqual(drain(r, far), { bytes: taken, end: 0 });
  assert.equal(r.peer.send(far, U.PEER, 5, 0), 5);
  assert.equal(r.recv(fd, r.buffer(), 100), 5, 'the other direction stays open');
});

test('close: with SO_LINGER 0 what a full socket refused is dropped, and the peer gets a RST', (t) => {
  const r = U.rig(t);
  const { fd, far } = blocked(r);
  U.lingerReset(r.sys, fd);
  U.ok(r.sys.close(fd), 'close');
  assert.equal(drain(r, far).end, -ECONNRESET);
  r.assertIdle();
});

test('close: with SO_LINGER 0 the peer gets a RST, operations in flight or not', (t) => {
  const r = U.rig(t);
  for (const armed of [false, true]) {
    const { fd, far } = r.accepted();
    if (armed) r.sys.want(fd, 1, SYS_RECV_COMPLETE);
    r.settle();
    U.lingerReset(r.sys, fd);
    U.ok(r.sys.close(fd), 'close');
    r.settle();
    assert.equal(r.peer.recv(far, U.PEER, 10, 0), -ECONNRESET);
  }
});

test('close: held bytes and unread results are dropped with their buffers', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.peer.send(far, U.PEER, 100, 0);
  r.event(fd, SYS_POLL_IN);
  assert.equal(r.sys.core.bufs.out, 1);
  U.ok(r.sys.close(fd), 'close');
  assert.equal(r.sys.core.bufs.out, 0);
  r.settle();
  assert.equal(r.peer.recv(far, U.PEER, 10, 0), 0);
});

test('close: bytes that come while the receive is being cancelled leave no buffer behind', (t) => {
  const r = U.rig(t);
  for (let i = 0; i < 20; i++) {
    const { fd, far } = r.accepted();
    r.sys.want(fd, 1, SYS_RECV_COMPLETE);
    r.settle(1);
    if (i % 2 === 0) r.peer.send(far, U.PEER, 100, 0);
    U.ok(r.sys.close(fd), 'close');
    if (i % 2 === 1) r.peer.send(far, U.PEER, 100, 0);
    r.settle(2);
    r.peer.close(far);
  }
  r.assertIdle();
});

test('close: no event of the closed descriptor comes to the next owner of its number', (t) => {
  const r = U.rig(t);
  const first = r.accepted(11);
  r.sys.want(first.fd, 1, SYS_RECV_COMPLETE);
  r.peer.send(first.far, U.PEER, 5, 0);
  r.settle(1);
  U.ok(r.sys.close(first.fd), 'close');
  r.seen.clear();
  r.settle(3);
  const { port } = U.listenOn(r.peer);
  const fds: number[] = [];
  for (let i = 0; i < 8 && !fds.includes(first.fd); i++) {
    const fd = U.ok(r.sys.socket(AF_INET, SOCK_STREAM), 'socket');
    r.sys.connect(fd, U.ADDR, U.in4(r.sys, U.ADDR, port));
    r.sys.pollAdd(fd, 12);
    fds.push(fd);
  }
  assert.ok(fds.includes(first.fd), 'the number came back');
  r.event(first.fd, SYS_POLL_OUT);
  assert.equal(r.gens.get(first.fd), 12);
});

test('close: of a descriptor that is not open answers -EBADF', (t) => {
  const r = U.rig(t);
  const fd = U.ok(r.sys.socket(AF_INET, SOCK_STREAM), 'socket');
  U.ok(r.sys.close(fd), 'close');
  r.settle();
  assert.equal(r.sys.close(fd), -EBADF);
});

test('pollDel: no more events; what had come stays, and a later registration reports it', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted(1);
  const buf = r.buffer();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.settle();
  r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'kept'), 0);
  U.ok(r.sys.pollDel(fd), 'pollDel');
  r.seen.delete(fd);
  r.settle();
  assert.equal(r.seen.get(fd), undefined);
  U.ok(r.sys.pollAdd(fd, 2), 'pollAdd');
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.event(fd, SYS_POLL_IN);
  assert.equal(r.sys.recv(fd, buf, 100, 0), 4);
  assert.equal(U.text(r.sys, buf, 4), 'kept');
});

test('short connections: ten thousand through both sides leave no descriptor, pin, buffer or operation', (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = r.listen();
  const { fd: backFd, port: backPort } = U.listenOn(r.peer);
  const buf = r.buffer();
  r.sys.pollAdd(lfd, 1);
  r.sys.want(lfd, 1, SYS_RECV_COMPLETE);
  r.settle();
  const fdsBefore = S.openFds();
  const total = 10_000;
  const atOnce = 50;
  for (let done = 0; done < total; done += atOnce) {
    const fars: number[] = [];
    const fds: number[] = [];
    for (let i = 0; i < atOnce; i++) {
      const far = U.dial(r.peer, port);
      r.peer.send(far, U.PEER, 100, 0);
      fars.push(far);
    }
    r.until(() => {
      for (let fd = r.sys.accept(lfd, U.ADDR); fd >= 0; fd = r.sys.accept(lfd, U.ADDR)) {
        r.sys.pollAdd(fd, done);
        fds.push(fd);
        const out = U.ok(r.sys.socket(AF_INET, SOCK_STREAM), 'socket');
        r.sys.connect(out, U.ADDR, U.in4(r.sys, U.ADDR, backPort));
        r.sys.pollAdd(out, done);
        fds.push(out);
      }
      return fds.length === 2 * atOnce;
    }, 'a batch of connections');
    for (let i = 0; i < fds.length; i++) {
      // some are read first, some have a send in flight, some have a receive armed, some nothing
      const fd = fds[i]!;
      if (i % 4 === 0) assert.equal(r.recv(fd, buf, 200), 100);
      if (i % 3 === 0) r.sys.send(fd, buf, 100, 0);
      if (i % 5 !== 0) r.sys.want(fd, 1, i % 2);
      if (i % 7 === 0) U.lingerReset(r.sys, fd);
      U.ok(r.sys.close(fd), 'close');
    }
    for (const far of fars) r.peer.close(far);
    for (let fd = r.peer.accept(backFd, U.ADDR); fd >= 0; fd = r.peer.accept(backFd, U.ADDR)) r.peer.close(fd);
    r.seen.clear();
  }
  r.settle();
  for (let fd = r.peer.accept(backFd, U.ADDR); fd >= 0; fd = r.peer.accept(backFd, U.ADDR)) r.peer.close(fd);
  assert.equal(S.openFds(), fdsBefore);
  assert.equal(r.sys.core.bufs.out, 0);
  U.ok(r.sys.close(lfd), 'close');
  r.assertIdle();
  assert.equal(r.pool.used[0], 1);
});
