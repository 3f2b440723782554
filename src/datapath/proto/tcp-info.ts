// What the system measures on a TCP connection: Linux' struct tcp_info (linux/tcp.h). Read when asked for; of connections marked
// CO_FL_KEEP_INFO once more before they are closed, because their log line is made afterwards.
import { IPPROTO_TCP, TCP_INFO } from '../../sys/constants.js';
import type { Connection } from '../connection/connection.js';
import { SCRATCH_OPT, SCRATCH_OPT_BYTES } from '../fd/thread.js';

/** The words that samples read, by their offset in bytes. */
export const TCPI_UNACKED = 24;
export const TCPI_SACKED = 28;
export const TCPI_LOST = 32;
export const TCPI_RETRANS = 36;
export const TCPI_FACKETS = 40;
export const TCPI_RTT = 68; // µs
export const TCPI_RTTVAR = 72; // µs
export const TCPI_REORDERING = 88;

const KEPT_WORDS = TCPI_REORDERING / 4 + 1;

/** Of closed connections, by word. */
const kept = new WeakMap<Connection, Uint32Array>();

/** The word at `offset`; -1 where the connection is not TCP, or the system has none. */
export function connTcpInfo(conn: Connection, offset: number): number {
  if (conn.fd < 0) return kept.get(conn)?.[offset / 4] ?? -1;
  return ask(conn) < offset + 4 ? -1 : conn.thr.sys.arena.view.getUint32(SCRATCH_OPT + offset, true);
}

/** Notes what there is before the descriptor goes. */
export function connKeepTcpInfo(conn: Connection): void {
  if (ask(conn) < 4 * KEPT_WORDS) return;
  const { view } = conn.thr.sys.arena;
  kept.set(
    conn,
    Uint32Array.from({ length: KEPT_WORDS }, (_, n) => view.getUint32(SCRATCH_OPT + 4 * n, true)),
  );
}

/** Bytes at SCRATCH_OPT, or -errno. */
function ask({ fd, thr }: Connection): number {
  return thr.sys.getsockoptBytes(fd, IPPROTO_TCP, TCP_INFO, SCRATCH_OPT, SCRATCH_OPT_BYTES);
}
