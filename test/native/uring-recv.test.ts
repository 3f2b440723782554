// Receiving over io_uring: the seam's contract in completion manner and in poll manner.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MSG_PEEK, MSG_TRUNC, SHUT_WR } from '../../src/sys/constants.js';
import { EAGAIN, ECONNRESET } from '../../src/sys/errno.js';
import {
  SYS_POLL_ERR,
  SYS_POLL_HUP,
  SYS_POLL_IN,
  SYS_POLL_RDHUP,
  SYS_RECV_COMPLETE,
  SYS_RECV_POLL,
} from '../../src/sys/types.js';
import * as U from './uring-support.js';

test('recv: -EAGAIN first, an event IN with the generation given, then the bytes', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted(7);
  const buf = r.buffer();
  assert.equal(r.sys.recv(fd, buf, 100, 0), -EAGAIN);
  r.settle();
  assert.equal(r.seen.get(fd), undefined, 'nothing was sent and nothing is reported');
  assert.equal(r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'hello'), 0), 5);
  assert.equal(r.event(fd, SYS_POLL_IN) & SYS_POLL_ERR, 0);
  assert.equal(r.gens.get(fd), 7);
  assert.equal(r.sys.recv(fd, buf, 100, 0), 5);
  assert.equal(U.text(r.sys, buf, 5), 'hello');
  assert.equal(r.sys.recv(fd, buf, 100, 0), -EAGAIN);
});

test('recv: what does not fit stays held, and is given out before anything newer', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  const buf = r.buffer();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'abcdefgh'), 0);
  r.event(fd, SYS_POLL_IN);
  assert.equal(r.sys.recv(fd, buf, 3, 0), 3);
  r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'ijkl'), 0);
  assert.equal(r.sys.recv(fd, buf + 3, 5, 0), 5);
  assert.equal(r.recv(fd, buf + 8, 100), 4);
  assert.equal(U.text(r.sys, buf, 12), 'abcdefghijkl');
});

test('recv: one call gives more than a lent buffer holds when the socket has more', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  const buf = r.buffer();
  U.pattern(r.peer, U.PEER, 12000, 3);
  assert.equal(r.peer.send(far, U.PEER, 12000, 0), 12000);
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.event(fd, SYS_POLL_IN);
  assert.equal(r.sys.recv(fd, buf, 16384, 0), 12000);
  assert.deepEqual(r.sys.arena.u8.slice(buf, buf + 12000), r.peer.arena.u8.slice(U.PEER, U.PEER + 12000));
});

test('recv: bytes and FIN that are there together are reported together, and the next call gives the 0', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  const buf = r.buffer();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'bye'), 0);
  U.ok(r.peer.shutdown(far, SHUT_WR), 'shutdown');
  r.event(fd, SYS_POLL_IN | SYS_POLL_RDHUP);
  assert.equal(r.sys.recv(fd, buf, 100, 0), 3);
  assert.equal(r.sys.recv(fd, buf, 100, 0), 0);
});

test('recv: it stays armed from message to message, and messages that nobody took are given out in order', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  const buf = r.buffer();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.settle();
  const armed = r.sys.core.ops;
  for (const word of ['one ', 'two ', 'three ']) {
    r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, word), 0);
    r.event(fd, SYS_POLL_IN);
  }
  assert.equal(r.sys.core.ops, armed, 'the same operation');
  assert.equal(r.sys.core.bufs.out, 3);
  assert.equal(r.sys.recv(fd, buf, 6, 0), 6);
  assert.equal(r.sys.recv(fd, buf + 6, 100, 0), 8);
  assert.equal(U.text(r.sys, buf, 14), 'one two three ');
  assert.equal(r.sys.core.bufs.out, 0);
  assert.equal(r.sys.recv(fd, buf, 100, 0), -EAGAIN);
});

test('recv: who takes nothing keeps a few lent buffers, the rest waits in the socket', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  const buf = r.buffer();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.settle();
  for (let i = 0; i < 30; i++) {
    assert.equal(r.peer.send(far, U.PEER, 3000, 0), 3000);
    r.settle();
  }
  assert.ok(r.sys.core.bufs.out <= 8, `${r.sys.core.bufs.out} buffers`);
  let got = 0;
  while (got < 90_000) got += U.ok(r.recv(fd, buf, 16384), 'recv');
  assert.equal(got, 90_000);
  assert.equal(r.sys.core.bufs.out, 0);
});

test('recv: a kernel that refuses receives that stay armed costs none of those armed together', (t) => {
  const r = U.rig(t);
  const pairs = [r.accepted(), r.accepted(), r.accepted()];
  const buf = r.buffer();
  for (const { fd } of pairs) r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  const { sqes } = r.sys.core;
  let refused = 0;
  for (let i = 0; i < sqes.length; i += 16) {
    if ((sqes[i]! & 0xff) !== 27 || (sqes[i]! & (0x2 << 16)) === 0) continue;
    sqes[i]! |= 0x4000 << 16; // a flag that no kernel knows: -EINVAL, as before 6.0
    refused++;
  }
  assert.ok(refused >= 3);
  r.settle();
  assert.equal(r.sys.core.multishot, false);
  for (const { fd, far } of pairs) {
    r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'word'), 0);
    r.event(fd, SYS_POLL_IN);
    assert.equal(r.sys.recv(fd, buf, 100, 0), 4);
  }
});

for (const multishot of [true, false]) {
  test(`recv: bytes, pauses, FIN where the kernel ${multishot ? 'has' : 'lacks'} receives that stay armed`, (t) => {
    const r = U.rig(t);
    r.sys.core.multishot = multishot;
    const { fd, far } = r.accepted();
    const buf = r.buffer();
    r.sys.want(fd, 1, SYS_RECV_COMPLETE);
    let got = '';
    for (let i = 0; i < 20; i++) {
      r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, `${i},`), 0);
      if (i % 3 === 0) continue;
      const n = U.ok(r.recv(fd, buf, 100), 'recv');
      got += U.text(r.sys, buf, n);
    }
    r.peer.shutdown(far, SHUT_WR);
    for (let n = -1; n !== 0;) {
      n = U.ok(r.recv(fd, buf, 100), 'recv');
      got += U.text(r.sys, buf, n);
    }
    assert.equal(got, Array.from({ length: 20 }, (_, i) => `${i},`).join(''));
    assert.equal(r.sys.core.bufs.out, 0);
  });
}

for (const mode of [SYS_RECV_COMPLETE, SYS_RECV_POLL]) {
  const manner = mode === SYS_RECV_POLL ? 'poll' : 'completion';

  test(`recv, ${manner}: every byte of a long flow arrives in order, then 0, again and again`, (t) => {
    const r = U.rig(t);
    const { fd, far } = r.accepted();
    const buf = r.buffer();
    const total = 3_000_000;
    U.pattern(r.peer, U.PEER, total, 1);
    let sent = 0;
    let got = 0;
    let bad = 0;
    r.sys.want(fd, 1, mode);
    for (;;) {
      if (sent < total) {
        const n = r.peer.send(far, U.PEER + sent, Math.min(total - sent, 100_000), 0);
        if (n > 0) sent += n;
        if (sent === total) U.ok(r.peer.shutdown(far, SHUT_WR), 'shutdown');
      }
      const n = r.recv(fd, buf, 1 + (got % 16384), mode);
      if (n === 0) break;
      U.ok(n, 'recv');
      const want = r.peer.arena.u8.subarray(U.PEER + got, U.PEER + got + n);
      if (Buffer.compare(want, r.sys.arena.u8.subarray(buf, buf + n)) !== 0) bad++;
      got += n;
    }
    assert.equal(got, total);
    assert.equal(bad, 0);
    assert.equal(r.recv(fd, buf, 10, mode), 0);
    assert.equal(r.sys.recv(fd, buf, 10, 0), 0);
  });

  test(`recv, ${manner}: an edge follows a short read without a further word`, (t) => {
    const r = U.rig(t);
    const { fd, far } = r.accepted();
    const buf = r.buffer();
    r.sys.want(fd, 1, mode);
    for (let i = 0; i < 3; i++) {
      r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'ping'), 0);
      r.event(fd, SYS_POLL_IN);
      assert.equal(r.sys.recv(fd, buf, 100, 0), 4);
    }
  });

  test(`recv, ${manner}: a reset is reported with ERR, given out once as -ECONNRESET, and answers sockError`, (t) => {
    const r = U.rig(t);
    const { fd, far } = r.accepted();
    const buf = r.buffer();
    r.sys.want(fd, 1, mode);
    r.settle();
    U.lingerReset(r.peer, far);
    r.peer.close(far);
    r.event(fd, SYS_POLL_IN | SYS_POLL_ERR | SYS_POLL_HUP);
    assert.equal(r.sys.recv(fd, buf, 100, 0), -ECONNRESET);
    assert.equal(r.sys.recv(fd, buf, 100, 0), 0);
  });

  test(`recv, ${manner}: MSG_TRUNC drops bytes without a buffer`, (t) => {
    const r = U.rig(t);
    const { fd, far } = r.accepted();
    const buf = r.buffer();
    r.sys.want(fd, 1, mode);
    r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'unwanted rest'), 0);
    r.event(fd, SYS_POLL_IN);
    r.sys.arena.u8.fill(0, buf, buf + 16);
    assert.equal(r.sys.recv(fd, buf, 9, MSG_TRUNC), 9);
    assert.ok(r.sys.arena.u8.subarray(buf, buf + 16).every((b) => b === 0));
    assert.equal(r.sys.recv(fd, buf, 100, 0), 4);
    assert.equal(U.text(r.sys, buf, 4), 'rest');
    assert.equal(r.sys.recv(fd, buf, 100, MSG_TRUNC), -EAGAIN);
    r.peer.send(far, U.PEER, 5, 0);
    r.event(fd, SYS_POLL_IN);
    assert.equal(r.sys.recv(fd, buf, 100, MSG_TRUNC), 5);
    r.peer.shutdown(far, SHUT_WR);
    r.sys.want(fd, 1, mode);
    r.event(fd, SYS_POLL_IN);
    assert.equal(r.sys.recv(fd, buf, 100, MSG_TRUNC), 0);
  });
}

test('recv: a reset with the receive held shows in sockError before the receive gives it out', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  U.lingerReset(r.peer, far);
  r.peer.close(far);
  r.event(fd, SYS_POLL_ERR);
  assert.equal(r.sys.sockError(fd), ECONNRESET);
  assert.equal(r.sys.sockError(fd), 0);
});

test('recv: MSG_PEEK looks at held bytes and leaves them', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  const buf = r.buffer();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'PROXY'), 0);
  r.event(fd, SYS_POLL_IN);
  assert.equal(r.sys.recv(fd, buf, 3, MSG_PEEK), 3);
  assert.equal(r.sys.recv(fd, buf + 10, 100, 0), 5);
  assert.equal(U.text(r.sys, buf, 3) + U.text(r.sys, buf + 10, 5), 'PROPROXY');
});

test('recv: the end of input comes after the bytes before it', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  const buf = r.buffer();
  r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'bye'), 0);
  r.peer.shutdown(far, SHUT_WR);
  assert.equal(r.recv(fd, buf, 100), 3);
  assert.equal(r.recv(fd, buf, 100), 0);
});

test('want: after the end of input was given out, wanting more brings one event and no loop of them', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  r.peer.shutdown(far, SHUT_WR);
  assert.equal(r.recv(fd, r.buffer(), 100), 0);
  r.sys.want(fd, 0, SYS_RECV_COMPLETE);
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.event(fd, SYS_POLL_IN | SYS_POLL_RDHUP);
  for (let i = 0; i < 5; i++) {
    r.sys.want(fd, 1, SYS_RECV_COMPLETE);
    assert.equal(r.turn(1), 0);
  }
});

test('want: from completion to poll, an armed receive is cancelled and nothing is pulled any more', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  const buf = r.buffer();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.settle();
  r.sys.want(fd, 1, SYS_RECV_POLL);
  r.settle();
  r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'in the socket'), 0);
  r.event(fd, SYS_POLL_IN);
  assert.equal(r.sys.core.bufs.out, 0);
  assert.equal(r.sys.recv(fd, buf, 100, 0), 13);
});

test('want: bytes that beat the cancellation are handed up first', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  const buf = r.buffer();
  r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.settle();
  r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'first '), 0);
  r.sys.want(fd, 1, SYS_RECV_POLL);
  r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, 'second'), 0);
  let got = 0;
  while (got < 12) got += U.ok(r.recv(fd, buf + got, 100, SYS_RECV_POLL), 'recv');
  assert.equal(U.text(r.sys, buf, 12), 'first second');
});

test('want: many changes of manner lose and double nothing', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  const buf = r.buffer();
  let sent = 0;
  let got = 0;
  let bad = 0;
  for (let i = 0; i < 600; i++) {
    if (i % 3 === 0) {
      const n = 1 + ((i * 37) % 6000);
      U.pattern(r.peer, U.PEER, n, sent);
      assert.equal(r.peer.send(far, U.PEER, n, 0), n);
      sent += n;
    }
    r.sys.want(fd, i % 5 === 0 ? 0 : 1, i % 2);
    if (i % 7 !== 0) r.turn(0);
    const n = r.sys.recv(fd, buf, 1 + (i % 9000), 0);
    for (let k = 0; k < n; k++) if (r.sys.arena.u8[buf + k] !== Math.imul(got + k, 0x9e3779b1) >>> 24) bad++;
    if (n > 0) got += n;
  }
  r.peer.shutdown(far, SHUT_WR);
  for (let n = r.recv(fd, buf, 16384); n > 0; n = r.recv(fd, buf, 16384)) {
    for (let k = 0; k < n; k++) if (r.sys.arena.u8[buf + k] !== Math.imul(got + k, 0x9e3779b1) >>> 24) bad++;
    got += n;
  }
  assert.equal(got, sent);
  assert.equal(bad, 0);
});

test('want: with nothing wanted a reset is still reported', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  r.sys.want(fd, 0, SYS_RECV_COMPLETE);
  r.settle(80);
  assert.equal(r.seen.get(fd), undefined);
  U.lingerReset(r.peer, far);
  r.peer.close(far);
  r.event(fd, SYS_POLL_ERR | SYS_POLL_HUP);
});

test('want: with nothing wanted a FIN is reported once, and a reset after it as well', (t) => {
  const r = U.rig(t);
  const { fd, far } = r.accepted();
  r.sys.want(fd, 0, SYS_RECV_COMPLETE);
  r.peer.shutdown(far, SHUT_WR);
  r.event(fd, SYS_POLL_RDHUP);
  r.settle(80);
  assert.equal(r.seen.get(fd), undefined, 'once');
  U.lingerReset(r.peer, far);
  r.peer.close(far);
  r.event(fd, SYS_POLL_ERR | SYS_POLL_HUP);
  r.settle(80);
  assert.equal(r.seen.get(fd), undefined, 'once');
});

test('recv: with every lent buffer held, others still receive, and nothing spins', (t) => {
  const r = U.rig(t, { recvBuffers: 8 });
  const pairs = Array.from({ length: 20 }, () => r.accepted());
  for (const { fd } of pairs) r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  r.settle();
  pairs.forEach(({ far }, i) =>
    assert.equal(r.peer.send(far, U.PEER, U.put(r.peer, U.PEER, `to ${i}`), 0), `to ${i}`.length),
  );
  r.until(() => pairs.every(({ fd }) => (r.seen.get(fd) ?? 0) !== 0), 'an event for each');
  assert.equal(r.sys.core.bufs.out, 8);
  const enters = r.sys.core.ring.enters;
  assert.equal(r.turn(30), 0, 'no events while nothing changes');
  assert.ok(r.sys.core.ring.enters - enters <= 2);
  const buf = r.buffer();
  pairs.forEach(({ fd }, i) => {
    assert.equal(r.sys.recv(fd, buf, 100, 0), `to ${i}`.length);
    assert.equal(U.text(r.sys, buf, 4), `to ${i}`.slice(0, 4));
  });
  assert.equal(r.sys.core.bufs.out, 0);
  // and again, through the buffers that came back
  for (const { fd } of pairs) r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  for (const { far } of pairs) r.peer.send(far, U.PEER, 4, 0);
  for (const { fd } of pairs) assert.equal(r.recv(fd, buf, 100), 4);
});

test('recv: more buffers are lent when the first ones are all held', (t) => {
  const r = U.rig(t, { recvBuffers: 1024 });
  const first = r.sys.core.bufs.count;
  assert.ok(first < 1024);
  const pairs = Array.from({ length: first + 20 }, () => r.accepted());
  for (const { fd } of pairs) r.sys.want(fd, 1, SYS_RECV_COMPLETE);
  for (const { far } of pairs) r.peer.send(far, U.PEER, 4, 0);
  r.until(() => r.sys.core.bufs.out === pairs.length, 'every receive');
  assert.ok(r.sys.core.bufs.count > first);
});
