// process_stream: what the two stream-interfaces cannot decide between themselves. It runs when a stream begins, when its
// server side changes state, when a direction ends or fails, and when a date passes; never for each round trip.
import { bugOn } from '../../base/bug.js';
import { tickFirst, tickIsExpired, tickAddIfSet, TICK_ETERNITY } from '../../base/ticks.js';
import { TASK_WOKEN_ANY, TASK_WOKEN_INIT, TASK_WOKEN_TIMER } from '../../sched/flags.js';
import { type TaskHandler, taskQueue } from '../../sched/task.js';
import { CNT_CLI_ABRT, CNT_SRV_ABRT } from '../../proxy/counters.js';
import { backUpdate, leaveServer, noteWait, streamSetEnd } from '../backend/back-states.js';
import { pendLeave, slotRelease } from '../backend/slots.js';
import {
  type Channel,
  CHN_INFINITE_FORWARD,
  channelErase,
  channelForwardForever,
  channelIsEmpty,
  channelShutrNow,
  channelShutwNow,
} from '../channel/channel.js';
import {
  CF_AUTO_CLOSE,
  CF_AUTO_CONNECT,
  CF_MASK_STATIC,
  CF_READ_ERROR,
  CF_READ_TIMEOUT,
  CF_SHUTR,
  CF_SHUTR_NOW,
  CF_SHUTW,
  CF_SHUTW_NOW,
  CF_WRITE_ERROR,
  CF_WRITE_TIMEOUT,
} from '../channel/flags.js';
import { CO_FL_RST_ON_CLOSE, CO_FL_RST_SEEN } from '../connection/flags.js';
import {
  SF_ERR_CLICL,
  SF_ERR_CLITO,
  SF_ERR_SRVCL,
  SF_ERR_SRVTO,
  SF_FINST_C,
  SF_FINST_D,
  SF_FINST_MASK,
  SF_FINST_NONE,
  SF_FINST_Q,
  SF_FINST_R,
  SF_KILLED,
} from '../stream/flags.js';
import { type Stream, streamFree } from '../stream/stream.js';
import {
  SI_FL_ERR,
  SI_FL_EXP,
  SI_FL_NOHALF,
  SI_FL_NOLINGER,
  SI_FL_RXBLK_ANY,
  SI_ST_CLO,
  SI_ST_DIS,
  SI_ST_EST,
  SI_ST_INI,
  SI_ST_QUE,
  SI_ST_REQ,
} from '../stream-interface/flags.js';
import { siStartApplet } from '../stream-interface/si-applet.js';
import { type StreamInterface, siSetState } from '../stream-interface/stream-interface.js';
import { analyseRequest, analyseResponse, requestAnalysers } from './request.js';

const ROUNDS_MAX = 20;

export const processStream: TaskHandler = (task, context, why) => {
  const s = context as Stream;
  const { req, res, sif, sib } = s;
  if ((why & TASK_WOKEN_INIT) !== 0) begin(s);
  const expired = (why & TASK_WOKEN_TIMER) !== 0 && checkDates(s);
  if ((why & TASK_WOKEN_ANY) === TASK_WOKEN_TIMER && !expired) {
    reschedule(s);
    return task;
  }
  if ((s.flags & SF_KILLED) !== 0) kill(s);
  endpointEvents(s, sif, req, res);
  endpointEvents(s, sib, res, req);

  // Analysers look again only when their own channel has changed since: rules that wait run once for what has come.
  let reqSeen = -1;
  let resSeen = -1;
  for (let rounds = 0; ; rounds++) {
    const reqBefore = req.flags;
    const resBefore = res.flags;
    const backBefore = sib.state;
    if (req.analysers !== 0 && req.flags !== reqSeen) {
      analyseRequest(s);
      reqSeen = req.flags;
    }
    if (req.analysers === 0) forward(req);
    if (sib.state === SI_ST_INI && req.analysers === 0) wantConnection(s);
    if (sib.state > SI_ST_INI && sib.state < SI_ST_EST) backUpdate(s);
    // Behind it: what came with the connection, its end too, is let through before the end is passed on.
    if (res.analysers !== 0 && sib.state >= SI_ST_EST && res.flags !== resSeen) {
      analyseResponse(s);
      resSeen = res.flags;
      if (res.analysers === 0 && (res.flags & (CF_READ_TIMEOUT | CF_READ_ERROR)) !== 0)
        streamSetEnd(s, (res.flags & CF_READ_ERROR) !== 0 ? SF_ERR_SRVCL : SF_ERR_SRVTO, phase(s));
    }
    if (res.analysers === 0 && sib.state >= SI_ST_EST) forward(res);
    shutdowns(req, sif, sib);
    shutdowns(res, sib, sif);
    settle(s, sif);
    settle(s, sib);
    if (req.flags === reqBefore && res.flags === resBefore && sib.state === backBefore) break;
    // Every state is passed at most once: more rounds mean that two of them undo each other's work.
    bugOn(rounds > ROUNDS_MAX, 'process_stream: no end');
  }

  if (sif.state === SI_ST_CLO && sib.state === SI_ST_CLO) {
    finish(s);
    return null;
  }
  // What became output is offered now; what may be read again is asked for.
  if (sib.state === SI_ST_EST && !channelIsEmpty(req)) sib.ops.chkSnd(sib);
  if (sif.state === SI_ST_EST && !channelIsEmpty(res)) sif.ops.chkSnd(sif);
  req.flags &= CF_MASK_STATIC;
  res.flags &= CF_MASK_STATIC;
  sif.prevState = sif.state;
  sib.prevState = sib.state;
  reschedule(s);
  return task;
};

function begin(s: Stream): void {
  const { req } = s;
  req.analysers = requestAnalysers(s);
  req.rex = tickAddIfSet(s.thr.sched.now, req.rto);
  // The client's ends are passed on as ends; only its final close is a reset.
  if (s.sess.fe.conf.options.nolinger && s.sess.origin !== null) s.sess.origin.flags |= CO_FL_RST_ON_CLOSE;
}

/** Looks which dates have passed and notes it. False: none has, the wake-up was for an old one. */
function checkDates(s: Stream): boolean {
  const { req, res, sif, sib } = s;
  const now = s.thr.sched.now;
  let any = false;
  for (const si of [sif, sib]) {
    if (tickIsExpired(si.exp, now)) {
      si.exp = TICK_ETERNITY;
      si.flags |= SI_FL_EXP;
      any = true;
    }
  }
  if (tickIsExpired(req.rex, now) && readExpired(s, req, sif)) any = true;
  if (tickIsExpired(res.rex, now) && readExpired(s, res, sib)) any = true;
  if (tickIsExpired(req.wex, now)) {
    req.wex = TICK_ETERNITY;
    req.flags |= CF_WRITE_TIMEOUT;
    any = true;
  }
  if (tickIsExpired(res.wex, now)) {
    res.wex = TICK_ETERNITY;
    res.flags |= CF_WRITE_TIMEOUT;
    any = true;
  }
  // The analysers see for themselves that their time is over.
  if (tickIsExpired(req.analyseExp, now) || tickIsExpired(res.analyseExp, now)) any = true;
  return any;
}

/** A producer that is kept from writing is not silent: its date starts again. */
function readExpired(s: Stream, c: Channel, producer: StreamInterface): boolean {
  if ((producer.flags & SI_FL_RXBLK_ANY) !== 0 && (c.flags & CF_SHUTR) === 0) {
    c.rex = tickAddIfSet(s.thr.sched.now, c.rto);
    return false;
  }
  c.rex = TICK_ETERNITY;
  c.flags |= CF_READ_TIMEOUT;
  return true;
}

/** When the session is ended by time-out or failure now: which phase that is for the log. */
function phase(s: Stream): number {
  return s.req.analysers !== 0 || s.sib.state < SI_ST_REQ ? SF_FINST_R : SF_FINST_D;
}

/** A time-out of one side ends its direction; it ends the session only where there is nothing else to wait for: a server. */
function timedOut(s: Stream, who: number): void {
  if (s.req.analysers !== 0 || s.sib.state >= SI_ST_EST) streamSetEnd(s, who, phase(s));
}

/** Time-outs and failures of one endpoint: `ic` is what it produces, `oc` what it consumes. */
function endpointEvents(s: Stream, si: StreamInterface, ic: Channel, oc: Channel): void {
  const front = si === s.sif;
  if ((ic.flags & (CF_READ_TIMEOUT | CF_SHUTR)) === CF_READ_TIMEOUT) {
    // While rules look at the request, what they decide comes first.
    if (!front || ic.analysers === 0) timedOut(s, front ? SF_ERR_CLITO : SF_ERR_SRVTO);
    if ((si.flags & SI_FL_NOHALF) !== 0) si.flags |= SI_FL_NOLINGER;
    si.ops.shutr(si);
  }
  if ((oc.flags & (CF_WRITE_TIMEOUT | CF_SHUTW)) === CF_WRITE_TIMEOUT) {
    timedOut(s, front ? SF_ERR_CLITO : SF_ERR_SRVTO);
    si.flags |= SI_FL_NOLINGER;
    si.ops.shutw(si);
  }
  if (si.state !== SI_ST_EST && si.state !== SI_ST_DIS) return;
  const reset = (si.cs?.conn?.flags ?? 0) & CO_FL_RST_SEEN;
  if ((si.flags & SI_FL_ERR) !== 0 && si.state === SI_ST_EST) {
    failed(s, si, front);
    si.ops.shutr(si);
    si.ops.shutw(si);
    ic.flags |= CF_READ_ERROR;
  } else if ((oc.flags & (CF_WRITE_ERROR | CF_SHUTW)) === CF_WRITE_ERROR) {
    // Nothing more can be sent; what the peer sent before is still read.
    failed(s, si, front);
    si.ops.shutw(si);
  }
  // A client's reset is passed on as a reset; a server's gives the client what came before, then a plain end (C34).
  if (front && reset !== 0) s.sib.flags |= SI_FL_NOLINGER;
}

function failed(s: Stream, si: StreamInterface, front: boolean): void {
  if (si.ic.analysers === 0) streamSetEnd(s, front ? SF_ERR_CLICL : SF_ERR_SRVCL, phase(s));
  if (front) {
    s.be.be.v[CNT_CLI_ABRT]!++;
    if (s.server !== null) s.server.counters.v[CNT_CLI_ABRT]!++;
  } else {
    s.be.be.v[CNT_SRV_ABRT]!++;
    s.server!.counters.v[CNT_SRV_ABRT]!++;
  }
  if (si.oc.pipe !== null || si.oc.buf.size !== 0) {
    // What was scheduled towards it can't leave any more.
    channelErase(si.oc, s.thr.bufs, s.thr.pipes);
  }
}

/** Killed by the CLI or by a close without drain. */
function kill(s: Stream): void {
  const { state } = s.sib;
  if ((s.flags & SF_FINST_MASK) === SF_FINST_NONE && state > SI_ST_INI && state < SI_ST_EST) {
    s.flags |= state === SI_ST_QUE ? SF_FINST_Q : SF_FINST_C;
    noteWait(s);
  }
  for (const si of [s.sif, s.sib]) {
    if (si.state >= SI_ST_DIS) continue;
    if (si.state === SI_ST_INI) {
      siSetState(si, SI_ST_CLO);
      continue;
    }
    channelErase(si.oc, s.thr.bufs, s.thr.pipes);
    si.ops.shutr(si);
    si.ops.shutw(si);
  }
  pendLeave(s);
}

/** No analyser is left: everything is forwarded, by the stream-interfaces alone. */
function forward(c: Channel): void {
  if (c.toForward === CHN_INFINITE_FORWARD || (c.flags & (CF_SHUTW | CF_SHUTW_NOW)) === CF_SHUTW) return;
  channelForwardForever(c);
}

/** The request may go to a server: it has data, or the proxy connects without (auto-connect). */
function wantConnection(s: Stream): void {
  const { req, sib } = s;
  if ((req.flags & (CF_READ_TIMEOUT | CF_READ_ERROR)) !== 0) {
    // The client was gone before there was anything to connect for.
    streamSetEnd(s, (req.flags & CF_READ_ERROR) !== 0 ? SF_ERR_CLICL : SF_ERR_CLITO, SF_FINST_R);
    sib.ops.shutr(sib);
    sib.ops.shutw(sib);
    return;
  }
  if ((req.flags & CF_AUTO_CONNECT) === 0 && channelIsEmpty(req)) return;
  if ((req.flags & CF_SHUTW) !== 0) {
    siSetState(sib, SI_ST_CLO);
    return;
  }
  if (s.be.applet !== null) {
    siStartApplet(sib, s.be.applet);
    return;
  }
  s.retriesLeft = s.be.conf.retries;
  siSetState(sib, SI_ST_REQ);
}

/** Ends travel through a channel: the producer's end becomes the consumer's, behind the data; the consumer's is told back. */
function shutdowns(c: Channel, producer: StreamInterface, consumer: StreamInterface): void {
  if ((c.flags & (CF_AUTO_CLOSE | CF_SHUTR | CF_SHUTW | CF_SHUTW_NOW)) === (CF_AUTO_CLOSE | CF_SHUTR))
    channelShutwNow(c);
  if (
    (c.flags & (CF_SHUTW | CF_SHUTW_NOW)) === CF_SHUTW_NOW &&
    (consumer.state === SI_ST_EST || consumer.state >= SI_ST_DIS)
  ) {
    if (consumer.state === SI_ST_EST && !channelIsEmpty(c)) consumer.ops.chkSnd(consumer);
    if (channelIsEmpty(c) || consumer.state >= SI_ST_DIS) {
      if ((c.flags & CF_SHUTW) === 0) consumer.ops.shutw(consumer);
    }
  }
  if ((c.flags & (CF_SHUTW | CF_SHUTR | CF_SHUTR_NOW)) === CF_SHUTW) channelShutrNow(c);
  if ((c.flags & (CF_SHUTR | CF_SHUTR_NOW)) === CF_SHUTR_NOW) producer.ops.shutr(producer);
}

/** A side that is shut both ways lets go of its endpoint. */
function settle(s: Stream, si: StreamInterface): void {
  if (si.state === SI_ST_DIS) {
    if (si === s.sib) {
      slotRelease(s);
      leaveServer(s);
    }
    si.ops.release(si);
    siSetState(si, SI_ST_CLO);
    si.ic.flags |= CF_SHUTR;
    si.oc.flags |= CF_SHUTW;
    si.oc.flags &= ~CF_SHUTW_NOW;
    si.ic.flags &= ~CF_SHUTR_NOW;
    si.ic.rex = TICK_ETERNITY;
    si.oc.wex = TICK_ETERNITY;
  } else if (si === s.sib && si.state === SI_ST_INI && s.sif.state === SI_ST_CLO) {
    siSetState(si, SI_ST_CLO);
  }
}

function finish(s: Stream): void {
  pendLeave(s);
  slotRelease(s);
  leaveServer(s);
  streamFree(s);
}

/** The task runs at the earliest of its dates; a later one than it is filed under costs nothing. */
function reschedule(s: Stream): void {
  const { req, res, sif, sib, task } = s;
  let at = tickFirst(tickFirst(req.rex, req.wex), tickFirst(res.rex, res.wex));
  at = tickFirst(at, tickFirst(sif.exp, sib.exp));
  at = tickFirst(at, tickFirst(req.analyseExp, res.analyseExp));
  task.expire = at;
  taskQueue(task);
}
