// Rows of the converter tables that need no more than the text: no arguments, and no sample where the answer is null.
import { NO_ARGS } from './fetch-rows.js';
import { smpBin, smpInt, smpStr } from './sample.js';
import { type ConverterDef, SMP_T_BIN, SMP_T_SINT, SMP_T_STR } from './types.js';

type TextType = typeof SMP_T_STR | typeof SMP_T_BIN;

/** From a string or block to one of them. */
export function textConv(
  words: string,
  inType: TextType,
  outType: TextType,
  op: (text: string) => string | null,
): ConverterDef {
  const put = outType === SMP_T_BIN ? smpBin : smpStr;
  return {
    words,
    args: NO_ARGS,
    inType,
    outType,
    manual: '7.3.1',
    conv: (smp) => {
      const text = op(smp.str);
      return text !== null && put(smp, text);
    },
  };
}

/** From a string to a number. */
export function textToInt(words: string, op: (text: string) => number | bigint | null): ConverterDef {
  return {
    words,
    args: NO_ARGS,
    inType: SMP_T_STR,
    outType: SMP_T_SINT,
    manual: '7.3.1',
    conv: (smp) => {
      const value = op(smp.str);
      return value !== null && smpInt(smp, value);
    },
  };
}
