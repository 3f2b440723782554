// Socket addresses of the js transport: `struct sockaddr` bytes of the arena (Linux layout) to what node:net takes, and
// back. Family u16 little-endian; sockaddr_in: port u16 big-endian, 4 bytes; sockaddr_in6: port, flow u32, 16 bytes,
// scope u32; sockaddr_un: a path that ends at its first NUL, or an abstract name (first byte NUL, all bytes count).

import { isIP } from 'node:net';
import { AF_INET, AF_INET6, AF_UNIX } from '../constants.js';

export interface NetAddr {
  readonly family: number; // AF_*
  readonly host: string; // '' for AF_UNIX
  readonly port: number; // 0 for AF_UNIX
  readonly path: string; // AF_UNIX: '' unnamed, '\0name' abstract
}

const IN_BYTES = 16;
const IN6_BYTES = 28;
const UN_PATH = 2; // offset of sun_path

/** The address at `u8[ofs, ofs+len)`, or null where it is no address of a known family. */
export function readAddr(u8: Uint8Array, ofs: number, len: number): NetAddr | null {
  if (len < 2) return null;
  const family = u8[ofs]! | (u8[ofs + 1]! << 8);
  if (family === AF_UNIX) return { family, host: '', port: 0, path: readPath(u8, ofs + UN_PATH, ofs + len) };
  const port = len < 4 ? 0 : (u8[ofs + 2]! << 8) | u8[ofs + 3]!;
  if (family === AF_INET && len >= IN_BYTES) {
    return { family, host: `${u8[ofs + 4]!}.${u8[ofs + 5]!}.${u8[ofs + 6]!}.${u8[ofs + 7]!}`, port, path: '' };
  }
  if (family === AF_INET6 && len >= IN6_BYTES) {
    const groups: string[] = [];
    for (let i = 0; i < 16; i += 2) groups.push(((u8[ofs + 8 + i]! << 8) | u8[ofs + 9 + i]!).toString(16));
    return { family, host: groups.join(':'), port, path: '' };
  }
  return null;
}

/** Writes `addr` at `ofs`, unused bytes zero. Returns its length in bytes. */
export function writeAddr(u8: Uint8Array, ofs: number, addr: NetAddr): number {
  u8[ofs] = addr.family & 0xff;
  u8[ofs + 1] = addr.family >>> 8;
  if (addr.family === AF_UNIX) return writePath(u8, ofs, addr.path);
  u8[ofs + 2] = addr.port >>> 8;
  u8[ofs + 3] = addr.port & 0xff;
  if (addr.family === AF_INET) {
    u8.fill(0, ofs + 4, ofs + IN_BYTES);
    writeV4(u8, ofs + 4, addr.host);
    return IN_BYTES;
  }
  u8.fill(0, ofs + 4, ofs + IN6_BYTES);
  writeV6(u8, ofs + 8, addr.host);
  return IN6_BYTES;
}

/** What node says of one end of a socket (`remoteAddress`, `remotePort`); null where it has nothing to say any more. */
export function ipAddr(host: string | undefined, port: number | undefined): NetAddr | null {
  if (host === undefined || port === undefined) return null;
  const kind = isIP(host);
  if (kind === 0) return null;
  return { family: kind === 6 ? AF_INET6 : AF_INET, host, port, path: '' };
}

export function unixAddr(path: string): NetAddr {
  return { family: AF_UNIX, host: '', port: 0, path };
}

function readPath(u8: Uint8Array, from: number, to: number): string {
  let end = to;
  if (from < to && u8[from] !== 0) {
    end = from;
    while (end < to && u8[end] !== 0) end++;
  }
  return Buffer.from(u8.buffer, u8.byteOffset + from, Math.max(0, end - from)).toString('utf8');
}

function writePath(u8: Uint8Array, ofs: number, path: string): number {
  const bytes = Buffer.from(path, 'utf8');
  const n = Math.min(bytes.length, 108);
  u8.set(n === bytes.length ? bytes : bytes.subarray(0, n), ofs + UN_PATH);
  if (path === '' || path.startsWith('\0') || n === 108) return UN_PATH + n;
  u8[ofs + UN_PATH + n] = 0;
  return UN_PATH + n + 1;
}

function writeV4(u8: Uint8Array, ofs: number, host: string): void {
  const parts = host.split('.');
  for (let i = 0; i < 4; i++) u8[ofs + i] = Number(parts[i] ?? 0);
}

function writeV6(u8: Uint8Array, ofs: number, text: string): void {
  const host = text.split('%')[0]!;
  const dot = host.indexOf('.');
  let groups = host;
  let tail = 16; // bytes left for groups
  if (dot >= 0) {
    const at = host.lastIndexOf(':') + 1;
    writeV4(u8, ofs + 12, host.slice(at));
    groups = host.slice(0, host[at - 2] === ':' ? at : at - 1);
    tail = 12;
  }
  const [head, rest] = groups.split('::');
  const put = (list: string[], at: number): void => {
    list.forEach((g, i) => {
      const v = parseInt(g, 16);
      u8[ofs + at + 2 * i] = v >>> 8;
      u8[ofs + at + 2 * i + 1] = v & 0xff;
    });
  };
  const left = head === undefined || head === '' ? [] : head.split(':');
  put(left, 0);
  if (rest !== undefined && rest !== '') {
    const right = rest.split(':');
    put(right, tail - 2 * right.length);
  }
}
