// Hash converters (configuration manual 7.3.1): the same functions as load balancing has, and others.
import { hashAvalanche, hashCrc32, hashDjb2, hashSdbm, hashWt6 } from '../../base/hash.js';
import { bytesOf } from './binary.js';
import { smpInt } from './sample.js';
import { ARG_SINT, type ArgSpec, type ConverterDef, SMP_T_BIN, SMP_T_SINT } from './types.js';
import { xxh3, xxh32, xxh64 } from './xxhash.js';

const OPTIONAL: ArgSpec = { kinds: [ARG_SINT], min: 0 };

/** With an argument other than 0 the hash is mixed once more. */
function hash(words: string, op: (key: string) => number): ConverterDef {
  return {
    words,
    args: OPTIONAL,
    inType: SMP_T_BIN,
    outType: SMP_T_SINT,
    manual: '7.3.1',
    conv: (smp, args) => {
      const h = op(smp.str);
      return smpInt(smp, (args[0]?.int ?? 0) !== 0 ? hashAvalanche(h) : h);
    },
  };
}

const CRC32C = Uint32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit++) c = (c & 1) !== 0 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  return c;
});

/** CRC-32C (RFC 4960 appendix B). */
function hashCrc32c(key: string): number {
  let c = 0xffffffff;
  for (let i = 0; i < key.length; i++) c = CRC32C[(c ^ key.charCodeAt(i)) & 255]! ^ (c >>> 8);
  return ~c >>> 0;
}

export const CONVERTERS_HASH: readonly ConverterDef[] = [
  hash('sdbm', hashSdbm),
  hash('djb2', hashDjb2),
  hash('wt6', hashWt6),
  hash('crc32', hashCrc32),
  hash('crc32c', hashCrc32c),
  {
    words: 'xxh32',
    args: OPTIONAL,
    inType: SMP_T_BIN,
    outType: SMP_T_SINT,
    manual: '7.3.1',
    conv: (smp, args) => smpInt(smp, xxh32(bytesOf(smp.str), Number(BigInt.asUintN(32, args[0]?.big ?? 0n)))),
  },
  {
    words: 'xxh64',
    args: OPTIONAL,
    inType: SMP_T_BIN,
    outType: SMP_T_SINT,
    manual: '7.3.1',
    conv: (smp, args) => smpInt(smp, signed(xxh64(bytesOf(smp.str), seedOf(args[0]?.big)))),
  },
  {
    words: 'xxh3',
    args: OPTIONAL,
    inType: SMP_T_BIN,
    outType: SMP_T_SINT,
    manual: '7.3.1',
    conv: (smp, args) => smpInt(smp, signed(xxh3(bytesOf(smp.str), seedOf(args[0]?.big)))),
  },
];

function seedOf(arg: bigint | undefined): bigint {
  return BigInt.asUintN(64, arg ?? 0n);
}

function signed(h: bigint): bigint {
  return BigInt.asIntN(64, h);
}
