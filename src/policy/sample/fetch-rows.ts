// Rows of the fetch tables that need no more than a value: fetches without arguments, and no sample where the value is null.
import { smpBool, smpInt, smpIp, smpStr } from './sample.js';
import {
  type ArgSpec,
  type FetchDef,
  type Sample,
  type SampleContext,
  SMP_T_BOOL,
  SMP_T_IPV4,
  SMP_T_SINT,
  SMP_T_STR,
} from './types.js';

export const NO_ARGS: ArgSpec = { kinds: [], min: 0 };

/** Where a fetch may stand, and the section of the manual that has it. */
export interface FetchPlace {
  /** SMP_USE_* */
  readonly use: number;
  readonly manual: string;
}

export type ValueOf<T> = (ctx: SampleContext) => T | null;

function row<T>(
  words: string,
  { use, manual }: FetchPlace,
  outType: number,
  value: ValueOf<T>,
  put: (smp: Sample, v: T) => true,
): FetchDef {
  return {
    words,
    args: NO_ARGS,
    outType,
    use,
    manual,
    fetch: (smp, _args, ctx) => {
      const v = value(ctx);
      return v !== null && put(smp, v);
    },
  };
}

export function intFetch(words: string, place: FetchPlace, value: ValueOf<number>): FetchDef {
  return row(words, place, SMP_T_SINT, value, smpInt);
}

/** Binary strings. */
export function strFetch(words: string, place: FetchPlace, value: ValueOf<string>): FetchDef {
  return row(words, place, SMP_T_STR, value, smpStr);
}

export function boolFetch(words: string, place: FetchPlace, value: ValueOf<boolean>): FetchDef {
  return row(words, place, SMP_T_BOOL, value, smpBool);
}

/** 4 or 16 bytes, network order. */
export function ipFetch(words: string, place: FetchPlace, value: ValueOf<Uint8Array>): FetchDef {
  return row(words, place, SMP_T_IPV4, value, smpIp);
}
