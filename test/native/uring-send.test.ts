// Sending and connecting over io_uring: small sends are taken at once and go out with the next enter; what a full socket
// refuses goes out later, before anything else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AF_INET, AF_UNIX, SHUT_WR, SO_RCVBUF, SO_SNDBUF, SOCK_STREAM, SOL_SOCKET } from '../../src/sys/constants.js';
import { EAGAIN, EALREADY, ECONNREFUSED, ECONNRESET, EINPROGRESS, EPIPE } from '../../src/sys/errno.js';
import { SYS_POLL_ERR, SYS_POLL_HUP, SYS_POLL_OUT, SYS_RECV_COMPLETE, SYS_RECV_POLL } from '../../src/sys/types.js';
import * as U from './uring-support.js';

test('send: a small one is taken at once, a second waits for the ring, and the bytes have arrived', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.connected();
  const buf = r.buffer();
  r.sys.want(fd, 0, SYS_RECV_COMPLETE);
  assert.equal(r.sys.send(fd, buf, U.put(r.sys, buf, 'request'), 0), 7);
  U.put(r.sys, buf, 'XXXXXXX'); // the area is the caller's again
  assert.equal(r.sys.send(fd, buf, 7, 0), -EAGAIN, 'one at a time');
  r.sys.want(fd, 2, SYS_RECV_COMPLETE);
  assert.equal(r.event(fd, SYS_POLL_OUT) & SYS_POLL_ERR, 0);
  assert.equal(r.sys.send(fd, buf, 7, 0), 7);
  r.settle();
  assert.equal(
    U.spin(() => r.peer.recv(far, U.PEER, 100, 0)),
    14,
  );
  assert.equal(U.text(r.peer, U.PEER, 14), 'requestXXXXXXX');
});

test('send: more small sends in one round than the stage holds all arrive', (t) => {
  const r = U.rig(t);
  const pairs = Array.from({ length: 150 }, () => r.connected());
  const buf = r.buffer();
  U.pattern(r.sys, buf, 4096, 3);
  for (const { fd } of pairs) assert.equal(r.sys.send(fd, buf, 4096, 0), 4096);
  r.settle();
  for (const { far } of pairs) {
    assert.equal(
      U.spin(() => r.peer.recv(far, U.PEER, 5000, 0)),
      4096,
    );
    assert.equal(r.peer.arena.u8[U.PEER + 4095], r.sys.arena.u8[buf + 4095]);
  }
  r.assertSent();
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
          if (!inFlight) r.turn(0);
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
      r.assertSent();
    });
  }
}

for (const len of [3000, 16_000]) {
  test(`send: a reset while ${len} bytes wait for room ends them with the error`, (t) => {
    const r = U.rig(t);
    const { fd, far } = r.connected();
    U.ok(r.sys.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, 8192), 'sndbuf');
    const buf = r.buffer();
    r.until(() => {
      const n = r.sys.send(fd, buf, len, 0);
      r.settle(1);
      return n === -EAGAIN && r.sys.core.stagedLen === 0;
    }, 'a socket without room');
    r.sys.want(fd, 2, SYS_RECV_COMPLETE);
    U.lingerReset(r.peer, far);
    r.peer.close(far);
    r.event(fd, SYS_POLL_OUT | SYS_POLL_ERR);
    r.assertSent();
    const n = r.send(fd, buf, 16_000);
    assert.ok(n === -ECONNRESET || n === -EPIPE, String(n));
  });
}

test('send: small ones on a reset connection bring the error as an event', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.connected();
  const buf = r.buffer();
  U.lingerReset(r.peer, far);
  r.peer.close(far);
  assert.equal(r.sys.send(fd, buf, 10, 0), 10);
  r.event(fd, SYS_POLL_OUT | SYS_POLL_ERR);
  const n = r.sys.sockError(fd);
  assert.ok(n === ECONNRESET || n === EPIPE, String(n));
});

test('shutdown: waits for the staged send, so that the FIN comes behind the bytes', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.connected();
  const buf = r.buffer();
  assert.equal(r.sys.send(fd, buf, U.put(r.sys, buf, 'last words'), 0), 10);
  assert.equal(r.sys.shutdown(fd, SHUT_WR), 0);
  r.settle();
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
  r.assertSent();
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
  r.assertSent();
  assert.equal(
    U.spin(() => r.peer.recv(far, U.PEER, 100, 0)),
    10,
  );
  r.peer.send(far, U.PEER, 4, 0);
  assert.equal(r.recv(fd, buf, 100), 4);
  r.peer.close(far);
  assert.equal(r.recv(fd, buf, 100), 0);
});
