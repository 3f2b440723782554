// NetScaler Client IP insertion: the client's IP and TCP headers in front of the stream (both forms of
// netscaler-client-ip-insertion-protocol.txt).
//
//   legacy     magic:4  length of the rest:4                              IP header  TCP header
//   standard   magic:4  total length:4  type:2 (1)  length of the rest:2  IP header  TCP header
//
// They are told apart by the byte behind the lengths: an IP header starts with its version, the type with 0.
import { ipv6Text } from '../../base/inet.js';
import { AF_INET, AF_INET6, IPPROTO_TCP } from '../../sys/constants.js';
import { CO_ER_CIP_BAD_MAGIC, CO_ER_CIP_BAD_PROTO, CO_ER_CIP_TRUNCATED } from '../connection/flags.js';
import type { Address } from '../proto/types.js';
import type { HeaderRead } from './types.js';

const LEGACY_BYTES = 8; // in front of the IP header
const STANDARD_BYTES = 12;
const STANDARD_TYPE = 1;
const IP4_BYTES = 20; // without options
const IP6_BYTES = 40;
const TCP_BYTES = 20; // without options

/** Reads the header at the start of `b`, which must start with `magic`; one of more than `max` bytes is refused. */
export function cipRead(b: Uint8Array, magic: number, max: number): HeaderRead {
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength);
  for (let i = 0; i < 4 && i < b.length; i++) {
    if (b[i] !== ((magic >>> (24 - 8 * i)) & 0xff)) return -CO_ER_CIP_BAD_MAGIC;
  }
  if (b.length < STANDARD_BYTES) return STANDARD_BYTES;
  let at = LEGACY_BYTES;
  let length = view.getUint32(4, false);
  if (b[at]! >> 4 === 0) {
    if (view.getUint16(8, false) !== STANDARD_TYPE) return -CO_ER_CIP_BAD_PROTO;
    at = STANDARD_BYTES;
    length = view.getUint16(10, false);
  }
  const bytes = at + length;
  if (length < IP4_BYTES + TCP_BYTES || bytes > max) return -CO_ER_CIP_TRUNCATED;
  if (b.length < bytes) return bytes;
  const version = b[at]! >> 4;
  if (version === 4) {
    const ipBytes = 4 * (b[at]! & 0x0f);
    if (ipBytes < IP4_BYTES || b[at + 9] !== IPPROTO_TCP) return -CO_ER_CIP_BAD_PROTO;
    if (length < ipBytes + TCP_BYTES) return -CO_ER_CIP_TRUNCATED;
    const tcp = at + ipBytes;
    const end = (ip: number, port: number): Address => {
      const host = `${b[ip]!}.${b[ip + 1]!}.${b[ip + 2]!}.${b[ip + 3]!}`;
      return { family: AF_INET, host, port: view.getUint16(port, false), abstract: false, encoded: null };
    };
    return { bytes, src: end(at + 12, tcp), dst: end(at + 16, tcp + 2), tlvs: null };
  }
  if (version === 6) {
    if (b[at + 6] !== IPPROTO_TCP) return -CO_ER_CIP_BAD_PROTO;
    if (length < IP6_BYTES + TCP_BYTES) return -CO_ER_CIP_TRUNCATED;
    const tcp = at + IP6_BYTES;
    const end = (ip: number, port: number): Address => {
      const host = ipv6Text(b.subarray(ip, ip + 16));
      return { family: AF_INET6, host, port: view.getUint16(port, false), abstract: false, encoded: null };
    };
    return { bytes, src: end(at + 8, tcp), dst: end(at + 24, tcp + 2), tlvs: null };
  }
  return -CO_ER_CIP_BAD_PROTO;
}
