// Connecting a stream's server side: a connection with the server as target, its transport, its mux, its conn-stream.
import { bugOn } from '../../base/bug.js';
import { CNT_CONNECT } from '../../proxy/counters.js';
import { csFree, csNew } from '../conn-stream/conn-stream.js';
import { type Connection, connFree, connFullClose, connInstallMux, connNew } from '../connection/connection.js';
import {
  CONNECT_HAS_DATA,
  CO_ER_NONE,
  CO_ER_SOCK_ERR,
  CO_ER_SOCKS4_SEND,
  SUB_RETRY_SEND,
} from '../connection/flags.js';
import { connGetDst, connGetSrc } from '../proto/address.js';
import type { ConnectOptions } from '../proto/connect-options.js';
import { ctrlOf } from '../proto/stream-socket.js';
import type { Address } from '../proto/types.js';
import type { Stream } from '../stream/stream.js';
import { siAttachCs } from '../stream-interface/si-conn.js';
import { handshakeSend, xprtOpen } from '../xprt/handshake.js';
import { socks4Request } from '../xprt/socks4.js';
import { proxyHeader } from './proxy-header.js';

/**
 * Where `s` connects to: the server's address, with the client's port where the line maps ports. A server `0.0.0.0` or `::`
 * stands for the address that the client went to, port 0 for its port.
 */
function destination(s: Stream): Address {
  const server = s.server!;
  const { address } = server;
  const any = address.host === '0.0.0.0' || address.host === '::';
  if (!server.mapPorts && !any) return address;
  const front = s.sess.origin;
  const local = front === null ? null : connGetDst(front);
  const mapped = server.mapPorts || address.port === 0;
  const port = mapped ? ((local?.port ?? 0) + server.portOffset) & 0xffff : address.port;
  if (!any || local === null || local.port === 0) return { ...address, port, encoded: null };
  return { ...local, port, encoded: null };
}

/** The source address that `usesrc` asks for: the client's, with its port or any, or the one of the line. */
function foreignSource(s: Stream, options: ConnectOptions): Address | null {
  if (options.usesrc === 'address') return options.usesrcAddress;
  const client = s.sess.origin === null ? null : connGetSrc(s.sess.origin);
  if (client === null || client.family !== s.server!.address.family) return null;
  return options.usesrc === 'client' ? client : { ...client, port: 0, encoded: null };
}

/** Starts connecting to `s.server`. CO_ER_NONE: on its way, the conn-stream is attached. Otherwise nothing is left behind. */
export function connectServer(s: Stream): number {
  const server = s.server;
  bugOn(server === null, 'connect: no server');
  const conn = connNew(s.thr, server!);
  conn.dst = destination(s);
  const options = server!.connectOptions;
  if (options !== null && options.usesrc !== '') conn.src = foreignSource(s, options);
  const via = options?.socks4 ?? null;
  if (via !== null || server!.conf.sendProxy !== 0) {
    const request = via === null ? null : socks4Request(conn.dst);
    if (via !== null && request === null) {
      connFree(conn); // SOCKS4 cannot go there
      return CO_ER_SOCKS4_SEND;
    }
    handshakeSend(conn, proxyHeader(s, server!), request);
  }
  const ctrl = ctrlOf((via ?? conn.dst).family);
  conn.ctrl = ctrl;
  const v = server!.counters.v;
  v[CNT_CONNECT]!++;
  const early = conn.handshake !== null || s.req.output > 0 ? CONNECT_HAS_DATA : 0;
  const code = ctrl.connect(conn, early);
  if (code !== CO_ER_NONE) {
    connFree(conn);
    return code;
  }
  if (!xprtOpen(conn, server!.xprt)) return abandon(conn);
  const cs = csNew(s.thr, conn, server!);
  if (connInstallMux(conn, server!.mux, cs, s.be, s.sess, null) < 0) {
    csFree(cs);
    return abandon(conn);
  }
  siAttachCs(s.sib, cs);
  conn.mux!.subscribe(cs, SUB_RETRY_SEND, s.sib.waitEvent!);
  return CO_ER_NONE;
}

function abandon(conn: Connection): number {
  const code = conn.errCode === CO_ER_NONE ? CO_ER_SOCK_ERR : conn.errCode;
  connFullClose(conn);
  connFree(conn);
  return code;
}
