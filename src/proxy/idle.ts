// The idle connections of a server: those that no stream uses and that could carry one at once. A mux says so by two reports
// (C20): usedStreams() is 0, and availStreams() is above 0; a connection that is exhausted but unused, or whose peer allows
// fewer streams than it carries, is neither idle nor closed here. The list runs through the connections themselves.
//
//     first ⇄ … ⇄ last      last: the one that became idle latest, and the first to be used again (its windows are warm)
import { bug, bugOn } from '../base/bug.js';
import type { Connection } from '../datapath/connection/connection.js';
import { CO_FL_ERROR, CO_FL_IN_IDLE_LIST, CO_FL_PRIVATE, CO_FL_SOCK_RD_SH } from '../datapath/connection/flags.js';

export class IdleList {
  private head: Connection | null = null;
  private tail: Connection | null = null;
  /** Connections in the list. */
  length = 0;
  /** Most connections that may be added up to (`pool-max-conn`); -1: no limit. Lowering it drops none that is there. */
  max: number;

  constructor(max: number) {
    this.max = max;
  }

  /**
   * The mux of `conn` reports that its streams changed. True: it is idle now and belongs to the list. False: it does not (any
   * more); the mux keeps it when it has streams, and closes it when it has none.
   */
  report(conn: Connection): boolean {
    const inList = (conn.flags & CO_FL_IN_IDLE_LIST) !== 0;
    const { mux } = conn;
    if (mux === null) bug('idle: a connection without mux');
    const unfit = (conn.flags & (CO_FL_PRIVATE | CO_FL_ERROR | CO_FL_SOCK_RD_SH)) !== 0;
    if (unfit || mux.usedStreams(conn) !== 0 || mux.availStreams(conn) <= 0) {
      if (inList) this.remove(conn);
      return false;
    }
    if (inList) return true;
    if (this.max >= 0 && this.length >= this.max) return false;
    conn.idlePrev = this.tail;
    conn.idleNext = null;
    if (this.tail === null) this.head = conn;
    else this.tail.idleNext = conn;
    this.tail = conn;
    conn.flags |= CO_FL_IN_IDLE_LIST;
    this.length++;
    return true;
  }

  /** The connection that became idle latest, out of the list; null when there is none. */
  take(): Connection | null {
    const conn = this.tail;
    if (conn !== null) this.remove(conn);
    return conn;
  }

  /** The one that is idle for the longest time (purges); it stays in the list. */
  oldest(): Connection | null {
    return this.head;
  }

  /** `conn` leaves the list: it is used again, or about to be closed. */
  remove(conn: Connection): void {
    bugOn((conn.flags & CO_FL_IN_IDLE_LIST) === 0, 'idle: not in the list');
    if (conn.idlePrev === null) this.head = conn.idleNext;
    else conn.idlePrev.idleNext = conn.idleNext;
    if (conn.idleNext === null) this.tail = conn.idlePrev;
    else conn.idleNext.idlePrev = conn.idlePrev;
    conn.idlePrev = null;
    conn.idleNext = null;
    conn.flags &= ~CO_FL_IN_IDLE_LIST;
    this.length--;
  }
}
