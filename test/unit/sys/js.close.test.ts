// The js transport: how connections end. RST both ways, close with bytes on their way, and what is left behind: nothing.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { SHUT_WR } from '../../../src/sys/constants.js';
import * as C from '../../../src/sys/constants.js';
import { ECONNRESET, EPIPE } from '../../../src/sys/errno.js';
import { SYS_POLL_ERR, SYS_POLL_HUP, SYS_POLL_IN, SYS_POLL_RDHUP } from '../../../src/sys/types.js';
import { readAddr } from '../../../src/sys/js/address.js';
import { RECV_QUEUE_BYTES } from '../../../src/sys/js/virtual-socket.js';
import { ADDR, type Bench, DATA, check, turns, until, yes, bench, sendUntilFull } from './js-bench.js';

const LIMIT = { timeout: 20_000 };

function linger0(b: Bench, fd: number): void {
  b.sys.arena.view.setInt32(DATA, 1, true);
  b.sys.arena.view.setInt32(DATA + 4, 0, true);
  assert.equal(b.sys.setsockoptBytes(fd, C.SOL_SOCKET, C.SO_LINGER, DATA, 8), 0);
}

/** Places within one turn of the loop: at once, after a next tick, after two, after a turn. */
async function within(n: number): Promise<void> {
  if (n === 1) await new Promise<void>((resolve) => process.nextTick(resolve));
  if (n === 2) await new Promise<void>((resolve) => process.nextTick(() => process.nextTick(resolve)));
  if (n === 3) await turns(1);
}

test(
  'RST from the peer: bytes received before come first, then -ECONNRESET once, then end of stream',
  LIMIT,
  async (t) => {
    const b = bench(t);
    const { fd, peer } = await b.accepted();
    peer.write('last words');
    await b.event(fd, SYS_POLL_IN);
    peer.resetAndDestroy();
    const mask = await b.event(fd, SYS_POLL_ERR);
    assert.equal(mask & (SYS_POLL_HUP | SYS_POLL_RDHUP | SYS_POLL_IN), SYS_POLL_HUP | SYS_POLL_RDHUP | SYS_POLL_IN);
    assert.equal(b.recv(fd), 'last words');
    assert.equal(b.recv(fd), -ECONNRESET);
    assert.equal(b.recv(fd), 0);
    assert.equal(b.send(fd, 'x'), -EPIPE);
  },
);

test(
  'RST from the peer before the connection is accepted: its bytes come first, then -ECONNRESET',
  LIMIT,
  async (t) => {
    const b = bench(t);
    const { fd: lfd, port } = b.listen();
    const peer = net.connect(port, '127.0.0.1');
    peer.on('error', () => undefined);
    await once(peer, 'connect');
    await b.event(lfd, SYS_POLL_IN);
    await new Promise((resolve) => peer.write('hello', resolve));
    peer.resetAndDestroy();
    await once(peer, 'close');
    const fd = check(b.sys.accept(lfd, ADDR));
    check(b.sys.pollAdd(fd, 1));
    await b.event(fd, SYS_POLL_ERR);
    assert.equal(b.recv(fd), 'hello');
    assert.equal(b.recv(fd), -ECONNRESET);
  },
);

test('RST from the peer: bytes that node held back are not lost with it', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted();
  const total = 4 * 1024 * 1024;
  peer.write(Buffer.alloc(total, 0x62));
  const socket = b.sys.socketOf(fd)!;
  await until(() => socket.readableLength > 0 && b.sys.recvQueued(fd) > RECV_QUEUE_BYTES);
  await turns(20);
  const held = b.sys.recvQueued(fd) + socket.readableLength;
  peer.resetAndDestroy();
  while (!socket.destroyed) {
    b.send(fd, 'x'); // nothing is read now: the RST shows when something is sent
    await turns(1);
  }
  await b.event(fd, SYS_POLL_ERR);
  let got = 0;
  for (;;) {
    const n = b.sys.recv(fd, DATA, 50_000, 0);
    if (n <= 0) {
      assert.equal(n, -ECONNRESET);
      break;
    }
    for (let i = 0; i < n; i++) assert.equal(b.sys.arena.u8[DATA + i], 0x62);
    got += n;
  }
  assert.equal(got, held);
});

test('names are still known when both sides are shut', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, lfd, peer } = await b.accepted();
  check(b.sys.getsockname(lfd, ADDR));
  const { port } = readAddr(b.sys.arena.u8, ADDR, 16)!;
  const socket = b.sys.socketOf(fd)!;
  check(b.sys.shutdown(fd, SHUT_WR));
  peer.end();
  await until(() => socket.destroyed);
  assert.equal(b.sys.getsockname(fd, ADDR), 16);
  assert.equal(readAddr(b.sys.arena.u8, ADDR, 16)!.port, port);
  assert.equal(b.sys.getpeername(fd, ADDR), 16);
});

test('RST from the peer is found by sockError, and by a send', LIMIT, async (t) => {
  const b = bench(t);
  const one = await b.accepted();
  one.peer.resetAndDestroy();
  await b.event(one.fd, SYS_POLL_ERR);
  assert.equal(b.sys.sockError(one.fd), ECONNRESET);
  assert.equal(b.sys.sockError(one.fd), 0);
  const two = await b.accepted();
  two.peer.resetAndDestroy();
  await b.event(two.fd, SYS_POLL_ERR);
  assert.equal(b.send(two.fd, 'x'), -ECONNRESET);
  assert.equal(b.send(two.fd, 'x'), -EPIPE);
});

test('close with linger 0 resets the peer, bytes still queued are dropped', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted();
  const failed = once(peer, 'error');
  linger0(b, fd);
  assert.equal(b.sys.close(fd), 0);
  const [err] = (await failed) as [NodeJS.ErrnoException];
  assert.equal(err.code, 'ECONNRESET');
  assert.equal(b.sys.lingering.size, 0);
});

test('close with linger 0 does not wait for a peer that does not read', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted({ paused: true });
  let sent = 0;
  for (let idle = 0; idle < 30; idle++) {
    const n = b.sys.send(fd, DATA, 200_000, 0);
    if (n > 0) {
      sent += n;
      idle = 0;
    }
    await turns(1);
  }
  yes(b.sys.sendQueued(fd) > 0);
  linger0(b, fd);
  assert.equal(b.sys.close(fd), 0);
  assert.equal(b.sys.lingering.size, 0);
  let got = 0;
  peer.on('data', (d: Buffer) => (got += d.length));
  peer.resume();
  await new Promise((resolve) => peer.once('close', resolve).once('end', resolve));
  peer.destroy();
  yes(got < sent);
});

test('close with linger 0 right after shutdown leaves no descriptor behind', LIMIT, async (t) => {
  const b = bench(t);
  const before = readdirSync('/proc/self/fd').length;
  for (let wait = 0; wait < 4; wait++) {
    const { fd, lfd, peer } = await b.accepted();
    check(b.sys.shutdown(fd, SHUT_WR));
    await within(wait);
    linger0(b, fd);
    assert.equal(b.sys.close(fd), 0);
    check(b.sys.close(lfd));
    peer.destroy();
  }
  await until(() => b.sys.lingering.size === 0);
  await turns(20);
  assert.equal(readdirSync('/proc/self/fd').length, before);
});

test('close with unread bytes resets the peer, as a kernel does', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted();
  let got = '';
  peer.on('data', (d: Buffer) => (got += d.toString()));
  const failed = once(peer, 'error');
  peer.write('nobody reads this');
  await b.event(fd, SYS_POLL_IN);
  b.send(fd, 'answer');
  await until(() => got === 'answer'); // bytes and RST at once are an end of stream to the peer's libuv
  assert.equal(b.sys.close(fd), 0);
  const [err] = (await failed) as [NodeJS.ErrnoException];
  assert.equal(err.code, 'ECONNRESET');
});

test('close flushes: what send took arrives before FIN, however slow the peer', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted({ paused: true });
  t.after(() => peer.destroy());
  const sent = await sendUntilFull(b, fd);
  assert.equal(b.sys.close(fd), 0);
  assert.equal(b.sys.lingering.size, 1);
  await turns(20);
  let got = 0;
  peer.on('data', (d: Buffer) => (got += d.length));
  await once(peer, 'end');
  assert.equal(got, sent);
  await until(() => b.sys.lingering.size === 0);
});

test('close right after a small send: bytes, then FIN', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted();
  t.after(() => peer.destroy());
  let got = '';
  peer.on('data', (d: Buffer) => (got += d.toString()));
  assert.equal(b.send(fd, 'bye'), 3);
  assert.equal(b.sys.close(fd), 0);
  await once(peer, 'end');
  assert.equal(got, 'bye');
});

test('nothing is left: descriptors, events and listeners of 200 connections are gone after close', LIMIT, async (t) => {
  const b = bench(t);
  const { fd: lfd, port } = b.listen();
  assert.equal(b.sys.open, 1);
  for (let i = 0; i < 200; i++) {
    const peer = net.connect(port, '127.0.0.1');
    peer.on('error', () => undefined);
    const fd = await b.accept(lfd);
    b.sys.pollAdd(fd, i);
    peer.write('hello');
    await b.recvWhenReady(fd);
    b.send(fd, 'answer');
    if (i % 3 === 0) linger0(b, fd);
    b.sys.close(fd);
    peer.resume();
    await once(peer, 'close');
  }
  await until(() => b.sys.lingering.size === 0);
  assert.equal(b.sys.open, 1);
  assert.deepEqual(b.poll(), []);
  b.sys.close(lfd);
  assert.equal(b.sys.open, 0);
  const left = process.getActiveResourcesInfo().filter((r) => r.startsWith('TCP'));
  assert.deepEqual(left, []);
});

test('close: node’s socket keeps no handler that leads back to the descriptor', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted();
  t.after(() => peer.destroy());
  const socket = b.sys.socketOf(fd)!;
  const had = socket.listenerCount('data') + socket.listenerCount('drain') + socket.listenerCount('connect');
  yes(had > 0);
  b.sys.close(fd);
  assert.equal(b.sys.socketOf(fd), null);
  assert.equal(socket.listenerCount('data') + socket.listenerCount('drain') + socket.listenerCount('connect'), 0);
  yes(socket.destroyed);
});
