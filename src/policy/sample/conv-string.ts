// Converters of strings and blocks (configuration manual 7.3.1): parts, case, trimming, joining, comparing.
import { timingSafeEqual } from 'node:crypto';
import { registerVarArg, stringOf } from './arg-values.js';
import { bytesOf } from './binary.js';
import { textConv, textToInt } from './conv-rows.js';
import { smpBool, smpInt, smpStr } from './sample.js';
import {
  ARG_SINT,
  ARG_STR,
  type Arg,
  type ArgSpec,
  type ConverterDef,
  type Sample,
  type SampleContext,
  SMP_T_BIN,
  SMP_T_BOOL,
  SMP_T_SINT,
  SMP_T_STR,
} from './types.js';

const STR1: ArgSpec = { kinds: [ARG_STR], min: 1 };
const PARTS: ArgSpec = { kinds: [ARG_SINT, ARG_STR, ARG_SINT], min: 2 };

/** ASCII letters alone: bytes are no characters. */
function lowerAscii(s: string): string {
  return s.replace(/[A-Z]+/g, (m) => m.toLowerCase());
}

function upperAscii(s: string): string {
  return s.replace(/[a-z]+/g, (m) => m.toUpperCase());
}

function checkParts(args: Arg[]): string {
  if (args[0]!.int === 0) return 'Unexpected value 0 for index';
  return args[1]!.str === '' ? 'Empty separators list' : '';
}

/** Starts and ends of the pieces between `delims`; with `words` the empty ones are none. */
function pieces(s: string, delims: string, words: boolean): number[] {
  const out: number[] = [];
  let start = 0;
  for (let i = 0; i <= s.length; i++) {
    if (i < s.length && !delims.includes(s[i]!)) continue;
    if (!words || i > start) out.push(start, i);
    start = i + 1;
  }
  return out;
}

/** `field`: null where there is no such field. */
function fieldOf(s: string, index: number, delims: string, count: number): string | null {
  const at = pieces(s, delims, false);
  const n = at.length / 2;
  if (index > 0) {
    if (index > n) return null;
    const last = count > 0 ? Math.min(index + count - 2, n - 1) : n - 1;
    return s.slice(at[2 * (index - 1)], at[2 * last + 1]);
  }
  const last = n + index;
  if (last < 0) return null;
  const first = count > 0 ? Math.max(last - count + 1, 0) : 0;
  return s.slice(at[2 * first], at[2 * last + 1]);
}

/** `word`: '' where there is no such word; all that is left, delimiters included, where fewer than `count` are. */
function wordOf(s: string, index: number, delims: string, count: number): string {
  const at = pieces(s, delims, true);
  const n = at.length / 2;
  if (index > 0) {
    if (index > n) return '';
    const last = index + count - 2;
    return s.slice(at[2 * (index - 1)], count > 0 && last < n ? at[2 * last + 1] : s.length);
  }
  const last = n + index;
  if (last < 0) return '';
  const first = last - count + 1;
  return s.slice(count > 0 && first >= 0 ? at[2 * first] : 0, at[2 * last + 1]);
}

function trimLeft(s: string, chars: string): string {
  let from = 0;
  while (from < s.length && chars.includes(s[from]!)) from++;
  return s.slice(from);
}

function trimRight(s: string, chars: string): string {
  let to = s.length;
  while (to > 0 && chars.includes(s[to - 1]!)) to--;
  return s.slice(0, to);
}

function variableText(arg: Arg | undefined, ctx: SampleContext): string {
  if (arg === undefined || arg.str === '') return '';
  return stringOf(arg, ctx) ?? '';
}

function checkConcat(args: Arg[]): string {
  const name = args[1];
  return name === undefined || name.str === '' ? '' : registerVarArg(name);
}

function addItem(smp: Sample, args: readonly Arg[], ctx: SampleContext): boolean {
  const middle = variableText(args[1], ctx);
  const end = args[2]?.str ?? '';
  if (middle === '' && end === '') return true;
  const delim = smp.str === '' ? '' : args[0]!.str;
  return smpStr(smp, smp.str + delim + middle + end);
}

/** As memcmp, then by length: what the reference answers for a difference. */
function compare(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const d = a.charCodeAt(i) - b.charCodeAt(i);
    if (d !== 0) return d;
  }
  return a.length - b.length;
}

function secureEqual(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(bytesOf(a), bytesOf(b));
}

export const CONVERTERS_STRING: readonly ConverterDef[] = [
  textConv('lower', SMP_T_STR, SMP_T_STR, lowerAscii),
  textConv('upper', SMP_T_STR, SMP_T_STR, upperAscii),
  textConv('cut_crlf', SMP_T_STR, SMP_T_STR, (s) => s.replace(/[\r\n][^]*$/, '')),
  textToInt('length', (s) => s.length),
  {
    words: 'bytes',
    args: { kinds: [ARG_SINT, ARG_SINT], min: 1 },
    inType: SMP_T_BIN,
    outType: SMP_T_BIN,
    manual: '7.3.1',
    conv: (smp, args) => {
      const from = args[0]!.int;
      const n = args[1]?.int ?? -1;
      if (from < 0 || from >= smp.str.length) smp.str = '';
      else smp.str = smp.str.slice(from, n < 0 ? smp.str.length : from + n);
      return true;
    },
  },
  {
    words: 'field',
    args: PARTS,
    inType: SMP_T_STR,
    outType: SMP_T_STR,
    manual: '7.3.1',
    check: checkParts,
    conv: (smp, args) => {
      const found = fieldOf(smp.str, args[0]!.int, args[1]!.str, args[2]?.int ?? 1);
      return found !== null && smpStr(smp, found);
    },
  },
  {
    words: 'word',
    args: PARTS,
    inType: SMP_T_STR,
    outType: SMP_T_STR,
    manual: '7.3.1',
    check: checkParts,
    conv: (smp, args) => smpStr(smp, wordOf(smp.str, args[0]!.int, args[1]!.str, args[2]?.int ?? 1)),
  },
  {
    words: 'ltrim',
    args: STR1,
    inType: SMP_T_STR,
    outType: SMP_T_STR,
    manual: '7.3.1',
    conv: (smp, args) => smpStr(smp, trimLeft(smp.str, args[0]!.str)),
  },
  {
    words: 'rtrim',
    args: STR1,
    inType: SMP_T_STR,
    outType: SMP_T_STR,
    manual: '7.3.1',
    conv: (smp, args) => smpStr(smp, trimRight(smp.str, args[0]!.str)),
  },
  {
    words: 'concat',
    args: { kinds: [ARG_STR, ARG_STR, ARG_STR], min: 1 },
    inType: SMP_T_STR,
    outType: SMP_T_STR,
    manual: '7.3.1',
    check: checkConcat,
    conv: (smp, args, ctx) => smpStr(smp, smp.str + args[0]!.str + variableText(args[1], ctx) + (args[2]?.str ?? '')),
  },
  {
    words: 'add_item',
    args: { kinds: [ARG_STR, ARG_STR, ARG_STR], min: 2 },
    inType: SMP_T_STR,
    outType: SMP_T_STR,
    manual: '7.3.1',
    check: (args) => {
      if (args[1]!.str === '' && (args[2]?.str ?? '') === '') {
        return 'one of the optional arguments has to be nonempty';
      }
      return checkConcat(args);
    },
    conv: addItem,
  },
  {
    words: 'iif',
    args: { kinds: [ARG_STR, ARG_STR], min: 2 },
    inType: SMP_T_BOOL,
    outType: SMP_T_STR,
    manual: '7.3.1',
    conv: (smp, args) => smpStr(smp, args[smp.int !== 0n ? 0 : 1]!.str),
  },
  {
    words: 'strcmp',
    args: STR1,
    inType: SMP_T_STR,
    outType: SMP_T_SINT,
    manual: '7.3.1',
    check: (args) => registerVarArg(args[0]!),
    conv: (smp, args, ctx) => {
      const other = stringOf(args[0]!, ctx);
      return other !== null && smpInt(smp, compare(smp.str, other));
    },
  },
  {
    words: 'secure_memcmp',
    args: STR1,
    inType: SMP_T_BIN,
    outType: SMP_T_BOOL,
    manual: '7.3.1',
    check: (args) => registerVarArg(args[0]!),
    conv: (smp, args, ctx) => {
      const other = stringOf(args[0]!, ctx, SMP_T_BIN);
      return other !== null && smpBool(smp, secureEqual(smp.str, other));
    },
  },
];
