// Ctrl layer of connected stream sockets, TCP and UNIX: connect, drain, close.
import { bugOn } from '../../base/bug.js';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TRANSPARENT,
  IP_TRANSPARENT,
  MSG_TRUNC,
  SO_BINDTODEVICE,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_SNDBUF,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_FASTOPEN_CONNECT,
  TCP_NODELAY,
  TCP_USER_TIMEOUT,
} from '../../sys/constants.js';
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAGAIN,
  ECONNREFUSED,
  EHOSTUNREACH,
  EINPROGRESS,
  EINTR,
  EMFILE,
  ENETUNREACH,
  ENFILE,
  ENOBUFS,
  ENOMEM,
  EPERM,
  ETIMEDOUT,
} from '../../sys/errno.js';
import { type Connection, connCtrlInit, connWaitL4 } from '../connection/connection.js';
import {
  CONNECT_HAS_DATA,
  CO_ER_ADDR_INUSE,
  CO_ER_CANT_BIND,
  CO_ER_CONF_FDLIM,
  CO_ER_FREE_PORTS,
  CO_ER_NONE,
  CO_ER_PORT_RANGE,
  CO_ER_REFUSED,
  CO_ER_SOCK_ERR,
  CO_ER_SYS_FDLIM,
  CO_ER_SYS_MEMLIM,
  CO_ER_TIMEOUT,
  CO_ER_UNREACH,
  CO_FL_KEEP_INFO,
  CO_FL_RST_ON_CLOSE,
} from '../connection/flags.js';
import type { CtrlOps } from '../connection/ops.js';
import { TARGET_SERVER } from '../connection/types.js';
import { FD_EV_READY_W } from '../fd/flags.js';
import { SCRATCH_ADDR2 } from '../fd/thread.js';
import { addressWrite } from './address.js';
import type { ConnectOptions } from './connect-options.js';
import type { Address } from './types.js';
import { sockSetName, sockSetRstOnClose } from './sockopt.js';
import { connKeepTcpInfo } from './tcp-info.js';

const DRAIN_ROUNDS = 16; // 16 × 128 KiB is more than any receive window that is worth waiting for
const DRAIN_BYTES = 131072;

/** CO_ER_* of a failed socket call. */
function errorOf(no: number): number {
  if (no === EMFILE) return CO_ER_CONF_FDLIM;
  if (no === ENFILE) return CO_ER_SYS_FDLIM;
  if (no === ENOBUFS || no === ENOMEM) return CO_ER_SYS_MEMLIM;
  if (no === ECONNREFUSED) return CO_ER_REFUSED;
  if (no === ENETUNREACH || no === EHOSTUNREACH || no === EACCES || no === EPERM) return CO_ER_UNREACH;
  if (no === ETIMEDOUT) return CO_ER_TIMEOUT;
  if (no === EADDRNOTAVAIL || no === EAGAIN) return CO_ER_FREE_PORTS;
  if (no === EADDRINUSE) return CO_ER_ADDR_INUSE;
  return CO_ER_SOCK_ERR;
}

/**
 * Opens a socket to `conn.dst`, or to the SOCKS4 proxy in front of it, and starts connecting. 0: under way, CO_FL_WAIT_L4_CONN is set and the descriptor is in the
 * table; otherwise a CO_ER_*, also in `conn.errCode`, with `conn.sockErrno`.
 */
function streamConnect(conn: Connection, ctrl: CtrlOps, options: ConnectOptions | null, flags: number): number {
  const { sys } = conn.thr;
  const dst = options?.socks4 ?? conn.dst;
  bugOn(dst === null, 'connect: no destination');
  const fd = sys.socket(dst!.family, SOCK_STREAM);
  if (fd < 0) return fail(conn, -fd, errorOf(-fd));
  if (dst!.family !== AF_UNIX) sys.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (options !== null) {
    const bad = applyOptions(conn, fd, options);
    if (bad !== CO_ER_NONE) {
      sys.closeRaw(fd);
      return bad;
    }
  }
  // With a cookie of that server connect() answers 0 and does nothing: the first data go with the SYN.
  if ((flags & CONNECT_HAS_DATA) !== 0 && options !== null && options.tfo && dst!.family !== AF_UNIX)
    sys.setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
  const len = addressWrite(sys.arena, SCRATCH_ADDR2, dst!);
  const r = sys.connect(fd, SCRATCH_ADDR2, len);
  if (r < 0 && r !== -EINPROGRESS) {
    sys.closeRaw(fd);
    return fail(conn, -r, errorOf(-r));
  }
  // A UNIX socket is connected at once; so may be a loopback one. Otherwise the first edge tells.
  connCtrlInit(conn, ctrl, fd, r === 0 ? FD_EV_READY_W : 0);
  if (r !== 0) connWaitL4(conn);
  return CO_ER_NONE;
}

function applyOptions(conn: Connection, fd: number, o: ConnectOptions): number {
  const { sys } = conn.thr;
  if (o.keepalive) sys.setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  if (o.tcpUserTimeoutMs !== 0) sys.setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, o.tcpUserTimeoutMs);
  if (o.rcvbufBytes !== 0) sys.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, o.rcvbufBytes);
  if (o.sndbufBytes !== 0) sys.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, o.sndbufBytes);
  if (o.sourceInterface !== '') {
    const r = sockSetName(conn.thr, fd, SOL_SOCKET, SO_BINDTODEVICE, o.sourceInterface);
    if (r < 0) return fail(conn, -r, CO_ER_CANT_BIND);
  }
  if (conn.src !== null) return bindForeign(conn, fd, conn.src);
  if (o.source === null) return CO_ER_NONE;
  sys.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  for (let tries = 0; ; tries++) {
    const port = o.takePort === null ? o.source.port : o.takePort();
    if (o.takePort !== null && port === 0) return fail(conn, EADDRINUSE, CO_ER_PORT_RANGE);
    const len = addressWrite(sys.arena, SCRATCH_ADDR2, { ...o.source, port, encoded: null });
    const r = sys.bind(fd, SCRATCH_ADDR2, len);
    if (r >= 0) {
      if (o.takePort !== null) conn.srcPort = port; // given back on close
      return CO_ER_NONE;
    }
    if (o.releasePort !== null) o.releasePort(port);
    if (r !== -EADDRINUSE || o.takePort === null || tries >= 10) return fail(conn, -r, CO_ER_CANT_BIND);
  }
}

/** Binds to an address that is not this host's (`usesrc`). */
function bindForeign(conn: Connection, fd: number, src: Address): number {
  const { sys } = conn.thr;
  const r =
    src.family === AF_INET
      ? sys.setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, 1)
      : sys.setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1);
  if (r < 0) return fail(conn, -r, CO_ER_CANT_BIND);
  sys.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  const bound = sys.bind(fd, SCRATCH_ADDR2, addressWrite(sys.arena, SCRATCH_ADDR2, src));
  return bound < 0 ? fail(conn, -bound, CO_ER_CANT_BIND) : CO_ER_NONE;
}

function fail(conn: Connection, no: number, code: number): number {
  if (conn.errCode === CO_ER_NONE) {
    conn.errCode = code;
    conn.sockErrno = no;
  }
  return code;
}

/** Reads and drops at most DRAIN_ROUNDS × 128 KiB. True when the peer's end, or an error, was seen. */
function streamDrain(conn: Connection): boolean {
  const { sys } = conn.thr;
  for (let i = 0; i < DRAIN_ROUNDS; i++) {
    const n = sys.recv(conn.fd, 0, DRAIN_BYTES, MSG_TRUNC);
    if (n === 0) return true;
    if (n === -EAGAIN) {
      conn.thr.fdtab.cantRecv(conn.fd); // only an edge brings more: who waits must not be woken before
      return false;
    }
    if (n === -EINTR) continue;
    if (n < 0) return true;
  }
  return false;
}

/** Closes the descriptor; with RST where the connection asks for it. */
function streamClose(conn: Connection): void {
  if ((conn.flags & CO_FL_KEEP_INFO) !== 0) connKeepTcpInfo(conn);
  if ((conn.flags & CO_FL_RST_ON_CLOSE) !== 0) sockSetRstOnClose(conn.thr, conn.fd);
  conn.thr.fdtab.delete(conn.fd);
  if (conn.srcPort !== 0 && conn.target.targetType === TARGET_SERVER) {
    const target = conn.target as { connectOptions?: ConnectOptions | null };
    target.connectOptions?.releasePort?.(conn.srcPort);
    conn.srcPort = 0;
  }
}

function connectTarget(conn: Connection, flags: number): number {
  const target = conn.target as { connectOptions?: ConnectOptions | null };
  return streamConnect(conn, conn.ctrl!, target.connectOptions ?? null, flags);
}

export const tcpv4: CtrlOps = {
  name: 'tcpv4',
  family: AF_INET,
  connect: connectTarget,
  drain: streamDrain,
  close: streamClose,
};
const tcpv6: CtrlOps = {
  name: 'tcpv6',
  family: AF_INET6,
  connect: connectTarget,
  drain: streamDrain,
  close: streamClose,
};
const uxst: CtrlOps = {
  name: 'unix_stream',
  family: AF_UNIX,
  connect: connectTarget,
  drain: unixDrain,
  close: streamClose,
};

/** MSG_TRUNC does not drain UNIX sockets without a copy: their data goes through a buffer. */
function unixDrain(conn: Connection): boolean {
  const { sys, bufs } = conn.thr;
  const ofs = bufs.alloc(0);
  if (ofs < 0) return false;
  let ended = false;
  for (let i = 0; i < DRAIN_ROUNDS * 8; i++) {
    const n = sys.recv(conn.fd, ofs, bufs.sizes[0]!, 0);
    if (n > 0 || n === -EINTR) continue;
    ended = n !== -EAGAIN;
    if (!ended) conn.thr.fdtab.cantRecv(conn.fd);
    break;
  }
  bufs.release(ofs);
  return ended;
}

/** The ctrl layer of an address family. */
export function ctrlOf(family: number): CtrlOps {
  if (family === AF_UNIX) return uxst;
  return family === AF_INET6 ? tcpv6 : tcpv4;
}
