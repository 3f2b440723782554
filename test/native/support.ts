// What the native tests share: a small transport, addresses in its arena, connected pairs, bounded waits.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { AF_INET, AF_UNIX, SOCK_STREAM } from '../../src/sys/constants.js';
import { EINPROGRESS, errnoName } from '../../src/sys/errno.js';
import { createNativeSys } from '../../src/sys/native.js';
import type { NativeSys } from '../../src/sys/native.js';
import { EVENT_FD, EVENT_GEN, EVENT_MASK, EVENT_STRIDE } from '../../src/sys/types.js';

export const ADDR = 0; // arena offsets used by the tests
export const ADDR2 = 128;
export const DATA = 65536;
export const DATA2 = 4 << 20;
const ARENA_BYTES = 16 << 20;
const ROUNDS_MAX = 200;
const ROUND_MS = 50;

/** A transport that lives as long as the test. */
export function openSys(t: TestContext): NativeSys {
  const sys = createNativeSys({ arenaBytes: ARENA_BYTES });
  t.after(() => sys.destroy());
  return sys;
}

/** Asserts n >= 0 and gives it back; a failure names the errno. */
export function ok(n: number, what: string): number {
  assert.ok(n >= 0, `${what}: ${errnoName(n)}`);
  return n;
}

/** `sockaddr_in` of 127.0.0.1; returns its length. */
export function in4(sys: NativeSys, ofs: number, port: number): number {
  sys.arena.u8.fill(0, ofs, ofs + 16);
  sys.arena.view.setUint16(ofs, AF_INET, true);
  sys.arena.view.setUint16(ofs + 2, port, false);
  sys.arena.u8.set([127, 0, 0, 1], ofs + 4);
  return 16;
}

/** `sockaddr_un`; a name that starts with NUL is abstract. Returns its length. */
export function un(sys: NativeSys, ofs: number, name: string): number {
  const bytes = Buffer.from(name, 'latin1');
  sys.arena.u8.fill(0, ofs, ofs + 112);
  sys.arena.view.setUint16(ofs, AF_UNIX, true);
  sys.arena.u8.set(bytes, ofs + 2);
  return 2 + bytes.length + (name.startsWith('\0') ? 0 : 1);
}

export function portAt(sys: NativeSys, ofs: number): number {
  return sys.arena.view.getUint16(ofs + 2, false);
}

/** A listening TCP socket on a free port of 127.0.0.1. */
export function listener(sys: NativeSys): { fd: number; port: number } {
  const fd = ok(sys.socket(AF_INET, SOCK_STREAM), 'socket');
  ok(sys.bind(fd, ADDR, in4(sys, ADDR, 0)), 'bind');
  ok(sys.listen(fd, 16), 'listen');
  ok(sys.getsockname(fd, ADDR), 'getsockname');
  return { fd, port: portAt(sys, ADDR) };
}

/** Both ends of a loopback TCP connection; the listener is closed again. */
export function tcpPair(sys: NativeSys): { client: number; server: number } {
  const { fd, port } = listener(sys);
  const client = ok(sys.socket(AF_INET, SOCK_STREAM), 'socket');
  const connected = sys.connect(client, ADDR, in4(sys, ADDR, port));
  assert.ok(connected === 0 || connected === -EINPROGRESS, errnoName(connected));
  const server = ok(sys.accept(fd, ADDR), 'accept'); // loopback: the handshake is over when connect returns
  ok(sys.close(fd), 'close');
  return { client, server };
}

export interface Event {
  mask: number;
  fd: number;
  gen: number;
}

/** Events of one poll. */
export function poll(sys: NativeSys, timeoutMs: number): Event[] {
  const n = ok(sys.poll(timeoutMs), 'poll');
  const out: Event[] = [];
  for (let at = 0; at < n * EVENT_STRIDE; at += EVENT_STRIDE) {
    const word = (w: number): number => sys.events[at + w] ?? 0;
    out.push({ mask: word(EVENT_MASK), fd: word(EVENT_FD), gen: word(EVENT_GEN) });
  }
  return out;
}

/** Polls until `fd` brought every bit of `mask`, and gives all bits it brought; fails after some seconds. */
export function awaitMask(sys: NativeSys, fd: number, mask: number): number {
  let seen = 0;
  for (let i = 0; i < ROUNDS_MAX && (seen & mask) !== mask; i++) {
    for (const event of poll(sys, ROUND_MS)) if (event.fd === fd) seen |= event.mask;
  }
  assert.equal(seen & mask, mask, `fd ${fd} brought 0x${seen.toString(16)}`);
  return seen;
}

/** Takes what is pending without waiting: a first registration reports the present state. */
export function settle(sys: NativeSys): void {
  for (let i = 0; i < ROUNDS_MAX; i++) if (poll(sys, 0).length === 0) return;
  assert.fail('the poll set does not come to rest');
}

export function put(sys: NativeSys, ofs: number, text: string): number {
  return (sys.arena.u8.set(Buffer.from(text), ofs), Buffer.byteLength(text));
}

export function take(sys: NativeSys, ofs: number, len: number): string {
  return Buffer.from(sys.arena.u8.subarray(ofs, ofs + len)).toString();
}

/** Retries `call` while it says `again`; bounded. */
export function retry(call: () => number, again: number): number {
  for (let i = 0; i < 1_000_000; i++) {
    const n = call();
    if (n !== again) return n;
  }
  return again;
}

/** Descriptors this process has open now. */
export function openFds(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Flags of a descriptor as /proc tells them (octal O_* bits). */
export function fdFlags(fd: number): number {
  const line = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
  return Number.parseInt(line?.[1] ?? '0', 8);
}

export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
