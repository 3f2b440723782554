// Fetches of what a PROXY header brought (manual 7.3.3).
import type { HandshakeInfo } from '../../datapath/connection/types.js';
import { PP2_TYPE_AUTHORITY, PP2_TYPE_UNIQUE_ID } from '../../datapath/xprt/proxy-v2.js';
import { binaryOfBytes } from './binary.js';
import { smpBool, smpStr } from './sample.js';
import { type ArgSpec, type FetchDef, type SampleContext, SMP_T_BOOL, SMP_T_STR, SMP_USE_L4CLI } from './types.js';

const NONE: ArgSpec = { kinds: [], min: 0 };

/** Also when the client's connection is gone: in its log line. */
function handshakeOf({ sess }: SampleContext): HandshakeInfo | null {
  return sess?.front.handshake ?? null;
}

/** The last TLV of a type counts; an empty one is none. */
function tlv(words: string, type: number): FetchDef {
  return {
    words,
    args: NONE,
    outType: SMP_T_STR,
    use: SMP_USE_L4CLI,
    manual: '7.3.3',
    fetch: (smp, _args, ctx) => {
      const found = handshakeOf(ctx)?.tlvs?.findLast((t) => t.type === type);
      if (found === undefined || found.value.length === 0) return false;
      return smpStr(smp, binaryOfBytes(found.value));
    },
  };
}

export const FETCHES_PP: readonly FetchDef[] = [
  tlv('fc_pp_authority', PP2_TYPE_AUTHORITY),
  tlv('fc_pp_unique_id', PP2_TYPE_UNIQUE_ID),
  {
    words: 'fc_rcvd_proxy',
    args: NONE,
    outType: SMP_T_BOOL,
    use: SMP_USE_L4CLI,
    manual: '7.3.3',
    fetch: (smp, _args, ctx) => ctx.sess !== null && smpBool(smp, handshakeOf(ctx)?.rcvdProxy === true),
  },
];
