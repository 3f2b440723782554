// The pass-through mux: one conn-stream over one connection, bytes as they are. The smallest whole mux, and the tutorial for
// the others. It serves TCP proxies alone (C05); `mux_pt` may be upgraded to an HTTP mux, `mux_none` (proto none) never (C16).
import { bug, bugOn } from '../../base/bug.js';
import type { Buf } from '../../base/buf.js';
import { SYS_F_SPLICE } from '../../sys/types.js';
import type { TaskletHandler } from '../../sched/task.js';
import { type ConnStream, csNew } from '../conn-stream/conn-stream.js';
import {
  CS_FL_EOS,
  CS_FL_ERROR,
  CS_FL_ERR_PENDING,
  CS_FL_MAY_SPLICE,
  CS_FL_RCV_MORE,
  CS_FL_SHR,
  CS_FL_SHW,
  CS_FL_WANT_ROOM,
} from '../conn-stream/flags.js';
import { type Connection, connCtrlDrain, connFree, connFullClose, connSockShutw } from '../connection/connection.js';
import {
  CO_FL_ERROR,
  CO_FL_SOCK_RD_SH,
  CO_FL_SOCK_WR_SH,
  CO_FL_WAIT_XPRT,
  CO_FL_XPRT_READY,
  CS_SHR_DRAIN,
  CS_SHW_NORMAL,
  CO_ER_NONE,
  CO_ER_PRX_EMPTY,
  CO_ER_SOCKS4_ABORT,
  CO_ER_TIMEOUT,
  MUX_ES_INTERNAL_ERR,
  MUX_ES_INVALID_ERR,
  MUX_ES_SUCCESS,
  MUX_ES_TOUT_ERR,
  MUX_ES_UNKNOWN,
  MUX_EXIT_STATUS,
  MUX_STATUS,
  MUX_STATUS_READY,
  MX_FL_NONE,
  MX_FL_NO_UPG,
  SUB_RETRY_RECV,
} from '../connection/flags.js';
import type { MuxOps } from '../connection/ops.js';
import type { PipeFace } from '../connection/types.js';
import { WaitEvent, waitEventFree } from '../connection/wait-event.js';

/** What a mux needs of the session it is given: a way to get a stream for a new conn-stream, up through a slot. */
export interface MuxSession {
  /** A stream for `cs`; `input` (may be null) becomes its first input. False: refused, the cs is still the mux's. */
  newStream(cs: ConnStream, input: Buf | null): boolean;
}

export class MuxPt {
  readonly conn: Connection;
  cs: ConnStream | null = null;
  /** Only while there is no conn-stream to wait in its place. */
  waitEvent: WaitEvent | null = null;
  freed = false;

  constructor(conn: Connection) {
    this.conn = conn;
    conn.thr.counters.muxes++;
  }
}

function init(conn: Connection, _proxy: unknown, session: unknown, input: Buf | null): number {
  const back = conn.ctx as ConnStream | null; // the back side brings its conn-stream, the front side gets one
  const m = new MuxPt(conn);
  if (back !== null) {
    m.cs = back;
    back.ctx = m;
    conn.ctx = m;
    maySplice(m);
    return 0;
  }
  const cs = csNew(conn.thr, conn, conn.target);
  cs.ctx = m;
  m.cs = cs;
  conn.ctx = m;
  maySplice(m);
  if (!(session as MuxSession).newStream(cs, input)) {
    m.cs = null;
    cs.conn = null;
    conn.thr.counters.connStreams--;
    m.freed = true;
    conn.thr.counters.muxes--;
    return -1;
  }
  return 0;
}

/** This mux has no buffer of its own: what follows may be spliced wherever the transport can. */
function maySplice(m: MuxPt): void {
  const { conn } = m;
  if (conn.xprt?.rcvPipe != null && (conn.thr.sys.features & SYS_F_SPLICE) !== 0) m.cs!.flags |= CS_FL_MAY_SPLICE;
}

/** I/O callback while the mux itself waits: no conn-stream, or one that nobody serves yet. */
const ioCb: TaskletHandler = (t, context) => {
  const m = context as MuxPt;
  const { conn } = m;
  if (m.cs !== null) {
    // A receive subscriber has its own tasklet; it alone is woken, not the data layer's wake (C18).
    if (conn.subs !== null) return t;
    if (m.cs.dataCb !== null) m.cs.dataCb.wake(m.cs);
    return t;
  }
  connCtrlDrain(conn);
  if ((conn.flags & (CO_FL_ERROR | CO_FL_SOCK_RD_SH)) !== 0) {
    destroyCtx(m);
    return null;
  }
  conn.xprt!.subscribe(conn, conn.xprtCtx, SUB_RETRY_RECV, m.waitEvent!);
  return t;
};

function wake(conn: Connection): number {
  const m = conn.ctx as MuxPt;
  if (m.cs !== null) return m.cs.dataCb === null ? 0 : m.cs.dataCb.wake(m.cs);
  connCtrlDrain(conn);
  if ((conn.flags & (CO_FL_ERROR | CO_FL_SOCK_RD_SH)) === 0) return 0;
  destroyCtx(m);
  return -1;
}

function rcvBuf(cs: ConnStream, buf: Buf, count: number, flags: number): number {
  const conn = cs.conn!;
  if (count <= 0) {
    cs.flags |= CS_FL_RCV_MORE | CS_FL_WANT_ROOM;
    return 0;
  }
  const n = conn.xprt!.rcvBuf(conn, conn.xprtCtx, buf, count, flags);
  noteEnd(cs, conn);
  return n;
}

function rcvPipe(cs: ConnStream, pipe: PipeFace, count: number): number {
  const conn = cs.conn!;
  const n = conn.xprt!.rcvPipe!(conn, conn.xprtCtx, pipe, count);
  if (n < 0) cs.flags &= ~CS_FL_MAY_SPLICE; // never again on this one
  noteEnd(cs, conn);
  return n;
}

/** The transport's end or error becomes the conn-stream's; nothing more is to come, so nothing may be spliced. */
function noteEnd(cs: ConnStream, conn: Connection): void {
  if ((conn.flags & (CO_FL_SOCK_RD_SH | CO_FL_ERROR)) === 0) return;
  cs.flags &= ~(CS_FL_MAY_SPLICE | CS_FL_RCV_MORE | CS_FL_WANT_ROOM);
  if ((conn.flags & CO_FL_ERROR) !== 0) cs.flags |= CS_FL_ERROR;
  if ((conn.flags & CO_FL_SOCK_RD_SH) !== 0) cs.flags |= CS_FL_EOS;
}

function sndBuf(cs: ConnStream, buf: Buf, count: number, flags: number): number {
  const conn = cs.conn!;
  const n = conn.xprt!.sndBuf(conn, conn.xprtCtx, buf, count, flags);
  if ((conn.flags & (CO_FL_ERROR | CO_FL_SOCK_WR_SH)) !== 0) sendEnd(cs, conn);
  return n;
}

function sndPipe(cs: ConnStream, pipe: PipeFace): number {
  const conn = cs.conn!;
  const n = conn.xprt!.sndPipe!(conn, conn.xprtCtx, pipe);
  if ((conn.flags & (CO_FL_ERROR | CO_FL_SOCK_WR_SH)) !== 0) sendEnd(cs, conn);
  return n;
}

/** Sending is over: fatal at once, or pending behind what can still be read. */
function sendEnd(cs: ConnStream, conn: Connection): void {
  cs.flags |= (conn.flags & CO_FL_ERROR) !== 0 ? CS_FL_ERROR : CS_FL_ERR_PENDING;
  if ((conn.flags & CO_FL_SOCK_RD_SH) !== 0) cs.flags |= CS_FL_EOS;
}

function shutr(cs: ConnStream, mode: number): void {
  const conn = cs.conn!;
  if ((cs.flags & CS_FL_SHR) !== 0) return;
  cs.flags &= ~(CS_FL_RCV_MORE | CS_FL_WANT_ROOM | CS_FL_MAY_SPLICE);
  if ((conn.flags & CO_FL_XPRT_READY) !== 0) {
    const { xprt } = conn;
    if (xprt!.shutr !== null) xprt!.shutr(conn, conn.xprtCtx, mode === CS_SHR_DRAIN);
    else if (mode === CS_SHR_DRAIN) connCtrlDrain(conn);
  }
  if ((cs.flags & CS_FL_SHW) !== 0) connFullCloseWaiters(conn);
}

function shutw(cs: ConnStream, mode: number): void {
  const conn = cs.conn!;
  if ((cs.flags & CS_FL_SHW) !== 0) return;
  const { xprt } = conn;
  if ((conn.flags & CO_FL_XPRT_READY) !== 0 && xprt!.shutw !== null)
    xprt!.shutw(conn, conn.xprtCtx, mode === CS_SHW_NORMAL);
  if ((cs.flags & CS_FL_SHR) !== 0) connFullCloseWaiters(conn);
  else if (mode === CS_SHW_NORMAL) connSockShutw(conn);
}

/** Closes the descriptor; whoever waits there waits for nothing any more. */
function connFullCloseWaiters(conn: Connection): void {
  if (conn.subs !== null) {
    conn.subs.events = 0;
    conn.subs = null;
  }
  connFullClose(conn);
}

/** The session is not kept: a stream of this mux knows its own. */
function attach(conn: Connection, _session: unknown): ConnStream | null {
  const m = conn.ctx as MuxPt;
  bugOn(m.cs !== null, 'mux_pt: attach to a used connection');
  unsubscribeSelf(m);
  const cs = csNew(conn.thr, conn, conn.target);
  cs.ctx = m;
  m.cs = cs;
  maySplice(m);
  return cs;
}

/** Unsubscribes the mux's own wait event, where it is subscribed at all. */
function unsubscribeSelf(m: MuxPt): void {
  const es = m.waitEvent;
  if (es === null) return;
  if (es.events !== 0) {
    const { conn } = m;
    if (conn.xprt !== null) conn.xprt.unsubscribe(conn, conn.xprtCtx, es.events, es);
    else {
      es.events = 0;
      if (conn.subs === es) conn.subs = null;
    }
  }
}

function detach(cs: ConnStream): void {
  const m = cs.ctx as MuxPt;
  const { conn } = m;
  m.cs = null;
  cs.ctx = null;
  // Without owner, after an error or any shutdown the connection has no further use. TCP connections are never idle.
  const ended =
    conn.owner === null ||
    (conn.flags & (CO_FL_ERROR | CO_FL_SOCK_RD_SH)) !== 0 ||
    (cs.flags & (CS_FL_SHR | CS_FL_SHW | CS_FL_ERROR | CS_FL_EOS)) !== 0 ||
    (conn.flags & CO_FL_XPRT_READY) === 0;
  if (ended) {
    destroyCtx(m);
    return;
  }
  m.waitEvent ??= new WaitEvent(conn.thr.sched, ioCb, m);
  conn.xprt!.subscribe(conn, conn.xprtCtx, SUB_RETRY_RECV, m.waitEvent);
}

/** Frees `m`, and its connection while that is still its own (C03). Nothing touches `m` afterwards. */
function destroyCtx(m: MuxPt): void {
  bugOn(m.freed, 'mux_pt: destroyed twice');
  m.freed = true;
  const { conn } = m;
  conn.thr.counters.muxes--;
  unsubscribeSelf(m);
  if (m.waitEvent !== null) {
    waitEventFree(m.waitEvent);
    m.waitEvent = null;
  }
  if (conn.ctx !== m) return;
  connFullCloseWaiters(conn);
  connFree(conn);
}

function destroy(ctx: unknown): void {
  if (ctx === null || ctx === undefined) return;
  if (!(ctx instanceof MuxPt)) bug('mux_pt: destroy with a foreign context');
  destroyCtx(ctx);
}

function ctl(conn: Connection, question: number): number {
  if (question === MUX_STATUS) return (conn.flags & CO_FL_WAIT_XPRT) === 0 ? MUX_STATUS_READY : 0;
  if (question === MUX_EXIT_STATUS) return exitStatus(conn);
  return -1;
}

function exitStatus(conn: Connection): number {
  if (conn.errCode === CO_ER_NONE) return MUX_ES_SUCCESS;
  if (conn.errCode === CO_ER_TIMEOUT) return MUX_ES_TOUT_ERR;
  if (conn.errCode >= CO_ER_PRX_EMPTY && conn.errCode <= CO_ER_SOCKS4_ABORT) return MUX_ES_INVALID_ERR;
  return (conn.flags & CO_FL_ERROR) !== 0 ? MUX_ES_INTERNAL_ERR : MUX_ES_UNKNOWN;
}

const usedStreams = (conn: Connection): number => ((conn.ctx as MuxPt).cs === null ? 0 : 1);
const availStreams = (conn: Connection): number => 1 - usedStreams(conn);
const showFd = (conn: Connection): string => `cs=${(conn.ctx as MuxPt).cs === null ? '(nil)' : 'yes'}`;

function pt(name: string, flags: number): MuxOps {
  return {
    name,
    flags,
    init,
    wake,
    rcvBuf,
    sndBuf,
    rcvPipe,
    sndPipe,
    shutr,
    shutw,
    subscribe: (cs, events, es) => {
      const conn = cs.conn!;
      conn.xprt!.subscribe(conn, conn.xprtCtx, events, es);
    },
    unsubscribe: (cs, events, es) => {
      const conn = cs.conn!;
      if (conn.xprt !== null) conn.xprt.unsubscribe(conn, conn.xprtCtx, events, es);
      else es.events &= ~events;
    },
    attach,
    detach,
    destroy,
    usedStreams,
    availStreams,
    ctl,
    showFd,
  };
}

/** Default in TCP mode: may be upgraded to HTTP. */
export const muxPt: MuxOps = pt('PASS', MX_FL_NONE);
/** `proto none`: never upgraded. */
export const muxNone: MuxOps = pt('NONE', MX_FL_NO_UPG);
