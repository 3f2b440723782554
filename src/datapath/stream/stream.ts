// The stream (L6): two channels between two stream-interfaces, and the task that decides for them.
//
//     client ⇄ si[0] ──req──▶ si[1] ⇄ server            req: producer si[0], consumer si[1]
//                    ◀──res──                           res: producer si[1], consumer si[0]
import { bugOn } from '../../base/bug.js';
import { type Buf, bufMove } from '../../base/buf.js';
import { TICK_ETERNITY } from '../../base/ticks.js';
import { TASK_WOKEN_INIT, TASK_WOKEN_OTHER, TASK_WOKEN_RES } from '../../sched/flags.js';
import { type Task, type TaskHandler, taskDestroy, taskNew, taskWakeup } from '../../sched/task.js';
import { CNT_BIN, CNT_BOUT, type Counters } from '../../proxy/counters.js';
import type { Pending, PendQueue } from '../../proxy/queue.js';
import type { VarStore } from '../../policy/sample/vars.js';
import type { Proxy } from '../../proxy/proxy.js';
import type { Server } from '../../proxy/server.js';
import { Channel, channelErase } from '../channel/channel.js';
import { CF_AUTO_CLOSE, CF_AUTO_CONNECT, CF_ISRESP, CF_KERN_SPLICING, CF_STREAMER_FAST } from '../channel/flags.js';
import type { ConnStream } from '../conn-stream/conn-stream.js';
import type { Thread } from '../fd/thread.js';
import type { Address } from '../proto/types.js';
import { type Session, sessionGet, sessionPut } from '../session/session.js';
import { SI_FL_INDEP_STR, SI_FL_ISBACK, SI_ST_CLO, SI_ST_EST } from '../stream-interface/flags.js';
import { siAttachCs, siConnOps } from '../stream-interface/si-conn.js';
import { StreamInterface, siSetState } from '../stream-interface/stream-interface.js';
import type { StreamList } from './stream-list.js';
import { SF_BE_ASSIGNED, SF_ERR_MASK, SF_ERR_NONE, SF_KILLED } from './flags.js';

/** What all streams of an instance share. */
export interface StreamHost {
  /** process_stream. */
  readonly process: TaskHandler;
  /** Streams alive, in order of creation (`show sess`). */
  readonly streams: StreamList;
  nextStreamId(): number;
  /** Splicing is allowed (not `nosplice`, and the transport can). */
  readonly splice: boolean;
  /** The proxy with backend capability of that name. */
  backendByName(name: string): Proxy | null;
  /** The stream ended: log it, count it. */
  ended(stream: Stream): void;
}

export class Stream implements Pending {
  readonly thr: Thread;
  readonly host: StreamHost;
  readonly sess: Session;
  readonly id: number;
  flags = 0; // SF_*
  readonly task: Task;
  readonly req: Channel;
  readonly res: Channel;
  readonly sif: StreamInterface;
  readonly sib: StreamInterface;
  listPrev: Stream | null = null; // neighbours among the streams alive
  listNext: Stream | null = null;
  be: Proxy;
  /** Chosen server; the one whose slot is held is `srvConn`. */
  server: Server | null = null;
  srvConn: Server | null = null;
  retriesLeft = 0;
  retries = 0;
  pendQueue: PendQueue | null = null;
  pendPrev: Pending | null = null;
  pendNext: Pending | null = null;
  pendIndex = 0;
  /** Ticks: when the request was complete, queued, the connection was asked for and made; eternity where it never was. */
  queuedTick = TICK_ETERNITY;
  connectTick = TICK_ETERNITY;
  connectedTick = TICK_ETERNITY;
  queueMs = 0;
  /** Those who were served while it waited in a server's queue, in the backend's. */
  queuePosSrv = 0;
  queuePosBe = 0;
  /** `unique-id-format`, made when first asked for; a binary string. */
  uniqueId: string | null = null;
  /** The server's address and the one it was asked from, where logs want them. */
  backDst: Address | null = null;
  backSrc: Address | null = null;
  /** What `capture` rules kept of the request and the response, by slot; null until one did. */
  reqCaptures: (string | null)[] | null = null;
  resCaptures: (string | null)[] | null = null;
  /** `set-log-level`: 0 as usual, 1 (emerg) to 8 (debug), LOG_LEVEL_SILENT. */
  logLevel = 0;
  /** Place in queues: class first, then the offset in ms against those that came before. */
  prioClass = 0;
  prioOffset = 0;
  /** Addresses that its rules gave to the client (`set-src`, `set-dst` of contents); null: the connection's. */
  src: Address | null = null;
  dst: Address | null = null;
  /** Variables of scope `txn`, `req`, `res`; null until one is set. */
  varsTxn: VarStore | null = null;
  varsReq: VarStore | null = null;
  varsRes: VarStore | null = null;

  constructor(host: StreamHost, sess: Session, be: Proxy) {
    const { thr } = sess;
    this.thr = thr;
    this.host = host;
    this.sess = sess;
    this.id = host.nextStreamId();
    this.be = be;
    const slot = thr.slots.take();
    this.task = taskNew(thr.sched, host.process, this);
    this.req = new Channel(CF_AUTO_CLOSE | CF_AUTO_CONNECT, slot);
    this.res = new Channel(CF_AUTO_CLOSE | CF_ISRESP, slot);
    const indep = sess.fe.conf.options.independentStreams ? SI_FL_INDEP_STR : 0;
    this.sif = new StreamInterface(thr, indep, this.req, this.res, this.task, siConnOps);
    this.sib = new StreamInterface(thr, SI_FL_ISBACK, this.res, this.req, this.task, siConnOps);
    this.sif.other = this.sib;
    this.sib.other = this.sif;
    this.task.nice = sess.listener.conf.nice;
    thr.counters.streams++;
    host.streams.add(this);
    sessionGet(sess);
  }

  pendWake(): void {
    taskWakeup(this.task, TASK_WOKEN_RES);
  }

  get bytesIn(): number {
    return this.thr.slots.totals[2 * this.req.slot]!;
  }

  get bytesOut(): number {
    return this.thr.slots.totals[2 * this.req.slot + 1]!;
  }
}

/** A stream of `sess` over the front conn-stream `cs`; `input`, bytes already received, moves into its request (C23). */
export function streamNew(host: StreamHost, sess: Session, cs: ConnStream, input: Buf | null): Stream {
  const s = new Stream(host, sess, sess.fe);
  siAttachCs(s.sif, cs);
  siSetState(s.sif, SI_ST_EST);
  s.sif.prevState = SI_ST_EST;
  const { conf } = sess.fe;
  s.req.rto = conf.timeouts.client;
  s.res.wto = conf.timeouts.client;
  s.sif.finTimeoutMs = conf.timeouts.clientFin;
  if (input !== null && input.data > 0) {
    s.thr.slots.totals[2 * s.req.slot]! += input.data;
    bufMove(input, s.req.buf);
  }
  taskWakeup(s.task, TASK_WOKEN_INIT);
  return s;
}

/** Splicing as the options of frontend and backend ask for it; decided once the backend is known. */
export function streamSetSplicing(s: Stream): void {
  if (!s.host.splice) return;
  const f = s.sess.fe.conf.options;
  const b = s.be.conf.options;
  if (f.spliceRequest || b.spliceRequest || f.spliceAuto || b.spliceAuto) s.req.flags |= CF_KERN_SPLICING;
  if (f.spliceResponse || b.spliceResponse || f.spliceAuto || b.spliceAuto) s.res.flags |= CF_KERN_SPLICING;
}

/** The end of a stream whose two sides are closed. Only from inside its task's handler, which returns null. */
export function streamFree(s: Stream): void {
  bugOn(s.pendQueue !== null, 'stream: freed while queued');
  bugOn(s.srvConn !== null, 'stream: freed with a server slot');
  const { thr, sess, sif, sib } = s;
  const fe = sess.fe;
  if ((s.flags & SF_BE_ASSIGNED) !== 0) s.be.be.leave();
  s.host.ended(s);
  const bytesIn = s.bytesIn;
  const bytesOut = s.bytesOut;
  addBytes(fe.fe, bytesIn, bytesOut);
  addBytes(s.be.be, bytesIn, bytesOut);
  addBytes(sess.listener.counters, bytesIn, bytesOut);
  if (s.server !== null) addBytes(s.server.counters, bytesIn, bytesOut);
  if (s.connectedTick !== TICK_ETERNITY) addTimes(s);
  channelErase(s.req, thr.bufs, thr.pipes);
  channelErase(s.res, thr.bufs, thr.pipes);
  sib.ops.release(sib);
  sif.ops.release(sif);
  if (sib.state !== SI_ST_CLO) sib.state = SI_ST_CLO;
  if (sif.state !== SI_ST_CLO) sif.state = SI_ST_CLO;
  if ((s.req.flags & CF_STREAMER_FAST) !== 0) thr.sched.streamers--;
  if ((s.res.flags & CF_STREAMER_FAST) !== 0) thr.sched.streamers--;
  thr.slots.release(s.req.slot);
  s.host.streams.delete(s);
  thr.counters.streams--;
  if (s.varsTxn !== null) s.varsTxn.release();
  taskDestroy(s.task);
  sess.streams--;
  sessionPut(sess);
}

function addBytes(counters: Counters, bytesIn: number, bytesOut: number): void {
  counters.v[CNT_BIN]! += bytesIn;
  counters.v[CNT_BOUT]! += bytesOut;
}

/** Its times count among the averages: queue, connection, response (which TCP has not), all of it. */
function addTimes(s: Stream): void {
  const connect = (s.connectedTick - s.connectTick) | 0;
  const total = (s.thr.sched.now - s.sess.acceptTick) | 0;
  s.be.be.addTimes(s.queueMs, connect, 0, total);
  s.server?.counters.addTimes(s.queueMs, connect, 0, total);
}

/** Asks a stream to end now (CLI, close without drain); `why` is its SF_ERR_* code, unless something else came first. */
export function streamShutdown(s: Stream, why: number): void {
  s.flags |= (s.flags & SF_ERR_MASK) === SF_ERR_NONE ? SF_KILLED | why : SF_KILLED;
  taskWakeup(s.task, TASK_WOKEN_OTHER);
}
