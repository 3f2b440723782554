// The seam over `node:net`: runs where the addon can't be loaded (contract C31). Descriptors are virtual, from FD_BASE on, so
// that they can't be mixed up with real ones. Nothing here blocks: `poll` hands over the edges collected since the last one,
// and the host loop calls the rounds again on activity or when the time-out of the last poll has passed.
//
// Where it differs from a kernel, because node:net differs:
//  - `bind` of an IP address only records it; a taken port or a foreign address comes out of `listen`, and for a client's
//    source address out of the connection. A UNIX path is bound (and listened on) by `bind`. node removes it on close.
//  - node accepts as soon as it listens: connections wait in a queue here, nothing of them is read. What comes beyond is reset,
//    where a kernel would let the client repeat its SYN: so the queue is no shorter than BACKLOG_MIN, whatever `listen` asks
//    for. Out of descriptors, libuv itself closes what waits.
//  - A socket whose receive queue is full is not read, so a FIN or RST behind unread data shows when they are taken.
//  - A RST that arrives in one event with the last bytes is an end of stream to libuv; it is told from a FIN by a send of no
//    bytes. Where the sending side is shut, it shows as FIN.
//  - SO_REUSEPORT, buffer sizes, and all options listed in sys/limits.ts answer -ENOPROTOOPT. No datagrams.

import net from 'node:net';
import { constants } from 'node:os';
import { fstatSync } from 'node:fs';
import {
  EADDRNOTAVAIL,
  EAGAIN,
  EALREADY,
  EBADF,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  EMFILE,
  ENOSYS,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
} from '../errno.js';
import * as C from '../constants.js';
import { EVENT_FD, EVENT_GEN, EVENT_MASK, EVENT_STRIDE, type Arena, type Sys } from '../types.js';
import { ipAddr, readAddr, unixAddr, writeAddr } from './address.js';
import { listensAlready, localAddr, serverAddr, tcpConnectOptions } from './endpoints.js';
import { JS_FEATURES } from './features.js';
import { HostTurns } from './host-turns.js';
import { errnoOf, listenNow, type ListenWhere } from './listen.js';
import { ENOPROTOOPT, vsGetOption, vsSetOption } from './options.js';
import {
  SEND_QUEUE_BYTES,
  VS_CONNECTING,
  VS_DEAD,
  VS_FRESH,
  VS_LISTENING,
  VS_OPEN,
  VirtualSocket,
  vsAttach,
  vsClose,
  vsKeepName,
  vsMask,
  vsServe,
  vsTake,
  vsTakeError,
  type VirtualSocketOwner,
} from './virtual-socket.js';

/** First virtual descriptor. */
export const FD_BASE = 1 << 16;
const FD_MAX = 1 << 20; // virtual descriptors at most
const EVENTS_MAX = 512;
const ARENA_BYTES = 64 * 1024 * 1024; // zero pages until touched
const BACKLOG_MIN = 1024;
const BACKLOG_MAX = 4096;

const ENOTSOCK = constants.errno.ENOTSOCK;
const EAFNOSUPPORT = constants.errno.EAFNOSUPPORT;

export interface JsSysOptions {
  readonly arenaBytes?: number;
  readonly eventsMax?: number;
  /** Connections that a listener's queue holds at least. */
  readonly backlogMin?: number;
}

export class JsSys implements Sys, VirtualSocketOwner {
  readonly name = 'js';
  readonly features = JS_FEATURES;
  readonly arena: Arena;
  readonly events: Int32Array;
  readonly eventsMax: number;
  readonly ret = new Int32Array(4);
  readonly hostFd = -1;
  /** Descriptors in use; what tests assert to be back to where it was. */
  open = 0;
  /** Closed sockets that still hand over their last bytes. */
  readonly lingering = new Set<net.Socket>();
  private readonly backlogMin: number;
  private readonly arenaBuf: Buffer;
  private readonly table: (VirtualSocket | null)[] = [];
  private readonly freeFds: number[] = [];
  private ready: VirtualSocket[] = [];
  private readonly turns = new HostTurns(() => this.ready.length > 0);

  constructor(options: JsSysOptions = {}) {
    const bytes = options.arenaBytes ?? ARENA_BYTES;
    const area = new ArrayBuffer(bytes);
    this.arena = { bytes, u8: new Uint8Array(area), i32: new Int32Array(area), view: new DataView(area) };
    this.arenaBuf = Buffer.from(area);
    this.eventsMax = options.eventsMax ?? EVENTS_MAX;
    this.events = new Int32Array(this.eventsMax * EVENT_STRIDE);
    this.backlogMin = options.backlogMin ?? BACKLOG_MIN;
  }

  now(): number {
    return performance.now();
  }

  date(): number {
    return Date.now();
  }

  // -- sockets ------------------------------------------------------------------------------------------------

  socket(family: number, type: number): number {
    if (family !== C.AF_INET && family !== C.AF_INET6 && family !== C.AF_UNIX) return -EAFNOSUPPORT;
    if (type !== C.SOCK_STREAM) return -EOPNOTSUPP;
    return this.add(family)?.fd ?? -EMFILE;
  }

  bind(fd: number, addrOfs: number, addrLen: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    const addr = readAddr(this.arena.u8, addrOfs, addrLen);
    if (addr === null || addr.family !== vs.family || vs.state !== VS_FRESH || vs.local !== null) return -EINVAL;
    if (addr.family === C.AF_UNIX) {
      if (addr.path === '') return -EINVAL;
      const rc = this.serve(vs, { path: addr.path, exclusive: true });
      if (rc < 0) return rc;
    }
    vs.local = addr;
    return 0;
  }

  listen(fd: number, backlog: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    vs.waitingMax = Math.min(Math.max(backlog, this.backlogMin), BACKLOG_MAX);
    if (vs.state === VS_LISTENING) return 0;
    if (vs.server !== null) {
      vs.state = VS_LISTENING;
      if (vs.waiting.length > 0) this.edge(vs);
      return 0;
    }
    if (vs.state !== VS_FRESH || vs.family === C.AF_UNIX) return -EINVAL;
    const host = vs.local?.host ?? (vs.family === C.AF_INET6 ? '::' : '0.0.0.0');
    const port = vs.local?.port ?? 0;
    const rc = this.serve(vs, { host, port, backlog: vs.waitingMax, ipv6Only: vs.v6Only, exclusive: true });
    if (rc === 0) vs.state = VS_LISTENING;
    return rc;
  }

  accept(fd: number, addrOfs: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    if (vs.state !== VS_LISTENING) return -EINVAL;
    if (vs.soError !== 0) return -vsTakeError(vs);
    const next = vs.waiting[0];
    if (next === undefined) return -EAGAIN;
    const taken = this.add(vs.family);
    if (taken === null) return -EMFILE;
    vs.waiting.shift();
    taken.peer = next.peer;
    if (vs.family === C.AF_UNIX) taken.local = vs.local;
    else taken.noDelay = true;
    taken.keepAlive = vs.keepAlive;
    if (vs.keepAlive) next.socket.setKeepAlive(true, vs.keepIdleMs);
    writeAddr(this.arena.u8, addrOfs, next.peer);
    vsAttach(taken, next.socket, VS_OPEN);
    return taken.fd;
  }

  connect(fd: number, addrOfs: number, addrLen: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    if (vs.state === VS_CONNECTING) return -EALREADY;
    if (vs.state === VS_OPEN) return -EISCONN;
    if (vs.state !== VS_FRESH || vs.server !== null) return -EINVAL;
    const addr = readAddr(this.arena.u8, addrOfs, addrLen);
    if (addr === null || addr.family !== vs.family) return -EINVAL;
    const how: net.TcpSocketConnectOpts | net.IpcSocketConnectOpts =
      addr.family === C.AF_UNIX ? { path: addr.path } : tcpConnectOptions(vs, addr);
    try {
      const socket = new net.Socket({ allowHalfOpen: true });
      vsAttach(vs, socket, VS_CONNECTING);
      socket.connect(how);
    } catch (err) {
      vs.socket?.destroy();
      vs.state = VS_DEAD;
      return -(errnoOf(err) || EADDRNOTAVAIL);
    }
    vs.peer = addr;
    return -EINPROGRESS;
  }

  recv(fd: number, ofs: number, len: number, flags: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    if (vs.queuedBytes > 0) {
      const into = (flags & C.MSG_TRUNC) !== 0 ? null : this.arenaBuf;
      return vsTake(vs, into, ofs, len, (flags & C.MSG_PEEK) !== 0);
    }
    if (vs.fin || vs.rdShut) return 0;
    if (vs.soError !== 0) return -vsTakeError(vs);
    if (vs.state === VS_DEAD) return 0;
    return vs.state === VS_FRESH || vs.state === VS_LISTENING ? -ENOTCONN : -EAGAIN;
  }

  send(fd: number, ofs: number, len: number, _flags: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    if (vs.state === VS_CONNECTING) {
      vs.sendBlocked = true;
      return -EAGAIN;
    }
    if (vs.soError !== 0) return -vsTakeError(vs);
    if (vs.state !== VS_OPEN || vs.wrShut) return -EPIPE;
    const socket = vs.socket!;
    const n = Math.min(len, SEND_QUEUE_BYTES - socket.writableLength);
    if (n < len) vs.sendBlocked = true;
    if (n <= 0) return len === 0 ? 0 : -EAGAIN;
    const copy = Buffer.allocUnsafe(n);
    this.arenaBuf.copy(copy, 0, ofs, ofs + n);
    socket.write(copy);
    return n;
  }

  shutdown(fd: number, how: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    if (vs.state !== VS_OPEN) return -ENOTCONN;
    if (how !== C.SHUT_WR && !vs.rdShut) {
      vs.rdShut = true;
      vs.chunks = [];
      vs.headTaken = 0;
      vs.queuedBytes = 0;
      vs.socket!.resume();
    }
    if (how !== C.SHUT_RD && !vs.wrShut) {
      vs.wrShut = true;
      if (vs.fin) vsKeepName(vs);
      vs.socket!.end();
    }
    this.edge(vs);
    return 0;
  }

  close(fd: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    this.table[fd - FD_BASE] = null;
    this.freeFds.push(fd);
    this.open--;
    const left = vsClose(vs);
    if (left !== null) {
      this.lingering.add(left);
      left.once('close', () => this.lingering.delete(left));
    }
    return 0;
  }

  // -- options and names -----------------------------------------------------------------------------------------

  setsockopt(fd: number, level: number, name: number, value: number): number {
    const vs = this.find(fd);
    return vs === null ? -EBADF : vsSetOption(vs, level, name, value);
  }

  /** SO_LINGER alone: { onoff 1, seconds 0 } makes `close` send RST, anything else lets it send FIN. */
  setsockoptBytes(fd: number, level: number, name: number, ofs: number, len: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    if (level !== C.SOL_SOCKET || name !== C.SO_LINGER) return -ENOPROTOOPT;
    if (len < 8) return -EINVAL;
    const { view } = this.arena;
    vs.resetOnClose = view.getInt32(ofs, true) !== 0 && view.getInt32(ofs + 4, true) === 0;
    return 0;
  }

  getsockopt(fd: number, level: number, name: number): number {
    const vs = this.find(fd);
    return vs === null ? -EBADF : vsGetOption(vs, level, name);
  }

  /** node has none. */
  getsockoptBytes(): number {
    return -EOPNOTSUPP;
  }

  sockError(fd: number): number {
    const vs = this.find(fd);
    return vs === null ? -EBADF : vsTakeError(vs);
  }

  getsockname(fd: number, ofs: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    return writeAddr(this.arena.u8, ofs, localAddr(vs));
  }

  getpeername(fd: number, ofs: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    if (vs.peer === null || vs.state < VS_OPEN) return -ENOTCONN;
    return writeAddr(this.arena.u8, ofs, vs.peer);
  }

  sendto(_fd: number, _ofs: number, _len: number, _addrOfs: number, _addrLen: number): number {
    return -EOPNOTSUPP;
  }

  /** A listening or a connected stream socket inherited as the real descriptor `fd`; closing the virtual one closes it. */
  adopt(fd: number): number {
    try {
      if (!fstatSync(fd).isSocket()) return -ENOTSOCK;
    } catch (err) {
      return -(errnoOf(err) || EBADF);
    }
    return listensAlready(fd) ? this.adoptListener(fd) : this.adoptConnected(fd);
  }

  // -- what node:net has not --------------------------------------------------------------------------------------

  pipe(_bytes: number): number {
    return -ENOSYS;
  }

  splice(_fdIn: number, _fdOut: number, _len: number, _more: number): number {
    return -ENOSYS;
  }

  /** The same as `close`: sockets that failed before they were polled. */
  closeRaw(fd: number): number {
    return this.close(fd);
  }

  wakeFd(): number {
    return -ENOSYS;
  }

  /** There is no descriptor to write to, but the rounds are called soon: for wake-ups from the embedder's own callbacks. */
  wake(_fd: number): number {
    this.turns.soon();
    return 0;
  }

  // -- readiness ----------------------------------------------------------------------------------------------

  pollAdd(fd: number, gen: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    vs.gen = gen;
    if (vsMask(vs) !== 0) this.edge(vs);
    return 0;
  }

  pollDel(fd: number): number {
    const vs = this.find(fd);
    if (vs === null) return -EBADF;
    vs.gen = -1;
    return 0;
  }

  want(_fd: number, _events: number, _recvMode: number): void {
    // Edges come for both directions.
  }

  /** Never waits. Like EPOLLET, an event carries all that is true by now, not only what made the edge. */
  poll(timeoutMs: number): number {
    const { ready, events, eventsMax } = this;
    let n = 0;
    let head = 0;
    while (head < ready.length && n < eventsMax) {
      const vs = ready[head++]!;
      vs.queued = false;
      if (vs.gen < 0 || vs.closed) continue;
      const mask = vsMask(vs);
      if (mask === 0) continue;
      const at = n++ * EVENT_STRIDE;
      events[at + EVENT_MASK] = mask;
      events[at + EVENT_FD] = vs.fd;
      events[at + EVENT_GEN] = vs.gen;
    }
    if (head === ready.length) ready.length = 0;
    else ready.splice(0, head);
    this.turns.polled(timeoutMs, n);
    return n;
  }

  // -- memory, life ------------------------------------------------------------------------------------------------

  discard(ofs: number, len: number): void {
    this.arena.u8.fill(0, ofs, ofs + len);
  }

  hostStart(rounds: () => void): void {
    this.turns.start(rounds);
  }

  hostStop(): void {
    this.turns.stop();
  }

  /**
   * Always -1: nothing of the host shortens the wait, so that the next `poll` is told the loop's own time-out, which is when
   * the rounds are called again at the latest. That each round leaves follows from SYS_F_BLOCKS, which is not set.
   */
  hostTimeout(): number {
    return -1;
  }

  destroy(): void {
    this.turns.stop();
    for (const vs of this.table) if (vs !== null) this.close(vs.fd);
    this.ready = [];
  }

  // -- for virtual sockets ------------------------------------------------------------------------------------------

  edge(vs: VirtualSocket): void {
    if (vs.gen < 0 || vs.closed || vs.queued) return;
    vs.queued = true;
    this.ready.push(vs);
    this.turns.soon();
  }

  /** Bytes that wait for `recv`; for tests and `show fd`. */
  recvQueued(fd: number): number {
    return this.find(fd)?.queuedBytes ?? 0;
  }

  /** Bytes taken by `send` that the kernel has not got yet; for tests and `show fd`. */
  sendQueued(fd: number): number {
    return this.socketOf(fd)?.writableLength ?? 0;
  }

  /** node's socket behind a descriptor. */
  socketOf(fd: number): net.Socket | null {
    return this.find(fd)?.socket ?? null;
  }

  private find(fd: number): VirtualSocket | null {
    return this.table[fd - FD_BASE] ?? null;
  }

  private add(family: number): VirtualSocket | null {
    const fd = this.freeFds.pop() ?? FD_BASE + this.table.length;
    if (fd >= FD_BASE + FD_MAX) return null;
    const vs = new VirtualSocket(fd, family, this);
    this.table[fd - FD_BASE] = vs;
    this.open++;
    return vs;
  }

  private serve(vs: VirtualSocket, where: ListenWhere): number {
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    vsServe(vs, server);
    let rc = 0;
    try {
      rc = listenNow(server, where).rc;
    } catch (err) {
      rc = -(errnoOf(err) || EINVAL);
    }
    if (rc < 0) {
      server.removeAllListeners('error');
      server.on('error', () => undefined); // told already
      vs.server = null;
    }
    return rc;
  }

  private adoptListener(fd: number): number {
    const vs = this.add(C.AF_INET);
    if (vs === null) return -EMFILE;
    vs.waitingMax = BACKLOG_MAX;
    const rc = this.serve(vs, { fd });
    if (rc < 0) {
      this.close(vs.fd);
      return rc;
    }
    vs.local = serverAddr(vs.server!);
    vs.family = vs.local.family;
    vs.state = VS_LISTENING;
    return vs.fd;
  }

  private adoptConnected(fd: number): number {
    const vs = this.add(C.AF_INET);
    if (vs === null) return -EMFILE;
    try {
      const socket = new net.Socket({ fd, allowHalfOpen: true, readable: true, writable: true });
      vs.peer = ipAddr(socket.remoteAddress, socket.remotePort) ?? unixAddr('');
      vs.family = vs.peer.family;
      vsAttach(vs, socket, VS_OPEN);
    } catch (err) {
      this.close(vs.fd);
      return -(errnoOf(err) || EINVAL);
    }
    return vs.fd;
  }
}
