// What the io_uring tests share: the transport under test, a plain native one that plays the peer in the same thread, and
// events collected by descriptor.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { BUF_SMALL, BufPool } from '../../src/base/bufpool.js';
import { AF_INET, SO_LINGER, SOCK_STREAM, SOL_SOCKET } from '../../src/sys/constants.js';
import { EAGAIN, EINPROGRESS, errnoName } from '../../src/sys/errno.js';
import { createNativeSys, type NativeSys } from '../../src/sys/native.js';
import { EVENT_FD, EVENT_GEN, EVENT_MASK, EVENT_STRIDE, SYS_RECV_COMPLETE, type Sys } from '../../src/sys/types.js';
import { createUringSys, type UringOptions, type UringSys } from '../../src/sys/uring.js';

export const ADDR = 0; // arena offsets used by the tests
export const PEER = 65536; // of the peer's arena
const ARENA_BYTES = 32 << 20;
const TURNS = 500;
const TURN_MS = 20;

export class Rig {
  readonly sys: UringSys;
  readonly peer: NativeSys;
  readonly pool: BufPool;
  /** Bits brought by events so far, by descriptor; `take` clears them. */
  readonly seen = new Map<number, number>();
  readonly gens = new Map<number, number>();
  private destroyed = false;

  constructor(options: UringOptions = {}) {
    this.sys = createUringSys({ arenaBytes: ARENA_BYTES, recvBuffers: 1024, ...options });
    this.peer = createNativeSys({ arenaBytes: ARENA_BYTES });
    this.pool = new BufPool(this.sys.arena.bytes, 16384, 4096, () => undefined);
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.sys.destroy();
    this.peer.destroy();
  }

  buffer(): number {
    return ok(this.pool.alloc(BUF_SMALL), 'buffer');
  }

  /** One poll; its events are added to `seen`. Returns their number, without the host loop's. */
  turn(timeoutMs = 0): number {
    const n = ok(this.sys.poll(timeoutMs), 'poll');
    const ev = this.sys.events;
    let own = 0;
    for (let at = 0; at < n * EVENT_STRIDE; at += EVENT_STRIDE) {
      const fd = ev[at + EVENT_FD]!;
      if (fd === this.sys.hostFd) continue;
      own++;
      this.seen.set(fd, (this.seen.get(fd) ?? 0) | ev[at + EVENT_MASK]!);
      this.gens.set(fd, ev[at + EVENT_GEN]!);
    }
    return own;
  }

  /** Polls until `fd` brought every bit of `mask`; gives all bits it brought and forgets them. */
  event(fd: number, mask: number): number {
    this.until(() => ((this.seen.get(fd) ?? 0) & mask) === mask, `event 0x${mask.toString(16)} on ${fd}`);
    const got = this.seen.get(fd) ?? 0;
    this.seen.delete(fd);
    return got;
  }

  until(done: () => boolean, what: string): void {
    for (let i = 0; i < TURNS; i++) {
      if (done()) return;
      this.turn(i < 5 ? 0 : TURN_MS);
    }
    assert.ok(done(), `${what} never came`);
  }

  /** Polls some times without waiting long: what would come by itself has come. */
  settle(turns = 5): void {
    for (let i = 0; i < turns; i++) this.turn(1);
  }

  /** Receives as a layer does: try, on -EAGAIN want and wait for IN, try again. */
  recv(fd: number, ofs: number, len: number, mode = SYS_RECV_COMPLETE): number {
    for (let i = 0; i < TURNS; i++) {
      const n = this.sys.recv(fd, ofs, len, 0);
      if (n !== -EAGAIN) return n;
      this.sys.want(fd, 1, mode);
      this.event(fd, 1);
    }
    return -EAGAIN;
  }

  /** Sends all of [ofs, ofs+len) as a layer does. Bytes sent, or the -errno that ended it. */
  send(fd: number, ofs: number, len: number, mode = SYS_RECV_COMPLETE): number {
    let sent = 0;
    while (sent < len) {
      const n = this.sys.send(fd, ofs + sent, len - sent, 0);
      if (n === -EAGAIN) {
        this.sys.want(fd, 2, mode);
        this.event(fd, 4);
      } else if (n < 0) return n;
      else sent += n;
    }
    return sent;
  }

  /** A listener of the transport under test on a free port. */
  listen(): { fd: number; port: number } {
    return listenOn(this.sys);
  }

  /** A connection: `fd` accepted by the transport under test (registered as generation `gen`), `far` the peer's end. */
  accepted(gen = 1): { fd: number; far: number } {
    const { fd: lfd, port } = this.listen();
    ok(this.sys.pollAdd(lfd, 99), 'pollAdd');
    const far = dial(this.peer, port);
    this.sys.want(lfd, 1, SYS_RECV_COMPLETE);
    this.event(lfd, 1);
    const fd = ok(this.sys.accept(lfd, ADDR), 'accept');
    ok(this.sys.close(lfd), 'close');
    ok(this.sys.pollAdd(fd, gen), 'pollAdd');
    return { fd, far };
  }

  /** A connection made by the transport under test to the peer. */
  connected(gen = 1): { fd: number; far: number } {
    const { fd: lfd, port } = listenOn(this.peer);
    const fd = ok(this.sys.socket(AF_INET, SOCK_STREAM), 'socket');
    const r = this.sys.connect(fd, ADDR, in4(this.sys, ADDR, port));
    assert.ok(r === 0 || r === -EINPROGRESS, errnoName(r));
    ok(this.sys.pollAdd(fd, gen), 'pollAdd');
    this.sys.want(fd, 2, SYS_RECV_COMPLETE);
    this.event(fd, 4);
    assert.equal(this.sys.sockError(fd), 0);
    const far = accept(this.peer, lfd);
    this.peer.close(lfd);
    return { fd, far };
  }

  /** What send() took has gone out. */
  assertSent(): void {
    this.until(() => this.sys.core.stagedLen === 0 && this.sys.core.left.size === 0, 'the end of all sends');
  }

  /** Nothing is left of what a test did, but for its descriptors. */
  assertIdle(): void {
    this.until(() => this.sys.core.ops === 0, 'the end of all operations');
    assert.equal(this.sys.core.stagedLen, 0, 'staged sends');
    assert.equal(this.sys.core.left.size, 0, 'bytes left behind');
    assert.equal(this.sys.core.bufs.out, 0, 'lent buffers');
  }
}

export function rig(t: TestContext, options: UringOptions = {}): Rig {
  const r = new Rig(options);
  t.after(() => {
    r.destroy();
  });
  return r;
}

/** Asserts n >= 0 and gives it back; a failure names the errno. */
export function ok(n: number, what: string): number {
  assert.ok(n >= 0, `${what}: ${errnoName(n)}`);
  return n;
}

/** `sockaddr_in` of 127.0.0.1; returns its length. */
export function in4(sys: Sys, ofs: number, port: number): number {
  sys.arena.u8.fill(0, ofs, ofs + 16);
  sys.arena.view.setUint16(ofs, AF_INET, true);
  sys.arena.view.setUint16(ofs + 2, port, false);
  sys.arena.u8.set([127, 0, 0, 1], ofs + 4);
  return 16;
}

export function listenOn(sys: Sys, port = 0, backlog = 512): { fd: number; port: number } {
  const fd = ok(sys.socket(AF_INET, SOCK_STREAM), 'socket');
  ok(sys.bind(fd, ADDR, in4(sys, ADDR, port)), 'bind');
  ok(sys.listen(fd, backlog), 'listen');
  ok(sys.getsockname(fd, ADDR), 'getsockname');
  return { fd, port: sys.arena.view.getUint16(ADDR + 2, false) };
}

/** A plain connection to a port of 127.0.0.1; loopback: it is established when the call returns. */
export function dial(sys: NativeSys, port: number): number {
  const fd = ok(sys.socket(AF_INET, SOCK_STREAM), 'socket');
  const r = sys.connect(fd, ADDR, in4(sys, ADDR, port));
  assert.ok(r === 0 || r === -EINPROGRESS, errnoName(r));
  return fd;
}

export function accept(sys: NativeSys, lfd: number): number {
  return ok(
    spin(() => sys.accept(lfd, ADDR)),
    'accept',
  );
}

/** Repeats a plain call while it says -EAGAIN; bounded. */
export function spin(call: () => number): number {
  for (let i = 0; i < 100_000; i++) {
    const n = call();
    if (n !== -EAGAIN) return n;
  }
  return -EAGAIN;
}

/** The close of `fd` will send RST. Uses the arena's first bytes. */
export function lingerReset(sys: Sys, fd: number): void {
  sys.arena.view.setInt32(ADDR, 1, true);
  sys.arena.view.setInt32(ADDR + 4, 0, true);
  ok(sys.setsockoptBytes(fd, SOL_SOCKET, SO_LINGER, ADDR, 8), 'linger');
}

export function put(sys: Sys, ofs: number, text: string): number {
  sys.arena.u8.set(Buffer.from(text, 'latin1'), ofs);
  return text.length;
}

export function text(sys: Sys, ofs: number, len: number): string {
  return Buffer.from(sys.arena.u8.subarray(ofs, ofs + len)).toString('latin1');
}

/** Bytes that differ at every position nearby: an offset mistaken by a few is seen. */
export function pattern(sys: Sys, ofs: number, len: number, seed: number): void {
  for (let i = 0; i < len; i++) sys.arena.u8[ofs + i] = Math.imul(i + seed, 0x9e3779b1) >>> 24;
}
