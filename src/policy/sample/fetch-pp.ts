// Fetches of what a PROXY header brought (manual 7.3.3).
import type { HandshakeInfo } from '../../datapath/connection/types.js';
import { PP2_TYPE_AUTHORITY, PP2_TYPE_UNIQUE_ID } from '../../datapath/xprt/proxy-v2.js';
import { binaryOfBytes } from './binary.js';
import { boolFetch, type FetchPlace, strFetch } from './fetch-rows.js';
import { type FetchDef, type SampleContext, SMP_USE_L4CLI } from './types.js';

/** Also when the client's connection is gone: in its log line. */
function handshakeOf({ sess }: SampleContext): HandshakeInfo | null {
  return sess?.front.handshake ?? null;
}

const FRONT: FetchPlace = { use: SMP_USE_L4CLI, manual: '7.3.3' };

/** The last TLV of a type counts; an empty one is none. */
function tlv(words: string, type: number): FetchDef {
  return strFetch(words, FRONT, (ctx) => {
    const found = handshakeOf(ctx)?.tlvs?.findLast((t) => t.type === type);
    return found === undefined || found.value.length === 0 ? null : binaryOfBytes(found.value);
  });
}

export const FETCHES_PP: readonly FetchDef[] = [
  tlv('fc_pp_authority', PP2_TYPE_AUTHORITY),
  tlv('fc_pp_unique_id', PP2_TYPE_UNIQUE_ID),
  boolFetch('fc_rcvd_proxy', FRONT, (ctx) => (ctx.sess === null ? null : handshakeOf(ctx)?.rcvdProxy === true)),
];
