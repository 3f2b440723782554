// FIX messages (Financial Information eXchange, tag=value encoding; configuration manual 7.3.1): is it one, and the value of a tag.
//
//   8=FIX.4.4 SOH 9=LENGTH SOH 35=TYPE SOH … 10=SUM SOH       LENGTH counts from behind its own SOH up to "10=",
//                                                             SUM is all bytes up to there, modulo 256, in three digits
import { smpBin, smpBool } from './sample.js';
import {
  ARG_STR,
  type Arg,
  type ConverterDef,
  type Sample,
  type SampleContext,
  SMP_F_MAY_CHANGE,
  SMP_OPT_FINAL,
  SMP_T_BIN,
  SMP_T_BOOL,
} from './types.js';

const SOH = '\x01';
const BEGIN_STRING = 8;
const BODY_LENGTH = 9;
const CHECK_SUM = 10;
const MSG_TYPE = 35;
const NAMES: Readonly<Record<string, number>> = {
  beginstring: BEGIN_STRING,
  bodylength: BODY_LENGTH,
  checksum: CHECK_SUM,
  msgtype: MSG_TYPE,
  sendercompid: 49,
  targetcompid: 56,
};
const VERSIONS = new Set(['FIX.4.0', 'FIX.4.1', 'FIX.4.2', 'FIX.4.3', 'FIX.4.4', 'FIXT.1.1']);

interface Field {
  readonly tag: number;
  readonly value: string;
  /** Offset behind its SOH. */
  readonly end: number;
}

/** The field at `at`: 'short' where it is not complete, 'bad' where its tag is no number. */
function fieldAt(text: string, at: number): Field | 'short' | 'bad' {
  const equals = text.indexOf('=', at);
  if (equals < 0) return 'short';
  const tag = text.slice(at, equals);
  if (!/^[0-9]{1,9}$/.test(tag)) return 'bad';
  const end = text.indexOf(SOH, equals);
  return end < 0 ? 'short' : { tag: Number(tag), value: text.slice(equals + 1, end), end: end + 1 };
}

function sumOf(text: string, to: number): number {
  let sum = 0;
  for (let i = 0; i < to; i++) sum += text.charCodeAt(i);
  return sum % 256;
}

/** Null where more bytes are needed to say. */
function isValid(text: string): boolean | null {
  let bodyEnd = -1;
  for (let at = 0, index = 0; ; index++) {
    const field = fieldAt(text, at);
    if (field === 'short') return null;
    if (field === 'bad') return false;
    const { tag, value, end } = field;
    if (index === 0 && (tag !== BEGIN_STRING || !VERSIONS.has(value))) return false;
    if (index === 1) {
      if (tag !== BODY_LENGTH || !/^[0-9]{1,9}$/.test(value)) return false;
      bodyEnd = end + Number(value);
    }
    if (index === 2 && tag !== MSG_TYPE) return false;
    if (index > 2 && tag === CHECK_SUM) {
      return at === bodyEnd && /^[0-9]{3}$/.test(value) && Number(value) === sumOf(text, at);
    }
    if (bodyEnd >= 0 && at >= bodyEnd) return false;
    at = end;
  }
}

/** The value of the first `tag`; null where there is none (yet). */
function valueOf(text: string, tag: number): string | null {
  for (let at = 0; at < text.length;) {
    const field = fieldAt(text, at);
    if (typeof field === 'string') return null;
    if (field.tag === tag) return field.value === '' ? null : field.value;
    at = field.end;
  }
  return null;
}

function waits(smp: Sample, ctx: SampleContext): false {
  if ((ctx.opt & SMP_OPT_FINAL) === 0) smp.flags |= SMP_F_MAY_CHANGE;
  return false;
}

function checkTag(args: Arg[]): string {
  const { str } = args[0]!;
  const tag = /^[0-9]+$/.test(str) ? Math.min(Number(str), 2 ** 31) : (NAMES[str.toLowerCase()] ?? 0);
  if (tag === 0) return `Unknown FIX tag name '${str}'`;
  args[0]!.ready = tag;
  return '';
}

export const CONVERTERS_FIX: readonly ConverterDef[] = [
  {
    words: 'fix_is_valid',
    args: { kinds: [], min: 0 },
    inType: SMP_T_BIN,
    outType: SMP_T_BOOL,
    manual: '7.3.1',
    conv: (smp, _args, ctx) => {
      const valid = isValid(smp.str);
      return valid === null ? waits(smp, ctx) : smpBool(smp, valid);
    },
  },
  {
    words: 'fix_tag_value',
    args: { kinds: [ARG_STR], min: 1 },
    inType: SMP_T_BIN,
    outType: SMP_T_BIN,
    manual: '7.3.1',
    check: checkTag,
    conv: (smp, args, ctx) => {
      const value = valueOf(smp.str, args[0]!.ready as number);
      return value === null ? waits(smp, ctx) : smpBin(smp, value);
    },
  },
];
