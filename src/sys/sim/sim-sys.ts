// `Sys` entirely in memory on virtual time: the fake kernel of the tests. Everything that happens follows from the seed;
// a run that failed is run again by its number. The calls stand here; what they do lies in sock.ts (TCP), net.ts (the way
// between), pipe.ts (splice), readiness.ts (poll), completion.ts (io_uring's manner), cold.ts (options, names), faults.ts (what goes wrong).

import type { BufPool } from '../../base/bufpool.js';
import * as C from '../constants.js';
import * as E from '../errno.js';
import type { Sys } from '../types.js';
import * as T from '../types.js';
import { SimCold, anyName } from './cold.js';
import type { Manner, SimOptions } from './core.js';
import { PipeEnd } from './core.js';
import * as F from './faults.js';
import { Pipe, pipeSize, spliceIn, spliceOut } from './pipe.js';
import type { Sock } from './sock.js';
import * as S from './sock.js';

const EDGE_LATE_MS = 5;

const EVERYWHERE = T.SYS_F_SOCKOPT | T.SYS_F_INHERIT | T.SYS_F_RST | T.SYS_F_BLOCKS | T.SYS_F_HALFOPEN;
const ON_LINUX = EVERYWHERE | T.SYS_F_SPLICE | T.SYS_F_ABSTRACT | T.SYS_F_EPOLL;
const FEATURES: Readonly<Record<Manner, number>> = {
  epoll: ON_LINUX,
  uring: ON_LINUX | T.SYS_F_COMPLETION,
  kqueue: EVERYWHERE | T.SYS_F_KQUEUE,
};

export class SimSys extends SimCold implements Sys {
  readonly name = 'sim';
  readonly features: number;
  readonly ret = new Int32Array(16);
  private pipesMade = 0;

  constructor(options: SimOptions) {
    super(options);
    this.features = FEATURES[this.manner];
  }

  /** The buffer pool over this arena: sends pin their areas in it, and receives must stay inside one buffer. */
  attachPool(pool: BufPool): void {
    this.pool = pool;
  }

  // -- sockets ------------------------------------------------------------------------------------------------

  socket(family: number, type: number): number {
    this.enter('socket');
    const f = this.faults;
    if (f.hit(F.F_EMFILE_SOCKET)) return this.leave('socket', -1, family, -E.EMFILE);
    if (f.hit(F.F_ENFILE_SOCKET)) return this.leave('socket', -1, family, -E.ENFILE);
    if (f.hit(F.F_ENOBUFS_SOCKET)) return this.leave('socket', -1, family, -E.ENOBUFS);
    if (f.hit(F.F_ENOMEM_SOCKET)) return this.leave('socket', -1, family, -E.ENOMEM);
    return this.leave('socket', -1, family, this.own(this.net.sock(family, type)));
  }

  bind(fd: number, addrOfs: number, addrLen: number): number {
    this.enter('bind');
    this.span(addrOfs, addrLen, 'bind');
    const s = this.sockAt(fd, 'bind');
    return this.leave('bind', fd, addrLen, this.net.bind(s, this.u8.slice(addrOfs, addrOfs + addrLen)));
  }

  listen(fd: number, backlog: number): number {
    this.enter('listen');
    return this.leave('listen', fd, backlog, this.net.listen(this.sockAt(fd, 'listen'), backlog));
  }

  accept(fd: number, addrOfs: number): number {
    this.enter('accept');
    this.span(addrOfs, C.SOCKADDR_MAX, 'accept');
    const l = this.sockAt(fd, 'accept');
    return this.leave('accept', fd, addrOfs, this.takeOne(l, addrOfs));
  }

  connect(fd: number, addrOfs: number, addrLen: number): number {
    this.enter('connect');
    this.span(addrOfs, addrLen, 'connect');
    const s = this.sockAt(fd, 'connect');
    const f = this.faults;
    if (s.type === C.SOCK_STREAM) {
      if (f.hit(F.F_ENOBUFS_CONNECT)) return this.leave('connect', fd, addrLen, -E.ENOBUFS);
      if (f.hit(F.F_EADDRNOTAVAIL_CONNECT)) return this.leave('connect', fd, addrLen, -E.EADDRNOTAVAIL);
      if (f.hit(F.F_ENETUNREACH_CONNECT)) return this.leave('connect', fd, addrLen, -E.ENETUNREACH);
    }
    this.progress++;
    return this.leave('connect', fd, addrLen, this.net.connect(s, this.u8.slice(addrOfs, addrOfs + addrLen)));
  }

  recv(fd: number, ofs: number, len: number, flags: number): number {
    this.enter('recv');
    const drop = (flags & C.MSG_TRUNC) !== 0;
    const s = this.sockAt(fd, 'recv');
    if (!drop) this.inBuffer(ofs, len, 'recv');
    return this.leave('recv', fd, len, this.moved(this.doRecv(s, ofs, len, flags, drop)));
  }

  send(fd: number, ofs: number, len: number, _flags: number): number {
    this.enter('send');
    const s = this.sockAt(fd, 'send');
    this.inBuffer(ofs, len, 'send');
    return this.leave('send', fd, len, this.moved(this.doSend(s, ofs, len)));
  }

  shutdown(fd: number, how: number): number {
    this.enter('shutdown');
    this.progress++;
    const s = this.sockAt(fd, 'shutdown');
    if (how !== C.SHUT_RD && this.completion?.shutdownLater(s) === true) {
      if (how === C.SHUT_RDWR) S.sockShutdown(s, C.SHUT_RD);
      return this.leave('shutdown', fd, how, 0);
    }
    return this.leave('shutdown', fd, how, S.sockShutdown(s, how));
  }

  close(fd: number): number {
    this.enter('close');
    const s = this.sockAt(fd, 'close');
    this.forget(s);
    this.progress++;
    const close = (): void => {
      this.uninstall(fd);
      S.sockClose(s);
    };
    if (this.completion?.closeLater(s, close) === true) s.closing = true;
    else close();
    return this.leave('close', fd, 0, 0);
  }

  // -- splice ------------------------------------------------------------------------------------------------

  pipe(bytes: number): number {
    this.enter('pipe');
    const f = this.faults;
    if (f.hit(F.F_EMFILE_PIPE)) return this.leave('pipe', -1, bytes, -E.EMFILE);
    if (f.hit(F.F_ENFILE_PIPE)) return this.leave('pipe', -1, bytes, -E.ENFILE);
    if (f.hit(F.F_ENOMEM_PIPE)) return this.leave('pipe', -1, bytes, -E.ENOMEM);
    const p = new Pipe(this.pipesMade++, pipeSize(bytes));
    const r = this.install(new PipeEnd(p, false));
    if (r < 0) return this.leave('pipe', -1, bytes, r);
    const w = this.install(new PipeEnd(p, true));
    if (w < 0) {
      this.uninstall(r);
      return this.leave('pipe', -1, bytes, w);
    }
    this.ret[0] = r;
    this.ret[1] = w;
    this.ret[2] = p.slots * 4096;
    return this.leave('pipe', r, bytes, 0);
  }

  splice(fdIn: number, fdOut: number, len: number, _more: number): number {
    this.enter('splice');
    const from = this.entry(fdIn, 'splice');
    const to = this.entry(fdOut, 'splice');
    let n: number;
    if (!(from instanceof PipeEnd) && to instanceof PipeEnd && to.write) n = this.doSpliceIn(from, to.pipe, len);
    else if (from instanceof PipeEnd && !from.write && !(to instanceof PipeEnd))
      n = this.doSpliceOut(from.pipe, to, len);
    else n = -E.EINVAL;
    return this.leave('splice', fdIn, len, this.moved(n));
  }

  closeRaw(fd: number): number {
    this.enter('closeRaw');
    const e = this.entry(fd, 'closeRaw');
    if (!(e instanceof PipeEnd)) {
      if (e.polled) this.bug(`closeRaw(${fd}) of a polled descriptor`);
      S.sockClose(e);
    } else if (e.write) e.pipe.writeOpen = false;
    else e.pipe.readOpen = false;
    this.uninstall(fd);
    this.progress++;
    return this.leave('closeRaw', fd, 0, 0);
  }

  // -- private ------------------------------------------------------------------------------------------------

  private takeOne(l: Sock, addrOfs: number): number {
    if (l.state !== S.SS_LISTEN) return -E.EINVAL;
    if (l.queue.length === 0) return -E.EAGAIN;
    const f = this.faults;
    if (f.hit(F.F_EAGAIN_ACCEPT)) return this.again(l);
    if (f.hit(F.F_EMFILE_ACCEPT)) return -E.EMFILE; // the connection stays in the queue; no edge will tell
    if (f.hit(F.F_ENFILE_ACCEPT)) return -E.ENFILE;
    if (f.hit(F.F_ENOBUFS_ACCEPT)) return -E.ENOBUFS;
    if (f.hit(F.F_ENOMEM_ACCEPT)) return -E.ENOMEM;
    const s = l.queue[0]!;
    this.progress++;
    if (f.hit(F.F_ECONNABORTED_ACCEPT)) {
      l.queue.shift();
      S.sockAbort(s);
      return -E.ECONNABORTED;
    }
    const fd = this.own(s);
    if (fd < 0) return fd;
    l.queue.shift();
    s.options.set('sim:front', 1);
    for (const inherited of INHERITED) {
      const v = l.options.get(inherited);
      if (v !== undefined) s.options.set(inherited, v);
    }
    this.putName(s.remote ?? anyName(s.family), addrOfs);
    return fd;
  }

  private doRecv(s: Sock, ofs: number, len: number, flags: number, drop: boolean): number {
    this.maybeTimeOut(s);
    if (this.completion !== null) return this.completion.recv(s, ofs, len, drop);
    const there = s.rcv.data;
    if (there > 0 || s.rcvShut) {
      if (this.faults.hit(F.F_EAGAIN_RECV)) return this.again(s);
      if (this.faults.hit(F.F_ENOMEM_RECV)) return -E.ENOMEM;
    }
    if ((flags & C.MSG_PEEK) !== 0) {
      const n = S.sockReadable(s);
      return n <= 0 ? n : s.rcv.peek(this.u8, ofs, Math.min(len, n));
    }
    const most = this.short(s, Math.min(there, len), len, F.F_SHORT_RECV);
    return drop ? S.sockDrop(s, most) : S.sockRecv(s, this.u8, ofs, most);
  }

  private doSend(s: Sock, ofs: number, len: number): number {
    if (s.type === C.SOCK_DGRAM) {
      if (s.remote === null) return -E.ENOTCONN;
      this.keepDatagram(s.remote, ofs, len);
      return len;
    }
    this.maybeTimeOut(s);
    if (this.completion !== null) return this.completion.send(s, ofs, len);
    const room = s.snd.free();
    if (s.state === S.SS_EST && !s.sndShut && room > 0) {
      if (this.faults.hit(F.F_EAGAIN_SEND)) return this.again(s);
      if (this.faults.hit(F.F_ENOBUFS_SEND)) return -E.ENOBUFS;
      if (this.faults.hit(F.F_ENOMEM_SEND)) return -E.ENOMEM;
    }
    return S.sockSend(s, this.u8, ofs, this.short(s, Math.min(room, len), len, F.F_SHORT_SEND));
  }

  private doSpliceIn(s: Sock, p: Pipe, len: number): number {
    this.maybeTimeOut(s);
    const staged = this.completion?.spliceIn(s, p, len) ?? null;
    if (staged !== null) return staged;
    if ((s.rcv.data > 0 || s.rcvShut) && p.slotsUsed < p.slots) {
      if (this.faults.hit(F.F_EAGAIN_SPLICE_IN)) return this.again(s);
      if (this.faults.hit(F.F_ENOMEM_SPLICE_IN)) return -E.ENOMEM;
    }
    return spliceIn(s, p, this.short(s, Math.min(s.rcv.data, len), len, F.F_SHORT_SPLICE_IN));
  }

  private doSpliceOut(p: Pipe, s: Sock, len: number): number {
    this.maybeTimeOut(s);
    this.completion?.spliceOut(s);
    if (p.bytes.data > 0 && s.state === S.SS_EST && !s.sndShut && s.snd.free() > 0) {
      if (this.faults.hit(F.F_EAGAIN_SPLICE_OUT)) return this.again(s);
      if (this.faults.hit(F.F_ENOMEM_SPLICE_OUT)) return -E.ENOMEM;
    }
    return spliceOut(p, s, this.short(s, Math.min(p.bytes.data, s.snd.free(), len), len, F.F_SHORT_SPLICE_OUT));
  }

  /** -EAGAIN although there would have been something: as if it came a little later, with its edge. */
  private again(s: Sock): number {
    this.edgeLater(s);
    return -E.EAGAIN;
  }

  /** Cuts a transfer of `can` bytes short, as if the rest (or its room) came later, with an edge. */
  private short(s: Sock, can: number, len: number, fault: number): number {
    if (can <= 1 || !this.faults.hit(fault)) return len;
    this.edgeLater(s);
    return this.rng.chance(0.2) ? 1 : this.rng.int(1, can - 1);
  }

  private edgeLater(s: Sock): void {
    this.clock.after(this.rng.float() * EDGE_LATE_MS, () => {
      S.sockWake(s, T.SYS_POLL_IN | T.SYS_POLL_OUT);
    });
  }

  /** Now and then a peer is gone without a word: the connection times out, the other end is reset when it speaks. */
  private maybeTimeOut(s: Sock): void {
    if (s.state !== S.SS_EST || s.peer === null) return;
    if (!this.faults.hit(s.options.has('sim:front') ? F.F_TIMEOUT_FRONT : F.F_TIMEOUT_BACK)) return;
    this.net.sendRst(s, s.peer);
    S.sockFail(s, E.ETIMEDOUT);
  }

  /** Counts a transfer that brought something (bytes, or an end or error that its caller did not know of). */
  private moved(n: number): number {
    if (n > 0) this.progress++;
    return n;
  }

  private inBuffer(ofs: number, len: number, what: string): void {
    this.span(ofs, len, what);
    const pool = this.pool;
    if (pool === null || len === 0) return;
    if (ofs + len > pool.baseOf(ofs) + pool.sizeOf(ofs))
      this.bug(`${what} of ${len} bytes at ${ofs} leaves its buffer`);
  }
}

/** Options that an accepted socket has from its listener. */
const INHERITED = [`${C.IPPROTO_TCP}:${C.TCP_NODELAY}`, `${C.SOL_SOCKET}:${C.SO_KEEPALIVE}`];
