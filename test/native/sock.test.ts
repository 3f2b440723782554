// The life of sockets over real loopback: native/sock.cc.
import assert from 'node:assert/strict';
import { openSync, closeSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import * as C from '../../src/sys/constants.js';
import * as E from '../../src/sys/errno.js';
import { SYS_POLL_OUT } from '../../src/sys/types.js';
import * as S from './support.js';

const FIRST_INVALID = 2 ** 31 - 1;

test('accept: gives the peer address and -EAGAIN when none waits', (t) => {
  const sys = S.openSys(t);
  const { fd, port } = S.listener(sys);
  assert.equal(sys.accept(fd, S.ADDR2), -E.EAGAIN);
  const client = S.ok(sys.socket(C.AF_INET, C.SOCK_STREAM), 'socket');
  const connected = sys.connect(client, S.ADDR, S.in4(sys, S.ADDR, port));
  assert.ok(connected === 0 || connected === -E.EINPROGRESS);
  const server = S.ok(sys.accept(fd, S.ADDR2), 'accept');
  assert.equal(sys.accept(fd, S.DATA), -E.EAGAIN);
  assert.equal(sys.arena.view.getUint16(S.ADDR2, true), C.AF_INET);
  assert.equal(sys.getsockname(client, S.ADDR), 16);
  assert.equal(S.portAt(sys, S.ADDR), S.portAt(sys, S.ADDR2));
  assert.equal(sys.getpeername(client, S.ADDR), 16);
  assert.equal(S.portAt(sys, S.ADDR), port);
  for (const one of [fd, client, server]) {
    assert.equal(S.fdFlags(one) & (S.O_NONBLOCK | S.O_CLOEXEC), S.O_NONBLOCK | S.O_CLOEXEC);
  }
});

test('connect: a refused connection reports OUT or ERR and its errno once', (t) => {
  const sys = S.openSys(t);
  const { fd, port } = S.listener(sys);
  S.ok(sys.close(fd), 'close');
  const client = S.ok(sys.socket(C.AF_INET, C.SOCK_STREAM), 'socket');
  S.ok(sys.pollAdd(client, 1), 'pollAdd');
  const connected = sys.connect(client, S.ADDR, S.in4(sys, S.ADDR, port));
  if (connected === -E.EINPROGRESS) {
    S.awaitMask(sys, client, SYS_POLL_OUT);
    assert.equal(sys.sockError(client), E.ECONNREFUSED);
    assert.equal(sys.sockError(client), 0);
  } else {
    assert.equal(connected, -E.ECONNREFUSED);
  }
});

test('bind: an address in use and a foreign address are refused', (t) => {
  const sys = S.openSys(t);
  const { port } = S.listener(sys);
  const other = S.ok(sys.socket(C.AF_INET, C.SOCK_STREAM), 'socket');
  assert.equal(sys.bind(other, S.ADDR, S.in4(sys, S.ADDR, port)), -E.EADDRINUSE);
  const len = S.in4(sys, S.ADDR, 0);
  sys.arena.u8.set([203, 0, 113, 7], S.ADDR + 4);
  assert.equal(sys.bind(other, S.ADDR, len), -E.EADDRNOTAVAIL);
});

for (const kind of ['path', 'abstract'] as const) {
  test(`UNIX sockets: ${kind} names carry a connection, unnamed peers read as zero`, (t) => {
    const sys = S.openSys(t);
    const dir = mkdtempSync(path.join(tmpdir(), 'sluice-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const name = kind === 'path' ? path.join(dir, 's') : `\0sluice-test-${process.pid}`;
    const fd = S.ok(sys.socket(C.AF_UNIX, C.SOCK_STREAM), 'socket');
    S.ok(sys.bind(fd, S.ADDR, S.un(sys, S.ADDR, name)), 'bind');
    S.ok(sys.listen(fd, 4), 'listen');
    const client = S.ok(sys.socket(C.AF_UNIX, C.SOCK_STREAM), 'socket');
    assert.equal(sys.connect(client, S.ADDR, S.un(sys, S.ADDR, name)), 0);
    sys.arena.u8.fill(0xff, S.ADDR2, S.ADDR2 + 128);
    const server = S.ok(sys.accept(fd, S.ADDR2), 'accept');
    assert.equal(sys.arena.view.getUint16(S.ADDR2, true), C.AF_UNIX);
    assert.ok(sys.arena.u8.subarray(S.ADDR2 + 2, S.ADDR2 + 128).every((b) => b === 0));
    assert.equal(sys.getsockname(server, S.ADDR2), S.un(sys, S.ADDR, name));
    assert.equal(S.take(sys, S.ADDR2 + 2, name.length), name);
    assert.equal(sys.send(client, S.DATA, S.put(sys, S.DATA, 'over unix'), 0), 9);
    assert.equal(sys.recv(server, S.DATA2, 100, 0), 9);
    assert.equal(S.take(sys, S.DATA2, 9), 'over unix');
  });
}

test('getsockopt: integers come back, also options with a byte value are set', (t) => {
  const sys = S.openSys(t);
  const { client, server } = S.tcpPair(sys);
  assert.equal(sys.getsockopt(client, C.SOL_SOCKET, C.SO_TYPE), C.SOCK_STREAM);
  assert.equal(sys.getsockopt(client, C.IPPROTO_TCP, C.TCP_NODELAY), 0);
  assert.equal(sys.setsockopt(client, C.IPPROTO_TCP, C.TCP_NODELAY, 1), 0);
  assert.equal(sys.getsockopt(client, C.IPPROTO_TCP, C.TCP_NODELAY), 1);
  assert.equal(sys.setsockopt(client, C.SOL_SOCKET, 9999, 1), -92); // ENOPROTOOPT
  sys.arena.view.setInt32(S.ADDR, 1, true); // struct linger { on, 0 seconds }
  sys.arena.view.setInt32(S.ADDR + 4, 0, true);
  assert.equal(sys.setsockoptBytes(client, C.SOL_SOCKET, C.SO_LINGER, S.ADDR, 8), 0);
  S.ok(sys.close(client), 'close');
  assert.equal(
    S.retry(() => sys.recv(server, S.DATA, 1, 0), -E.EAGAIN),
    -E.ECONNRESET,
  );
});

test('getsockoptBytes: TCP_INFO as far as there is room; errors are errnos', (t) => {
  const sys = S.openSys(t);
  const { client } = S.tcpPair(sys);
  if (process.platform === 'linux') {
    sys.arena.view.setUint32(S.ADDR + 68, 0, true);
    assert.ok(sys.getsockoptBytes(client, C.IPPROTO_TCP, C.TCP_INFO, S.ADDR, 256) >= 92);
    assert.ok(sys.arena.view.getUint32(S.ADDR + 68, true) > 0, 'a round trip was measured');
    assert.equal(sys.getsockoptBytes(client, C.IPPROTO_TCP, C.TCP_INFO, S.ADDR, 8), 8);
    const unix = S.ok(sys.socket(C.AF_UNIX, C.SOCK_STREAM), 'socket');
    assert.equal(sys.getsockoptBytes(unix, C.IPPROTO_TCP, C.TCP_INFO, S.ADDR, 256), -E.EOPNOTSUPP);
  }
  assert.ok(sys.getsockoptBytes(client, C.SOL_SOCKET, 9999, S.ADDR, 8) < 0);
  for (const [ofs, len] of [
    [sys.arena.bytes - 4, 8],
    [-1, 8],
    [S.ADDR, -1],
  ] as const) {
    assert.equal(sys.getsockoptBytes(client, C.IPPROTO_TCP, C.TCP_INFO, ofs, len), -14); // EFAULT
  }
});

test('sendto: a datagram reaches its address; a connected socket needs none', (t) => {
  const sys = S.openSys(t);
  const to = S.ok(sys.socket(C.AF_INET, C.SOCK_DGRAM), 'socket');
  S.ok(sys.bind(to, S.ADDR, S.in4(sys, S.ADDR, 0)), 'bind');
  S.ok(sys.getsockname(to, S.ADDR), 'getsockname');
  const port = S.portAt(sys, S.ADDR);
  const from = S.ok(sys.socket(C.AF_INET, C.SOCK_DGRAM), 'socket');
  assert.equal(sys.sendto(from, S.DATA, S.put(sys, S.DATA, 'one'), S.ADDR, S.in4(sys, S.ADDR, port)), 3);
  S.ok(sys.connect(from, S.ADDR, S.in4(sys, S.ADDR, port)), 'connect');
  assert.equal(sys.sendto(from, S.DATA, S.put(sys, S.DATA, 'three'), 0, 0), 5);
  assert.equal(sys.recv(to, S.DATA2, 100, 0), 3);
  assert.equal(sys.recv(to, S.DATA2, 100, 0), 5);
  assert.equal(sys.recv(to, S.DATA2, 100, 0), -E.EAGAIN);
});

test('adopt: a descriptor of others becomes non-blocking and close-on-exec', (t) => {
  const sys = S.openSys(t);
  const fd = openSync('/dev/null', 'r');
  assert.equal(S.fdFlags(fd) & S.O_NONBLOCK, 0);
  assert.equal(sys.adopt(fd), fd);
  assert.equal(S.fdFlags(fd) & (S.O_NONBLOCK | S.O_CLOEXEC), S.O_NONBLOCK | S.O_CLOEXEC);
  assert.equal(sys.close(fd), 0);
  assert.throws(() => closeSync(fd), { code: 'EBADF' });
  assert.equal(sys.adopt(fd), -E.EBADF);
});

test('ranges: the arena ends where it ends, in every call that takes one', (t) => {
  const sys = S.openSys(t);
  const end = sys.arena.bytes;
  const { client, server } = S.tcpPair(sys);
  assert.equal(sys.send(client, end - 4, 4, 0), 4); // fits to the last byte
  assert.equal(sys.recv(server, end - 4, 4, 0), 4);
  assert.equal(sys.send(client, end, 0, 0), 0);
  for (const [ofs, len] of [
    [end - 4, 5],
    [end, 1],
    [-1, 1],
    [0, -1],
    [FIRST_INVALID, FIRST_INVALID],
  ] as const) {
    assert.equal(sys.recv(server, ofs, len, 0), -14, `recv ${ofs} ${len}`);
    assert.equal(sys.send(client, ofs, len, 0), -14, `send ${ofs} ${len}`);
    assert.equal(sys.sendto(client, ofs, len, 0, 0), -14);
    assert.equal(sys.sendto(client, 0, 1, ofs, len), -14);
    assert.equal(sys.bind(client, ofs, len), -14);
    assert.equal(sys.connect(client, ofs, len), -14);
    assert.equal(sys.setsockoptBytes(client, C.SOL_SOCKET, C.SO_LINGER, ofs, len), -14);
    assert.throws(() => sys.discard(ofs, len), /discard/);
  }
  for (const call of [sys.accept, sys.getsockname, sys.getpeername]) {
    assert.equal(call(server, end - 127), -14); // an address needs 128 bytes
  }
});

test('descriptors: a closed or absurd one answers -EBADF everywhere', (t) => {
  const sys = S.openSys(t);
  const { client } = S.tcpPair(sys);
  assert.equal(sys.close(client), 0);
  for (const fd of [client, -1, FIRST_INVALID]) {
    assert.equal(sys.close(fd), -E.EBADF);
    assert.equal(sys.closeRaw(fd), -E.EBADF);
    assert.equal(sys.recv(fd, 0, 1, 0), -E.EBADF);
    assert.equal(sys.send(fd, 0, 1, 0), -E.EBADF);
    assert.equal(sys.shutdown(fd, C.SHUT_WR), -E.EBADF);
    assert.equal(sys.accept(fd, 0), -E.EBADF);
    assert.equal(sys.listen(fd, 1), -E.EBADF);
    assert.equal(sys.sockError(fd), -E.EBADF);
    assert.equal(sys.pollAdd(fd, 0), -E.EBADF);
    assert.equal(sys.splice(fd, fd, 1, 0), -E.EBADF);
    assert.equal(sys.wake(fd), -E.EBADF);
  }
});
