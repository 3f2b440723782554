// `option tcplog json` (ours): one JSON object for each session, with what the TCP line has, and names.
import type { Address } from '../../datapath/proto/types.js';
import type { Stream } from '../../datapath/stream/stream.js';
import { connGetSrc } from '../../datapath/proto/address.js';
import { terminationCode } from '../../datapath/stream/flags.js';
import { CNT_SCUR } from '../../proxy/counters.js';
import { TICK_ETERNITY } from '../../base/ticks.js';

interface JsonAddress {
  readonly ip?: string;
  readonly port?: number;
  readonly unix?: string;
}

function address(a: Address | null): JsonAddress | null {
  if (a === null) return null;
  return a.port === 0 && a.host.startsWith('/') ? { unix: a.host } : { ip: a.host, port: a.port };
}

function between(from: number, to: number): number | null {
  return from === TICK_ETERNITY || to === TICK_ETERNITY ? null : (to - from) | 0;
}

/** Times in ms, null where it never came to that; bytes in and out as the client sees them. A binary string: ASCII. */
export function sessionJson(s: Stream): string {
  const { sess, server } = s;
  const { now } = sess.thr.sched;
  const record = {
    time: new Date(sess.acceptMs).toISOString(),
    frontend: sess.fe.name,
    listener: sess.listener.conf.name || String(sess.listener.conf.id),
    backend: s.be.name,
    server: server?.name ?? null,
    client: address(connGetSrc(sess.front)),
    local: address(sess.front.dst),
    source: address(s.backSrc),
    destination: address(s.backDst ?? server?.address ?? null),
    handshakeMs: sess.handshakeMs,
    waitMs: between(sess.acceptTick, s.connectTick),
    connectMs: between(s.connectTick, s.connectedTick),
    totalMs: (now - sess.acceptTick) | 0,
    bytesIn: s.bytesIn,
    bytesOut: s.bytesOut,
    termination: terminationCode(s.flags),
    retries: s.retries,
    active: {
      process: sess.host.connections ?? 0,
      frontend: sess.fe.fe.v[CNT_SCUR]!,
      backend: s.be.be.v[CNT_SCUR]!,
      server: server?.counters.v[CNT_SCUR] ?? 0,
    },
    queued: { server: s.queuePosSrv, backend: s.queuePosBe },
  };
  return JSON.stringify(record).replace(
    /[\u0080-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
