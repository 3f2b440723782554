// Address matching (configuration manual 7.1.6): networks of both families in a binary trie, 4 bits a step, in one Int32Array.
//
//     node n: 16 slots at n * 16.  0 nothing, -1 everything below is inside, k > 0 node k.
import { readIpv6 } from '../../sample/ip.js';
import { SMP_T_ADDR, SMP_T_IPV4, SMP_T_IPV6 } from '../../sample/types.js';
import type { Matcher } from '../types.js';

/** 4 or 16 bytes, and how many leading bits count; `mask` for those that are no prefix (255.0.255.0). */
export interface Network {
  readonly ip: Uint8Array;
  readonly bits: number;
  readonly mask: Uint8Array | null;
}

const INSIDE = -1;
const FAN = 16;

class Trie {
  private slots = new Int32Array(FAN * 16);
  private nodes = 1;

  add(ip: Uint8Array, bits: number): void {
    let node = 0;
    let done = 0;
    for (;;) {
      const nibble = nibbleOf(ip, done);
      const left = bits - done;
      if (left <= 4) {
        // The last step covers 2^(4-left) slots.
        const span = 1 << (4 - Math.max(0, left));
        const from = left <= 0 ? 0 : nibble & ~(span - 1);
        for (let i = 0; i < span; i++) this.slots[node * FAN + from + i] = INSIDE;
        return;
      }
      const at = node * FAN + nibble;
      const next = this.slots[at]!;
      if (next === INSIDE) return;
      if (next === 0) {
        const made = this.newNode();
        this.slots[at] = made;
        node = made;
      } else node = next;
      done += 4;
    }
  }

  has(ip: Uint8Array, offset: number, length: number): boolean {
    const { slots } = this;
    let node = 0;
    const end = length * 2;
    for (let i = 0; i < end; i++) {
      const byte = ip[offset + (i >> 1)]!;
      const next = slots[node * FAN + ((i & 1) === 0 ? byte >> 4 : byte & 15)]!;
      if (next === INSIDE) return true;
      if (next === 0) return false;
      node = next;
    }
    return false;
  }

  private newNode(): number {
    if ((this.nodes + 1) * FAN > this.slots.length) {
      const grown = new Int32Array(this.slots.length * 2);
      grown.set(this.slots);
      this.slots = grown;
    }
    return this.nodes++;
  }
}

function nibbleOf(ip: Uint8Array, bit: number): number {
  const byte = ip[bit >> 3]!;
  return (bit & 4) === 0 ? byte >> 4 : byte & 15;
}

/** Where an IPv4 address is inside an IPv6 one: ::ffff:a.b.c.d, ::a.b.c.d (offset 12), 2002:a.b.c.d:: (offset 2); -1 nowhere. */
function embeddedIpv4(ip: Uint8Array): number {
  if (ip[0] === 0x20 && ip[1] === 0x02) return 2;
  for (let i = 0; i < 10; i++) if (ip[i] !== 0) return -1;
  const a = ip[10]!;
  const b = ip[11]!;
  return (a === 0 && b === 0) || (a === 0xff && b === 0xff) ? 12 : -1;
}

export function matchNetworks(networks: readonly Network[]): Matcher {
  const v4 = new Trie();
  const v6 = new Trie();
  const masked: Network[] = [];
  let some4 = false;
  let some6 = false;
  for (const n of networks) {
    if (n.mask !== null) masked.push(n);
    else if (n.ip.length === 4) v4.add(n.ip, n.bits);
    else v6.add(n.ip, n.bits);
    if (n.ip.length === 4) some4 = true;
    else some6 = true;
  }
  const mapped = new Uint8Array(16);
  mapped[10] = 0xff;
  mapped[11] = 0xff;
  const maskedHas = (ip: Uint8Array, offset: number): boolean =>
    masked.some((n) => {
      for (let i = 0; i < 4; i++) if (((n.ip[i]! ^ ip[offset + i]!) & n.mask![i]!) !== 0) return false;
      return true;
    });
  return {
    method: 'ip',
    type: SMP_T_ADDR,
    count: networks.length,
    match: (smp) => {
      const { ip } = smp;
      if (smp.type === SMP_T_IPV4) {
        if (some4 && (v4.has(ip, 0, 4) || (masked.length !== 0 && maskedHas(ip, 0)))) return true;
        if (!some6) return false;
        mapped.set(ip, 12);
        return v6.has(mapped, 0, 16);
      }
      if (smp.type !== SMP_T_IPV6) return false;
      if (some6 && v6.has(ip, 0, 16)) return true;
      if (!some4) return false;
      const at = embeddedIpv4(ip);
      return at >= 0 && (v4.has(ip, at, 4) || (masked.length !== 0 && maskedHas(ip, at)));
    },
  };
}

/** `10.12/8`, `127.1`, `1.2.3.4/255.255.0.0`, `2001:db8::/32`; null where it is no address. */
export function parseNetwork(text: string): Network | null {
  return text.includes(':') ? parseNetwork6(text) : parseNetwork4(text);
}

/** Bytes of an IPv4 address, in the abbreviated form too: the last number fills what the others left (inet_aton). */
function parseIpv4(text: string): Uint8Array | null {
  if (!/^\d{1,10}(\.\d{1,10}){0,3}$/.test(text)) return null;
  const parts = text.split('.').map(Number);
  const last = parts.pop()!;
  if (parts.some((p) => p > 255) || last >= 2 ** (8 * (4 - parts.length))) return null;
  const ip = new Uint8Array(4);
  parts.forEach((p, i) => (ip[i] = p));
  for (let i = 3, rest = last; i >= parts.length; i--, rest = Math.floor(rest / 256)) ip[i] = rest % 256;
  return ip;
}

function parseNetwork4(text: string): Network | null {
  const slash = text.indexOf('/');
  const ip = parseIpv4(slash < 0 ? text : text.slice(0, slash));
  if (ip === null) return null;
  if (slash < 0) return { ip, bits: 32, mask: null };
  const after = text.slice(slash + 1);
  if (/^\d{1,2}$/.test(after)) {
    const bits = Number(after);
    return bits > 32 ? null : { ip, bits, mask: null };
  }
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(after)) return null;
  const mask = parseIpv4(after);
  if (mask === null) return null;
  const value = ((mask[0]! << 24) | (mask[1]! << 16) | (mask[2]! << 8) | mask[3]!) >>> 0;
  const bits = Math.clz32(~value);
  const prefix = bits === 32 || (value << bits) >>> 0 === 0;
  return prefix ? { ip, bits, mask: null } : { ip, bits: 32, mask };
}

function parseNetwork6(text: string): Network | null {
  const slash = text.indexOf('/');
  const ip = readIpv6(slash < 0 ? text : text.slice(0, slash));
  if (ip === null) return null;
  if (slash < 0) return { ip, bits: 128, mask: null };
  const after = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(after) || Number(after) > 128) return null;
  return { ip, bits: Number(after), mask: null };
}
