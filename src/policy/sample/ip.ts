// IP addresses as samples carry them: 4 or 16 bytes, and their text as the C library prints and reads it.
import { isIPv4, isIPv6 } from 'node:net';

/** Bytes of a dotted IPv4 address, null for anything else. */
export function readIpv4(text: string): Uint8Array | null {
  if (!isIPv4(text)) return null;
  return Uint8Array.from(text.split('.'), Number);
}

/** The 16 bytes of a textual IPv6 address (RFC 4291 §2.2), null for anything else; zones are no part of it. */
export function readIpv6(text: string): Uint8Array | null {
  if (!isIPv6(text) || text.includes('%')) return null;
  const out = new Uint8Array(16);
  const [left, right] = text.split('::') as [string, string | undefined];
  const a = groupsOf(left);
  const b = right === undefined ? [] : groupsOf(right);
  for (const [i, w] of a.entries()) put16(out, 2 * i, w);
  for (const [i, w] of b.entries()) put16(out, 16 - 2 * (b.length - i), w);
  return out;
}

/** Either; null for neither. */
export function readIp(text: string): Uint8Array | null {
  return text.includes(':') ? readIpv6(text) : readIpv4(text);
}

function groupsOf(part: string): number[] {
  if (part === '') return [];
  const out: number[] = [];
  for (const g of part.split(':')) {
    if (!g.includes('.')) {
      out.push(parseInt(g, 16));
      continue;
    }
    const [p, q, r, s] = g.split('.').map(Number) as [number, number, number, number];
    out.push((p << 8) | q, (r << 8) | s);
  }
  return out;
}

function put16(out: Uint8Array, at: number, w: number): void {
  out[at] = w >> 8;
  out[at + 1] = w & 0xff;
}

/** As inet_ntop writes it. */
export function ipText(ip: Uint8Array): string {
  return ip.length === 4 ? `${ip[0]!}.${ip[1]!}.${ip[2]!}.${ip[3]!}` : ipv6Text(ip);
}

/** Mapped (::ffff:a.b.c.d) and compatible (::a.b.c.d) addresses end dotted; the longest run of zeros, the first of equals, is `::`. */
function ipv6Text(ip: Uint8Array): string {
  const w: number[] = [];
  for (let i = 0; i < 16; i += 2) w.push((ip[i]! << 8) | ip[i + 1]!);
  let best = -1;
  let bestLen = 1;
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && w[i + n] === 0) n++;
    if (n > bestLen) {
      best = i;
      bestLen = n;
    }
    i += n;
  }
  const dotted = `${ip[12]!}.${ip[13]!}.${ip[14]!}.${ip[15]!}`;
  if (best === 0 && bestLen === 6) return `::${dotted}`;
  if (best === 0 && bestLen === 5 && w[5] === 0xffff) return `::ffff:${dotted}`;
  const hex = (part: number[]): string => part.map((x) => x.toString(16)).join(':');
  if (best < 0) return hex(w);
  return `${hex(w.slice(0, best))}::${hex(w.slice(best + bestLen))}`;
}

/** The IPv4 address inside a mapped IPv6 one, null where there is none. */
export function ipv4Inside(ip: Uint8Array): Uint8Array | null {
  for (let i = 0; i < 10; i++) if (ip[i] !== 0) return null;
  return ip[10] === 0xff && ip[11] === 0xff ? ip.slice(12, 16) : null;
}

/** `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2). */
export function ipv6Mapped(ip: Uint8Array): Uint8Array {
  const out = new Uint8Array(16);
  out[10] = 0xff;
  out[11] = 0xff;
  out.set(ip, 12);
  return out;
}

/** `ip` with all bits but those of `mask` cleared; both of one length. */
export function ipMasked(ip: Uint8Array, mask: Uint8Array): Uint8Array {
  const out = new Uint8Array(ip.length);
  for (let i = 0; i < ip.length; i++) out[i] = ip[i]! & mask[i]!;
  return out;
}

/** The mask of `bits` ones in `bytes` bytes. */
export function ipMask(bits: number, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) {
    const left = bits - 8 * i;
    out[i] = left >= 8 ? 0xff : left <= 0 ? 0 : (0xff << (8 - left)) & 0xff;
  }
  return out;
}
