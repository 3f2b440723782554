// Captured samples (`declare capture`; configuration manual 7.3.6, 7.3.1): slots of the frontend, kept by the stream for its logs.
import { smpStr } from './sample.js';
import {
  ARG_SINT,
  type ArgSpec,
  type ConverterDef,
  type FetchDef,
  type SampleContext,
  SMP_T_STR,
  SMP_USE_HRQHP,
  SMP_USE_HRSHP,
} from './types.js';

const SLOT: ArgSpec = { kinds: [ARG_SINT], min: 1 };

function slotsOf(ctx: SampleContext, response: boolean): (string | null)[] | null {
  const { strm } = ctx;
  if (strm === null) return null;
  return response ? strm.resCaptures : strm.reqCaptures;
}

function fetchOf(words: string, response: boolean, use: number): FetchDef {
  return {
    words,
    args: SLOT,
    outType: SMP_T_STR,
    use,
    manual: '7.3.6',
    fetch: (smp, args, ctx) => {
      const value = slotsOf(ctx, response)?.[args[0]!.int] ?? null;
      return value !== null && smpStr(smp, value);
    },
  };
}

/** Keeps at most the declared length; a slot that does not exist keeps nothing, and the sample goes on. */
function converterOf(words: string, response: boolean): ConverterDef {
  return {
    words,
    args: SLOT,
    inType: SMP_T_STR,
    outType: SMP_T_STR,
    manual: '7.3.1',
    conv: (smp, args, ctx) => {
      const { strm } = ctx;
      if (strm === null) return true;
      const { conf } = strm.sess.fe;
      const lengths = response ? conf.resCaptures : conf.reqCaptures;
      const slot = args[0]!.int;
      const length = lengths[slot];
      if (length === undefined) return true;
      const slots = slotsOf(ctx, response) ?? new Array<string | null>(lengths.length).fill(null);
      slots[slot] = smp.str.slice(0, length);
      if (response) strm.resCaptures = slots;
      else strm.reqCaptures = slots;
      return true;
    },
  };
}

export const FETCHES_CAPTURE: readonly FetchDef[] = [
  fetchOf('capture.req.hdr', false, SMP_USE_HRQHP),
  fetchOf('capture.res.hdr', true, SMP_USE_HRSHP),
];

export const CONVERTERS_CAPTURE: readonly ConverterDef[] = [
  converterOf('capture-req', false),
  converterOf('capture-res', true),
];
