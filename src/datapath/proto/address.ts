// Socket addresses: the platform's sockaddr bytes in the arena, and their decoded form.
//
//   AF_INET   family:2 port:2(BE) addr:4 zero:8                      16 bytes
//   AF_INET6  family:2 port:2(BE) flowinfo:4 addr:16 scope:4         28 bytes
//   AF_UNIX   family:2 path…NUL                                     2 + length
//             (abstract: NUL name, zeros to the end of the field)   2 + UNIX_PATH_MAX
//   On BSD and macOS the first byte is the length and the second the family.
import { isIPv4, isIPv6 } from 'node:net';
import { platform } from 'node:process';
import { bugOn } from '../../base/bug.js';
import { ipv4Bytes, ipv6Bytes, ipv6Text } from '../../base/inet.js';
import { AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC } from '../../sys/constants.js';
import type { Arena } from '../../sys/types.js';
import type { AddressConf } from '../../config/types.js';
import type { Connection } from '../connection/connection.js';
import { SCRATCH_ADDR } from '../fd/thread.js';
import type { Address } from './types.js';

const BSD = platform === 'darwin' || platform === 'freebsd' || platform === 'openbsd' || platform === 'netbsd';
/** Bytes of sun_path on Linux; BSDs have 104. A longer path cannot be bound or connected to. */
export const UNIX_PATH_MAX = BSD ? 104 : 108;

export function addressInet(host: string, port: number): Address {
  bugOn(!isIPv4(host), 'addressInet: no IPv4 address');
  return { family: AF_INET, host, port, abstract: false, encoded: null };
}

function addressInet6(host: string, port: number): Address {
  bugOn(!isIPv6(host), 'addressInet6: no IPv6 address');
  return { family: AF_INET6, host, port, abstract: false, encoded: null };
}

export function addressUnix(path: string, abstract: boolean): Address {
  return { family: AF_UNIX, host: path, port: 0, abstract, encoded: null };
}

/** The address of an IP, v4 or v6, that was checked. */
export function addressIp(host: string, port: number): Address {
  return isIPv4(host) ? addressInet(host, port) : addressInet6(host, port);
}

/** The socket address of one in the configuration; a host without an IP (`*`, none) stands for `any4` or `any6`. */
export function addressOfConf(a: AddressConf, any4: string, any6: string): Address {
  if (a.family === 'unix') return addressUnix(a.path, false);
  if (a.family === 'abns') return addressUnix(a.path, true);
  if (a.family === 'ipv6') return addressInet6(a.ip === null ? any6 : ipv6Text(a.ip), a.port);
  return addressInet(a.ip === null ? any4 : a.ip.join('.'), a.port);
}

/** Writes `a` as a sockaddr at `ofs` (SOCKADDR_MAX bytes are there). Returns its length. */
export function addressWrite(arena: Arena, ofs: number, a: Address): number {
  let bytes = a.encoded;
  if (bytes === null) {
    const len = encode(arena, ofs, a);
    bytes = arena.u8.slice(ofs, ofs + len);
    a.encoded = bytes;
    return len;
  }
  arena.u8.set(bytes, ofs);
  return bytes.length;
}

function encode(arena: Arena, ofs: number, a: Address): number {
  const { u8, view } = arena;
  if (a.family === AF_INET) {
    u8.fill(0, ofs, ofs + 16);
    head(arena, ofs, AF_INET, 16);
    view.setUint16(ofs + 2, a.port, false);
    u8.set(ipv4Bytes(a.host), ofs + 4);
    return 16;
  }
  if (a.family === AF_INET6) {
    u8.fill(0, ofs, ofs + 28);
    head(arena, ofs, AF_INET6, 28);
    view.setUint16(ofs + 2, a.port, false);
    u8.set(ipv6Bytes(a.host), ofs + 8);
    return 28;
  }
  const path = Buffer.from(a.host, 'utf8');
  bugOn(path.length >= UNIX_PATH_MAX, 'addressWrite: UNIX path too long');
  u8.fill(0, ofs, ofs + 2 + UNIX_PATH_MAX);
  // An abstract name is the whole field, zeros included, as the reference binds it.
  const len = a.abstract ? 2 + UNIX_PATH_MAX : 2 + path.length + 1;
  head(arena, ofs, AF_UNIX, len);
  u8.set(path, ofs + 2 + (a.abstract ? 1 : 0));
  return len;
}

/** Decodes the sockaddr at `ofs`; `len` is its length (UNIX sockets), 0 where unknown. */
export function addressRead(arena: Arena, ofs: number, len: number): Address {
  const { u8, view } = arena;
  const family = BSD ? u8[ofs + 1]! : view.getUint16(ofs, true);
  if (family === AF_INET) {
    const host = `${u8[ofs + 4]!}.${u8[ofs + 5]!}.${u8[ofs + 6]!}.${u8[ofs + 7]!}`;
    return { family, host, port: view.getUint16(ofs + 2, false), abstract: false, encoded: null };
  }
  if (family === AF_INET6) {
    return {
      family,
      host: ipv6Text(u8.subarray(ofs + 8, ofs + 24)),
      port: view.getUint16(ofs + 2, false),
      abstract: false,
      encoded: null,
    };
  }
  if (family === AF_UNIX) {
    const abstract = len > 3 && u8[ofs + 2] === 0;
    const from = ofs + 2 + (abstract ? 1 : 0);
    const end = ofs + (len > 2 ? len : 2 + UNIX_PATH_MAX);
    let to = from;
    while (to < end && u8[to] !== 0) to++;
    return { family, host: Buffer.from(u8.subarray(from, to)).toString('utf8'), port: 0, abstract, encoded: null };
  }
  return { family: AF_UNSPEC, host: '', port: 0, abstract: false, encoded: null };
}

/** 4 or 16 bytes of an IP address, network order; null for the other families. */
export function addressBytes(a: Address): ArrayLike<number> | null {
  if (a.family === AF_INET) return ipv4Bytes(a.host);
  return a.family === AF_INET6 ? ipv6Bytes(a.host) : null;
}

/** As messages and the CLI show it: `127.0.0.1:80`, `[::1]:80`, `unix:/path`, `abns@name`. */
export function addressText(a: Address): string {
  if (a.family === AF_INET) return `${a.host}:${a.port}`;
  if (a.family === AF_INET6) return `[${a.host}]:${a.port}`;
  if (a.family === AF_UNIX) return a.abstract ? `abns@${a.host}` : `unix:${a.host === '' ? '1' : a.host}`;
  return '-';
}

/** Where the connection comes from; null where that is not known (UNIX clients). */
export function connGetSrc(conn: Connection): Address | null {
  if (conn.src === null && conn.srcPort !== 0) {
    const ip = conn.srcIp4;
    conn.src = addressInet(`${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`, conn.srcPort);
  }
  return conn.src;
}

/** Where the connection goes to, or the local address it came to; asked of the system once. */
export function connGetDst(conn: Connection): Address | null {
  conn.dst ??= connLocal(conn);
  return conn.dst;
}

/** The local address of its socket; null where there is none any more. A system call. */
export function connLocal(conn: Connection): Address | null {
  if (conn.fd < 0) return null;
  const len = conn.thr.sys.getsockname(conn.fd, SCRATCH_ADDR);
  return len > 0 ? addressRead(conn.thr.sys.arena, SCRATCH_ADDR, len) : null;
}

/** The other end's address as the system has it now. */
export function connPeer(conn: Connection): Address | null {
  if (conn.fd < 0) return null;
  const len = conn.thr.sys.getpeername(conn.fd, SCRATCH_ADDR);
  return len > 0 ? addressRead(conn.thr.sys.arena, SCRATCH_ADDR, len) : null;
}

function head(arena: Arena, ofs: number, family: number, len: number): void {
  if (BSD) {
    arena.u8[ofs] = len;
    arena.u8[ofs + 1] = family;
  } else {
    arena.view.setUint16(ofs, family, true);
  }
}
