// Internet addresses between text and bytes.

/** The 4 bytes of a dotted quad that is known to be one. */
export function ipv4Bytes(host: string): number[] {
  return host.split('.').map(Number);
}

/** The 16 bytes of a textual IPv6 address (RFC 4291 §2.2), a zone suffix left out. */
export function ipv6Bytes(host: string): Uint8Array {
  const out = new Uint8Array(16);
  const text = host.replace(/%.*$/, '');
  const [left, right] = text.split('::') as [string, string | undefined];
  const groups = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((g) => {
          if (!g.includes('.')) return [parseInt(g, 16)];
          const q = ipv4Bytes(g);
          return [(q[0]! << 8) | q[1]!, (q[2]! << 8) | q[3]!];
        });
  const a = groups(left);
  const b = right === undefined ? [] : groups(right);
  const words = right === undefined ? a : [...a, ...new Array<number>(8 - a.length - b.length).fill(0), ...b];
  words.forEach((w, i) => {
    out[2 * i] = w >> 8;
    out[2 * i + 1] = w & 0xff;
  });
  return out;
}

/** Canonical text of 16 bytes (RFC 5952): the longest run of zeros is `::`. */
export function ipv6Text(bytes: Uint8Array): string {
  const words: number[] = [];
  for (let i = 0; i < 16; i += 2) words.push((bytes[i]! << 8) | bytes[i + 1]!);
  if (words.slice(0, 5).every((w) => w === 0) && words[5] === 0xffff) {
    return `::ffff:${bytes[12]!}.${bytes[13]!}.${bytes[14]!}.${bytes[15]!}`;
  }
  let best = -1;
  let bestLen = 1;
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && words[i + n] === 0) n++;
    if (n > bestLen) {
      best = i;
      bestLen = n;
    }
    i += n;
  }
  const hex = (part: number[]): string => part.map((w) => w.toString(16)).join(':');
  if (best < 0) return hex(words);
  return `${hex(words.slice(0, best))}::${hex(words.slice(best + bestLen))}`;
}
