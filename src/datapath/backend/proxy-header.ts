// The PROXY header that a stream's connection to its server starts with: the client's connection as the server shall see it.
import { bytesOf } from '../../policy/sample/binary.js';
import { uniqueIdOf } from '../../policy/sample/log-format.js';
import { SMP_OPT_DIR_REQ, SMP_OPT_FINAL } from '../../policy/sample/types.js';
import { PP_AUTHORITY, PP_CRC32C, PP_SSL, PP_UNIQUE_ID, PP_V2 } from '../../config/types.js';
import type { Server } from '../../proxy/server.js';
import type { Connection } from '../connection/connection.js';
import { connGetDst, connGetSrc } from '../proto/address.js';
import type { Stream } from '../stream/stream.js';
import { proxyV1Write } from '../xprt/proxy-v1.js';
import { PP2_TYPE_AUTHORITY, proxyV2Write } from '../xprt/proxy-v2.js';

/** The header that `server` wants, or null for none. */
export function proxyHeader(s: Stream, server: Server): Uint8Array | null {
  const options = server.conf.sendProxy;
  if (options === 0) return null;
  const { front } = s.sess;
  const src = connGetSrc(front);
  const dst = connGetDst(front);
  if ((options & PP_V2) === 0) return proxyV1Write(src, dst);
  return proxyV2Write(src, dst, {
    crc32c: (options & PP_CRC32C) !== 0,
    authority: (options & PP_AUTHORITY) !== 0 ? authority(front) : null,
    uniqueId: (options & PP_UNIQUE_ID) !== 0 ? uniqueId(s) : null,
    tls: (options & PP_SSL) !== 0,
  });
}

/** The name that the client asked for, where a PROXY header told it; the last one counts. */
function authority(front: Connection): Uint8Array | null {
  const found = front.handshake?.tlvs?.findLast((t) => t.type === PP2_TYPE_AUTHORITY);
  return found === undefined || found.value.length === 0 ? null : found.value;
}

function uniqueId(s: Stream): Uint8Array | null {
  const id = uniqueIdOf({ px: s.sess.fe, sess: s.sess, strm: s, opt: SMP_OPT_DIR_REQ | SMP_OPT_FINAL });
  return id === null ? null : bytesOf(id);
}
