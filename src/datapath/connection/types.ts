// What plugs into the connection, as seen from it. Declarations only.
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

/** What a connection needs of its owner (the session), reached through the slot `conn.owner`. */
export interface ConnOwner {
  /** The last handshake is over: install the mux. Negative: refused, the owner has closed the connection. */
  connReady(conn: Connection): number;
  /** The connection is being freed; the owner must forget it. */
  connReleased(conn: Connection): void;
}
