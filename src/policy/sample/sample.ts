// A sample in the making, and its small setters. One scratch serves a whole evaluation; expressions never keep it.
import {
  SMP_T_ANY,
  SMP_T_BIN,
  SMP_T_BOOL,
  SMP_T_IPV4,
  SMP_T_IPV6,
  SMP_T_SINT,
  SMP_T_STR,
  type Sample,
} from './types.js';

const NO_IP = new Uint8Array(0);

export const INT_MAX = 0x7fffffffffffffffn;
export const INT_MIN = -0x8000000000000000n;

export class SampleValue implements Sample {
  type = SMP_T_ANY;
  flags = 0;
  str = '';
  int = 0n;
  ip = NO_IP;
  cursor = 0;
}

/** As new: before the first value of an expression. */
export function smpReset(smp: Sample): void {
  smp.type = SMP_T_ANY;
  smp.flags = 0;
  smp.str = '';
  smp.cursor = 0;
}

export function smpBool(smp: Sample, value: boolean): true {
  smp.type = SMP_T_BOOL;
  smp.int = value ? 1n : 0n;
  return true;
}

/** `value` is a whole number within ±2^53, or a bigint within 64 bits. */
export function smpInt(smp: Sample, value: number | bigint): true {
  smp.type = SMP_T_SINT;
  smp.int = typeof value === 'bigint' ? value : BigInt(value);
  return true;
}

export function smpStr(smp: Sample, value: string): true {
  smp.type = SMP_T_STR;
  smp.str = value;
  return true;
}

export function smpBin(smp: Sample, value: string): true {
  smp.type = SMP_T_BIN;
  smp.str = value;
  return true;
}

/** 4 or 16 bytes, network order. */
export function smpIp(smp: Sample, ip: Uint8Array): true {
  smp.type = ip.length === 4 ? SMP_T_IPV4 : SMP_T_IPV6;
  smp.ip = ip;
  return true;
}

/** Copies value, type and flags. */
export function smpCopy(to: Sample, from: Readonly<Sample>): void {
  to.type = from.type;
  to.flags = from.flags;
  to.str = from.str;
  to.int = from.int;
  to.ip = from.ip;
  to.cursor = from.cursor;
}

export function saturate64(v: bigint): bigint {
  return v > INT_MAX ? INT_MAX : v < INT_MIN ? INT_MIN : v;
}

/**
 * The decimal number that `text` starts with, saturated to 64 bits: an optional sign and digits, whatever follows; 0 where there
 * is none. What a string is worth as an integer.
 */
export function leadingInt(text: string): bigint {
  const m = /^[+-]?[0-9]+/.exec(text);
  if (m === null) return 0n;
  const digits = m[0].replace(/^[+-]/, '').replace(/^0+(?=.)/, '');
  const negative = m[0].startsWith('-');
  if (digits.length > 19) return negative ? INT_MIN : INT_MAX;
  return saturate64(negative ? -BigInt(digits) : BigInt(digits));
}
