// What streams are balanced by (configuration manual 4.2 "balance", "hash-type"): the client's address, a sample, an RDP cookie;
// and its hash. What the hashes are taken of is the reference's, derived from watching it: an address is the exclusive or of its
// words of 32 bits, whatever function is set; a sample is cast to a block of bytes, an integer to eight, most significant first.
import { hashAvalanche, hashCrc32, hashDjb2, hashSdbm, hashWt6 } from '../../base/hash.js';
import type { HashFunction } from '../../config/types.js';
import { addressBytes, connGetSrc } from '../../datapath/proto/address.js';
import type { Stream } from '../../datapath/stream/stream.js';
import {
  SMP_OPT_DIR_REQ,
  SMP_OPT_FINAL,
  SMP_T_BOOL,
  SMP_T_IPV4,
  SMP_T_IPV6,
  SMP_T_SINT,
  type Sample,
  type SampleContext,
  type SampleExpression,
} from '../../policy/sample/types.js';
import { rdpCookie } from './rdp-cookie.js';
import type { LbKey } from './types.js';

const FUNCTIONS: Readonly<Record<HashFunction, (key: string) => number>> = {
  sdbm: hashSdbm,
  djb2: hashDjb2,
  wt6: hashWt6,
  crc32: hashCrc32,
};

/** `balance source`. */
export function keyOfSource(avalanche: boolean): LbKey {
  return (s) => {
    const conn = s.sess.origin;
    if (conn === null) return -1;
    let hash: number;
    if (conn.src === null && conn.srcPort !== 0) hash = conn.srcIp4 >>> 0;
    else {
      const src = connGetSrc(conn);
      const bytes = src === null ? null : addressBytes(src);
      if (bytes === null) return -1;
      hash = 0;
      for (let i = 0; i < bytes.length; i += 4)
        hash ^= (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!;
      hash >>>= 0;
    }
    return avalanche ? hashAvalanche(hash) : hash;
  };
}

/** `balance hash <expr>`. `smp` is a scratch. */
export function keyOfSample(expr: SampleExpression, smp: Sample, fn: HashFunction, avalanche: boolean): LbKey {
  const hash = FUNCTIONS[fn];
  return (s) => {
    const ctx: SampleContext = { px: s.be, sess: s.sess, strm: s, opt: SMP_OPT_DIR_REQ | SMP_OPT_FINAL };
    if (!expr.eval(ctx, smp)) return -1;
    const h = hash(binaryOf(smp));
    return avalanche ? hashAvalanche(h) : h;
  };
}

/** `balance rdp-cookie`. */
export function keyOfRdpCookie(name: string, fn: HashFunction, avalanche: boolean): LbKey {
  const hash = FUNCTIONS[fn];
  return (s: Stream) => {
    const value = rdpCookie(s.thr.sys.arena.u8, s.req.buf, name);
    if (value === null) return -1;
    const h = hash(value);
    return avalanche ? hashAvalanche(h) : h;
  };
}

/** A sample as a block of bytes. */
function binaryOf(smp: Sample): string {
  if (smp.type === SMP_T_SINT || smp.type === SMP_T_BOOL) {
    let text = '';
    for (let shift = 56n; shift >= 0n; shift -= 8n) text += String.fromCharCode(Number((smp.int >> shift) & 0xffn));
    return text;
  }
  if (smp.type === SMP_T_IPV4 || smp.type === SMP_T_IPV6) return String.fromCharCode(...smp.ip);
  return smp.str;
}
