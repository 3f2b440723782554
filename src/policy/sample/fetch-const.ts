// Fetches of constants and of the process itself (configuration manual 7.3.2).
import { randomInt, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { readVarArg, varOfArg } from './arg-values.js';
import { smpBin, smpBool, smpCopy, smpInt, smpIp, smpStr } from './sample.js';
import {
  ARG_IPV4,
  ARG_IPV6,
  ARG_SINT,
  ARG_STR,
  type Arg,
  type ArgSpec,
  type FetchDef,
  SMP_F_MAY_CHANGE,
  SMP_F_VOLATILE,
  SMP_OPT_FINAL,
  SMP_T_ANY,
  SMP_T_BIN,
  SMP_T_BOOL,
  SMP_T_IPV4,
  SMP_T_IPV6,
  SMP_T_METH,
  SMP_T_SINT,
  SMP_T_STR,
  SMP_USE_CONST,
  SMP_USE_INTRN,
} from './types.js';
import { varGet } from './vars.js';

const NONE: ArgSpec = { kinds: [], min: 0 };
const STR1: ArgSpec = { kinds: [ARG_STR], min: 1 };

function fixed(words: string, value: boolean): FetchDef {
  return {
    words,
    args: NONE,
    outType: SMP_T_BOOL,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    fetch: (smp) => smpBool(smp, value),
  };
}

function number(words: string, value: number): FetchDef {
  return {
    words,
    args: NONE,
    outType: SMP_T_SINT,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    fetch: (smp) => smpInt(smp, value),
  };
}

function checkBool(args: Arg[]): string {
  const a = args[0]!;
  const word = a.str.toLowerCase();
  if (word === 'true' || word === '1') a.int = 1;
  else if (word !== 'false' && word !== '0') return "Expects 'true', 'false', '0' or '1'";
  return '';
}

function checkHex(args: Arg[]): string {
  const a = args[0]!;
  if (a.str.length % 2 !== 0) return 'an even number of hex digit is expected';
  const bad = /[^0-9A-Fa-f]/.exec(a.str);
  if (bad !== null) return `an hex digit is expected (found '${bad[0]}')`;
  a.ready = Buffer.from(a.str, 'hex').toString('latin1');
  return a.str === '' ? '(null)' : '';
}

const UNITS: Readonly<Record<string, bigint>> = { s: 1n, ms: 1_000n, us: 1_000_000n };

function checkDate(args: Arg[]): string {
  const unit = args[1];
  if (unit === undefined || unit.str in UNITS) return '';
  return `expects 's', 'ms' or 'us', got '${unit.str}'`;
}

let name = '';

export const FETCHES_CONST: readonly FetchDef[] = [
  fixed('always_false', false),
  fixed('always_true', true),
  {
    words: 'bin',
    args: STR1,
    outType: SMP_T_BIN,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    check: checkHex,
    fetch: (smp, args) => smpBin(smp, args[0]!.ready as string),
  },
  {
    words: 'bool',
    args: STR1,
    outType: SMP_T_BOOL,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    check: checkBool,
    fetch: (smp, args) => smpBool(smp, args[0]!.int === 1),
  },
  {
    words: 'date',
    args: { kinds: [ARG_SINT, ARG_STR], min: 0 },
    outType: SMP_T_SINT,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    check: checkDate,
    fetch: (smp, args, ctx) => {
      const process = ctx.px.process;
      if (process === null) return false;
      const scale = UNITS[args[1]?.str ?? 's']!;
      smp.flags |= SMP_F_VOLATILE | SMP_F_MAY_CHANGE;
      return smpInt(smp, BigInt.asIntN(64, (process.dateUs() * scale) / 1_000_000n + (args[0]?.big ?? 0n)));
    },
  },
  {
    words: 'date_us',
    args: NONE,
    outType: SMP_T_SINT,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    fetch: (smp, _args, ctx) => {
      const process = ctx.px.process;
      if (process === null) return false;
      smp.flags |= SMP_F_VOLATILE | SMP_F_MAY_CHANGE;
      return smpInt(smp, process.dateUs() % 1_000_000n);
    },
  },
  {
    words: 'env',
    args: STR1,
    outType: SMP_T_STR,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    fetch: (smp, args, ctx) => {
      const value = ctx.px.process?.env(args[0]!.str);
      return value !== undefined && smpStr(smp, value);
    },
  },
  {
    words: 'hostname',
    args: NONE,
    outType: SMP_T_STR,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    fetch: (smp) => {
      if (name === '') name = hostname();
      return smpStr(smp, name);
    },
  },
  {
    words: 'int',
    args: { kinds: [ARG_SINT], min: 1 },
    outType: SMP_T_SINT,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    fetch: (smp, args) => smpInt(smp, args[0]!.big),
  },
  {
    words: 'ipv4',
    args: { kinds: [ARG_IPV4], min: 1 },
    outType: SMP_T_IPV4,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    fetch: (smp, args) => smpIp(smp, args[0]!.ip!),
  },
  {
    words: 'ipv6',
    args: { kinds: [ARG_IPV6], min: 1 },
    outType: SMP_T_IPV6,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    fetch: (smp, args) => smpIp(smp, args[0]!.ip!),
  },
  {
    words: 'meth',
    args: STR1,
    outType: SMP_T_METH,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    fetch: (smp, args) => {
      smp.type = SMP_T_METH;
      smp.str = args[0]!.str;
      return true;
    },
  },
  number('nbproc', 1),
  {
    words: 'rand',
    args: { kinds: [ARG_SINT], min: 0 },
    outType: SMP_T_SINT,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    fetch: (smp, args) => {
      const draw = BigInt(randomInt(0x1_0000_0000));
      smp.flags |= SMP_F_VOLATILE | SMP_F_MAY_CHANGE;
      const range = args[0];
      return smpInt(smp, range === undefined ? draw : (draw * BigInt.asUintN(32, range.big)) >> 32n);
    },
  },
  number('proc', 1),
  {
    words: 'stopping',
    args: NONE,
    outType: SMP_T_BOOL,
    use: SMP_USE_INTRN,
    manual: '7.3.2',
    fetch: (smp, _args, ctx) => smpBool(smp, ctx.px.process?.stopping === true),
  },
  {
    words: 'str',
    args: STR1,
    outType: SMP_T_STR,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    fetch: (smp, args) => smpStr(smp, args[0]!.str),
  },
  number('thread', 0),
  {
    words: 'uuid',
    args: { kinds: [ARG_SINT], min: 0 },
    outType: SMP_T_STR,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    check: (args) => {
      const version = args[0]?.int ?? 4;
      return version === 4 ? '' : `Unsupported UUID version: '${version}'`;
    },
    fetch: (smp) => {
      smp.flags |= SMP_F_VOLATILE | SMP_F_MAY_CHANGE;
      return smpStr(smp, randomUUID());
    },
  },
  {
    words: 'var',
    args: { kinds: [ARG_STR, ARG_STR], min: 1 },
    outType: SMP_T_ANY,
    use: SMP_USE_CONST,
    manual: '7.3.2',
    check: (args) => readVarArg(args[0]!),
    fetch: (smp, args, ctx) => {
      const value = varGet(ctx, varOfArg(args[0]!)!);
      if (value !== null) {
        smpCopy(smp, value);
        return true;
      }
      return args[1] !== undefined && smpStr(smp, args[1].str);
    },
  },
  {
    words: 'wait_end',
    args: NONE,
    outType: SMP_T_BOOL,
    use: SMP_USE_INTRN,
    manual: '7.3.5',
    fetch: (smp, _args, ctx) => {
      if ((ctx.opt & SMP_OPT_FINAL) !== 0) return smpBool(smp, true);
      smp.flags |= SMP_F_MAY_CHANGE;
      return false;
    },
  },
];
