// The simulator's calls that move no bytes of a stream: options, names, datagrams, wake descriptors, memory.

import * as C from '../constants.js';
import * as E from '../errno.js';
import * as T from '../types.js';
import * as F from './faults.js';
import { SimReadiness } from './readiness.js';
import type { Sock } from './sock.js';
import * as S from './sock.js';

const SOCK_EVENT = 0; // type of the socket that stands for an eventfd
const DATAGRAMS_KEPT = 1000;

/** The TCP_INFO of every socket: word n holds 1000 n, so the rtt (word 17) is 17 ms. */
const SIM_TCP_INFO = Uint32Array.from({ length: 26 }, (_, n) => 1000 * n);

export interface Datagram {
  readonly to: Uint8Array;
  readonly bytes: Uint8Array;
}

export class SimCold extends SimReadiness {
  /** What was sent by datagram, the first thousand. */
  readonly datagrams: Datagram[] = [];
  destroyed = false;

  setsockopt(fd: number, level: number, name: number, value: number): number {
    this.enter('setsockopt');
    const s = this.sockAt(fd, 'setsockopt');
    if (this.faults.hit(F.F_SETSOCKOPT)) return this.leave('setsockopt', fd, name, -92); // ENOPROTOOPT
    s.options.set(`${level}:${name}`, value);
    // The kernel doubles what is asked for, and has a least size.
    if (level === C.SOL_SOCKET && name === C.SO_SNDBUF) s.snd.limit = Math.max(4608, value * 2);
    if (level === C.SOL_SOCKET && name === C.SO_RCVBUF) s.rcv.limit = Math.max(2304, value * 2);
    return this.leave('setsockopt', fd, name, 0);
  }

  setsockoptBytes(fd: number, level: number, name: number, ofs: number, len: number): number {
    this.enter('setsockopt');
    this.span(ofs, len, 'setsockoptBytes');
    const s = this.sockAt(fd, 'setsockoptBytes');
    if (level === C.SOL_SOCKET && name === C.SO_LINGER && len >= 8) {
      s.linger0 = this.arena.view.getInt32(ofs, true) !== 0 && this.arena.view.getInt32(ofs + 4, true) === 0;
    }
    s.options.set(`${level}:${name}`, len);
    return this.leave('setsockopt', fd, name, 0);
  }

  getsockopt(fd: number, level: number, name: number): number {
    this.enter('getsockopt');
    const s = this.sockAt(fd, 'getsockopt');
    return this.leave('getsockopt', fd, name, s.options.get(`${level}:${name}`) ?? defaultOption(s, level, name));
  }

  /** TCP_INFO alone, as far as SIM_TCP_INFO goes. */
  getsockoptBytes(fd: number, level: number, name: number, ofs: number, len: number): number {
    this.enter('getsockopt');
    this.span(ofs, len, 'getsockoptBytes');
    const s = this.sockAt(fd, 'getsockoptBytes');
    if (s.family === C.AF_UNIX) return this.leave('getsockopt', fd, name, -E.EOPNOTSUPP);
    if (level !== C.IPPROTO_TCP || name !== C.TCP_INFO) return this.leave('getsockopt', fd, name, -92); // ENOPROTOOPT
    const bytes = Math.min(len, SIM_TCP_INFO.byteLength);
    this.u8.set(new Uint8Array(SIM_TCP_INFO.buffer, 0, bytes), ofs);
    return this.leave('getsockopt', fd, name, bytes);
  }

  sockError(fd: number): number {
    this.enter('sockError');
    return this.leave('sockError', fd, 0, S.sockTakeError(this.sockAt(fd, 'sockError')));
  }

  getsockname(fd: number, ofs: number): number {
    this.enter('getsockname');
    const s = this.sockAt(fd, 'getsockname');
    return this.leave('getsockname', fd, ofs, this.putName(s.local ?? anyName(s.family), ofs));
  }

  getpeername(fd: number, ofs: number): number {
    this.enter('getpeername');
    const s = this.sockAt(fd, 'getpeername');
    const n = S.sockUp(s) && s.remote !== null ? this.putName(s.remote, ofs) : -E.ENOTCONN;
    return this.leave('getpeername', fd, ofs, n);
  }

  sendto(fd: number, ofs: number, len: number, addrOfs: number, addrLen: number): number {
    this.enter('sendto');
    this.span(ofs, len, 'sendto');
    this.span(addrOfs, addrLen, 'sendto');
    const s = this.sockAt(fd, 'sendto');
    if (s.type !== C.SOCK_DGRAM) return this.leave('sendto', fd, len, -E.EISCONN);
    const to = addrLen > 0 ? this.u8.slice(addrOfs, addrOfs + addrLen) : s.remote;
    if (to === null) return this.leave('sendto', fd, len, -E.ENOTCONN);
    this.keepDatagram(to, ofs, len);
    return this.leave('sendto', fd, len, len);
  }

  adopt(fd: number): number {
    this.enter('adopt');
    return this.leave('adopt', fd, 0, this.isOpen(fd) ? fd : -E.EBADF);
  }

  /** Puts a socket into the table as a parent process would have left it there; returns its number. */
  inherit(s: Sock): number {
    return this.own(s);
  }

  // -- memory, threads, end -------------------------------------------------------------------------------------

  discard(ofs: number, len: number): void {
    this.enter('discard');
    this.span(ofs, len, 'discard');
    if (this.pool?.isPinned(ofs) === true) this.bug(`discard at ${ofs}, which an operation holds`);
    this.u8.fill(0, ofs, ofs + len);
  }

  wakeFd(): number {
    const s = this.net.sock(C.AF_UNIX, SOCK_EVENT);
    s.state = S.SS_EST;
    s.rcv.limit = 8;
    return this.own(s);
  }

  wake(fd: number): number {
    const s = this.sockAt(fd, 'wake');
    if (s.rcv.data === 0) s.rcv.put(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 0, 8);
    S.sockWake(s, T.SYS_POLL_IN);
    return 0;
  }

  destroy(): void {
    if (this.destroyed) this.bug('destroy twice');
    this.destroyed = true;
    this.hostStop();
  }

  /** Puts a socket on a descriptor of its own; -EMFILE at the limit. */
  protected own(s: Sock): number {
    const fd = this.install(s);
    if (fd < 0) return fd;
    s.fd = fd;
    s.onWake = (x, side) => {
      this.changed(x, side);
    };
    this.progress++;
    return fd;
  }

  protected putName(name: Uint8Array, ofs: number): number {
    this.span(ofs, C.SOCKADDR_MAX, 'sockaddr');
    this.u8.fill(0, ofs, ofs + C.SOCKADDR_MAX);
    this.u8.set(name, ofs);
    return name.length;
  }

  protected keepDatagram(to: Uint8Array, ofs: number, len: number): void {
    if (this.datagrams.length < DATAGRAMS_KEPT) this.datagrams.push({ to, bytes: this.u8.slice(ofs, ofs + len) });
  }
}

export function anyName(family: number): Uint8Array {
  const name = new Uint8Array(family === C.AF_INET ? 16 : family === C.AF_INET6 ? 28 : 2);
  name[0] = family;
  return name;
}

function defaultOption(s: Sock, level: number, name: number): number {
  if (level !== C.SOL_SOCKET) return 0;
  if (name === C.SO_TYPE) return s.type;
  if (name === C.SO_ACCEPTCONN) return s.state === S.SS_LISTEN ? 1 : 0;
  if (name === C.SO_RCVBUF) return s.rcv.limit;
  if (name === C.SO_SNDBUF) return s.snd.limit;
  return 0;
}
