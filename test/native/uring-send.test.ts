// Sending and connecting over io_uring: areas are pinned until their completion, results come with the next call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AF_INET, AF_UNIX, SHUT_WR, SO_RCVBUF, SO_SNDBUF, SOCK_STREAM, SOL_SOCKET } from '../../src/sys/constants.js';
import { EAGAIN, EALREADY, ECONNREFUSED, ECONNRESET, EINPROGRESS, EPIPE } from '../../src/sys/errno.js';
import { SYS_POLL_ERR, SYS_POLL_HUP, SYS_POLL_OUT, SYS_RECV_COMPLETE, SYS_RECV_POLL } from '../../src/sys/types.js';
import * as U from './uring-support.js';

test('send: -EAGAIN first, the area is pinned, an event OUT, then the result, and the bytes have arrived', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.connected();
  const buf = r.buffer();
  assert.equal(r.sys.send(fd, buf, U.put(r.sys, buf, 'request'), 0), -EAGAIN);
  assert.ok(r.pool.isPinned(buf));
  assert.equal(r.sys.send(fd, buf, 7, 0), -EAGAIN, 'one in flight');
  assert.equal(r.event(fd, SYS_POLL_OUT) & SYS_POLL_ERR, 0);
  assert.ok(!r.pool.isPinned(buf));
  assert.equal(r.sys.send(fd, buf, 9000, 0), 7, 'the result, though the length has grown');
  assert.equal(
    U.spin(() => r.peer.recv(far, U.PEER, 100, 0)),
    7,
  );
  assert.equal(U.text(r.peer, U.PEER, 7), 'request');
});

test('send: a buffer freed in flight is given back when the send completes', (t) => {
  const r = U.rig(t);
  const { fd } = r.connected();
  const buf = r.buffer();
  assert.equal(r.sys.send(fd, buf, 100, 0), -EAGAIN);
  r.pool.release(buf);
  assert.equal(r.pool.used[0], 1);
  r.event(fd, SYS_POLL_OUT);
  assert.equal(r.pool.used[0], 0);
});

for (const len of [1000, 16384, 40_000, 300_000]) {
  for (const mode of [SYS_RECV_COMPLETE, SYS_RECV_POLL]) {
    test(`send: ${len} bytes at a time to a slow reader, ${mode === SYS_RECV_POLL ? 'poll' : 'completion'}, arrive whole`, (t) => {
      const r = U.rig(t);
      const { fd, far } = r.connected();
      U.ok(r.sys.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, 16384), 'sndbuf');
      U.ok(r.peer.setsockopt(far, SOL_SOCKET, SO_RCVBUF, 16384), 'rcvbuf');
      const base = U.ok(r.pool.alloc(2), 'buffer'); // 256 KiB; what lies behind it is the same slab
      const total = 1_200_000;
      U.pattern(r.sys, base, 300_000, 5);
      U.pattern(r.peer, U.PEER + (4 << 20), 300_000, 5);
      let sent = 0;
      let got = 0;
      let bad = 0;
      let blocked = 0;
      let inFlight = false;
      while (got < total) {
        const at = sent % 300_000;
        const n = sent === total ? 0 : r.sys.send(fd, base + at, Math.min(len, 300_000 - at, total - sent), 0);
        inFlight = n === -EAGAIN;
        if (inFlight) {
          blocked++;
          r.sys.want(fd, 2, mode);
          r.turn(0);
        } else sent += U.ok(n, 'send');
        if (inFlight || sent === total) {
          const m = r.peer.recv(far, U.PEER, 5000, 0);
          if (m === -EAGAIN) continue;
          U.ok(m, 'peer recv');
          for (let i = 0; i < m; i += 97) {
            const want = r.peer.arena.u8[U.PEER + (4 << 20) + ((got + i) % 300_000)];
            if (r.peer.arena.u8[U.PEER + i] !== want) bad++;
          }
          got += m;
        }
      }
      assert.equal(bad, 0);
      assert.ok(blocked > 10);
      r.sys.want(fd, 0, mode);
      r.settle();
      r.assertNoPins();
    });
  }
}

test('send: a reset while the send is in flight ends it with the error and frees the area', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.connected();
  U.ok(r.sys.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, 8192), 'sndbuf');
  const buf = U.ok(r.pool.alloc(1), 'buffer');
  const fill = (): number => r.sys.send(fd, buf, 16_000, 0);
  r.until(() => {
    fill();
    r.settle(2);
    return r.pool.isPinned(buf);
  }, 'a send that stays in flight');
  U.lingerReset(r.peer, far);
  r.peer.close(far);
  r.event(fd, SYS_POLL_OUT | SYS_POLL_ERR);
  let n = r.sys.send(fd, buf, 16_000, 0);
  if (n > 0) n = r.send(fd, buf, 16_000); // a part had gone out before
  assert.ok(n === -ECONNRESET || n === -EPIPE, String(n));
  assert.ok(!r.pool.isPinned(buf));
});

test('shutdown: waits for the send in flight, so that the FIN comes behind the bytes', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.connected();
  const buf = r.buffer();
  assert.equal(r.sys.send(fd, buf, U.put(r.sys, buf, 'last words'), 0), -EAGAIN);
  assert.equal(r.sys.shutdown(fd, SHUT_WR), 0);
  r.event(fd, SYS_POLL_OUT);
  assert.equal(r.sys.send(fd, buf, 10, 0), 10);
  assert.equal(
    U.spin(() => r.peer.recv(far, U.PEER, 100, 0)),
    10,
  );
  assert.equal(
    U.spin(() => r.peer.recv(far, U.PEER, 100, 0)),
    0,
  );
  assert.equal(r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'answer'), 0), 6);
  assert.equal(r.recv(fd, buf, 100), 6, 'the other direction stays open');
});

test('connect: refused comes as an event with ERR, and sockError tells why, once', (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = U.listenOn(r.peer);
  r.peer.close(lfd);
  const fd = U.ok(r.sys.socket(AF_INET, SOCK_STREAM), 'socket');
  assert.equal(r.sys.connect(fd, U.ADDR, U.in4(r.sys, U.ADDR, port)), -EINPROGRESS);
  assert.equal(r.sys.connect(fd, U.ADDR, 16), -EALREADY);
  r.sys.pollAdd(fd, 3);
  r.sys.want(fd, 2, SYS_RECV_COMPLETE);
  r.event(fd, SYS_POLL_ERR | SYS_POLL_HUP);
  assert.equal(r.sys.sockError(fd), ECONNREFUSED);
  assert.equal(r.sys.sockError(fd), 0);
});

test('connect: a registration after the connection was made still brings the event', (t) => {
  const r = U.rig(t);
  const { port } = U.listenOn(r.peer);
  const fd = U.ok(r.sys.socket(AF_INET, SOCK_STREAM), 'socket');
  assert.equal(r.sys.connect(fd, U.ADDR, U.in4(r.sys, U.ADDR, port)), -EINPROGRESS);
  r.settle();
  r.sys.pollAdd(fd, 3);
  r.event(fd, SYS_POLL_OUT);
  assert.equal(r.sys.sockError(fd), 0);
});

test('connect: receives and sends asked for before the connection stands are done when it does', (t) => {
  const r = U.rig(t);
  const { fd: lfd, port } = U.listenOn(r.peer);
  const fd = U.ok(r.sys.socket(AF_INET, SOCK_STREAM), 'socket');
  const buf = r.buffer();
  assert.equal(r.sys.connect(fd, U.ADDR, U.in4(r.sys, U.ADDR, port)), -EINPROGRESS);
  assert.equal(r.sys.recv(fd, buf, 100, 0), -EAGAIN);
  assert.equal(r.sys.send(fd, buf, 100, 0), -EAGAIN);
  r.sys.pollAdd(fd, 3);
  r.sys.want(fd, 3, SYS_RECV_COMPLETE);
  r.event(fd, SYS_POLL_OUT);
  assert.equal(r.send(fd, buf, 100), 100);
  const far = U.accept(r.peer, lfd);
  assert.equal(
    U.spin(() => r.peer.recv(far, U.PEER, 1000, 0)),
    100,
  );
  r.peer.send(far, U.PEER, 30, 0);
  assert.equal(r.recv(fd, buf, 100), 30);
});

test('connect: more connects in one batch than there are address slots all reach their port', (t) => {
  const r = U.rig(t);
  const ports = [U.listenOn(r.peer), U.listenOn(r.peer), U.listenOn(r.peer)];
  const counts = [0, 0, 0];
  const fds: number[] = [];
  for (let i = 0; i < 200; i++) {
    const fd = U.ok(r.sys.socket(AF_INET, SOCK_STREAM), 'socket');
    assert.equal(r.sys.connect(fd, U.ADDR, U.in4(r.sys, U.ADDR, ports[i % 3]!.port)), -EINPROGRESS);
    r.sys.pollAdd(fd, i);
    fds.push(fd);
  }
  r.until(() => fds.every((fd) => (r.seen.get(fd) ?? 0) !== 0), 'all connects');
  for (const fd of fds) assert.equal(r.sys.sockError(fd), 0);
  ports.forEach(({ fd }, i) => {
    while (r.peer.accept(fd, U.ADDR) >= 0) counts[i]!++;
  });
  assert.deepEqual(counts, [67, 67, 66]);
});

test('connect: a UNIX socket connects at once and carries bytes both ways', (t) => {
  const r = U.rig(t);
  const name = `\0sluice-uring-test-${process.pid}`;
  const un = (sys: typeof r.peer | typeof r.sys): number => {
    sys.arena.view.setUint16(U.ADDR, AF_UNIX, true);
    return 2 + U.put(sys, U.ADDR + 2, name);
  };
  const lfd = U.ok(r.peer.socket(AF_UNIX, SOCK_STREAM), 'socket');
  U.ok(r.peer.bind(lfd, U.ADDR, un(r.peer)), 'bind');
  U.ok(r.peer.listen(lfd, 5), 'listen');
  const fd = U.ok(r.sys.socket(AF_UNIX, SOCK_STREAM), 'socket');
  assert.equal(r.sys.connect(fd, U.ADDR, un(r.sys)), 0);
  const far = U.accept(r.peer, lfd);
  r.sys.pollAdd(fd, 1);
  const buf = r.buffer();
  assert.equal(r.send(fd, buf, U.put(r.sys, buf, 'over there')), 10);
  assert.equal(
    U.spin(() => r.peer.recv(far, U.PEER, 100, 0)),
    10,
  );
  r.peer.send(far, U.PEER, 4, 0);
  assert.equal(r.recv(fd, buf, 100), 4);
  r.peer.close(far);
  assert.equal(r.recv(fd, buf, 100), 0);
});
