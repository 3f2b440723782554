// The connection: a descriptor with its ctrl layer, its stack of transports and its mux. It knows none of them by name.
//
// `ctx` belongs to whoever owns the connection: the accepting side until a mux is installed, the mux afterwards (C03).
// `owner` is opaque: the session of a front connection, or of a private back connection; null where it is shared (C01).
import { bug, bugOn } from '../../base/bug.js';
import type { Buf } from '../../base/buf.js';
import { ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, EPIPE, ETIMEDOUT } from '../../sys/errno.js';
import type { FdIocb } from '../fd/fdtab.js';
import { FD_EV_ACTIVE_R, FD_EV_ACTIVE_W, FD_EV_READY_R, FD_EV_READY_W, FD_POLL_ERR, FD_POLL_HUP } from '../fd/flags.js';
import type { Thread } from '../fd/thread.js';
import { taskletWakeup } from '../../sched/task.js';
import {
  CO_ER_NONE,
  CO_ER_REFUSED,
  CO_ER_RESET,
  CO_ER_SOCK_ERR,
  CO_ER_TIMEOUT,
  CO_ER_UNREACH,
  CO_FL_CTRL_READY,
  CO_FL_ACCEPT_CIP,
  CO_FL_ACCEPT_PROXY,
  CO_FL_ERROR,
  CO_FL_IN_IDLE_LIST,
  CO_FL_RST_SEEN,
  CO_FL_SOCK_RD_SH,
  CO_FL_SOCK_WR_SH,
  CO_FL_WAIT_L4_CONN,
  CO_FL_XPRT_READY,
  MX_FL_NO_UPG,
  SUB_RETRY_RECV,
  SUB_RETRY_SEND,
} from './flags.js';
import type { CtrlOps, MuxOps, XprtOps } from './ops.js';
import type { ConnOwner, HandshakeInfo, Target } from './types.js';
import type { WaitEvent } from './wait-event.js';
import type { Address } from '../proto/types.js';

export const NO_FD = -1;

export class Connection {
  readonly thr: Thread;
  /** Where it goes (server, proxy) or came in (listener). Never null (C02). */
  readonly target: Target;
  flags = 0; // CO_FL_*
  fd = NO_FD;
  errCode = CO_ER_NONE; // CO_ER_*, set by the first layer to know
  sockErrno = 0; // errno behind CO_ER_SOCK_ERR and its like
  ctrl: CtrlOps | null = null;
  xprt: XprtOps | null = null; // top of the stack
  xprtCtx: unknown = null;
  mux: MuxOps | null = null;
  ctx: unknown = null;
  owner: ConnOwner | null = null;
  subs: WaitEvent | null = null; // who waits at the socket; one for both directions (C22)
  /** Peer of an IPv4 connection, kept as two integers; `src` is decoded when somebody asks (connGetSrc in proto/). */
  srcIp4 = 0;
  srcPort = 0;
  src: Address | null = null; // a PROXY header or `set-src` may give another
  dst: Address | null = null;
  /** What a handshake brought or has to bring; null where there was none. */
  handshake: HandshakeInfo | null = null;
  /** Links of the idle list it is in. */
  idlePrev: Connection | null = null;
  idleNext: Connection | null = null;

  constructor(thr: Thread, target: Target) {
    this.thr = thr;
    this.target = target;
    thr.counters.connections++;
  }
}

/** A connection of `thr` with its target, and nothing else yet. */
export function connNew(thr: Thread, target: Target): Connection {
  bugOn((target as Target | null | undefined) == null, 'connNew: a connection never exists without a target');
  return new Connection(thr, target);
}

/** The end of an object whose layers are all gone. */
export function connFree(conn: Connection): void {
  bugOn((conn.flags & (CO_FL_CTRL_READY | CO_FL_XPRT_READY)) !== 0, 'connFree: layers are still there');
  bugOn((conn.flags & CO_FL_IN_IDLE_LIST) !== 0, 'connFree: still in an idle list');
  bugOn(conn.subs !== null, 'connFree: somebody waits');
  const { owner } = conn;
  conn.ctx = null;
  conn.mux = null;
  conn.owner = null;
  conn.thr.counters.connections--;
  if (owner !== null) owner.connReleased(conn);
}

/** Puts the descriptor under the connection. `ready`: FD_EV_READY_* that may be tried at once. */
export function connCtrlInit(conn: Connection, ctrl: CtrlOps, fd: number, ready: number): void {
  bugOn((conn.flags & CO_FL_CTRL_READY) !== 0, 'connCtrlInit: twice');
  conn.ctrl = ctrl;
  conn.fd = fd;
  conn.thr.fdtab.insert(fd, conn, connFdIocb, ready);
  conn.flags |= CO_FL_CTRL_READY;
}

/** connect() was started: nothing has proven yet that it went through (C06). */
export function connWaitL4(conn: Connection): void {
  conn.flags |= CO_FL_WAIT_L4_CONN;
}

/** A PROXY header must come first; said before the transport is initialised (`accept-proxy`, `expect-proxy layer4`). */
export function connExpectProxy(conn: Connection): void {
  conn.flags |= CO_FL_ACCEPT_PROXY;
}

/** A NetScaler CIP header with this magic number must come first; said before the transport is initialised. */
export function connExpectCip(conn: Connection, magic: number): void {
  conn.flags |= CO_FL_ACCEPT_CIP;
  connHandshake(conn).cipMagic = magic >>> 0;
}

/** What its handshakes are about; made when first asked for. */
export function connHandshake(conn: Connection): HandshakeInfo {
  conn.handshake ??= { rcvdProxy: false, tlvs: null, cipMagic: 0, header: null, socks4: null };
  return conn.handshake;
}

/** Puts `xprt` on top of the stack. False, with CO_FL_ERROR set, when its init() refuses. */
export function connXprtInit(conn: Connection, xprt: XprtOps): boolean {
  const ctx = xprt.init(conn);
  if ((conn.flags & CO_FL_ERROR) !== 0) return false;
  conn.xprt = xprt;
  conn.xprtCtx = ctx;
  conn.flags |= CO_FL_XPRT_READY;
  return true;
}

/** Closes transports and descriptor. Subscriptions are gone before. */
export function connFullClose(conn: Connection): void {
  if ((conn.flags & CO_FL_XPRT_READY) !== 0) {
    conn.flags &= ~CO_FL_XPRT_READY;
    conn.xprt!.close(conn, conn.xprtCtx);
    conn.xprt = null;
    conn.xprtCtx = null;
  }
  if ((conn.flags & CO_FL_CTRL_READY) !== 0) {
    conn.ctrl!.close(conn);
    conn.flags &= ~CO_FL_CTRL_READY;
    conn.fd = NO_FD;
  }
}

/** Reads and drops what is there through the ctrl layer (C24). True when the peer's end was seen. */
export function connCtrlDrain(conn: Connection): boolean {
  if ((conn.flags & CO_FL_CTRL_READY) === 0) return true;
  if ((conn.flags & (CO_FL_ERROR | CO_FL_SOCK_RD_SH)) !== 0) return true;
  const ended = conn.ctrl!.drain(conn);
  if (ended) conn.flags |= CO_FL_SOCK_RD_SH;
  return ended;
}

/** SHUT_WR on the socket, once. */
export function connSockShutw(conn: Connection): void {
  if ((conn.flags & (CO_FL_CTRL_READY | CO_FL_SOCK_WR_SH)) !== CO_FL_CTRL_READY) return;
  conn.flags |= CO_FL_SOCK_WR_SH;
  conn.thr.sys.shutdown(conn.fd, 1);
}

/**
 * Installs `mux` on a connection that has none. 0, or the mux's negative answer with the connection as it was.
 * `input`: bytes already received, which become the mux's.
 */
export function connInstallMux(
  conn: Connection,
  mux: MuxOps,
  ctx: unknown,
  proxy: unknown,
  session: unknown,
  input: Buf | null,
): number {
  bugOn(conn.mux !== null, 'connInstallMux: there is one');
  conn.mux = mux;
  conn.ctx = ctx;
  const r = mux.init(conn, proxy, session, input);
  if (r < 0) {
    conn.mux = null;
    conn.ctx = null;
  }
  return r;
}

/**
 * Replaces the mux of a living connection: the connection stays, `input` (bytes already read) goes to the new mux's init,
 * the old one frees what is its own (C17). Negative when refused or failed: old mux, context and input are as they were (C04).
 */
export function connUpgradeMux(
  conn: Connection,
  mux: MuxOps,
  ctx: unknown,
  proxy: unknown,
  session: unknown,
  input: Buf | null,
): number {
  const oldMux = conn.mux;
  const oldCtx = conn.ctx;
  if (oldMux === null) bug('connUpgradeMux: no mux to replace');
  if ((oldMux.flags & MX_FL_NO_UPG) !== 0) return -1;
  conn.mux = mux;
  conn.ctx = ctx;
  // The new mux may subscribe in its init: the old one, which has nothing more to wait for, must be out of the way (C17).
  const waiting = conn.subs;
  const events = waiting === null ? 0 : waiting.events;
  if (waiting !== null) conn.xprt!.unsubscribe(conn, conn.xprtCtx, events, waiting);
  const r = mux.init(conn, proxy, session, input);
  if (r < 0) {
    conn.mux = oldMux;
    conn.ctx = oldCtx;
    if (waiting !== null) conn.xprt!.subscribe(conn, conn.xprtCtx, events, waiting);
    return r;
  }
  conn.thr.counters.upgrades++;
  oldMux.destroy(oldCtx);
  return 0;
}

/** Notes an errno: CO_FL_ERROR, and `errCode` unless a layer knew before. */
export function connSetErrno(conn: Connection, no: number): void {
  conn.flags |= CO_FL_ERROR | CO_FL_SOCK_RD_SH | CO_FL_SOCK_WR_SH;
  if (no === ECONNRESET || no === EPIPE) conn.flags |= CO_FL_RST_SEEN;
  if (conn.errCode !== CO_ER_NONE) return;
  conn.sockErrno = no;
  if (no === ECONNREFUSED) conn.errCode = CO_ER_REFUSED;
  else if (no === EHOSTUNREACH || no === ENETUNREACH) conn.errCode = CO_ER_UNREACH;
  else if (no === ETIMEDOUT) conn.errCode = CO_ER_TIMEOUT;
  else if (no === ECONNRESET) conn.errCode = CO_ER_RESET;
  else conn.errCode = CO_ER_SOCK_ERR;
}

/** Subscribes `es` at the socket itself; bottom transports' `subscribe`. */
export function connSubscribe(conn: Connection, events: number, es: WaitEvent): void {
  bugOn(conn.subs !== null && conn.subs !== es, 'a second subscriber on a connection');
  if ((conn.flags & CO_FL_CTRL_READY) === 0) {
    taskletWakeup(es.tasklet); // no descriptor: the caller finds the error or the end itself
    return;
  }
  const { fdtab } = conn.thr;
  const state = fdtab.state[conn.fd]!;
  // A direction that is ready was not tried to its end: the wake-up is due now.
  let ready = 0;
  if ((events & SUB_RETRY_RECV) !== 0 && (state & FD_EV_READY_R) !== 0) ready |= SUB_RETRY_RECV;
  if ((events & SUB_RETRY_SEND) !== 0 && (state & FD_EV_READY_W) !== 0) ready |= SUB_RETRY_SEND;
  if ((conn.flags & CO_FL_WAIT_L4_CONN) !== 0) ready = 0;
  if (ready !== 0) taskletWakeup(es.tasklet);
  const wait = events & ~ready;
  if (wait === 0) return;
  es.events |= wait;
  conn.subs = es;
  if ((wait & SUB_RETRY_RECV) !== 0) fdtab.wantRecv(conn.fd);
  if ((wait & SUB_RETRY_SEND) !== 0) fdtab.wantSend(conn.fd);
}

export function connUnsubscribe(conn: Connection, events: number, es: WaitEvent): void {
  bugOn(conn.subs !== null && conn.subs !== es, 'unsubscribes another subscriber');
  es.events &= ~events;
  if (es.events === 0) conn.subs = null;
  if ((conn.flags & CO_FL_CTRL_READY) === 0) return;
  const { fdtab } = conn.thr;
  if ((events & SUB_RETRY_RECV) !== 0) fdtab.stopRecv(conn.fd);
  if ((events & SUB_RETRY_SEND) !== 0) fdtab.stopSend(conn.fd);
}

/** I/O callback of every connection's descriptor. */
export const connFdIocb: FdIocb = (owner, fd, state) => {
  const conn = owner as Connection;
  if ((conn.flags & CO_FL_WAIT_L4_CONN) !== 0 && !connCheckL4(conn, state)) return;
  const es = conn.subs;
  if (es !== null) {
    let got = 0;
    if ((state & FD_EV_READY_R) !== 0) got |= SUB_RETRY_RECV;
    if ((state & FD_EV_READY_W) !== 0) got |= SUB_RETRY_SEND;
    got &= es.events;
    if (got !== 0) {
      es.events &= ~got;
      if (es.events === 0) conn.subs = null;
      const clear =
        ((got & SUB_RETRY_RECV) !== 0 ? FD_EV_ACTIVE_R : 0) | ((got & SUB_RETRY_SEND) !== 0 ? FD_EV_ACTIVE_W : 0);
      conn.thr.fdtab.state[fd]! &= ~clear;
      taskletWakeup(es.tasklet);
      return;
    }
  }
  // Nobody waits in this direction, but an error or a hang-up concerns everybody.
  if ((state & (FD_POLL_ERR | FD_POLL_HUP)) === 0 || conn.mux === null) return;
  if ((state & FD_POLL_ERR) !== 0 && (conn.flags & CO_FL_SOCK_RD_SH) !== 0 && conn.thr.fdtab.completion) {
    // Input has ended, so no receive will tell: a send that had been taken may have failed since.
    const no = conn.thr.sys.sockError(fd);
    if (no > 0) connSetErrno(conn, no);
  }
  conn.mux.wake(conn);
};

/** An event came while connect() was pending. False: it proves nothing yet. Errors are put into the connection. */
function connCheckL4(conn: Connection, state: number): boolean {
  if ((state & (FD_POLL_ERR | FD_POLL_HUP)) !== 0) {
    const no = conn.thr.sys.sockError(conn.fd);
    connSetErrno(conn, no > 0 ? no : ECONNREFUSED);
    conn.flags &= ~CO_FL_WAIT_L4_CONN;
    return true;
  }
  if ((state & FD_EV_READY_W) === 0) return false;
  conn.flags &= ~CO_FL_WAIT_L4_CONN;
  return true;
}
