// The handshake transport: what must be said or heard on a connection before data may flow. It lies over the transport that
// moves the bytes while one of the CO_FL_HANDSHAKE bits is set, and leaves the stack when the last one is cleared (C08).
//
//   towards a server   SOCKS4 request, SOCKS4 answer, PROXY header out      in this order, as the reference does them
//   from a client      NetScaler CIP header, PROXY header in
//
// It starts by itself. A layer above that tries I/O meanwhile moves nothing and subscribes here; it is woken at the end.
// Headers in are gathered in a buffer: what came behind them is handed to the owner of the connection, which gives it to the
// mux as first input, so that nothing is lost however the bytes were cut.
import { Buf, bufAlloc, bufDel, bufPut, bufRelease, NO_AREA } from '../../base/buf.js';
import type { TaskletHandler } from '../../sched/task.js';
import { taskletWakeup } from '../../sched/task.js';
import { type Connection, connHandshake, connXprtInit } from '../connection/connection.js';
import {
  CO_ER_CIP_ABORT,
  CO_ER_CIP_EMPTY,
  CO_ER_CIP_TIMEOUT,
  CO_ER_CIP_TRUNCATED,
  CO_ER_PRX_ABORT,
  CO_ER_PRX_EMPTY,
  CO_ER_PRX_TIMEOUT,
  CO_ER_PRX_TRUNCATED,
  CO_ER_SOCKS4_ABORT,
  CO_ER_SOCKS4_DENY,
  CO_ER_SOCKS4_RECV,
  CO_ER_SOCKS4_SEND,
  CO_ER_TIMEOUT,
  CO_FL_ACCEPT_CIP,
  CO_FL_ACCEPT_PROXY,
  CO_FL_ERROR,
  CO_FL_HANDSHAKE,
  CO_FL_RST_ON_CLOSE,
  CO_FL_SEND_PROXY,
  CO_FL_SOCK_RD_SH,
  CO_FL_SOCK_WR_SH,
  CO_FL_SOCKS4_RECV,
  CO_FL_SOCKS4_SEND,
  CO_FL_WAIT_L4_CONN,
  SUB_RETRY_RECV,
  SUB_RETRY_SEND,
} from '../connection/flags.js';
import type { XprtOps } from '../connection/ops.js';
import { WaitEvent, waitEventFree } from '../connection/wait-event.js';
import { cipRead } from './cip.js';
import { proxyV1Read } from './proxy-v1.js';
import { proxyV2Looks, proxyV2Read } from './proxy-v2.js';
import { SOCKS4_ANSWER_BYTES, socks4Granted } from './socks4.js';
import type { HeaderRead } from './types.js';

const READ_BYTES = 1024; // asked for at once while a header's length is not known

// What became of a step.
const NEXT = 0; // it is over, the next one is due
const WANT_RECV = 1;
const WANT_SEND = 2;
const WANT_BUFFER = 3; // woken when there is one
const FAILED = 4;

class Handshake {
  readonly conn: Connection;
  readonly below: XprtOps;
  readonly belowCtx: unknown;
  readonly waitEvent: WaitEvent;
  /** Who waits above for the end. */
  upper: WaitEvent | null = null;
  /** Bytes of a header, in or out; starts at the area's beginning. No area while there are none. */
  readonly buf = new Buf();
  /** Failed, and told so. */
  over = false;
  closed = false;

  constructor(conn: Connection, below: XprtOps, belowCtx: unknown) {
    this.conn = conn;
    this.below = below;
    this.belowCtx = belowCtx;
    this.waitEvent = new WaitEvent(conn.thr.sched, handshakeIoCb, this);
  }
}

/** Initialises the transport of `conn`, with the handshakes that its flags ask for over it. False: CO_FL_ERROR is set. */
export function xprtOpen(conn: Connection, xprt: XprtOps): boolean {
  if (!connXprtInit(conn, xprt)) return false;
  if ((conn.flags & CO_FL_HANDSHAKE) === 0) return true;
  const h = new Handshake(conn, xprt, conn.xprtCtx);
  conn.xprt = xprtHandshake;
  conn.xprtCtx = h;
  taskletWakeup(h.waitEvent.tasklet);
  return true;
}

/** A PROXY header, a SOCKS4 request must be sent first. Said before the transport is initialised. */
export function handshakeSend(conn: Connection, header: Uint8Array | null, socks4: Uint8Array | null): void {
  if (header === null && socks4 === null) return;
  const info = connHandshake(conn);
  info.header = header;
  info.socks4 = socks4;
  if (header !== null) conn.flags |= CO_FL_SEND_PROXY;
  if (socks4 !== null) conn.flags |= CO_FL_SOCKS4_SEND | CO_FL_SOCKS4_RECV;
}

/** The owner's patience is over: notes which handshake it was. */
export function handshakeExpired(conn: Connection): void {
  if ((conn.flags & CO_FL_ACCEPT_CIP) !== 0) conn.errCode = CO_ER_CIP_TIMEOUT;
  else if ((conn.flags & CO_FL_ACCEPT_PROXY) !== 0) conn.errCode = CO_ER_PRX_TIMEOUT;
  else conn.errCode = CO_ER_TIMEOUT;
  if (conn.xprt === xprtHandshake && (conn.xprtCtx as Handshake).buf.data > 0) conn.flags |= CO_FL_RST_ON_CLOSE;
}

const handshakeIoCb: TaskletHandler = (t, context) => {
  const h = context as Handshake;
  if (h.over) return t;
  const { conn } = h;
  const r = run(h);
  if (r === WANT_RECV || r === WANT_SEND) {
    const events = r === WANT_RECV ? SUB_RETRY_RECV : SUB_RETRY_SEND;
    if (h.buf.data === 0) bufRelease(h.buf, conn.thr.bufs);
    if ((h.waitEvent.events & events) === 0) h.below.subscribe(conn, h.belowCtx, events, h.waitEvent);
  } else if (r === WANT_BUFFER) {
    conn.thr.bufWait(t, false);
  } else if (r === FAILED) {
    h.over = true;
    settle(h, null);
  } else {
    leave(h);
    const input = h.buf.data > 0 ? h.buf : null;
    const { bufs } = conn.thr;
    if (input === null) bufRelease(h.buf, bufs);
    settle(h, input);
    bufRelease(h.buf, bufs); // taken over by the mux, or of no use any more
  }
  return h.closed ? null : t;
};

/** Takes the transport off the stack; the one below is on top again. */
function leave(h: Handshake): void {
  h.conn.xprt = h.below;
  h.conn.xprtCtx = h.belowCtx;
  end(h);
}

function end(h: Handshake): void {
  const { conn, waitEvent } = h;
  if (waitEvent.events !== 0) h.below.unsubscribe(conn, h.belowCtx, waitEvent.events, waitEvent);
  waitEventFree(waitEvent);
  h.closed = true;
}

/** Tells the layer above: the mux's user where there is a mux, the connection's owner otherwise. `conn` may be gone then. */
function settle(h: Handshake, input: Buf | null): void {
  const { conn, upper } = h;
  if (conn.mux === null) {
    conn.owner?.connReady(conn, input);
    return;
  }
  h.upper = null;
  if (upper !== null) {
    upper.events = 0;
    taskletWakeup(upper.tasklet);
  } else {
    conn.mux.wake(conn);
  }
}

/** Does one step after the other, as far as it goes now. */
function run(h: Handshake): number {
  const { conn } = h;
  for (;;) {
    const { flags } = conn;
    if ((flags & CO_FL_HANDSHAKE) === 0) return NEXT;
    let r: number;
    if ((flags & CO_FL_SOCKS4_SEND) !== 0) r = send(h, conn.handshake!.socks4!, CO_FL_SOCKS4_SEND);
    else if ((flags & CO_FL_SOCKS4_RECV) !== 0) r = socks4Answer(h);
    else if ((flags & CO_FL_SEND_PROXY) !== 0) r = send(h, conn.handshake!.header!, CO_FL_SEND_PROXY);
    else if ((flags & CO_FL_ACCEPT_CIP) !== 0)
      r = receive(h, CO_FL_ACCEPT_CIP, CO_ER_CIP_EMPTY, CO_ER_CIP_ABORT, CO_ER_CIP_TRUNCATED);
    else r = receive(h, CO_FL_ACCEPT_PROXY, CO_ER_PRX_EMPTY, CO_ER_PRX_ABORT, CO_ER_PRX_TRUNCATED);
    if (r !== NEXT) return r;
  }
}

/** It failed for the reason `code`. Bytes that nobody takes are answered by a reset, as where they were left in the socket. */
function fail(h: Handshake, code: number): number {
  h.conn.errCode = code;
  h.conn.flags |= CO_FL_ERROR;
  if (h.buf.data > 0) h.conn.flags |= CO_FL_RST_ON_CLOSE;
  return FAILED;
}

/** Sends `bytes`, then clears `flag`. */
function send(h: Handshake, bytes: Uint8Array, flag: number): number {
  const { conn, buf } = h;
  if ((conn.flags & CO_FL_ERROR) !== 0) return FAILED; // connecting failed: the reason is known
  if ((conn.flags & CO_FL_WAIT_L4_CONN) !== 0) return WANT_SEND;
  const { thr } = conn;
  if (buf.area === NO_AREA) {
    if (!bufAlloc(buf, thr.bufs, 0)) return WANT_BUFFER;
    bufPut(buf, thr.sys.arena.u8, bytes);
  }
  const n = h.below.sndBuf(conn, h.belowCtx, buf, buf.data, 0);
  bufDel(buf, n);
  if ((conn.flags & (CO_FL_ERROR | CO_FL_SOCK_WR_SH)) !== 0) return fail(h, CO_ER_SOCKS4_SEND);
  if (buf.data > 0) return WANT_SEND;
  bufRelease(buf, thr.bufs);
  conn.flags &= ~flag;
  return NEXT;
}

/** Receives no byte more than the answer has: the rest is the server's data. */
function socks4Answer(h: Handshake): number {
  const { conn, buf } = h;
  if (buf.area === NO_AREA && !bufAlloc(buf, conn.thr.bufs, 0)) return WANT_BUFFER;
  while (buf.data < SOCKS4_ANSWER_BYTES) {
    const n = h.below.rcvBuf(conn, h.belowCtx, buf, SOCKS4_ANSWER_BYTES - buf.data, 0);
    if ((conn.flags & CO_FL_ERROR) !== 0) return fail(h, CO_ER_SOCKS4_RECV);
    if (n > 0) continue;
    if ((conn.flags & CO_FL_SOCK_RD_SH) !== 0) return fail(h, CO_ER_SOCKS4_ABORT);
    return WANT_RECV;
  }
  const granted = socks4Granted(bytesOf(h));
  bufRelease(buf, conn.thr.bufs);
  if (!granted) return fail(h, CO_ER_SOCKS4_DENY);
  conn.flags &= ~CO_FL_SOCKS4_RECV;
  return NEXT;
}

/** Receives the header that `flag` asks for. `empty`, `abort`, `truncated`: CO_ER_* of this protocol. */
function receive(h: Handshake, flag: number, empty: number, abort: number, truncated: number): number {
  const { conn, buf } = h;
  let need = 1;
  for (;;) {
    if (buf.data >= need) {
      const r = read(h, flag);
      if (typeof r === 'object') {
        if (r.src !== null) conn.src = r.src;
        if (r.dst !== null) conn.dst = r.dst;
        if (flag === CO_FL_ACCEPT_PROXY) {
          const info = connHandshake(conn);
          info.rcvdProxy = true;
          info.tlvs = r.tlvs;
        }
        take(h, r.bytes);
        conn.flags &= ~(flag | CO_FL_WAIT_L4_CONN);
        return NEXT;
      }
      if (r < 0) return fail(h, -r);
      need = r;
    }
    if ((conn.flags & CO_FL_SOCK_RD_SH) !== 0) return fail(h, buf.data === 0 ? empty : truncated);
    if (buf.area === NO_AREA && !bufAlloc(buf, conn.thr.bufs, 0)) return WANT_BUFFER;
    const upTo = Math.min(buf.size, Math.max(need, READ_BYTES));
    const n = h.below.rcvBuf(conn, h.belowCtx, buf, upTo - buf.data, 0);
    if ((conn.flags & CO_FL_ERROR) !== 0) return fail(h, abort);
    if (n === 0 && (conn.flags & CO_FL_SOCK_RD_SH) === 0) return WANT_RECV;
  }
}

function read(h: Handshake, flag: number): HeaderRead {
  const bytes = bytesOf(h);
  if (flag === CO_FL_ACCEPT_CIP) return cipRead(bytes, h.conn.handshake!.cipMagic, h.buf.size);
  return proxyV2Looks(bytes) ? proxyV2Read(bytes, h.buf.size) : proxyV1Read(bytes);
}

function bytesOf(h: Handshake): Uint8Array {
  const { area, data } = h.buf;
  return h.conn.thr.sys.arena.u8.subarray(area, area + data);
}

/** Takes the header's `n` bytes away; what is behind them moves to the area's start. */
function take(h: Handshake, n: number): void {
  const { buf } = h;
  h.conn.thr.sys.arena.u8.copyWithin(buf.area, buf.area + n, buf.area + buf.data);
  buf.data -= n;
}

const xprtHandshake: XprtOps = {
  name: 'HS',
  init: () => null, // made by xprtOpen, over a transport that is there
  rcvBuf: () => 0,
  sndBuf: () => 0,
  rcvPipe: () => 0,
  sndPipe: () => 0,
  shutr: null,
  shutw: null,
  subscribe: (_conn, ctx, events, es) => {
    const h = ctx as Handshake;
    h.upper = es;
    es.events |= events;
    if (h.over) {
      h.upper = null;
      es.events = 0;
      taskletWakeup(es.tasklet);
    }
  },
  unsubscribe: (_conn, ctx, events, es) => {
    es.events &= ~events;
    if (es.events === 0) (ctx as Handshake).upper = null;
  },
  close: (conn, ctx) => {
    const h = ctx as Handshake;
    bufRelease(h.buf, conn.thr.bufs);
    if (h.upper !== null) {
      h.upper.events = 0;
      h.upper = null;
    }
    end(h);
    h.below.close(conn, h.belowCtx);
  },
  getAlpn: null,
};
