// PROXY protocol version 1: the line, read and written (proxy-protocol.txt 2.1).
//
//   PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n        107 bytes at most, CRLF included
//   PROXY UNKNOWN whatever\r\n
//
// Stricter than the reference, as the specification asks: no leading zeros, no numbers that wrap, four parts in an IPv4
// address. What follows UNKNOWN is ignored, whatever it is.
import { isIPv6 } from 'node:net';
import { ipv6Bytes, ipv6Text } from '../../base/inet.js';
import { AF_INET, AF_INET6 } from '../../sys/constants.js';
import { CO_ER_PRX_BAD_HDR, CO_ER_PRX_BAD_PROTO, CO_ER_PRX_NOT_HDR, CO_ER_PRX_TRUNCATED } from '../connection/flags.js';
import type { Address } from '../proto/types.js';
import type { HeaderRead } from './types.js';

const LINE_BYTES = 107;
const CR = 0x0d;
const LF = 0x0a;
const LEAD = Buffer.from('PROXY ');
const UNKNOWN = 'UNKNOWN';

/** Reads the line at the start of `b`. */
export function proxyV1Read(b: Uint8Array): HeaderRead {
  for (let i = 0; i < LEAD.length && i < b.length; i++) if (b[i] !== LEAD[i]) return -CO_ER_PRX_NOT_HDR;
  let end = -1;
  for (let i = 0; i + 1 < b.length && i + 1 < LINE_BYTES; i++) {
    if (b[i] === CR && b[i + 1] === LF) {
      end = i;
      break;
    }
  }
  if (end < 0) {
    if (!lineMayGoOn(b.subarray(0, LINE_BYTES))) return -CO_ER_PRX_BAD_HDR;
    return b.length >= LINE_BYTES ? -CO_ER_PRX_TRUNCATED : b.length + 1;
  }
  const line = Buffer.from(b.buffer, b.byteOffset + LEAD.length, Math.max(0, end - LEAD.length)).toString('latin1');
  if (line === UNKNOWN || line.startsWith(`${UNKNOWN} `)) return { bytes: end + 2, src: null, dst: null, tlvs: null };
  if (line.includes('\r') || line.includes('\n')) return -CO_ER_PRX_BAD_HDR;
  const [proto, src, dst, sport, dport, ...more] = line.split(' ');
  if (proto !== 'TCP4' && proto !== 'TCP6') return -CO_ER_PRX_BAD_PROTO;
  if (dport === undefined || more.length > 0) return -CO_ER_PRX_BAD_HDR;
  const from = address(proto, src!, sport!);
  const to = address(proto, dst!, dport);
  return from === null || to === null ? -CO_ER_PRX_BAD_HDR : { bytes: end + 2, src: from, dst: to, tlvs: null };
}

/** An unfinished line that can still become one: a CR stands only at its end, and a LF nowhere, but in what is ignored. */
function lineMayGoOn(b: Uint8Array): boolean {
  const unknown = Buffer.from(b.buffer, b.byteOffset, Math.min(b.length, LEAD.length + UNKNOWN.length));
  if (unknown.toString('latin1', LEAD.length) === UNKNOWN) return true;
  for (let i = LEAD.length; i < b.length; i++) {
    if (b[i] === LF || (b[i] === CR && i + 1 < b.length)) return false;
  }
  return true;
}

function address(proto: 'TCP4' | 'TCP6', host: string, port: string): Address | null {
  if (!/^(?:0|[1-9][0-9]{0,4})$/.test(port) || Number(port) > 65535) return null;
  if (proto === 'TCP4') {
    const parts = host.split('.');
    if (parts.length !== 4 || !parts.every((p) => /^(?:0|[1-9][0-9]{0,2})$/.test(p) && Number(p) <= 255)) return null;
    return { family: AF_INET, host, port: Number(port), abstract: false, encoded: null };
  }
  if (!isIPv6(host) || host.includes('%')) return null;
  return { family: AF_INET6, host: ipv6Text(ipv6Bytes(host)), port: Number(port), abstract: false, encoded: null };
}

/** The line that tells of a connection from `src` to `dst`; UNKNOWN where they are not both IPv4, or both IPv6. */
export function proxyV1Write(src: Address | null, dst: Address | null): Uint8Array {
  let text = 'PROXY UNKNOWN\r\n';
  if (src !== null && dst !== null && src.family === dst.family) {
    const proto = src.family === AF_INET ? 'TCP4' : src.family === AF_INET6 ? 'TCP6' : '';
    if (proto !== '') text = `PROXY ${proto} ${src.host} ${dst.host} ${src.port} ${dst.port}\r\n`;
  }
  return Buffer.from(text, 'latin1');
}
