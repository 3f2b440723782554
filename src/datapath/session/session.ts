// The session (L5): from the accepted connection on, embryonic first (handshakes, connection and session rules), then with one
// stream (TCP) or many (multiplexed). It lives as long as its connection or one of its streams needs it (C01).
import { bugOn } from '../../base/bug.js';
import type { Buf } from '../../base/buf.js';
import { tickAddIfSet } from '../../base/ticks.js';
import { TASK_WOKEN_TIMER } from '../../sched/flags.js';
import { type Task, type TaskHandler, taskDestroy, taskNew, taskQueue } from '../../sched/task.js';
import type { ConnStream } from '../conn-stream/conn-stream.js';
import {
  type Connection,
  connExpectCip,
  connExpectProxy,
  connFree,
  connFullClose,
  connInstallMux,
} from '../connection/connection.js';
import { CO_ER_NONE, CO_FL_ERROR, CO_FL_WAIT_XPRT } from '../connection/flags.js';
import type { XprtOps } from '../connection/ops.js';
import type { ConnOwner } from '../connection/types.js';
import type { Thread } from '../fd/thread.js';
import type { MuxSession } from '../mux/pt.js';
import type { Listener } from '../proto/listener.js';
import { handshakeExpired, xprtOpen } from '../xprt/handshake.js';
import type { Proxy } from '../../proxy/proxy.js';
import type { VarStore } from '../../policy/sample/vars.js';

/** What a session asks of the layers above; the same object for all sessions of an instance. */
export interface SessionHost {
  /** Asked where the frontend has such rules alone: false refuses the connection, the session. */
  connectionRules(session: Session): boolean;
  sessionRules(session: Session): boolean;
  /** The session passed its handshakes and rules: it counts. */
  sessionAdmitted(session: Session): void;
  /** A stream for `cs` of `session`, or false when it can't be made. */
  newStream(session: Session, cs: ConnStream, input: Buf | null): boolean;
  /** Connections now (not those of the runtime CLI), and the number of the next request: what logs show. */
  readonly connections?: number;
  nextStreamId?(): number;
  /** A session ended that never had a stream: it is logged here or nowhere. */
  embryonicEnded(session: Session, errCode: number): void;
  /** The session is gone. */
  sessionEnded(session: Session): void;
}

export class Session implements ConnOwner, MuxSession {
  readonly thr: Thread;
  readonly host: SessionHost;
  readonly fe: Proxy;
  readonly listener: Listener;
  /** The front connection, and the same while it lives: addresses that were asked for can be read behind its end. */
  readonly front: Connection;
  origin: Connection | null;
  /** Streams that reference it. */
  streams = 0;
  /** Streams it ever had. */
  streamsTotal = 0;
  /** From the accept to the end of the handshakes. */
  handshakeMs = 0;
  acceptMs: number; // wall clock
  acceptTick: number;
  /** Only while embryonic with handshakes pending. */
  task: Task | null = null;
  /** Variables of scope `sess`; null until one is set. */
  vars: VarStore | null = null;

  constructor(thr: Thread, host: SessionHost, fe: Proxy, listener: Listener, origin: Connection) {
    this.thr = thr;
    this.host = host;
    this.fe = fe;
    this.listener = listener;
    this.front = origin;
    this.origin = origin;
    this.acceptMs = thr.sched.clock[1]!;
    this.acceptTick = thr.sched.now;
    thr.counters.sessions++;
  }

  newStream(cs: ConnStream, input: Buf | null): boolean {
    return this.host.newStream(this, cs, input);
  }

  connReady(conn: Connection, input: Buf | null): number {
    if ((conn.flags & CO_FL_ERROR) === 0) return sessionComplete(this, conn, input);
    sessionKill(this, conn);
    return -1;
  }

  connReleased(conn: Connection): void {
    if (this.origin !== conn) return; // a private back connection
    this.origin = null;
    sessionPut(this);
  }
}

/** Entry of every accepted connection. Negative: it was refused and closed. `xprt`: what lies over the socket. */
export function sessionAccept(
  conn: Connection,
  listener: Listener,
  fe: Proxy,
  host: SessionHost,
  xprt: XprtOps,
): number {
  const sess = new Session(conn.thr, host, fe, listener, conn);
  conn.owner = sess;
  const { conf } = listener;
  if (conf.acceptProxy) connExpectProxy(conn);
  if (conf.netscalerCip !== 0) connExpectCip(conn, conf.netscalerCip);
  if (fe.rules !== null && fe.rules.reqConnection.length > 0 && !host.connectionRules(sess)) {
    sessionRefuse(sess, conn);
    return -1;
  }
  if (!xprtOpen(conn, xprt)) {
    sessionKill(sess, conn);
    return -1;
  }
  if ((conn.flags & CO_FL_WAIT_XPRT) !== 0) {
    // Embryonic: the handshake's own transport goes on, and says connReady when it is done.
    sess.task = taskNew(sess.thr.sched, embryonicExpired, sess);
    sess.task.expire = tickAddIfSet(sess.thr.sched.now, fe.conf.timeouts.client);
    taskQueue(sess.task);
    return 0;
  }
  return sessionComplete(sess, conn, null);
}

/** All handshakes are over: the mux goes on, and with it the first stream. `input`: what came behind them. */
function sessionComplete(sess: Session, conn: Connection, input: Buf | null): number {
  if (sess.task !== null) {
    taskDestroy(sess.task);
    sess.task = null;
    sess.handshakeMs = (sess.thr.sched.now - sess.acceptTick) | 0;
  }
  const { rules } = sess.fe;
  if (rules !== null && rules.reqSession.length > 0 && !sess.host.sessionRules(sess)) {
    sessionRefuse(sess, conn);
    return -1;
  }
  sess.host.sessionAdmitted(sess);
  if (connInstallMux(conn, sess.listener.mux, null, sess.fe, sess, input) < 0) {
    sessionKill(sess, conn);
    return -1;
  }
  return 0;
}

const embryonicExpired: TaskHandler = (t, context, state) => {
  if ((state & TASK_WOKEN_TIMER) === 0) return t;
  const sess = context as Session;
  const conn = sess.origin!;
  if (conn.errCode === CO_ER_NONE) handshakeExpired(conn);
  sess.task = null;
  taskDestroy(t);
  sessionKill(sess, conn);
  return null;
};

/** Closes the front connection of a session that has no stream. */
export function sessionKill(sess: Session, conn: Connection): void {
  if (sess.task !== null) {
    taskDestroy(sess.task);
    sess.task = null;
  }
  if (sess.streamsTotal === 0) sess.host.embryonicEnded(sess, conn.errCode);
  if (conn.subs !== null) {
    conn.subs.events = 0;
    conn.subs = null;
  }
  connFullClose(conn);
  connFree(conn);
}

/** Rules said no: the session goes without a word, also in the log. */
function sessionRefuse(sess: Session, conn: Connection): void {
  if (conn.subs !== null) {
    conn.subs.events = 0;
    conn.subs = null;
  }
  connFullClose(conn);
  connFree(conn);
  bugOn(sess.origin !== null, 'session: refused, and still there');
}

/** A stream references the session. */
export function sessionGet(sess: Session): void {
  sess.streams++;
  sess.streamsTotal++;
}

/** A stream, or the connection, no longer references it. */
export function sessionPut(sess: Session): void {
  if (sess.streams > 0 || sess.origin !== null) return;
  bugOn(sess.task !== null, 'session: freed while embryonic');
  if (sess.vars !== null) sess.vars.release();
  sess.thr.counters.sessions--;
  sess.listener.sessionEnded();
  sess.host.sessionEnded(sess);
}
