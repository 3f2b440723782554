// The 32-bit hashes of load balancing and of the converters of the same names (configuration manual 4.2 "hash-type", 7.3.1).
// Keys are binary strings: one UTF-16 unit for each byte. Results are unsigned. Each was compared with the reference's converters
// on thousands of random keys.

/** h * 65599 + byte, from 0. */
export function hashSdbm(key: string): number {
  let h = 0;
  for (let i = 0; i < key.length; i++) h = (Math.imul(h, 65599) + key.charCodeAt(i)) | 0;
  return h >>> 0;
}

/** h * 33 + byte, from 5381. */
export function hashDjb2(key: string): number {
  let h = 5381;
  for (let i = 0; i < key.length; i++) h = (Math.imul(h, 33) + key.charCodeAt(i)) | 0;
  return h >>> 0;
}

/**
 * Two words: one takes each byte by exclusive or, the other by addition; both are inverted, turned to the left, and change
 * places. By how much they turn for the next byte follows from what came out (five bits each).
 */
export function hashWt6(key: string): number {
  let byXor = 0xa53c965a | 0;
  let bySum = 0x5ca6953a | 0;
  let turnSum = 6;
  let turnXor = 18;
  for (let i = 0; i < key.length; i++) {
    const c = key.charCodeAt(i);
    const x = ~(byXor ^ c);
    const s = ~(bySum + c);
    byXor = turn(s, turnSum);
    bySum = turn(x, turnXor);
    const next = (byXor >>> 16) ^ (bySum & 0xffff);
    turnSum = next & 31;
    turnXor = next >>> 11;
  }
  return (byXor ^ bySum) >>> 0;
}

function turn(word: number, bits: number): number {
  return (word << bits) | (bits === 0 ? 0 : word >>> (32 - bits));
}

const CRC32_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit++) c = (c & 1) !== 0 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 as Ethernet, gzip and PNG have it. */
export function hashCrc32(key: string): number {
  let crc = -1;
  for (let i = 0; i < key.length; i++) crc = (crc >>> 8) ^ CRC32_TABLE[(crc ^ key.charCodeAt(i)) & 0xff]!;
  return ~crc >>> 0;
}

/**
 * Mixes all bits of a hash: Bob Jenkins' full avalanche of six shifts (burtleburtle.net/bob/hash/integer.html), then a
 * multiplication that changes the two upper bits alone (found by comparing with the reference).
 */
export function hashAvalanche(hash: number): number {
  let a = hash | 0;
  a = (a + 0x7ed55d16 + (a << 12)) | 0;
  a = a ^ 0xc761c23c ^ (a >>> 19);
  a = (a + 0x165667b1 + (a << 5)) | 0;
  a = ((a + 0xd3a2646c) | 0) ^ (a << 9);
  a = (a + 0xfd7046c5 + (a << 3)) | 0;
  a = a ^ 0xb55a4f09 ^ (a >>> 16);
  return Math.imul(a, 0xc0000001) >>> 0;
}
