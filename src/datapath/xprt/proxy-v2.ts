// PROXY protocol version 2: the binary header, read and written (proxy-protocol.txt 2.2).
//
//   signature:12  version and command:1  family and transport:1  length:2 (BE)  addresses  TLVs: type:1 length:2 (BE) value
//
// What the specification leaves free: a valid combination that a TCP proxy has no use for (UDP, UNIX, unspecified) is
// accepted with the connection's own addresses. LOCAL is, whatever its family and content. A family or a transport that does
// not exist, addresses that do not fit into the length, a TLV that leaves the header, and a wrong checksum end the connection.
import { crc32c } from '../../base/crc32c.js';
import { ipv4Bytes, ipv6Bytes, ipv6Text } from '../../base/inet.js';
import { AF_INET, AF_INET6 } from '../../sys/constants.js';
import { CO_ER_PRX_BAD_HDR, CO_ER_PRX_NOT_HDR, CO_ER_PRX_TRUNCATED } from '../connection/flags.js';
import type { ProxyTlv } from '../connection/types.js';
import type { Address } from '../proto/types.js';
import type { HeaderRead } from './types.js';

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const FIXED_BYTES = 16;
const VERSION = 0x20;
const CMD_LOCAL = 0;
const CMD_PROXY = 1;
const FAM_UNSPEC = 0x00;
const FAM_TCP4 = 0x11;
const FAM_TCP6 = 0x21;

/** Bytes of the addresses of every valid family and transport. */
const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([
  [FAM_UNSPEC, 0],
  [FAM_TCP4, 12],
  [0x12, 12], // UDP over IPv4
  [FAM_TCP6, 36],
  [0x22, 36], // UDP over IPv6
  [0x31, 216], // UNIX stream
  [0x32, 216], // UNIX datagram
]);

// Types of TLVs (specification 2.2).
export const PP2_TYPE_AUTHORITY = 0x02;
export const PP2_TYPE_UNIQUE_ID = 0x05;
const PP2_TYPE_CRC32C = 0x03;
const PP2_TYPE_SSL = 0x20;
const AUTHORITY_BYTES = 255; // a host name is no longer
const UNIQUE_ID_BYTES = 128; // specification 2.2.5

/** True when `b` can be the start of a version 2 header, false when it can only be something else. */
export function proxyV2Looks(b: Uint8Array): boolean {
  return b[0] === SIGNATURE[0];
}

/** Reads the header at the start of `b`; one of more than `max` bytes is refused. */
export function proxyV2Read(b: Uint8Array, max: number): HeaderRead {
  for (let i = 0; i < SIGNATURE.length && i < b.length; i++) if (b[i] !== SIGNATURE[i]) return -CO_ER_PRX_NOT_HDR;
  if (b.length > 12 && (b[12]! & 0xf0) !== VERSION) return -CO_ER_PRX_NOT_HDR;
  if (b.length < FIXED_BYTES) return FIXED_BYTES;
  const bytes = FIXED_BYTES + ((b[14]! << 8) | b[15]!);
  const command = b[12]! & 0x0f;
  if (command > CMD_PROXY) return -CO_ER_PRX_BAD_HDR;
  const family = b[13]!;
  const addressBytes = ADDRESS_BYTES.get(family);
  if (command === CMD_PROXY && (addressBytes === undefined || FIXED_BYTES + addressBytes > bytes)) {
    return -CO_ER_PRX_BAD_HDR;
  }
  if (bytes > max) return -CO_ER_PRX_TRUNCATED;
  if (b.length < bytes) return bytes;
  if (command === CMD_LOCAL) return { bytes, src: null, dst: null, tlvs: null };
  const tlvs = readTlvs(b, FIXED_BYTES + addressBytes!, bytes);
  if (tlvs === null) {
    // Bytes behind an unspecified family need not be TLVs: addresses may stand there, too.
    return family === FAM_UNSPEC ? { bytes, src: null, dst: null, tlvs: null } : -CO_ER_PRX_BAD_HDR;
  }
  const kept = tlvs.length === 0 ? null : tlvs;
  const at = FIXED_BYTES;
  if (family === FAM_TCP4) {
    const port = at + 8;
    return { bytes, src: inet(b, at, port), dst: inet(b, at + 4, port + 2), tlvs: kept };
  }
  if (family === FAM_TCP6) {
    const port = at + 32;
    return { bytes, src: inet6(b, at, port), dst: inet6(b, at + 16, port + 2), tlvs: kept };
  }
  return { bytes, src: null, dst: null, tlvs: kept };
}

/** The TLVs of the header `b[0, end)` from `from` on, copied; null where one is wrong. */
function readTlvs(b: Uint8Array, from: number, end: number): ProxyTlv[] | null {
  const tlvs: ProxyTlv[] = [];
  for (let at = from; at < end;) {
    if (at + 3 > end) return null;
    const type = b[at]!;
    const to = at + 3 + ((b[at + 1]! << 8) | b[at + 2]!);
    if (to > end) return null;
    const value = new Uint8Array(b.subarray(at + 3, to)); // a copy: it outlives the buffer
    if (type === PP2_TYPE_CRC32C && !checksumFits(b, end, at + 3, value)) return null;
    if (type === PP2_TYPE_AUTHORITY && value.length > AUTHORITY_BYTES) return null;
    if (type === PP2_TYPE_UNIQUE_ID && value.length > UNIQUE_ID_BYTES) return null;
    tlvs.push({ type, value });
    at = to;
  }
  return tlvs;
}

/** The checksum covers the whole header, with zeros in its own place (specification 2.2.3). */
function checksumFits(b: Uint8Array, end: number, at: number, value: Uint8Array): boolean {
  if (value.length !== 4) return false;
  const copy = new Uint8Array(b.subarray(0, end));
  copy.fill(0, at, at + 4);
  return crc32c(copy) === new DataView(value.buffer, value.byteOffset).getUint32(0, false);
}

const port16 = (b: Uint8Array, at: number): number => (b[at]! << 8) | b[at + 1]!;

function inet(b: Uint8Array, at: number, port: number): Address {
  const host = `${b[at]!}.${b[at + 1]!}.${b[at + 2]!}.${b[at + 3]!}`;
  return { family: AF_INET, host, port: port16(b, port), abstract: false, encoded: null };
}

function inet6(b: Uint8Array, at: number, port: number): Address {
  const host = ipv6Text(b.subarray(at, at + 16));
  return { family: AF_INET6, host, port: port16(b, port), abstract: false, encoded: null };
}

/** What goes into a header besides the addresses; the reference's order: checksum, authority, unique id, TLS. */
export interface ProxyV2Extras {
  readonly crc32c: boolean;
  /** Null: not known, or not asked for. */
  readonly authority: Uint8Array | null;
  readonly uniqueId: Uint8Array | null;
  /** A TLV that says whether the client came over TLS; for a clear connection, all zeros. */
  readonly tls: boolean;
}

/** The header that tells of a connection from `src` to `dst`; LOCAL where they are not both IPv4, or both IPv6. */
export function proxyV2Write(src: Address | null, dst: Address | null, extras: ProxyV2Extras): Uint8Array {
  const parts: number[] = [...SIGNATURE];
  const same = src !== null && dst !== null && src.family === dst.family;
  if (same && src.family === AF_INET) {
    parts.push(VERSION | CMD_PROXY, FAM_TCP4, 0, 0, ...ipv4Bytes(src.host), ...ipv4Bytes(dst.host));
    parts.push(...be16(src.port), ...be16(dst.port));
  } else if (same && src.family === AF_INET6) {
    parts.push(VERSION | CMD_PROXY, FAM_TCP6, 0, 0, ...ipv6Bytes(src.host), ...ipv6Bytes(dst.host));
    parts.push(...be16(src.port), ...be16(dst.port));
  } else {
    parts.push(VERSION | CMD_LOCAL, FAM_UNSPEC, 0, 0);
  }
  let sumAt = -1;
  if (extras.crc32c) {
    parts.push(PP2_TYPE_CRC32C, 0, 4);
    sumAt = parts.length;
    parts.push(0, 0, 0, 0);
  }
  if (extras.authority !== null) parts.push(...tlv(PP2_TYPE_AUTHORITY, extras.authority));
  if (extras.uniqueId !== null) parts.push(...tlv(PP2_TYPE_UNIQUE_ID, extras.uniqueId.subarray(0, UNIQUE_ID_BYTES)));
  if (extras.tls) parts.push(...tlv(PP2_TYPE_SSL, new Uint8Array(5)));
  const header = Uint8Array.from(parts);
  const view = new DataView(header.buffer);
  view.setUint16(14, header.length - FIXED_BYTES, false);
  if (sumAt >= 0) view.setUint32(sumAt, crc32c(header), false);
  return header;
}

const be16 = (n: number): number[] => [(n >> 8) & 0xff, n & 0xff];
const tlv = (type: number, value: Uint8Array): number[] => [type, ...be16(value.length), ...value];
