// xxHash (the specification of its author, Yann Collet): XXH32, XXH64 and the 64-bit variant of XXH3 with a seed. Keys are bytes.

const P32_1 = 0x9e3779b1;
const P32_2 = 0x85ebca77;
const P32_3 = 0xc2b2ae3d;
const P32_4 = 0x27d4eb2f;
const P32_5 = 0x165667b1;
const P64_1 = 0x9e3779b185ebca87n;
const P64_2 = 0xc2b2ae3d27d4eb4fn;
const P64_3 = 0x165667b19e3779f9n;
const P64_4 = 0x85ebca77c2b2ae63n;
const P64_5 = 0x27d4eb2f165667c5n;
const PMX1 = 0x165667919e3779f9n;
const PMX2 = 0x9fb21c651e98df25n;
const M64 = 0xffffffffffffffffn;
const M32 = 0xffffffffn;

function rotl32(x: number, n: number): number {
  return (x << n) | (x >>> (32 - n));
}

function view(b: Uint8Array): DataView {
  return new DataView(b.buffer, b.byteOffset, b.length);
}

/** Unsigned. */
export function xxh32(b: Uint8Array, seed: number): number {
  const v = view(b);
  const n = b.length;
  let at = 0;
  let h: number;
  if (n >= 16) {
    const acc = [seed + P32_1 + P32_2, seed + P32_2, seed, seed - P32_1].map((x) => x | 0);
    for (; at + 16 <= n; at += 16) {
      for (let k = 0; k < 4; k++) {
        const lane = v.getUint32(at + 4 * k, true);
        acc[k] = Math.imul(rotl32((acc[k]! + Math.imul(lane, P32_2)) | 0, 13), P32_1);
      }
    }
    h = (rotl32(acc[0]!, 1) + rotl32(acc[1]!, 7) + rotl32(acc[2]!, 12) + rotl32(acc[3]!, 18)) | 0;
  } else {
    h = (seed + P32_5) | 0;
  }
  h = (h + n) | 0;
  for (; at + 4 <= n; at += 4) h = Math.imul(rotl32((h + Math.imul(v.getUint32(at, true), P32_3)) | 0, 17), P32_4);
  for (; at < n; at++) h = Math.imul(rotl32((h + Math.imul(b[at]!, P32_5)) | 0, 11), P32_1);
  h = Math.imul(h ^ (h >>> 15), P32_2);
  h = Math.imul(h ^ (h >>> 13), P32_3);
  return (h ^ (h >>> 16)) >>> 0;
}

function rotl(x: bigint, n: bigint): bigint {
  return ((x << n) | (x >> (64n - n))) & M64;
}

function round64(acc: bigint, lane: bigint): bigint {
  return (rotl((acc + lane * P64_2) & M64, 31n) * P64_1) & M64;
}

function avalanche64(x: bigint): bigint {
  let h = x;
  h = ((h ^ (h >> 33n)) * P64_2) & M64;
  h = ((h ^ (h >> 29n)) * P64_3) & M64;
  return h ^ (h >> 32n);
}

/** Unsigned, 64 bits; `seed` likewise. */
export function xxh64(b: Uint8Array, seed: bigint): bigint {
  const v = view(b);
  const n = b.length;
  let at = 0;
  let h: bigint;
  if (n >= 32) {
    const acc = [seed + P64_1 + P64_2, seed + P64_2, seed, seed - P64_1].map((x) => x & M64);
    for (; at + 32 <= n; at += 32) {
      for (let k = 0; k < 4; k++) acc[k] = round64(acc[k]!, v.getBigUint64(at + 8 * k, true));
    }
    h = (rotl(acc[0]!, 1n) + rotl(acc[1]!, 7n) + rotl(acc[2]!, 12n) + rotl(acc[3]!, 18n)) & M64;
    for (const lane of acc) h = ((h ^ round64(0n, lane)) * P64_1 + P64_4) & M64;
  } else {
    h = (seed + P64_5) & M64;
  }
  h = (h + BigInt(n)) & M64;
  for (; at + 8 <= n; at += 8) {
    h = (rotl(h ^ round64(0n, v.getBigUint64(at, true)), 27n) * P64_1 + P64_4) & M64;
  }
  if (at + 4 <= n) {
    h = (rotl(h ^ ((BigInt(v.getUint32(at, true)) * P64_1) & M64), 23n) * P64_2 + P64_3) & M64;
    at += 4;
  }
  for (; at < n; at++) h = (rotl(h ^ ((BigInt(b[at]!) * P64_5) & M64), 11n) * P64_1) & M64;
  return avalanche64(h);
}

const SECRET = Uint8Array.from(
  (
    'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
    '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e'
  )
    .match(/../g)!
    .map((x) => parseInt(x, 16)),
);
const SECRET_VIEW = view(SECRET);

function fold(a: bigint, b: bigint): bigint {
  const p = a * b;
  return (p ^ (p >> 64n)) & M64;
}

function avalanche3(x: bigint): bigint {
  let h = x ^ (x >> 37n);
  h = (h * PMX1) & M64;
  return h ^ (h >> 32n);
}

function mix16(v: DataView, at: number, s: number, seed: bigint): bigint {
  const lo = v.getBigUint64(at, true) ^ ((SECRET_VIEW.getBigUint64(s, true) + seed) & M64);
  const hi = v.getBigUint64(at + 8, true) ^ ((SECRET_VIEW.getBigUint64(s + 8, true) - seed) & M64);
  return fold(lo, hi);
}

function swap64(x: bigint): bigint {
  let out = 0n;
  for (let i = 0n; i < 64n; i += 8n) out = (out << 8n) | ((x >> i) & 0xffn);
  return out;
}

function short3(b: Uint8Array, v: DataView, seed: bigint): bigint {
  const n = b.length;
  const secret = (at: number): bigint => SECRET_VIEW.getBigUint64(at, true);
  if (n > 8) {
    const flip1 = ((secret(24) ^ secret(32)) + seed) & M64;
    const flip2 = ((secret(40) ^ secret(48)) - seed) & M64;
    const lo = v.getBigUint64(0, true) ^ flip1;
    const hi = v.getBigUint64(n - 8, true) ^ flip2;
    return avalanche3((BigInt(n) + swap64(lo) + hi + fold(lo, hi)) & M64);
  }
  if (n >= 4) {
    const low = BigInt(new DataView(Uint32Array.of(Number(seed & M32)).buffer).getUint32(0, false));
    const seeded = seed ^ (low << 32n);
    const flip = ((secret(8) ^ secret(16)) - seeded) & M64;
    let h = (BigInt(v.getUint32(n - 4, true)) + (BigInt(v.getUint32(0, true)) << 32n)) ^ flip;
    h = (h ^ rotl(h, 49n) ^ rotl(h, 24n)) & M64;
    h = (h * PMX2) & M64;
    h ^= (h >> 35n) + BigInt(n);
    h = (h * PMX2) & M64;
    return h ^ (h >> 28n);
  }
  if (n > 0) {
    const word = ((b[0]! << 16) | (b[n >> 1]! << 24) | b[n - 1]! | (n << 8)) >>> 0;
    const flip = (BigInt(SECRET_VIEW.getUint32(0, true) ^ SECRET_VIEW.getUint32(4, true)) & M32) + seed;
    return avalanche64(BigInt(word) ^ (flip & M64));
  }
  return avalanche64(seed ^ secret(56) ^ secret(64));
}

function middle3(v: DataView, n: number, seed: bigint): bigint {
  let acc = (BigInt(n) * P64_1) & M64;
  if (n <= 128) {
    for (let i = (n - 1) >> 5; i >= 0; i--) {
      acc += mix16(v, 16 * i, 32 * i, seed) + mix16(v, n - 16 * (i + 1), 32 * i + 16, seed);
    }
    return avalanche3(acc & M64);
  }
  for (let i = 0; i < 8; i++) acc += mix16(v, 16 * i, 16 * i, seed);
  acc = avalanche3(acc & M64);
  const rounds = n >> 4;
  for (let i = 8; i < rounds; i++) acc += mix16(v, 16 * i, 16 * (i - 8) + 3, seed);
  acc += mix16(v, n - 16, 136 - 17, seed);
  return avalanche3(acc & M64);
}

const STRIPE = 64;
const STRIPES_PER_BLOCK = (192 - STRIPE) / 8;

function accumulate(acc: BigUint64Array, v: DataView, at: number, secret: DataView, s: number): void {
  for (let i = 0; i < 8; i++) {
    const value = v.getBigUint64(at + 8 * i, true);
    const key = value ^ secret.getBigUint64(s + 8 * i, true);
    acc[i ^ 1]! += value;
    acc[i]! += (key & M32) * (key >> 32n);
  }
}

function long3(v: DataView, n: number, seed: bigint): bigint {
  const secret = new DataView(new ArrayBuffer(192));
  for (let i = 0; i < 192; i += 16) {
    secret.setBigUint64(i, (SECRET_VIEW.getBigUint64(i, true) + seed) & M64, true);
    secret.setBigUint64(i + 8, (SECRET_VIEW.getBigUint64(i + 8, true) - seed) & M64, true);
  }
  const acc = BigUint64Array.of(BigInt(P32_3), P64_1, P64_2, P64_3, P64_4, BigInt(P32_2), P64_5, BigInt(P32_1));
  const stripes = Math.floor((n - 1) / STRIPE);
  for (let i = 0; i < stripes; i++) {
    const inBlock = i % STRIPES_PER_BLOCK;
    accumulate(acc, v, i * STRIPE, secret, 8 * inBlock);
    if (inBlock === STRIPES_PER_BLOCK - 1) {
      for (let k = 0; k < 8; k++) {
        let x = acc[k]!;
        x = x ^ (x >> 47n) ^ secret.getBigUint64(128 + 8 * k, true);
        acc[k] = x * BigInt(P32_1);
      }
    }
  }
  accumulate(acc, v, n - STRIPE, secret, 192 - STRIPE - 7);
  let h = (BigInt(n) * P64_1) & M64;
  for (let i = 0; i < 4; i++) {
    h += fold(
      acc[2 * i]! ^ secret.getBigUint64(11 + 16 * i, true),
      acc[2 * i + 1]! ^ secret.getBigUint64(19 + 16 * i, true),
    );
  }
  return avalanche3(h & M64);
}

/** Unsigned, 64 bits; `seed` likewise. */
export function xxh3(b: Uint8Array, seed: bigint): bigint {
  const v = view(b);
  if (b.length <= 16) return short3(b, v, seed);
  if (b.length <= 240) return middle3(v, b.length, seed);
  return long3(v, b.length, seed);
}
