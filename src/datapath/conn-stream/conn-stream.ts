// The conn-stream: one stream's end of a connection. Below it the mux, above it the data layer (a stream-interface, or a
// check). It always has a target, also while it has no connection (C02).
import { bugOn } from '../../base/bug.js';
import { type Connection, connFree, connFullClose, connNew } from '../connection/connection.js';
import { CS_SHR_RESET, CS_SHW_SILENT } from '../connection/flags.js';
import type { Target } from '../connection/types.js';
import type { Thread } from '../fd/thread.js';
import { CS_FL_SHR, CS_FL_SHRD, CS_FL_SHRR, CS_FL_SHW, CS_FL_SHWN, CS_FL_SHWS } from './flags.js';

/** How the mux speaks to the layer above a conn-stream. */
export interface DataCb {
  readonly name: string;
  /** The connection's state changed and nobody was subscribed to hear it. Negative: the conn-stream is gone. */
  wake(cs: ConnStream): number;
}

export class ConnStream {
  readonly thr: Thread;
  readonly target: Target;
  flags = 0; // CS_FL_*
  conn: Connection | null;
  /** The mux's own object for this stream; null where the mux has none. */
  ctx: unknown = null;
  /** The layer above, and how to reach it. */
  data: unknown = null;
  dataCb: DataCb | null = null;

  constructor(thr: Thread, conn: Connection | null, target: Target) {
    this.thr = thr;
    this.conn = conn;
    this.target = target;
    thr.counters.connStreams++;
  }
}

/** A conn-stream on `conn`; without one it creates a connection with `target` (health checks). */
export function csNew(thr: Thread, conn: Connection | null, target: Target): ConnStream {
  bugOn((target as Target | null | undefined) == null, 'csNew: no target');
  return new ConnStream(thr, conn ?? connNew(thr, target), target);
}

/** Puts the layer above on it. */
export function csAttachData(cs: ConnStream, data: unknown, cb: DataCb | null): void {
  cs.data = data;
  cs.dataCb = cb;
}

/** Detaches from mux and connection and ends it. The mux decides what becomes of the connection. */
export function csDestroy(cs: ConnStream): void {
  const conn = cs.conn;
  cs.data = null;
  cs.dataCb = null;
  if (conn !== null) {
    if (conn.mux !== null) conn.mux.detach(cs);
    else {
      connFullClose(conn);
      connFree(conn);
    }
    cs.conn = null;
  }
  csFree(cs);
}

/** Only for muxes and csDestroy: the object's end, nothing is detached. */
export function csFree(cs: ConnStream): void {
  cs.thr.counters.connStreams--;
}

/** Ends receiving, once. `mode`: CS_SHR_DRAIN or CS_SHR_RESET. */
export function csShutr(cs: ConnStream, mode: number): void {
  if ((cs.flags & CS_FL_SHR) !== 0) return;
  const conn = cs.conn;
  if (conn?.mux != null) conn.mux.shutr(cs, mode);
  cs.flags |= mode === CS_SHR_RESET ? CS_FL_SHRR : CS_FL_SHRD;
}

/** Ends sending, once. `mode`: CS_SHW_NORMAL or CS_SHW_SILENT. */
export function csShutw(cs: ConnStream, mode: number): void {
  if ((cs.flags & CS_FL_SHW) !== 0) return;
  const conn = cs.conn;
  if (conn?.mux != null) conn.mux.shutw(cs, mode);
  cs.flags |= mode === CS_SHW_SILENT ? CS_FL_SHWS : CS_FL_SHWN;
}

/** Both directions, at once. */
export function csClose(cs: ConnStream): void {
  csShutw(cs, CS_SHW_SILENT);
  csShutr(cs, CS_SHR_RESET);
}
