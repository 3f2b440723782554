// The js transport over real loopback: node:net at one end, the Sys interface driven by hand at the other. Opening, reading,
// writing, half-closing.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test, type TestContext } from 'node:test';
import { AF_INET, MSG_PEEK, MSG_TRUNC, SHUT_RD, SHUT_WR, SOCK_DGRAM, SOCK_STREAM } from '../../../src/sys/constants.js';
import * as C from '../../../src/sys/constants.js';
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAGAIN,
  EALREADY,
  EBADF,
  ECONNREFUSED,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENOSYS,
  ENOTCONN,
  EPIPE,
  EOPNOTSUPP,
} from '../../../src/sys/errno.js';
import {
  SYS_F_BLOCKS,
  SYS_F_COMPLETION,
  SYS_F_SPLICE,
  SYS_POLL_ERR,
  SYS_POLL_HUP,
  SYS_POLL_IN,
  SYS_POLL_OUT,
  SYS_POLL_RDHUP,
} from '../../../src/sys/types.js';
import { readAddr, writeAddr } from '../../../src/sys/js/address.js';
import { FD_BASE, JsSys } from '../../../src/sys/js/js-sys.js';
import { RECV_QUEUE_BYTES, SEND_QUEUE_BYTES } from '../../../src/sys/js/virtual-socket.js';
import { ADDR, type Bench, DATA, check, turns, until, yes, bench, sendUntilFull } from './js-bench.js';

const LIMIT = { timeout: 20_000 };

/** A server of node's whose connections the test holds. */
async function origin(t: TestContext): Promise<{ port: number; next: () => Promise<net.Socket> }> {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const waiting: net.Socket[] = [];
  server.on('connection', (s) => {
    s.on('error', () => undefined);
    t.after(() => s.destroy());
    waiting.push(s);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const next = async (): Promise<net.Socket> => {
    await until(() => waiting.length > 0);
    return waiting.shift()!;
  };
  return { port: (server.address() as net.AddressInfo).port, next };
}

async function connected(t: TestContext, b: Bench): Promise<{ fd: number; peer: net.Socket }> {
  const { port, next } = await origin(t);
  const fd = check(b.sys.socket(AF_INET, SOCK_STREAM));
  assert.equal(b.sys.connect(fd, ADDR, b.inet(port)), -EINPROGRESS);
  check(b.sys.pollAdd(fd, 7));
  await b.event(fd, SYS_POLL_OUT);
  return { fd, peer: await next() };
}

test('what it can do is told by its features, what it cannot answers -ENOSYS', (t) => {
  const { sys } = bench(t);
  assert.equal(sys.features & (SYS_F_SPLICE | SYS_F_BLOCKS | SYS_F_COMPLETION), 0);
  assert.equal(sys.pipe(0), -ENOSYS);
  assert.equal(sys.splice(1, 2, 3, 0), -ENOSYS);
  assert.equal(sys.wakeFd(), -ENOSYS);
  assert.equal(sys.hostFd, -1);
  assert.equal(sys.hostTimeout(), -1);
  yes(sys.socket(AF_INET, SOCK_DGRAM) < 0);
});

test('virtual descriptors start beyond real ones, are used again, and a closed one is -EBADF everywhere', (t) => {
  const b = bench(t);
  const { sys } = b;
  const fd = sys.socket(AF_INET, SOCK_STREAM);
  yes(fd >= FD_BASE);
  assert.equal(sys.close(fd), 0);
  assert.equal(sys.socket(AF_INET, SOCK_STREAM), fd);
  assert.equal(sys.closeRaw(fd), 0);
  assert.equal(sys.socket(AF_INET, SOCK_STREAM), fd);
  assert.equal(sys.close(fd), 0);
  const calls = [
    sys.close(fd),
    sys.bind(fd, ADDR, b.inet(0)),
    sys.listen(fd, 1),
    sys.accept(fd, ADDR),
    sys.connect(fd, ADDR, b.inet(1)),
    sys.recv(fd, DATA, 1, 0),
    sys.send(fd, DATA, 1, 0),
    sys.shutdown(fd, SHUT_WR),
    sys.sockError(fd),
    sys.getsockname(fd, ADDR),
    sys.getpeername(fd, ADDR),
    sys.pollAdd(fd, 1),
    sys.pollDel(fd),
    sys.setsockopt(fd, C.IPPROTO_TCP, C.TCP_NODELAY, 1),
    sys.getsockopt(fd, C.IPPROTO_TCP, C.TCP_NODELAY),
  ];
  assert.deepEqual([...new Set(calls)], [-EBADF]);
  assert.equal(sys.recv(3, DATA, 1, 0), -EBADF);
});

test('listen: a taken port and a foreign address are told by the call itself', (t) => {
  const b = bench(t);
  const { port } = b.listen();
  const again = b.sys.socket(AF_INET, SOCK_STREAM);
  assert.equal(b.sys.bind(again, ADDR, b.inet(port)), 0);
  assert.equal(b.sys.listen(again, 10), -EADDRINUSE);
  const foreign = b.sys.socket(AF_INET, SOCK_STREAM);
  assert.equal(b.sys.bind(foreign, ADDR, b.inet(0, '192.0.2.1')), 0);
  assert.equal(b.sys.listen(foreign, 10), -EADDRNOTAVAIL);
  assert.equal(b.sys.close(again), 0);
  assert.equal(b.sys.close(foreign), 0);
});

test('accept: -EAGAIN while none waits, an edge when one does, and the peer address', LIMIT, async (t) => {
  const b = bench(t);
  const { fd: lfd, port } = b.listen();
  assert.equal(b.sys.accept(lfd, ADDR), -EAGAIN);
  const peer = net.connect(port, '127.0.0.1');
  t.after(() => peer.destroy());
  assert.equal(await b.event(lfd, SYS_POLL_IN), SYS_POLL_IN);
  const fd = check(b.sys.accept(lfd, ADDR));
  const from = readAddr(b.sys.arena.u8, ADDR, 16)!;
  assert.equal(from.host, '127.0.0.1');
  await until(() => peer.localPort !== undefined);
  assert.equal(from.port, peer.localPort);
  assert.equal(b.sys.getpeername(fd, ADDR), 16);
  assert.equal(readAddr(b.sys.arena.u8, ADDR, 16)!.port, peer.localPort);
  assert.equal(b.sys.getsockname(fd, ADDR), 16);
  assert.equal(readAddr(b.sys.arena.u8, ADDR, 16)!.port, port);
  assert.equal(b.sys.accept(lfd, ADDR), -EAGAIN);
});

test('accept: a short backlog resets nobody, where a kernel would let the client try again', LIMIT, async (t) => {
  const sys = new JsSys({ arenaBytes: 65536 });
  t.after(() => sys.destroy());
  const lfd = check(sys.socket(C.AF_INET, C.SOCK_STREAM));
  const len = writeAddr(sys.arena.u8, ADDR, { family: C.AF_INET, host: '127.0.0.1', port: 0, path: '' });
  check(sys.bind(lfd, ADDR, len));
  check(sys.listen(lfd, 1));
  sys.getsockname(lfd, ADDR);
  const { port } = readAddr(sys.arena.u8, ADDR, len)!;
  for (let i = 0; i < 4; i++) {
    const peer = net.connect(port, '127.0.0.1');
    t.after(() => peer.destroy());
    await once(peer, 'connect');
  }
  let taken = 0;
  await until(() => {
    if (sys.accept(lfd, ADDR) >= 0) taken++;
    return taken === 4;
  });
});

test('accept: connections beyond the backlog are reset, those within are kept', LIMIT, async (t) => {
  const b = bench(t);
  const { fd: lfd, port } = b.listen();
  assert.equal(b.sys.listen(lfd, 2), 0);
  const closed: number[] = [];
  for (let i = 0; i < 3; i++) {
    const peer = net.connect(port, '127.0.0.1');
    peer.on('error', () => undefined);
    peer.on('close', () => closed.push(i));
    t.after(() => peer.destroy());
    await Promise.race([once(peer, 'connect'), once(peer, 'close')]).catch(() => undefined);
  }
  await until(() => closed.length > 0);
  assert.deepEqual(closed, [2]);
  check(b.sys.accept(lfd, ADDR));
  check(b.sys.accept(lfd, ADDR));
  assert.equal(b.sys.accept(lfd, ADDR), -EAGAIN);
});

test(
  'recv: bytes sent before accept are there, in pieces of any size; MSG_PEEK leaves them, MSG_TRUNC drops them',
  LIMIT,
  async (t) => {
    const b = bench(t);
    const { fd: lfd, port } = b.listen();
    const peer = net.connect(port, '127.0.0.1');
    t.after(() => peer.destroy());
    peer.write('hello ');
    peer.write('world, again');
    const fd = await b.accept(lfd);
    assert.equal(b.recv(fd), -EAGAIN);
    b.sys.pollAdd(fd, 3);
    let all = '';
    while (all.length < 5) {
      await b.event(fd, SYS_POLL_IN);
      const peeked = b.recv(fd, 3, MSG_PEEK);
      assert.equal(peeked, 'hello world, again'.slice(all.length, all.length + 3));
      all += String(b.recv(fd, 5));
    }
    assert.equal(all, 'hello');
    while (b.sys.recv(fd, DATA, 7, MSG_PEEK) < 7) await turns(1);
    b.sys.arena.u8.fill(0x78, DATA, DATA + 7);
    assert.equal(b.sys.recv(fd, DATA, 7, MSG_TRUNC), 7);
    assert.equal(b.sys.arena.u8[DATA], 0x78);
    let rest = '';
    while (rest.length < 6) rest += String(await b.recvWhenReady(fd));
    assert.equal(rest, ' again');
  },
);

test('recv: the peer’s end of stream is RDHUP, data first, then 0; sending goes on', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted();
  t.after(() => peer.destroy());
  let got = '';
  peer.on('data', (d: Buffer) => (got += d.toString()));
  peer.end('blah\n');
  const mask = await b.event(fd, SYS_POLL_RDHUP);
  assert.equal(mask & (SYS_POLL_HUP | SYS_POLL_ERR), 0);
  assert.equal(b.recv(fd), 'blah\n');
  assert.equal(b.recv(fd), 0);
  assert.equal(b.recv(fd), 0);
  assert.equal(b.send(fd, 'reply'), 5);
  assert.equal(b.sys.shutdown(fd, SHUT_WR), 0);
  yes((await b.event(fd, SYS_POLL_HUP)) & SYS_POLL_RDHUP);
  await once(peer, 'end');
  assert.equal(got, 'reply');
});

test('shutdown(SHUT_WR): FIN after pending bytes, reading goes on, further sends are -EPIPE', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted({ paused: true });
  t.after(() => peer.destroy());
  const piece = 'x'.repeat(100_000);
  let sent = 0;
  for (;;) {
    const n = b.send(fd, piece);
    if (n < 0) break;
    sent += n;
  }
  assert.equal(b.sys.shutdown(fd, SHUT_WR), 0);
  assert.equal(b.send(fd, 'late'), -EPIPE);
  let got = 0;
  peer.on('data', (d: Buffer) => (got += d.length));
  peer.resume();
  await once(peer, 'end');
  assert.equal(got, sent);
  peer.write('still here');
  assert.equal(await b.recvWhenReady(fd), 'still here');
});

test('shutdown(SHUT_RD): received bytes are dropped, recv gives 0', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted();
  t.after(() => peer.destroy());
  peer.write('unwanted');
  await b.event(fd, SYS_POLL_IN);
  assert.equal(b.sys.shutdown(fd, SHUT_RD), 0);
  assert.equal(b.recv(fd), 0);
  assert.equal(b.send(fd, 'bye'), 3);
});

test(
  'send: takes what fits, then -EAGAIN; OUT comes when the peer has read, and every byte arrives',
  LIMIT,
  async (t) => {
    const b = bench(t);
    const { fd, peer } = await b.accepted({ paused: true });
    t.after(() => peer.destroy());
    await b.event(fd, SYS_POLL_OUT); // the first edge, before anything was sent
    const size = 300_000;
    b.sys.arena.u8.fill(0x61, DATA, DATA + size);
    let sent = 0;
    let partial = 0;
    let blocked = 0;
    let got = 0;
    const sum = new Set<number>();
    peer.on('data', (d: Buffer) => {
      got += d.length;
      for (const byte of [d[0]!, d[d.length - 1]!]) sum.add(byte);
    });
    peer.pause();
    while (sent < 8_000_000) {
      const n = b.sys.send(fd, DATA, size, 0);
      if (n === -EAGAIN) {
        blocked++;
        peer.resume();
        await b.event(fd, SYS_POLL_OUT);
        peer.pause();
        continue;
      }
      yes(n > 0);
      if (n < size) partial++;
      sent += n;
    }
    peer.resume();
    await until(() => got === sent);
    yes(partial > 0);
    yes(blocked > 0);
    assert.deepEqual([...sum], [0x61]);
  },
);

test('back-pressure: a peer that does not read is held at the bound of the send queue', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted({ paused: true });
  t.after(() => peer.destroy());
  const sent = await sendUntilFull(b, fd);
  yes(b.sys.sendQueued(fd) <= SEND_QUEUE_BYTES);
  yes(sent > SEND_QUEUE_BYTES);
  assert.equal(b.sys.send(fd, DATA, 1, 0), -EAGAIN);
});

test('back-pressure: bytes that nobody takes stay with the peer; taken, all arrive in order', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted();
  t.after(() => peer.destroy());
  const total = 24 * 1024 * 1024;
  const block = Buffer.alloc(total);
  for (let i = 0; i < total; i += 4) block.writeUInt32LE(i, i);
  peer.write(block);
  // node drains the peer until both kernels' buffers and our queue are full; then nothing moves any more.
  let before = -1;
  let same = 0;
  while (same < 200) {
    const now = peer.bytesWritten - peer.writableLength + b.sys.recvQueued(fd);
    same = now === before ? same + 1 : 0;
    before = now;
    await turns(1);
  }
  yes(b.sys.recvQueued(fd) > RECV_QUEUE_BYTES);
  yes(b.sys.recvQueued(fd) <= RECV_QUEUE_BYTES + 65536);
  let at = 0;
  while (at < total) {
    const n = b.sys.recv(fd, DATA, 100_003, 0);
    if (n === -EAGAIN) {
      await turns(1);
      continue;
    }
    yes(n > 0);
    assert.equal(block.compare(b.sys.arena.u8, DATA, DATA + n, at, at + n), 0);
    at += n;
  }
  assert.equal(at, total);
});

test('connect: in progress, then OUT; both names; bytes both ways; a second call is -EISCONN', LIMIT, async (t) => {
  const b = bench(t);
  const { port, next } = await origin(t);
  const fd = b.sys.socket(AF_INET, SOCK_STREAM);
  assert.equal(b.sys.getpeername(fd, ADDR), -ENOTCONN);
  assert.equal(b.sys.connect(fd, ADDR, b.inet(port)), -EINPROGRESS);
  assert.equal(b.sys.connect(fd, ADDR, b.inet(port)), -EALREADY);
  assert.equal(b.send(fd, 'early'), -EAGAIN);
  assert.equal(b.recv(fd), -EAGAIN);
  check(b.sys.pollAdd(fd, 9));
  assert.deepEqual(b.poll(), []);
  assert.equal(await b.event(fd, SYS_POLL_OUT), SYS_POLL_OUT);
  assert.equal(b.sys.sockError(fd), 0);
  assert.equal(b.sys.connect(fd, ADDR, b.inet(port)), -EISCONN);
  const peer = await next();
  assert.equal(b.sys.getpeername(fd, ADDR), 16);
  assert.equal(readAddr(b.sys.arena.u8, ADDR, 16)!.port, port);
  assert.equal(b.sys.getsockname(fd, ADDR), 16);
  assert.equal(readAddr(b.sys.arena.u8, ADDR, 16)!.port, peer.remotePort);
  assert.equal(b.send(fd, 'ping'), 4);
  peer.resume();
  const [data] = (await once(peer, 'data')) as [Buffer];
  assert.equal(data.toString(), 'ping');
  peer.end('pong');
  assert.equal(await b.recvWhenReady(fd), 'pong');
  assert.equal(await b.recvWhenReady(fd), 0);
});

test('connect: the source address given to bind is used', LIMIT, async (t) => {
  const b = bench(t);
  const { port, next } = await origin(t);
  const fd = b.sys.socket(AF_INET, SOCK_STREAM);
  assert.equal(b.sys.bind(fd, ADDR, b.inet(0, '127.0.0.9')), 0);
  assert.equal(b.sys.connect(fd, ADDR, b.inet(port)), -EINPROGRESS);
  assert.equal((await next()).remoteAddress, '127.0.0.9');
});

test('connect: refused is ERR with the errno, told once', LIMIT, async (t) => {
  const b = bench(t);
  const { fd: lfd, port } = b.listen();
  b.sys.close(lfd);
  await turns(5);
  const fd = b.sys.socket(AF_INET, SOCK_STREAM);
  assert.equal(b.sys.connect(fd, ADDR, b.inet(port)), -EINPROGRESS);
  check(b.sys.pollAdd(fd, 4));
  const mask = await b.event(fd, SYS_POLL_ERR);
  assert.equal(mask & (SYS_POLL_OUT | SYS_POLL_HUP), SYS_POLL_OUT | SYS_POLL_HUP);
  assert.equal(b.sys.sockError(fd), ECONNREFUSED);
  assert.equal(b.sys.sockError(fd), 0);
  assert.equal(b.sys.getpeername(fd, ADDR), -ENOTCONN);
  assert.equal(b.sys.close(fd), 0);
});

test('half-close by the sys towards a server, the answer comes after', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await connected(t, b);
  assert.equal(b.send(fd, 'request'), 7);
  assert.equal(b.sys.shutdown(fd, SHUT_WR), 0);
  let got = '';
  peer.on('data', (d: Buffer) => (got += d.toString()));
  peer.resume();
  await once(peer, 'end');
  peer.end(`answer to ${got}`);
  assert.equal(await b.recvWhenReady(fd), 'answer to request');
  assert.equal(await b.recvWhenReady(fd), 0);
});

test('options: no delay, keep-alive, linger are known, the others are -ENOPROTOOPT', (t) => {
  const b = bench(t);
  const { sys } = b;
  const fd = sys.socket(AF_INET, SOCK_STREAM);
  assert.equal(sys.getsockopt(fd, C.IPPROTO_TCP, C.TCP_NODELAY), 0);
  assert.equal(sys.setsockopt(fd, C.IPPROTO_TCP, C.TCP_NODELAY, 1), 0);
  assert.equal(sys.getsockopt(fd, C.IPPROTO_TCP, C.TCP_NODELAY), 1);
  assert.equal(sys.setsockopt(fd, C.SOL_SOCKET, C.SO_KEEPALIVE, 1), 0);
  assert.equal(sys.getsockopt(fd, C.SOL_SOCKET, C.SO_KEEPALIVE), 1);
  assert.equal(sys.setsockopt(fd, C.SOL_SOCKET, C.SO_REUSEADDR, 1), 0);
  for (const name of [C.SO_MARK, C.SO_REUSEPORT, C.SO_RCVBUF, C.SO_SNDBUF]) {
    assert.equal(sys.setsockopt(fd, C.SOL_SOCKET, name, 1), -92);
  }
  for (const name of [C.TCP_USER_TIMEOUT, C.TCP_DEFER_ACCEPT, C.TCP_FASTOPEN, C.TCP_MAXSEG, C.TCP_QUICKACK]) {
    assert.equal(sys.setsockopt(fd, C.IPPROTO_TCP, name, 1), -92);
  }
  assert.equal(sys.setsockoptBytes(fd, C.SOL_SOCKET, C.SO_BINDTODEVICE, DATA, 3), -92);
  assert.equal(sys.setsockoptBytes(fd, C.SOL_SOCKET, C.SO_LINGER, DATA, 4), -EINVAL);
  assert.equal(sys.getsockoptBytes(), -EOPNOTSUPP);
});
