// What plugs into the connection, as seen from it. Declarations only.
import type { Buf } from '../../base/buf.js';
import type { Tasklet } from '../../sched/task.js';
import type { Connection } from './connection.js';

/** Where a connection goes or comes from: never null, fixed for life (C02). Listeners, servers, proxies, applets. */
export interface Target {
  /** TARGET_* */
  readonly targetType: number;
  /** For messages, dumps: `fe`, `be/s1`. */
  readonly targetName: string;
}

export const TARGET_LISTENER = 1;
export const TARGET_SERVER = 2;
export const TARGET_PROXY = 3;
export const TARGET_APPLET = 4;

/** A layer's wish to be woken: one for each waiting layer, typed (C22). */
export interface WaitEventFace {
  readonly tasklet: Tasklet;
  /** SUB_RETRY_* that are subscribed now. */
  events: number;
}

/** A pipe that carries bytes between two sockets without user space. */
export interface PipeFace {
  readonly rfd: number;
  readonly wfd: number;
  readonly size: number;
  /** Bytes inside. */
  data: number;
}

/** One type-length-value of a PROXY v2 header (specification 2.2). */
export interface ProxyTlv {
  readonly type: number;
  readonly value: Uint8Array;
}

/** What handshakes of a connection are about. */
export interface HandshakeInfo {
  /** A PROXY header was received. */
  rcvdProxy: boolean;
  /** Of the PROXY v2 header that was received, in its order; null where there was none, or no TLV in it. */
  tlvs: readonly ProxyTlv[] | null;
  /** Magic number that a CIP header must start with. */
  cipMagic: number;
  /** PROXY header to be sent. */
  header: Uint8Array | null;
  /** SOCKS4 request to be sent. */
  socks4: Uint8Array | null;
}

/** What a connection needs of its owner (the session), reached through the slot `conn.owner`. */
export interface ConnOwner {
  /**
   * The handshakes are over: install the mux. `input`: bytes that came behind them, which are the mux's once it has taken
   * them (its area is gone then). With CO_FL_ERROR they failed. Negative: the owner has closed the connection.
   */
  connReady(conn: Connection, input: Buf | null): number;
  /** The connection is being freed; the owner must forget it. */
  connReleased(conn: Connection): void;
}
