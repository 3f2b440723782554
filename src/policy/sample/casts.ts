// Casts between the types of samples. A converter says what it takes; the sample is cast to that on the way in.
//
//   from \ to   bool  sint  addr  ipv4  ipv6  str   bin   meth
//   bool         =     =     -     -     -    1/0    8B    -
//   sint         =     =     v4    v4    v6   dec    8B    -
//   ipv4        int   int    =     =     v6   text   4B    -
//   ipv6         -     -     =    mapped =    text   16B   -
//   str         int   int   text  text  text   =     =     =
//   bin          -     -     -     -     -    cut    =     -      (cut at the first NUL)
//   meth         -     -     -     -     -    word  word   =
import { ipText, ipv4Inside, ipv6Mapped, readIp, readIpv4, readIpv6 } from './ip.js';
import { leadingInt } from './sample.js';
import {
  SMP_T_ADDR,
  SMP_T_ANY,
  SMP_T_BIN,
  SMP_T_BOOL,
  SMP_T_IPV4,
  SMP_T_IPV6,
  SMP_T_METH,
  SMP_T_SINT,
  SMP_T_STR,
  type Sample,
} from './types.js';

/** Changes `smp` in place; false: it has no value of that type. */
export type Cast = (smp: Sample) => boolean;

const same: Cast = () => true;

const toSint: Cast = (smp) => {
  if (smp.str === '') return false;
  smp.int = leadingInt(smp.str);
  smp.type = SMP_T_SINT;
  return true;
};

const ipv4ToSint: Cast = (smp) => {
  const [a, b, c, d] = smp.ip as unknown as [number, number, number, number];
  smp.int = BigInt(((a << 24) | (b << 16) | (c << 8) | d) >>> 0);
  smp.type = SMP_T_SINT;
  return true;
};

const sintToIpv4: Cast = (smp) => {
  const v = Number(BigInt.asUintN(32, smp.int));
  smp.ip = Uint8Array.of(v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255);
  smp.type = SMP_T_IPV4;
  return true;
};

const sintToIpv6: Cast = (smp) => sintToIpv4(smp) && ipv4ToIpv6(smp);

const ipv4ToIpv6: Cast = (smp) => {
  smp.ip = ipv6Mapped(smp.ip);
  smp.type = SMP_T_IPV6;
  return true;
};

const ipv6ToIpv4: Cast = (smp) => {
  const ip = ipv4Inside(smp.ip);
  if (ip === null) return false;
  smp.ip = ip;
  smp.type = SMP_T_IPV4;
  return true;
};

function takeIp(smp: Sample, ip: Uint8Array | null): boolean {
  if (ip === null) return false;
  smp.ip = ip;
  smp.type = ip.length === 4 ? SMP_T_IPV4 : SMP_T_IPV6;
  return true;
}

const strToAddr: Cast = (smp) => takeIp(smp, readIp(smp.str));
const strToIpv4: Cast = (smp) => takeIp(smp, readIpv4(smp.str));
const strToIpv6: Cast = (smp) => takeIp(smp, readIpv6(smp.str));

const intToStr: Cast = (smp) => {
  smp.str = smp.int.toString();
  smp.type = SMP_T_STR;
  return true;
};

const intToBin: Cast = (smp) => {
  const v = BigInt.asUintN(64, smp.int);
  let out = '';
  for (let shift = 56n; shift >= 0n; shift -= 8n) out += String.fromCharCode(Number((v >> shift) & 0xffn));
  smp.str = out;
  smp.type = SMP_T_BIN;
  return true;
};

const ipToStr: Cast = (smp) => {
  smp.str = ipText(smp.ip);
  smp.type = SMP_T_STR;
  return true;
};

const ipToBin: Cast = (smp) => {
  smp.str = String.fromCharCode(...smp.ip);
  smp.type = SMP_T_BIN;
  return true;
};

const binToStr: Cast = (smp) => {
  const nul = smp.str.indexOf('\0');
  if (nul >= 0) smp.str = smp.str.slice(0, nul);
  smp.type = SMP_T_STR;
  return true;
};

const asStr: Cast = (smp) => {
  smp.type = SMP_T_STR;
  return true;
};

const asBin: Cast = (smp) => {
  smp.type = SMP_T_BIN;
  return true;
};

const asMeth: Cast = (smp) => {
  smp.type = SMP_T_METH;
  return true;
};

type Row = readonly (Cast | null)[];

// No sample is of type addr: what says it makes one can't be cast before it is there. Columns: any bool sint addr ipv4 ipv6 str bin meth (SMP_T_* in order). A sample that is "any" is cast by what it turns out to be.
const CASTS: readonly Row[] = [
  /* any  */ [same, same, same, same, same, same, same, same, same],
  /* bool */ [same, same, same, null, null, null, intToStr, intToBin, null],
  /* sint */ [same, same, same, sintToIpv4, sintToIpv4, sintToIpv6, intToStr, intToBin, null],
  /* addr */ [same, null, null, null, null, null, null, null, null],
  /* ipv4 */ [same, ipv4ToSint, ipv4ToSint, same, same, ipv4ToIpv6, ipToStr, ipToBin, null],
  /* ipv6 */ [same, null, null, same, ipv6ToIpv4, same, ipToStr, ipToBin, null],
  /* str  */ [same, toSint, toSint, strToAddr, strToIpv4, strToIpv6, same, same, asMeth],
  /* bin  */ [same, null, null, null, null, null, binToStr, same, null],
  /* meth */ [same, null, null, null, null, null, asStr, asBin, same],
];

/** Whether a sample of type `from` may be given to what takes `to`; decided when the expression is parsed. */
export function canCast(from: number, to: number): boolean {
  return CASTS[from]![to] !== null;
}

/** Casts `smp` to `to`; false where its type or its value does not allow it. */
export function smpCast(smp: Sample, to: number): boolean {
  if (smp.type === to || to === SMP_T_ANY) return true;
  const cast = CASTS[smp.type]![to];
  return cast != null && cast(smp);
}

/** Names of types, as `get var` shows them. */
export const TYPE_NAMES: readonly string[] = ['any', 'bool', 'sint', 'addr', 'ipv4', 'ipv6', 'str', 'bin', 'meth'];

// The order of the table is the order of the constants.
const ORDER = [SMP_T_ANY, SMP_T_BOOL, SMP_T_SINT, SMP_T_ADDR, SMP_T_IPV4, SMP_T_IPV6, SMP_T_STR, SMP_T_BIN, SMP_T_METH];
if (ORDER.some((type, i) => type !== i)) throw new Error('casts: the table does not follow SMP_T_*');
