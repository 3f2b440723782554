// The fetch that tells protocols apart by the whole of a request (configuration manual 7.3.5): `req.proto_http`.
import { HEAD_SHORT, HEAD_WHOLE, requestHead } from '../../http/request-head.js';
import { channelOf, inputEnded, inputLength, inputText } from './payload.js';
import { smpBool } from './sample.js';
import { type ArgSpec, type FetchDef, SMP_F_MAY_CHANGE, SMP_OPT_FINAL, SMP_T_BOOL, SMP_USE_HRQHP } from './types.js';

const NONE: ArgSpec = { kinds: [], min: 0 };

/** What of a buffer the reference leaves for method, target and version, as watched: half of it but for this. */
const LINE_RESERVE = 59;
/** Slots of its table of fields that it needs for itself. */
const FIELDS_RESERVE = 3;

/** True once there is a whole request; no sample for anything else, and not yet while it may become one. */
function protoHttp(words: string): FetchDef {
  return {
    words,
    args: NONE,
    outType: SMP_T_BOOL,
    use: SMP_USE_HRQHP,
    manual: '7.3.5',
    fetch: (smp, _args, ctx) => {
      const chn = channelOf(ctx, false);
      const process = ctx.px.process;
      if (chn === null || process === null) return false;
      const limits = {
        lineMax: Math.floor(process.bufsize / 2) - LINE_RESERVE,
        fieldsMax: process.maxHeaders - FIELDS_RESERVE,
      };
      const head = requestHead(inputText(ctx, chn, 0, inputLength(chn)), limits);
      if (head === HEAD_WHOLE) return smpBool(smp, true);
      if (head === HEAD_SHORT && (ctx.opt & SMP_OPT_FINAL) === 0 && !inputEnded(chn)) smp.flags |= SMP_F_MAY_CHANGE;
      return false;
    },
  };
}

export const FETCHES_PROTO: readonly FetchDef[] = [protoHttp('req.proto_http'), protoHttp('req_proto_http')];
