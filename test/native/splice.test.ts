// Pipes and splice(2) between real sockets: native/splice.cc.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as C from '../../src/sys/constants.js';
import * as E from '../../src/sys/errno.js';
import type { NativeSys } from '../../src/sys/native.js';
import * as S from './support.js';

function pipe(sys: NativeSys, bytes: number): { rd: number; wr: number; size: number } {
  assert.equal(sys.pipe(bytes), 0);
  return { rd: sys.ret[0] ?? -1, wr: sys.ret[1] ?? -1, size: sys.ret[2] ?? 0 };
}

test('pipe: has the size asked for, or as the system gives', (t) => {
  const sys = S.openSys(t);
  const plain = pipe(sys, 0);
  assert.equal(plain.size, 65536);
  const large = pipe(sys, 262144);
  assert.equal(large.size, 262144);
  assert.ok(pipe(sys, 2 ** 30 + 1).size > 0, 'a refused size is no error');
  for (const end of [large.rd, large.wr]) {
    assert.equal(S.fdFlags(end) & (S.O_NONBLOCK | S.O_CLOEXEC), S.O_NONBLOCK | S.O_CLOEXEC);
    assert.equal(sys.closeRaw(end), 0);
  }
});

test('splice: bytes go from socket to socket through the pipe and end with 0', (t) => {
  const sys = S.openSys(t);
  const a = S.tcpPair(sys);
  const b = S.tcpPair(sys);
  const p = pipe(sys, 65536);
  assert.equal(sys.splice(a.server, p.wr, 1 << 20, 0), -E.EAGAIN);
  assert.equal(sys.send(a.client, S.DATA, S.put(sys, S.DATA, 'kernel to kernel'), 0), 16);
  assert.equal(sys.splice(a.server, p.wr, 1 << 20, 0), 16);
  assert.equal(sys.splice(p.rd, b.client, 6, 1), 6); // SPLICE_F_MORE
  assert.equal(sys.splice(p.rd, b.client, 1 << 20, 0), 10);
  assert.equal(sys.splice(p.rd, b.client, 1, 0), -E.EAGAIN); // pipe empty, its writer open
  let got = 0;
  while (got < 16)
    got += S.ok(
      S.retry(() => sys.recv(b.server, S.DATA2 + got, 16 - got, 0), -E.EAGAIN),
      'recv',
    );
  assert.equal(S.take(sys, S.DATA2, 16), 'kernel to kernel');
  S.ok(sys.shutdown(a.client, C.SHUT_WR), 'shutdown');
  assert.equal(sys.splice(a.server, p.wr, 1 << 20, 0), 0);
});

test('splice: a full pipe and a full socket answer -EAGAIN and lose nothing', (t) => {
  const sys = S.openSys(t);
  const a = S.tcpPair(sys);
  const b = S.tcpPair(sys);
  const p = pipe(sys, 65536);
  let fed = 0;
  let read = 0;
  let pipeFull = 0;
  let socketFull = 0;
  const total = 8 << 20;
  let inPipe = 0;
  let fromA = 0;
  while (read < total) {
    if (fed < total) {
      const n = sys.send(a.client, S.DATA2, Math.min(1 << 20, total - fed), 0);
      if (n !== -E.EAGAIN) fed += S.ok(n, 'send');
    }
    for (;;) {
      const n = sys.splice(a.server, p.wr, 1 << 20, 0);
      if (n === -E.EAGAIN) {
        if (inPipe > 0 && fed > fromA) pipeFull++;
        break;
      }
      inPipe += S.ok(n, 'splice in');
      fromA += n;
      const out = sys.splice(p.rd, b.client, inPipe, 0);
      if (out === -E.EAGAIN) socketFull++;
      else inPipe -= S.ok(out, 'splice out');
    }
    if (socketFull > 0 || fed === total) {
      const got = sys.recv(b.server, S.DATA2 + (2 << 20), 1 << 20, 0);
      if (got !== -E.EAGAIN) read += S.ok(got, 'recv');
    }
    if (inPipe > 0) {
      const out = sys.splice(p.rd, b.client, inPipe, 0);
      if (out !== -E.EAGAIN) inPipe -= S.ok(out, 'splice out');
    }
  }
  assert.equal(read, total);
  assert.equal(inPipe, 0);
  assert.ok(pipeFull > 0 && socketFull > 0, `pipe full ${pipeFull}, socket full ${socketFull}`);
});

test('splice: into a connection that is gone answers -EPIPE, and SIGPIPE ends nothing', (t) => {
  const sys = S.openSys(t);
  const a = S.tcpPair(sys);
  const b = S.tcpPair(sys);
  const p = pipe(sys, 0);
  assert.equal(sys.send(a.client, S.DATA, 100, 0), 100);
  assert.equal(sys.splice(a.server, p.wr, 100, 0), 100);
  S.ok(sys.shutdown(b.client, C.SHUT_WR), 'shutdown');
  assert.equal(sys.splice(p.rd, b.client, 100, 0), -E.EPIPE);
  S.ok(sys.closeRaw(p.rd), 'closeRaw');
  assert.equal(sys.send(a.client, S.DATA, 100, 0), 100);
  assert.equal(
    S.retry(() => sys.splice(a.server, p.wr, 100, 0), -E.EAGAIN),
    -E.EPIPE,
  );
});

test('splice: a reset source answers -ECONNRESET; a length below zero is refused', (t) => {
  const sys = S.openSys(t);
  const { client, server } = S.tcpPair(sys);
  const p = pipe(sys, 0);
  assert.equal(sys.splice(server, p.wr, -1, 0), -E.EINVAL);
  sys.arena.view.setInt32(S.ADDR, 1, true);
  sys.arena.view.setInt32(S.ADDR + 4, 0, true);
  S.ok(sys.setsockoptBytes(client, C.SOL_SOCKET, C.SO_LINGER, S.ADDR, 8), 'linger');
  S.ok(sys.close(client), 'close');
  assert.equal(
    S.retry(() => sys.splice(server, p.wr, 100, 0), -E.EAGAIN),
    -E.ECONNRESET,
  );
});

test('poolPipesLimit: no pipe beyond the system maximum for users, some of 64 KiB for all', (t) => {
  const sys = S.openSys(t);
  const some = sys.poolPipesLimit(65536);
  assert.ok(some === -1 || some > 0);
  if (process.getuid?.() === 0) assert.equal(sys.poolPipesLimit(2 ** 30), -1);
  else assert.equal(sys.poolPipesLimit(2 ** 30), 0);
});
