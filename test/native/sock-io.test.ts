// Moving bytes over real loopback connections: native/sock_io.cc.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as C from '../../src/sys/constants.js';
import * as E from '../../src/sys/errno.js';
import * as S from './support.js';

const CHUNK = 2 << 20;

test('send: a full socket takes a part, then -EAGAIN, and every byte arrives in order', (t) => {
  const sys = S.openSys(t);
  const { client, server } = S.tcpPair(sys);
  const total = CHUNK * 2;
  for (let i = 0; i < total / 4; i++) sys.arena.i32[S.DATA2 / 4 + i] = Math.imul(i, 0x9e3779b1);
  let sent = 0;
  let partial = 0;
  let blocked = 0;
  let received = 0;
  let differing = 0;
  while (received < total) {
    while (sent < total) {
      const n = sys.send(client, S.DATA2 + sent, total - sent, 0);
      if (n === -E.EAGAIN) {
        blocked++;
        break;
      }
      if (S.ok(n, 'send') < total - sent) partial++;
      sent += n;
    }
    const got = S.retry(() => sys.recv(server, S.DATA, 65536, 0), -E.EAGAIN);
    assert.ok(got > 0, E.errnoName(got));
    const want = sys.arena.u8.subarray(S.DATA2 + received, S.DATA2 + received + got);
    if (Buffer.compare(want, sys.arena.u8.subarray(S.DATA, S.DATA + got)) !== 0) differing++;
    received += got;
  }
  assert.equal(differing, 0);
  assert.equal(received, total);
  assert.ok(partial > 0 && blocked > 0, `partial ${partial}, blocked ${blocked}`);
});

test('recv: -EAGAIN before data, 0 at end of input again and again, data still goes the other way', (t) => {
  const sys = S.openSys(t);
  const { client, server } = S.tcpPair(sys);
  assert.equal(sys.recv(server, S.DATA, 10, 0), -E.EAGAIN);
  assert.equal(sys.send(client, S.DATA, S.put(sys, S.DATA, 'last words'), 0), 10);
  S.ok(sys.shutdown(client, C.SHUT_WR), 'shutdown');
  assert.equal(sys.recv(server, S.DATA2, 4, 0), 4);
  assert.equal(sys.recv(server, S.DATA2 + 4, 100, 0), 6);
  assert.equal(S.take(sys, S.DATA2, 10), 'last words');
  assert.equal(sys.recv(server, S.DATA2, 100, 0), 0);
  assert.equal(sys.recv(server, S.DATA2, 100, 0), 0);
  assert.equal(sys.send(server, S.DATA, S.put(sys, S.DATA, 'still here'), 0), 10);
  assert.equal(sys.recv(client, S.DATA2, 100, 0), 10);
});

test('recv: MSG_PEEK leaves the bytes, MSG_TRUNC drains them without a copy', (t) => {
  const sys = S.openSys(t);
  const { client, server } = S.tcpPair(sys);
  assert.equal(sys.send(client, S.DATA, S.put(sys, S.DATA, 'abcdef'), 0), 6);
  assert.equal(sys.recv(server, S.DATA2, 100, C.MSG_PEEK), 6);
  sys.arena.u8.fill(0, S.DATA2, S.DATA2 + 6);
  assert.equal(sys.recv(server, S.DATA2, 4, C.MSG_TRUNC), 4);
  assert.ok(sys.arena.u8.subarray(S.DATA2, S.DATA2 + 6).every((b) => b === 0));
  assert.equal(sys.recv(server, S.DATA2, 100, 0), 2);
  assert.equal(S.take(sys, S.DATA2, 2), 'ef');
});

test('send: a reset connection answers -ECONNRESET or -EPIPE and no signal ends the process', (t) => {
  const sys = S.openSys(t);
  const { client, server } = S.tcpPair(sys);
  sys.arena.view.setInt32(S.ADDR, 1, true);
  sys.arena.view.setInt32(S.ADDR + 4, 0, true);
  S.ok(sys.setsockoptBytes(server, C.SOL_SOCKET, C.SO_LINGER, S.ADDR, 8), 'linger');
  S.ok(sys.close(server), 'close');
  const first = S.retry(() => sys.recv(client, S.DATA, 1, 0), -E.EAGAIN);
  assert.equal(first, -E.ECONNRESET);
  assert.equal(sys.send(client, S.DATA, 1, 0), -E.EPIPE);
  assert.equal(sys.send(client, S.DATA, 1, C.MSG_MORE), -E.EPIPE);
});

test('arguments: what is not a number is no descriptor, no offset and no length', (t) => {
  const sys = S.openSys(t);
  const { client } = S.tcpPair(sys);
  const call = sys.send as (...args: unknown[]) => number;
  assert.equal(call(), -14);
  assert.equal(call(client), -14);
  assert.equal(call(client, '0', 1, 0), -14);
  assert.equal(call(undefined, 0, 1, 0), -E.EBADF);
  assert.equal((sys.poll as (...args: unknown[]) => number)(), -E.EINVAL);
});
