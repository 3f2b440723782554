// The network between simulated sockets: names, handshakes, segments, FIN and RST, each with its own delay.

import { SYS_POLL_IN, SYS_POLL_OUT } from '../types.js';
import type { Clock, SimEvent } from './clock.js';
import type { Faults } from './faults.js';
import {
  F_DELAY_FIN,
  F_DELAY_HANDSHAKE,
  F_DELAY_SEGMENT,
  F_REFUSED_HANDSHAKE,
  F_SPLIT_SEGMENT,
  F_TIMEOUT_HANDSHAKE,
  F_UNREACH_HANDSHAKE,
} from './faults.js';
import type { Rng } from './rng.js';
import { AF_INET, AF_INET6, AF_UNIX, SO_REUSEPORT, SOCK_STREAM, SOL_SOCKET } from '../constants.js';
import {
  EADDRINUSE,
  EAGAIN,
  ECONNREFUSED,
  EHOSTUNREACH,
  EINPROGRESS,
  EISCONN,
  EALREADY,
  ENOENT,
  ETIMEDOUT,
} from '../errno.js';
import {
  Sock,
  SS_CLOSED,
  SS_EST,
  SS_LISTEN,
  SS_NEW,
  SS_SYN_SENT,
  sockFail,
  sockReset,
  sockWake,
  sockWritable,
} from './sock.js';

/** How an address answers to a connection attempt; an address without a policy refuses where nobody listens. */
export type Reach = 'open' | 'refuse' | 'unreachable' | 'blackhole';

const SYN_TIMEOUT_MS = 127_000; // Linux: six retries of a SYN
const SEGMENT_MAX = 65_536;

export interface NetLimits {
  /** One way, milliseconds. */
  readonly latencyMs: number;
  readonly rcvBytes: number;
  readonly sndBytes: number;
}

export class SimNet {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly faults: Faults;
  limits: NetLimits;
  /** Sockets made so far: their ids. */
  made = 0;
  /** Bytes that reached a peer. */
  bytes = 0;
  private readonly listeners = new Map<string, Sock[]>();
  private readonly policy = new Map<string, Reach>();
  private nextPort = 40_000;

  constructor(clock: Clock, rng: Rng, faults: Faults, limits: NetLimits) {
    this.clock = clock;
    this.rng = rng;
    this.faults = faults;
    this.limits = limits;
  }

  sock(family: number, type: number): Sock {
    return new Sock(this, this.made++, family, type, this.limits.rcvBytes, this.limits.sndBytes);
  }

  reach(addr: Uint8Array, how: Reach): void {
    this.policy.set(addrKey(addr), how);
  }

  bind(s: Sock, addr: Uint8Array): number {
    s.local = addr.slice();
    if (isIp(addr) && portOf(addr) === 0) setPort(s.local, this.nextPort++);
    return 0;
  }

  listen(s: Sock, backlog: number): number {
    s.local ??= ipv4('0.0.0.0', this.nextPort++);
    const key = addrKey(s.local);
    const there = this.listeners.get(key) ?? [];
    const reuse = (x: Sock): boolean => (x.options.get(`${SOL_SOCKET}:${SO_REUSEPORT}`) ?? 0) !== 0;
    if (!there.includes(s)) {
      if (there.length > 0 && !(reuse(s) && there.every(reuse))) return -EADDRINUSE;
      there.push(s);
      this.listeners.set(key, there);
    }
    s.state = SS_LISTEN;
    s.backlog = Math.max(1, backlog);
    return 0;
  }

  unlisten(s: Sock): void {
    if (s.local === null) return;
    const key = addrKey(s.local);
    const left = (this.listeners.get(key) ?? []).filter((x) => x !== s);
    if (left.length > 0) this.listeners.set(key, left);
    else this.listeners.delete(key);
  }

  /** Starts a connection. 0 (UNIX), -EINPROGRESS, or -errno. */
  connect(s: Sock, addr: Uint8Array): number {
    if (s.state === SS_SYN_SENT) return -EALREADY;
    if (s.state === SS_EST) return -EISCONN;
    if (s.state !== SS_NEW) return -ECONNREFUSED;
    s.remote = addr.slice();
    if (s.type !== SOCK_STREAM) {
      s.state = SS_EST;
      return 0;
    }
    if (familyOf(addr) === AF_UNIX) return this.connectUnix(s, addr);
    s.local ??= ipv4('127.0.0.1', this.nextPort++);
    s.state = SS_SYN_SENT;
    s.attempt++;
    this.syn(s, addr, s.attempt, this.clock.nowMs + SYN_TIMEOUT_MS);
    return -EINPROGRESS;
  }

  /** Something may move from `s` to its peer: looks soon. */
  kick(s: Sock): void {
    if (s.pumping || s.peer === null || s.state !== SS_EST) return;
    if (s.snd.data === 0 && (!s.sndShut || s.finDelivered)) return;
    if (s.snd.data > 0 && s.peer.rcv.free() === 0 && !s.peer.orphan) return; // window closed: the reader kicks
    s.pumping = true;
    this.clock.after(this.lag(s, F_DELAY_SEGMENT), () => {
      s.pumping = false;
      this.pump(s);
    });
  }

  /** A RST travels from `from` (already closed) to `to`; a part of what was under way comes before it. */
  sendRst(from: Sock, to: Sock): void {
    const part = Math.min(to.rcv.free(), this.rng.int(0, from.snd.data));
    if (part > 0 && !to.orphan && to.state === SS_EST) this.deliver(from, to, part);
    this.clock.after(this.lag(from, F_DELAY_SEGMENT), () => {
      if (to.peer === from) sockReset(to);
    });
  }

  /** An orphan whose business is done leaves. */
  settle(s: Sock): void {
    if (s.orphan && s.finDelivered && s.peer !== null && s.peer.finDelivered) {
      s.state = SS_CLOSED;
    }
  }

  private pump(s: Sock): void {
    const to = s.peer;
    if (to === null || s.state !== SS_EST) return;
    if (s.snd.data > 0) {
      if (to.orphan) {
        // Bytes for someone who has closed: a RST comes back.
        this.clock.after(this.lag(s, F_DELAY_SEGMENT), () => {
          if (s.peer === to) sockReset(s);
        });
        sockDie(to);
        return;
      }
      let n = Math.min(s.snd.data, to.rcv.free(), SEGMENT_MAX);
      if (n > 1 && this.faults.hit(F_SPLIT_SEGMENT)) n = this.rng.int(1, n - 1);
      if (n > 0) this.deliver(s, to, n);
      if (s.noSpace && sockWritable(s)) {
        s.noSpace = false;
        sockWake(s, SYS_POLL_OUT);
      }
    }
    if (s.snd.data === 0 && s.sndShut && !s.finDelivered) {
      if (this.faults.hit(F_DELAY_FIN)) {
        s.pumping = true;
        this.clock.after(this.rng.float() * 20, () => {
          s.pumping = false;
          this.fin(s, to);
        });
        return;
      }
      this.fin(s, to);
      return;
    }
    this.kick(s);
  }

  private fin(s: Sock, to: Sock): void {
    if (s.peer !== to || s.state !== SS_EST || s.finDelivered) return;
    s.finDelivered = true;
    to.finSeen = true;
    to.rcvShut = true;
    sockWake(to, SYS_POLL_IN);
    sockWake(s, 0); // its acknowledgement is an edge, too
    this.settle(s);
    this.settle(to);
  }

  private deliver(from: Sock, to: Sock, n: number): void {
    to.rcvTotal += from.snd.moveTo(to.rcv, n);
    this.bytes += n;
    sockWake(to, SYS_POLL_IN);
  }

  private syn(s: Sock, addr: Uint8Array, attempt: number, giveUpMs: number): void {
    this.clock.after(this.lag(s, F_DELAY_HANDSHAKE), () => {
      if (s.attempt !== attempt || s.state !== SS_SYN_SENT) return;
      const how = this.policy.get(addrKey(addr)) ?? this.strike();
      if (how === 'blackhole') this.failAt(s, attempt, giveUpMs, ETIMEDOUT);
      else if (how === 'unreachable') sockFail(s, EHOSTUNREACH);
      else if (how === 'refuse') sockFail(s, ECONNREFUSED);
      else this.synAt(s, addr, attempt, giveUpMs);
    });
  }

  /** What a fault makes of an attempt towards an address without a policy. */
  private strike(): Reach {
    if (this.faults.hit(F_TIMEOUT_HANDSHAKE)) return 'blackhole';
    if (this.faults.hit(F_UNREACH_HANDSHAKE)) return 'unreachable';
    return this.faults.hit(F_REFUSED_HANDSHAKE) ? 'refuse' : 'open';
  }

  private synAt(s: Sock, addr: Uint8Array, attempt: number, giveUpMs: number): void {
    const l = this.findListener(addr);
    if (l === null) {
      sockFail(s, ECONNREFUSED);
    } else if (l.queue.length >= l.backlog) {
      // The SYN is dropped; the client's kernel repeats it.
      if (this.clock.nowMs + 1000 >= giveUpMs) this.failAt(s, attempt, giveUpMs, ETIMEDOUT);
      else this.clock.after(1000, () => this.syn(s, addr, attempt, giveUpMs));
    } else {
      this.join(s, l, addr);
    }
  }

  private failAt(s: Sock, attempt: number, atMs: number, errno: number): SimEvent {
    return this.clock.after(atMs - this.clock.nowMs, () => {
      if (s.attempt === attempt && s.state === SS_SYN_SENT) sockFail(s, errno);
    });
  }

  private connectUnix(s: Sock, addr: Uint8Array): number {
    const l = this.findListener(addr);
    if (l === null) return this.policy.get(addrKey(addr)) === 'refuse' ? -ECONNREFUSED : -ENOENT;
    if (l.queue.length >= l.backlog) return -EAGAIN;
    this.join(s, l, addr);
    return 0;
  }

  /** Both ends are up; the new one waits at the listener. */
  private join(s: Sock, l: Sock, addr: Uint8Array): void {
    const other = this.sock(s.family, s.type);
    other.state = SS_EST;
    other.local = addr.slice();
    other.remote = s.local;
    other.peer = s;
    s.peer = other;
    s.state = SS_EST;
    l.queue.push(other);
    sockWake(s, SYS_POLL_OUT);
    sockWake(l, SYS_POLL_IN);
  }

  private findListener(addr: Uint8Array): Sock | null {
    const open = this.listeners.get(addrKey(addr)) ?? this.listeners.get(addrKey(anyAddr(addr)));
    return open === undefined ? null : this.rng.pick(open);
  }

  private lag(s: Sock, fault: number): number {
    const base = s.family === AF_UNIX ? 0.01 : this.limits.latencyMs;
    const more = this.faults.hit(fault) ? this.rng.logInt(1, 400) : 0;
    return base * (0.5 + this.rng.float()) + more;
  }
}

/** An orphan that got data it can't take: nothing of it remains. */
function sockDie(s: Sock): void {
  s.state = SS_CLOSED;
  s.snd.clear();
  s.peer = null;
}

// -- sockaddr bytes ---------------------------------------------------------------------------------------------
// struct sockaddr_in: family u16 (host order), port u16 (network order), address 4; sockaddr_in6: … flow 4, address 16, scope 4;
// sockaddr_un: family u16, path (a leading NUL: abstract).

export function familyOf(addr: Uint8Array): number {
  return addr.length < 2 ? 0 : addr[0]! | (addr[1]! << 8);
}

function isIp(addr: Uint8Array): boolean {
  const f = familyOf(addr);
  return f === AF_INET || f === AF_INET6;
}

function portOf(addr: Uint8Array): number {
  return (addr[2]! << 8) | addr[3]!;
}

function setPort(addr: Uint8Array, port: number): void {
  addr[2] = port >> 8;
  addr[3] = port & 255;
}

export function ipv4(host: string, port: number): Uint8Array {
  const a = new Uint8Array(16);
  a[0] = AF_INET;
  setPort(a, port);
  a.set(host.split('.').map(Number), 4);
  return a;
}

/** The IPv6 loopback address. */
export function ipv6Loopback(port: number): Uint8Array {
  const a = new Uint8Array(28);
  a[0] = AF_INET6;
  setPort(a, port);
  a[23] = 1;
  return a;
}

/** An abstract UNIX name as `abns@` has it: NULs up to the end of the path belong to it. */
export function abstractName(name: string): Uint8Array {
  const a = new Uint8Array(110);
  a[0] = AF_UNIX;
  for (let i = 0; i < name.length; i++) a[3 + i] = name.charCodeAt(i);
  return a;
}

function anyAddr(addr: Uint8Array): Uint8Array {
  const a = addr.slice();
  if (familyOf(a) === AF_INET) a.fill(0, 4, 8);
  else if (familyOf(a) === AF_INET6) a.fill(0, 8, 24);
  return a;
}

/** A name for maps: family, port and address; UNIX paths end at their first NUL unless abstract. */
function addrKey(addr: Uint8Array): string {
  const f = familyOf(addr);
  if (f === AF_INET) return `4:${addr.slice(2, 8).join('.')}`;
  if (f === AF_INET6) return `6:${addr.slice(2, 4).join('.')}:${addr.slice(8, 24).join('.')}`;
  if (addr[2] === 0) return `@:${addr.slice(3).join('.')}`;
  const nul = addr.indexOf(0, 2);
  return `u:${String.fromCharCode(...addr.slice(2, nul < 0 ? addr.length : nul))}`;
}
