// What Linux answers where a proxy has to know: small scripts of calls with the answers seen on a real kernel. They run
// over the real transport and over the simulator alike, so that the one stays true to the other.

import {
  AF_INET,
  MSG_TRUNC,
  SHUT_RD,
  SHUT_WR,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_LINGER,
  SO_SNDBUF,
} from '../../src/sys/constants.js';
import { EAGAIN, errnoName } from '../../src/sys/errno.js';
import type { Sys } from '../../src/sys/types.js';
import { EVENT_FD, EVENT_MASK, EVENT_STRIDE } from '../../src/sys/types.js';

const ADDR = 0;
const OPT = 256;
const DATA = 65_536;
const QUIET_MS = 15;
const MASKS: readonly (readonly [number, string])[] = [
  [1, 'IN'],
  [4, 'OUT'],
  [8, 'ERR'],
  [16, 'HUP'],
  [0x2000, 'RDHUP'],
];

/** The calls of a script, with their answers as words. */
export class Kit {
  readonly sys: Sys;
  private gen = 1;
  private readonly open = new Set<number>();

  constructor(sys: Sys) {
    this.sys = sys;
  }

  name(n: number): string {
    if (n === -EAGAIN) return 'EAGAIN'; // its number has two names
    return n >= 0 ? String(n) : errnoName(n);
  }

  socket(): number {
    const fd = this.sys.socket(AF_INET, SOCK_STREAM);
    this.open.add(fd);
    return fd;
  }

  /** A port of 127.0.0.1: [socket, port]. */
  bound(listen: boolean): [number, number] {
    const fd = this.socket();
    this.addr(0);
    this.sys.bind(fd, ADDR, 16);
    if (listen) this.sys.listen(fd, 16);
    this.sys.getsockname(fd, ADDR);
    return [fd, this.sys.arena.view.getUint16(ADDR + 2, false)];
  }

  connect(fd: number, port: number): string {
    this.addr(port);
    return this.name(this.sys.connect(fd, ADDR, 16));
  }

  accept(fd: number): string {
    const got = this.sys.accept(fd, ADDR);
    if (got >= 0) this.open.add(got);
    return got >= 0 ? 'fd' : this.name(got);
  }

  /** Two ends of a connection; the second is registered and its first events are taken. */
  pair(): [number, number] {
    const [l, port] = this.bound(true);
    const a = this.socket();
    this.connect(a, port);
    this.watch(l);
    this.ev(l);
    const b = this.sys.accept(l, ADDR);
    this.open.add(b);
    this.close(l);
    this.watch(b);
    this.ev(b);
    return [a, b];
  }

  watch(fd: number): void {
    this.sys.pollAdd(fd, this.gen++);
  }

  /** The masks reported for `fd` until nothing more comes. */
  ev(fd: number): string {
    const seen: string[] = [];
    for (;;) {
      const n = this.sys.poll(QUIET_MS);
      if (n <= 0) return seen.join(' ');
      for (let at = 0; at < n * EVENT_STRIDE; at += EVENT_STRIDE) {
        const mask = this.sys.events[at + EVENT_MASK]!;
        if (this.sys.events[at + EVENT_FD] !== fd) continue;
        seen.push(
          MASKS.filter(([bit]) => (mask & bit) !== 0)
            .map(([, text]) => text)
            .join('|'),
        );
      }
    }
  }

  recv(fd: number, len: number): string {
    return this.name(this.sys.recv(fd, DATA, len, 0));
  }

  drain(fd: number, len: number): string {
    return this.name(this.sys.recv(fd, DATA, len, MSG_TRUNC));
  }

  send(fd: number, len: number): string {
    return this.name(this.sys.send(fd, DATA, len, 0));
  }

  err(fd: number): string {
    const e = this.sys.sockError(fd);
    return e === 0 ? '0' : errnoName(e);
  }

  shut(fd: number, how: number): string {
    return this.name(this.sys.shutdown(fd, how));
  }

  close(fd: number): void {
    this.open.delete(fd);
    this.sys.close(fd);
  }

  reset(fd: number): void {
    this.sys.arena.view.setInt32(OPT, 1, true);
    this.sys.arena.view.setInt32(OPT + 4, 0, true);
    this.sys.setsockoptBytes(fd, SOL_SOCKET, SO_LINGER, OPT, 8);
    this.close(fd);
  }

  pipe(bytes: number): [number, number] {
    this.sys.pipe(bytes);
    return [this.sys.ret[0]!, this.sys.ret[1]!];
  }

  splice(from: number, to: number, len: number): string {
    return this.name(this.sys.splice(from, to, len, 0));
  }

  /** Waits out what is under way. */
  settle(): void {
    this.ev(-1);
  }

  end(): void {
    for (const fd of this.open) this.sys.close(fd);
  }

  private addr(port: number): void {
    this.sys.arena.u8.fill(0, ADDR, ADDR + 16);
    this.sys.arena.view.setUint16(ADDR, AF_INET, true);
    this.sys.arena.view.setUint16(ADDR + 2, port, false);
    this.sys.arena.u8.set([127, 0, 0, 1], ADDR + 4);
  }
}

export interface Fact {
  readonly title: string;
  readonly run: (k: Kit) => string[];
  readonly answers: readonly string[];
}

const ALL = 'IN|OUT|ERR|HUP|RDHUP';

export const FACTS: readonly Fact[] = [
  {
    title: 'a fresh socket reports OUT and HUP, receives ENOTCONN, sends EPIPE',
    run: (k) => {
      const s = k.socket();
      k.watch(s);
      return [k.ev(s), k.recv(s, 5), k.send(s, 1)];
    },
    answers: ['OUT|HUP', 'ENOTCONN', 'EPIPE'],
  },
  {
    title: 'a connection that comes about reports OUT once',
    run: (k) => {
      const [l, port] = k.bound(true);
      const s = k.socket();
      const r = k.connect(s, port);
      k.watch(s);
      return [r, k.ev(s), k.err(s), k.accept(l), k.accept(l)];
    },
    answers: ['EINPROGRESS', 'OUT', '0', 'fd', 'EAGAIN'],
  },
  {
    title: 'a refused connection reports everything at once; SO_ERROR tells it one time',
    run: (k) => {
      const [, port] = k.bound(false);
      const s = k.socket();
      const r = k.connect(s, port);
      k.watch(s);
      return [r, k.ev(s), k.err(s), k.err(s), k.recv(s, 4), k.send(s, 1)];
    },
    answers: ['EINPROGRESS', ALL, 'ECONNREFUSED', '0', '0', 'EPIPE'],
  },
  {
    title: 'the first receive or send after a refusal takes the error',
    run: (k) => {
      const [, port] = k.bound(false);
      const s = k.socket();
      k.connect(s, port);
      k.settle();
      const t = k.socket();
      k.connect(t, port);
      k.settle();
      return [k.recv(s, 4), k.recv(s, 4), k.send(s, 1), k.err(s), k.send(t, 1), k.recv(t, 1)];
    },
    answers: ['ECONNREFUSED', '0', 'EPIPE', '0', 'ECONNREFUSED', '0'],
  },
  {
    title: 'each arrival is an edge, a partial receive is none; FIN adds RDHUP and hides behind unread bytes',
    run: (k) => {
      const [a, b] = k.pair();
      const out: string[] = [];
      k.send(a, 5);
      out.push(k.ev(b));
      k.send(a, 4);
      out.push(k.ev(b), k.recv(b, 3), k.ev(b));
      k.shut(a, SHUT_WR);
      out.push(k.ev(b), k.recv(b, 100), k.recv(b, 5), k.recv(b, 5), k.ev(b));
      return out;
    },
    answers: ['IN|OUT', 'IN|OUT', '3', '', 'IN|OUT|RDHUP', '6', '0', '0', ''],
  },
  {
    title: 'one’s own shutdown is an edge, so is its acknowledgement; both sides shut report HUP and are no connection',
    run: (k) => {
      const [a, b] = k.pair();
      const out = [k.shut(b, SHUT_WR), k.ev(b)];
      k.shut(a, SHUT_WR);
      out.push(k.ev(b), k.recv(b, 2), k.send(b, 1), k.shut(b, SHUT_WR));
      return out;
    },
    answers: ['0', 'OUT OUT', 'IN|OUT|HUP|RDHUP', '0', 'EPIPE', 'ENOTCONN'],
  },
  {
    title: 'SHUT_RD ends the input but not what still comes',
    run: (k) => {
      const [a, b] = k.pair();
      const out = [k.shut(b, SHUT_RD), k.ev(b), k.recv(b, 1)];
      k.send(a, 2);
      k.settle();
      out.push(k.recv(b, 9), k.recv(b, 9));
      return out;
    },
    answers: ['0', 'IN|OUT|RDHUP', '0', '2', '0'],
  },
  {
    title: 'bytes before a RST are read first, then the error once, then 0',
    run: (k) => {
      const [a, b] = k.pair();
      k.send(a, 5);
      k.settle();
      k.reset(a);
      return [k.ev(b), k.recv(b, 3), k.recv(b, 30), k.recv(b, 30), k.recv(b, 30), k.err(b), k.send(b, 1)];
    },
    answers: [ALL, '3', '2', 'ECONNRESET', '0', '0', 'EPIPE'],
  },
  {
    title: 'a send after a RST takes the error, the next is EPIPE, a shutdown is ENOTCONN',
    run: (k) => {
      const [a, b] = k.pair();
      k.reset(a);
      return [k.ev(b), k.send(b, 1), k.send(b, 1), k.recv(b, 4), k.err(b), k.shut(b, SHUT_WR)];
    },
    answers: [ALL, 'ECONNRESET', 'EPIPE', '0', '0', 'ENOTCONN'],
  },
  {
    title: 'SO_ERROR takes the error of a RST and leaves the bytes',
    run: (k) => {
      const [a, b] = k.pair();
      k.send(a, 2);
      k.settle();
      k.reset(a);
      return [k.ev(b), k.err(b), k.recv(b, 4), k.recv(b, 4)];
    },
    answers: [ALL, 'ECONNRESET', '2', '0'],
  },
  {
    title: 'a RST after a FIN is EPIPE for senders and nothing for readers',
    run: (k) => {
      const [a, b] = k.pair();
      k.shut(a, SHUT_WR);
      k.settle();
      k.reset(a);
      return [k.ev(b), k.recv(b, 4), k.err(b), k.send(b, 1), k.err(b)];
    },
    answers: [ALL, '0', 'EPIPE', 'EPIPE', '0'],
  },
  {
    title: 'a RST after one’s own FIN is ECONNRESET',
    run: (k) => {
      const [a, b] = k.pair();
      k.shut(b, SHUT_WR);
      k.settle();
      k.reset(a);
      return [k.ev(b), k.recv(b, 4), k.send(b, 1)];
    },
    answers: [ALL, 'ECONNRESET', 'EPIPE'],
  },
  {
    title: 'a close over unread bytes is a RST',
    run: (k) => {
      const [a, b] = k.pair();
      k.send(b, 1);
      k.settle();
      k.close(a);
      return [k.ev(b), k.recv(b, 4)];
    },
    answers: [ALL, 'ECONNRESET'],
  },
  {
    title: 'a plain close is a FIN; bytes sent to it come back as a RST',
    run: (k) => {
      const [a, b] = k.pair();
      k.close(a);
      return [k.ev(b), k.recv(b, 4), k.send(b, 1), k.ev(b), k.send(b, 1), k.err(b), k.recv(b, 3)];
    },
    answers: ['IN|OUT|RDHUP', '0', '1', ALL, 'EPIPE', '0', '0'],
  },
  {
    title: 'a full send buffer answers EAGAIN, and OUT comes once a third of it is free',
    run: (k) => {
      const [a, b] = k.pair();
      k.sys.setsockopt(b, SOL_SOCKET, SO_SNDBUF, 32_768);
      let last = '';
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < 10_000; i++) if ((last = k.send(b, 10_000)).startsWith('E')) break;
        k.settle();
      }
      const quiet = k.ev(b);
      for (let i = 0; i < 10_000 && k.recv(a, 16_384) !== 'EAGAIN'; i++) if (i % 4 === 3) k.sys.poll(1);
      k.settle();
      for (let i = 0; i < 10_000 && k.recv(a, 16_384) !== 'EAGAIN'; i++);
      return [last, quiet, k.send(b, 1)];
    },
    answers: ['EAGAIN', '', '1'],
  },
  {
    title: 'splice: EAGAIN for an empty socket and an empty pipe, 0 at the end, EPIPE into a shut socket',
    run: (k) => {
      const [a, b] = k.pair();
      const [r, w] = k.pipe(0);
      const out = [k.splice(r, a, 100), k.splice(b, w, 100)];
      k.send(a, 5);
      k.settle();
      out.push(k.splice(b, w, 100));
      k.shut(a, SHUT_WR);
      k.settle();
      out.push(k.splice(b, w, 100), k.splice(r, b, 100), k.splice(r, b, 100));
      k.shut(b, SHUT_WR);
      const [c, d] = k.pair();
      k.send(c, 3);
      k.settle();
      out.push(k.splice(d, w, 100), k.splice(r, b, 100));
      k.sys.closeRaw(r);
      k.sys.closeRaw(w);
      return out;
    },
    answers: ['EAGAIN', 'EAGAIN', '5', '0', '5', 'EAGAIN', '3', 'EPIPE'],
  },
  {
    title: 'splice into a full pipe is EAGAIN, also at the end of the input',
    run: (k) => {
      const [a, b] = k.pair();
      const [r, w] = k.pipe(4096);
      k.send(a, 1);
      k.settle();
      const out = [k.splice(b, w, 4096)];
      k.send(a, 5000);
      k.settle();
      out.push(k.splice(b, w, 4096), k.drain(b, 9000));
      k.shut(a, SHUT_WR);
      k.settle();
      out.push(k.splice(b, w, 9), k.recv(b, 9));
      k.sys.closeRaw(r);
      k.sys.closeRaw(w);
      return out;
    },
    answers: ['1', 'EAGAIN', '5000', 'EAGAIN', '0'],
  },
  {
    title: 'splice out to a socket that was reset takes the error',
    run: (k) => {
      const [a, b] = k.pair();
      const [r, w] = k.pipe(0);
      k.send(a, 3);
      k.settle();
      k.splice(b, w, 100);
      k.reset(a);
      k.settle();
      const out = [k.splice(r, b, 9), k.splice(r, b, 9), k.splice(b, w, 9)];
      k.sys.closeRaw(r);
      k.sys.closeRaw(w);
      return out;
    },
    answers: ['ECONNRESET', 'EPIPE', '0'],
  },
  {
    title: 'splice without a reader is EPIPE, of no pipe EINVAL',
    run: (k) => {
      const [a, b] = k.pair();
      const [r, w] = k.pipe(0);
      k.send(a, 1);
      k.settle();
      k.sys.closeRaw(r);
      const out = [k.splice(b, w, 9), k.splice(a, b, 9)];
      k.sys.closeRaw(w);
      return out;
    },
    answers: ['EPIPE', 'EINVAL'],
  },
  {
    title: 'a listener reports IN for each arrival; one that was reset is still accepted',
    run: (k) => {
      const [l, port] = k.bound(true);
      k.watch(l);
      const out = [k.ev(l), k.accept(l)];
      const c = [k.socket(), k.socket()];
      k.connect(c[0]!, port);
      out.push(k.ev(l));
      k.connect(c[1]!, port);
      out.push(k.ev(l), k.accept(l), k.ev(l));
      k.reset(c[1]!);
      k.settle();
      out.push(k.accept(l), k.accept(l));
      return out;
    },
    answers: ['', 'EAGAIN', 'IN', 'IN', 'fd', '', 'fd', 'EAGAIN'],
  },
  {
    title: 'MSG_TRUNC forgets bytes; a peer’s name is gone after its RST',
    run: (k) => {
      const [a, b] = k.pair();
      k.send(a, 6);
      k.settle();
      const out = [k.drain(b, 4), k.recv(b, 9)];
      k.reset(a);
      k.settle();
      out.push(k.name(k.sys.getpeername(b, ADDR)));
      return out;
    },
    answers: ['4', '2', 'ENOTCONN'],
  },
];
