// Arithmetic and bitwise converters (configuration manual 7.3.1): signed, 64 bits, results saturate instead of wrapping.
import { numberOf, readNumberArg } from './arg-values.js';
import { smpBin, smpBool, saturate64, INT_MAX } from './sample.js';
import { ARG_STR, type ArgSpec, type ConverterDef, SMP_T_BIN, SMP_T_BOOL, SMP_T_SINT } from './types.js';

const NONE: ArgSpec = { kinds: [], min: 0 };
const VALUE: ArgSpec = { kinds: [ARG_STR], min: 1 };

/** `word(value)`, the value a number or a variable; without a value in the variable there is no sample. */
function binary(words: string, op: (a: bigint, b: bigint) => bigint): ConverterDef {
  return {
    words,
    args: VALUE,
    inType: SMP_T_SINT,
    outType: SMP_T_SINT,
    manual: '7.3.1',
    check: (args) => readNumberArg(args[0]!),
    conv: (smp, args, ctx) => {
      const value = numberOf(args[0]!, ctx);
      if (value === null) return false;
      smp.int = op(smp.int, value);
      return true;
    },
  };
}

function unary(words: string, op: (a: bigint) => bigint): ConverterDef {
  return {
    words,
    args: NONE,
    inType: SMP_T_SINT,
    outType: SMP_T_SINT,
    manual: '7.3.1',
    conv: (smp) => {
      smp.int = op(smp.int);
      return true;
    },
  };
}

function test(words: string, op: (a: bigint) => boolean): ConverterDef {
  return {
    words,
    args: NONE,
    inType: SMP_T_SINT,
    outType: SMP_T_BOOL,
    manual: '7.3.1',
    conv: (smp) => smpBool(smp, op(smp.int)),
  };
}

export const CONVERTERS_NUMBER: readonly ConverterDef[] = [
  binary('add', (a, b) => saturate64(a + b)),
  binary('sub', (a, b) => saturate64(a - b)),
  binary('mul', (a, b) => saturate64(a * b)),
  binary('div', (a, b) => (b === 0n ? INT_MAX : saturate64(a / b))),
  binary('mod', (a, b) => (b === 0n ? 0n : a % b)),
  binary('and', (a, b) => a & b),
  binary('or', (a, b) => a | b),
  binary('xor', (a, b) => a ^ b),
  unary('cpl', (a) => ~a),
  unary('neg', (a) => saturate64(-a)),
  test('bool', (a) => a !== 0n),
  test('not', (a) => a === 0n),
  test('odd', (a) => (a & 1n) === 1n),
  test('even', (a) => (a & 1n) === 0n),
  {
    words: 'htonl',
    args: NONE,
    inType: SMP_T_SINT,
    outType: SMP_T_BIN,
    manual: '7.3.1',
    conv: (smp) => {
      const v = Number(BigInt.asUintN(32, smp.int));
      return smpBin(smp, String.fromCharCode(v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255));
    },
  },
];
