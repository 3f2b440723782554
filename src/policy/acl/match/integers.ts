// Integer matching (configuration manual 7.1.2): values and ranges, of samples or of their length. Ranges are merged and
// searched by halves, so that ten thousand cost as much as a dozen.
import { SMP_T_SINT, SMP_T_STR } from '../../sample/types.js';
import type { Matcher } from '../types.js';

export const INT_MIN = -(2n ** 63n);
export const INT_MAX = 2n ** 63n - 1n;

export interface IntRange {
  /** Inclusive. */
  readonly min: bigint;
  readonly max: bigint;
}

/** Operators in front of the patterns that follow them; the reference takes `ne` for `eq`. */
export const INT_OPERATORS: readonly string[] = ['eq', 'gt', 'ge', 'lt', 'le', 'ne'];

/**
 * What `text` is after operator `op`: a range, or the text of the mistake. Dotted: `3.1` is (3 << 16) + 1. An operator in front
 * of a range (`gt 5:6`) means nothing, as with the reference.
 */
export function parseIntPattern(text: string, op: string, dotted: boolean): IntRange | string {
  return dotted ? parseDotted(text, op) : parsePlain(text, op);
}

function parsePlain(text: string, op: string): IntRange | string {
  const bad = text.includes(':') || text.startsWith('-') ? 'a valid number range' : 'a number';
  const m = /^(-?\d+)?(:)?(-?\d+)?$/.exec(text);
  if (m === null || text === '' || text === ':') return `'${text}' is not ${bad}`;
  const [, low, colon, high] = m;
  if (low === undefined && colon === undefined) return `'${text}' is not ${bad}`;
  if (colon !== undefined && low?.startsWith('-') === true) return `'${text}' is not ${bad}`; // as the reference
  const min = low === undefined ? INT_MIN : BigInt(low);
  const max = colon === undefined ? min : high === undefined ? INT_MAX : BigInt(high);
  if (min > INT_MAX || max > INT_MAX || BigInt(low ?? 0) <= INT_MIN || max <= INT_MIN || min > max)
    return `'${text}' is not ${bad}`;
  return colon === undefined ? withOperator(min, op) : { min, max };
}

function parseDotted(text: string, op: string): IntRange | string {
  const m = /^(?:(\d+)(?:\.(\d+))?)?(:)?(?:(\d+)(?:\.(\d+))?)?$/.exec(text);
  if (m === null || text === '' || text === ':') return `'${text}' is not a dotted number`;
  const [, a, b, colon, c, d] = m;
  const value = (hi: string, lo: string | undefined): bigint => (BigInt(hi) << 16n) + BigInt(lo ?? 0);
  const min = a === undefined ? INT_MIN : value(a, b);
  const max = colon === undefined ? min : c === undefined ? INT_MAX : value(c, d);
  if (min > max) return `'${text}' is not a valid dotted number range`;
  return colon === undefined ? withOperator(min, op) : { min, max };
}

function withOperator(value: bigint, op: string): IntRange {
  switch (op) {
    case 'gt':
      return { min: value + 1n, max: INT_MAX };
    case 'ge':
      return { min: value, max: INT_MAX };
    case 'lt':
      return { min: INT_MIN, max: value - 1n };
    case 'le':
      return { min: INT_MIN, max: value };
    default:
      return { min: value, max: value };
  }
}

/** Sorted, without overlaps. */
function merge(ranges: readonly IntRange[]): { mins: bigint[]; maxs: bigint[] } {
  const sorted = [...ranges].filter((r) => r.min <= r.max).sort((a, b) => (a.min < b.min ? -1 : a.min > b.min ? 1 : 0));
  const mins: bigint[] = [];
  const maxs: bigint[] = [];
  for (const r of sorted) {
    const last = maxs.length - 1;
    if (last >= 0 && r.min <= maxs[last]! + 1n) {
      if (r.max > maxs[last]!) maxs[last] = r.max;
      continue;
    }
    mins.push(r.min);
    maxs.push(r.max);
  }
  return { mins, maxs };
}

function contains(mins: readonly bigint[], maxs: readonly bigint[], value: bigint): boolean {
  let lo = 0;
  let hi = mins.length - 1;
  while (lo <= hi) {
    const mid = (lo + hi) >> 1;
    if (value < mins[mid]!) hi = mid - 1;
    else if (value > maxs[mid]!) lo = mid + 1;
    else return true;
  }
  return false;
}

export function matchInt(ranges: readonly IntRange[]): Matcher {
  const { mins, maxs } = merge(ranges);
  return {
    method: 'int',
    type: SMP_T_SINT,
    count: ranges.length,
    match: (smp) => contains(mins, maxs, smp.int),
  };
}

export function matchLength(ranges: readonly IntRange[]): Matcher {
  const { mins, maxs } = merge(ranges);
  return {
    method: 'len',
    type: SMP_T_STR,
    count: ranges.length,
    match: (smp) => contains(mins, maxs, BigInt(smp.str.length)),
  };
}
