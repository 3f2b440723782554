// What the js transport's tests share: a sys driven by hand, addresses in its arena, and waiting for an event.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import type { TestContext } from 'node:test';
import { AF_INET, AF_UNIX, SOCK_STREAM } from '../../../src/sys/constants.js';
import { EVENT_FD, EVENT_GEN, EVENT_MASK, EVENT_STRIDE } from '../../../src/sys/types.js';
import { readAddr, writeAddr, type NetAddr } from '../../../src/sys/js/address.js';
import { JsSys } from '../../../src/sys/js/js-sys.js';

export const ADDR = 0; // arena offset of addresses
export const DATA = 1024 * 1024; // arena offset of payload

export interface Seen {
  readonly mask: number;
  readonly fd: number;
  readonly gen: number;
}

export class Bench {
  readonly sys = new JsSys({ arenaBytes: 4 * 1024 * 1024, backlogMin: 1 });
  /** Events of the polls so far that nobody waited for yet. */
  private seen: Seen[] = [];

  poll(): Seen[] {
    const n = this.sys.poll(0);
    const out: Seen[] = [];
    for (let i = 0; i < n; i++) {
      const at = i * EVENT_STRIDE;
      const { events } = this.sys;
      out.push({ mask: events[at + EVENT_MASK]!, fd: events[at + EVENT_FD]!, gen: events[at + EVENT_GEN]! });
    }
    return out;
  }

  /** Resolves with the mask of the next event of `fd` that has all of `bits`. */
  async event(fd: number, bits: number): Promise<number> {
    for (;;) {
      this.seen.push(...this.poll());
      const at = this.seen.findIndex((e) => e.fd === fd && (e.mask & bits) === bits);
      if (at >= 0) {
        const { mask } = this.seen[at]!;
        this.seen = this.seen.slice(at + 1);
        return mask;
      }
      await turn();
    }
  }

  put(addr: NetAddr): number {
    return writeAddr(this.sys.arena.u8, ADDR, addr);
  }

  inet(port: number, host = '127.0.0.1'): number {
    return this.put({ family: AF_INET, host, port, path: '' });
  }

  unix(path: string): number {
    return this.put({ family: AF_UNIX, host: '', port: 0, path });
  }

  /** A polled listener on a free port. */
  listen(): { fd: number; port: number } {
    const fd = this.sys.socket(AF_INET, SOCK_STREAM);
    check(this.sys.bind(fd, ADDR, this.inet(0)));
    check(this.sys.listen(fd, 128));
    check(this.sys.getsockname(fd, ADDR));
    const { port } = readAddr(this.sys.arena.u8, ADDR, 16)!;
    check(this.sys.pollAdd(fd, 1));
    return { fd, port };
  }

  /** A connected pair: descriptor in the sys (polled, generation 7), plain socket of node at the other end. */
  async accepted(how: { paused?: boolean } = {}): Promise<{ fd: number; lfd: number; peer: net.Socket }> {
    const { fd: lfd, port } = this.listen();
    const peer = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    peer.on('error', () => undefined);
    await once(peer, 'connect');
    if (how.paused !== true) peer.resume();
    const fd = await this.accept(lfd);
    check(this.sys.pollAdd(fd, 7));
    return { fd, lfd, peer };
  }

  async accept(lfd: number): Promise<number> {
    for (;;) {
      const fd = this.sys.accept(lfd, ADDR);
      if (fd >= 0) return fd;
      await turn();
    }
  }

  send(fd: number, text: string): number {
    const bytes = Buffer.from(text);
    this.sys.arena.u8.set(bytes, DATA);
    return this.sys.send(fd, DATA, bytes.length, 0);
  }

  /** Text received, or the negative result. */
  recv(fd: number, len = 65536, flags = 0): string | number {
    const n = this.sys.recv(fd, DATA, len, flags);
    return n > 0 ? Buffer.from(this.sys.arena.u8.slice(DATA, DATA + n)).toString() : n;
  }

  /** Receives until something else than -EAGAIN comes. */
  async recvWhenReady(fd: number): Promise<string | number> {
    for (;;) {
      const got = this.recv(fd);
      if (typeof got === 'string' || got !== -11) return got;
      await turn();
    }
  }
}

/** `assert.ok` with a text: without one it reads the source to show the expression, and under tsx may never end. */
export function yes(value: unknown, text = 'expected to be true'): asserts value {
  assert.ok(value, text);
}

export function check(rc: number): number {
  if (rc < 0) throw new Error(`call failed: ${rc}`);
  return rc;
}

/** One turn of the host loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function turns(n: number): Promise<void> {
  for (let i = 0; i < n; i++) await turn();
}

export async function until(what: () => boolean): Promise<void> {
  while (!what()) await turn();
}

/** A bench that ends with its test. */
export function bench(t: TestContext): Bench {
  const b = new Bench();
  t.after(() => b.sys.destroy());
  return b;
}

/** Sends to a peer that does not read until nothing more is taken; returns the bytes that were. */
export async function sendUntilFull(b: Bench, fd: number): Promise<number> {
  let sent = 0;
  for (let idle = 0; idle < 50; idle++) {
    const n = b.sys.send(fd, DATA, 200_000, 0);
    if (n > 0) {
      sent += n;
      idle = 0;
    }
    await turns(1);
  }
  return sent;
}
