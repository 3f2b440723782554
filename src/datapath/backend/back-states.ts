// The server side's way from REQ to EST: choose, queue, connect, retry, redispatch. One function a state; each returns true when
// the state changed and the next one should be looked at. Rules: manual 4.2 "retries", "option redispatch", "timeout queue".
import { tickAdd, tickAddIfSet, tickIsExpired, TICK_ETERNITY } from '../../base/ticks.js';
import { CNT_ECON, CNT_LBTOT, CNT_WREDIS, CNT_WRETR, CNT_CLI_ABRT } from '../../proxy/counters.js';
import type { Server } from '../../proxy/server.js';
import { channelIsEmpty, channelShutrNow, channelShutwNow } from '../channel/channel.js';
import { CF_READ_ERROR, CF_READ_NULL, CF_SHUTR, CF_SHUTW, CF_SHUTW_NOW } from '../channel/flags.js';
import {
  CO_ER_CONF_FDLIM,
  CO_ER_FREE_PORTS,
  CO_ER_NONE,
  CO_ER_PORT_RANGE,
  CO_ER_SYS_FDLIM,
  CO_ER_SYS_MEMLIM,
} from '../connection/flags.js';
import {
  SF_ASSIGNED,
  SF_CURR_SESS,
  SF_END_KNOWN,
  SF_ERR_CLICL,
  SF_ERR_MASK,
  SF_ERR_NONE,
  SF_ERR_PRXCOND,
  SF_ERR_RESOURCE,
  SF_ERR_SRVCL,
  SF_ERR_SRVTO,
  SF_FINST_C,
  SF_FINST_Q,
  SF_LOG_REDISP,
  SF_REDISP,
} from '../stream/flags.js';
import type { Stream } from '../stream/stream.js';
import {
  SI_ET_CONN_ABRT,
  SI_ET_CONN_ERR,
  SI_ET_CONN_OTHER,
  SI_ET_CONN_RES,
  SI_ET_CONN_TO,
  SI_ET_QUEUE_ABRT,
  SI_ET_QUEUE_ERR,
  SI_ET_QUEUE_TO,
  SI_FL_ERR,
  SI_FL_EXP,
  SI_FL_NOLINGER,
  SI_ST_ASS,
  SI_ST_CER,
  SI_ST_CON,
  SI_ST_DIS,
  SI_ST_EST,
  SI_ST_QUE,
  SI_ST_RDY,
  SI_ST_REQ,
  SI_ST_TAR,
} from '../stream-interface/flags.js';
import { siSetState } from '../stream-interface/stream-interface.js';
import { connectServer } from './connect.js';
import { pendLeave, slotRelease, slotTake } from './slots.js';

const TURN_AROUND_MS = 1000; // before the same server is tried again, at most

/** Sets who ended the session and when, unless somebody did before. */
export function streamSetEnd(s: Stream, who: number, when: number): void {
  if ((s.flags & SF_ERR_MASK) === SF_ERR_NONE) s.flags |= who | when;
}

/** Brings the server side forward as far as it goes now. */
export function backUpdate(s: Stream): void {
  for (;;) {
    let again: boolean;
    switch (s.sib.state) {
      case SI_ST_REQ:
        again = request(s);
        break;
      case SI_ST_QUE:
        again = queued(s);
        break;
      case SI_ST_TAR:
        again = turnAround(s);
        break;
      case SI_ST_ASS:
        again = assigned(s);
        break;
      case SI_ST_CON:
        again = connecting(s);
        break;
      case SI_ST_CER:
        again = failed(s);
        break;
      case SI_ST_RDY:
        again = ready(s);
        break;
      default:
        again = false;
        break;
    }
    if (!again) return;
  }
}

/** The client gave up: nothing is left to send, or `option abortonclose` says that its end is enough. */
function clientGone(s: Stream): boolean {
  const { req } = s;
  if ((req.flags & (CF_SHUTR | CF_SHUTW_NOW | CF_SHUTW)) === 0) return false;
  if ((req.flags & CF_READ_ERROR) !== 0) return true;
  // An end without a word means that nobody waits for an answer, unless it was there before the server was asked for.
  if ((s.flags & SF_END_KNOWN) === 0 && channelIsEmpty(req) && req.buf.data === 0) return true;
  return s.be.conf.options.abortonclose && (req.flags & (CF_SHUTR | CF_READ_NULL)) !== 0;
}

function request(s: Stream): boolean {
  if ((s.req.flags & CF_SHUTR) !== 0) s.flags |= SF_END_KNOWN;
  if (clientGone(s)) return abort(s, SI_ET_CONN_ABRT, SF_ERR_CLICL, SF_FINST_C);
  const server = s.server;
  if (server !== null && (s.flags & SF_ASSIGNED) !== 0) {
    // Assigned before (a retry, a rule): it must be that one.
    if (server.hasSlot) {
      slotTake(s, server);
      siSetState(s.sib, SI_ST_ASS);
      return true;
    }
    return waitFor(s, server, true);
  }
  const { lb } = s.be;
  // Those in the backend's queue were there before, and wait because all servers are full; a hash knows where it goes.
  const queued = lb !== null && !lb.deterministic && s.be.queue.length > 0;
  const avoid = lb?.deterministic === true ? null : server; // a hash finds the same one again
  const picked = queued ? null : (lb?.pick(s.be, s, avoid) ?? null);
  if (picked !== null) {
    if ((s.flags & SF_REDISP) !== 0) countRetry(s, picked);
    s.server = picked;
    s.flags |= SF_ASSIGNED;
    if (picked !== server) {
      picked.counters.v[CNT_LBTOT]!++;
      s.be.be.v[CNT_LBTOT]!++;
    }
    if (!picked.hasSlot) return waitFor(s, picked, false);
    slotTake(s, picked);
    siSetState(s.sib, SI_ST_ASS);
    return true;
  }
  if (s.be.servers.some((x) => x.usable)) return enqueue(s, null);
  s.be.be.v[CNT_ECON]!++;
  return end(s, SI_ET_CONN_OTHER, SF_ERR_SRVCL, SF_FINST_C);
}

/** Waits for a slot of `server`; where its queue is full, a stream that was sent there may look for another server, or ends. */
function waitFor(s: Stream, server: Server, sentThere: boolean): boolean {
  const { maxqueue } = server.conf;
  if (maxqueue === 0 || server.queue.length < maxqueue) return enqueue(s, server);
  if (sentThere && s.be.conf.redispatch.on) {
    s.flags = (s.flags & ~SF_ASSIGNED) | SF_REDISP;
    return true;
  }
  s.be.be.v[CNT_ECON]!++;
  server.counters.v[CNT_ECON]!++;
  return end(s, SI_ET_QUEUE_ERR, SF_ERR_SRVCL, SF_FINST_Q);
}

/** Waits for a slot of `server`, or of any. */
function enqueue(s: Stream, server: Server | null): boolean {
  const { timeouts } = s.be.conf;
  s.queuedTick = s.thr.sched.now;
  (server?.queue ?? s.be.queue).add(s);
  s.sib.exp = tickAddIfSet(s.thr.sched.now, timeouts.queue !== 0 ? timeouts.queue : timeouts.connect);
  siSetState(s.sib, SI_ST_QUE);
  return false;
}

function queued(s: Stream): boolean {
  const { sib } = s;
  if (s.pendQueue === null) {
    // A slot was given to it; or its server went away, and another one is to be chosen.
    leaveQueue(s);
    siSetState(sib, s.srvConn !== null ? SI_ST_ASS : SI_ST_REQ);
    return true;
  }
  if (clientGone(s)) {
    leaveQueue(s);
    noteWait(s);
    return end(s, SI_ET_QUEUE_ABRT, SF_ERR_CLICL, SF_FINST_Q);
  }
  if ((sib.flags & SI_FL_EXP) === 0) return false;
  const { ofServer } = s.pendQueue;
  leaveQueue(s);
  noteWait(s);
  s.be.be.v[CNT_ECON]!++;
  if (ofServer) s.server!.counters.v[CNT_ECON]!++;
  return end(s, SI_ET_QUEUE_TO, SF_ERR_SRVTO, SF_FINST_Q);
}

function leaveQueue(s: Stream): void {
  pendLeave(s);
  s.queueMs += (s.thr.sched.now - s.queuedTick) | 0;
  s.sib.exp = TICK_ETERNITY;
  s.sib.flags &= ~SI_FL_EXP;
}

/** It ends without having been connected: logs show how long it waited. */
export function noteWait(s: Stream): void {
  if (s.connectTick === TICK_ETERNITY) s.connectTick = s.thr.sched.now;
}

function assigned(s: Stream): boolean {
  const { sib, be } = s;
  const now = s.thr.sched.now;
  if (s.connectTick === TICK_ETERNITY) s.connectTick = now;
  const code = connectServer(s);
  if (code === CO_ER_NONE) {
    if ((s.flags & SF_CURR_SESS) === 0) {
      s.flags |= SF_CURR_SESS;
      const server = s.server!;
      server.counters.enter();
      server.rate.tick(s.thr.sched.clock[0]!);
      server.lastSessionMs = s.thr.sched.clock[1]!;
    }
    sib.flags &= ~(SI_FL_ERR | SI_FL_EXP);
    sib.exp = tickAddIfSet(now, be.conf.timeouts.connect);
    siSetState(sib, SI_ST_CON);
    return false;
  }
  const resource =
    code === CO_ER_CONF_FDLIM || code === CO_ER_SYS_FDLIM || code === CO_ER_SYS_MEMLIM || code === CO_ER_FREE_PORTS;
  // The source ports are the server's own: another one may have some.
  sib.errType = resource || code === CO_ER_PORT_RANGE ? SI_ET_CONN_RES : SI_ET_CONN_ERR;
  if (resource) {
    // Another attempt would find the same lack: give up at once.
    siSetState(sib, SI_ST_CER);
    const who = code === CO_ER_CONF_FDLIM ? SF_ERR_PRXCOND : SF_ERR_RESOURCE; // the process's own limit has a code of its own
    return end(s, SI_ET_CONN_RES, who, SF_FINST_C);
  }
  siSetState(sib, SI_ST_CER);
  return true;
}

function connecting(s: Stream): boolean {
  const { sib } = s;
  if (clientGone(s)) {
    sib.flags |= SI_FL_NOLINGER;
    return abort(s, SI_ET_CONN_ABRT, SF_ERR_CLICL, SF_FINST_C);
  }
  if ((sib.flags & SI_FL_ERR) !== 0) sib.errType = SI_ET_CONN_ERR;
  else if ((sib.flags & SI_FL_EXP) !== 0) sib.errType = SI_ET_CONN_TO;
  else return false;
  sib.exp = TICK_ETERNITY;
  siSetState(sib, SI_ST_CER);
  return true;
}

/** An attempt failed: retry on the same server after a pause, on another one at once, or end the session. */
function failed(s: Stream): boolean {
  const { sib, be } = s;
  sib.flags |= SI_FL_NOLINGER;
  sib.ops.release(sib);
  sib.flags &= ~(SI_FL_ERR | SI_FL_EXP | SI_FL_NOLINGER);
  const server = s.server!;
  slotRelease(s);
  leaveServer(s); // each attempt counts as a session of the server
  if (s.retriesLeft <= 0) {
    server.counters.v[CNT_ECON]!++;
    be.be.v[CNT_ECON]!++;
    return end(s, sib.errType, whoFailed(sib.errType), SF_FINST_C);
  }
  s.retriesLeft--;
  s.retries++;
  const { redispatch, retries } = be.conf;
  const interval = redispatch.interval === 0 ? -1 : redispatch.interval;
  const other =
    redispatch.on &&
    (interval < 0
      ? s.retriesLeft === -interval - 1 || (interval < -1 && (s.retriesLeft + 1) % -interval === 0)
      : (retries - s.retriesLeft) % interval === 0);
  // Without persistence nobody cares for this very server: where the algorithm just goes on to the next one, so does the
  // retry, at once. Whether it counts as a retry or a redispatch shows when the server is chosen.
  const next = redispatch.on && be.lb?.deterministic === false && be.lb.active > 1;
  if (other || next) {
    s.flags |= other ? SF_REDISP | SF_LOG_REDISP : SF_REDISP;
    s.flags &= ~SF_ASSIGNED;
    siSetState(sib, SI_ST_REQ);
    return true;
  }
  server.counters.v[CNT_WRETR]!++;
  be.be.v[CNT_WRETR]!++;
  if (sib.errType === SI_ET_CONN_ERR) return pause(s);
  siSetState(sib, SI_ST_REQ);
  return true;
}

/** Who is told to have ended a session whose last attempt failed with `errType`. */
function whoFailed(errType: number): number {
  if (errType === SI_ET_CONN_RES) return SF_ERR_RESOURCE;
  return errType === SI_ET_CONN_TO ? SF_ERR_SRVTO : SF_ERR_SRVCL;
}

/** The turn-around pause before the same server may be tried again. */
function pause(s: Stream): boolean {
  const connect = s.be.conf.timeouts.connect;
  s.sib.exp = tickAdd(s.thr.sched.now, connect !== 0 && connect < TURN_AROUND_MS ? connect : TURN_AROUND_MS);
  siSetState(s.sib, SI_ST_TAR);
  return true;
}

/** After a failed attempt `picked` was chosen freely: the same server again is a retry, another one a redispatch. */
function countRetry(s: Stream, picked: Server): void {
  s.flags &= ~SF_REDISP;
  const before = s.server;
  if (before === null) return;
  const cell = before === picked ? CNT_WRETR : CNT_WREDIS;
  if (before !== picked) s.flags |= SF_LOG_REDISP;
  before.counters.v[cell]!++;
  s.be.be.v[cell]!++;
}

function turnAround(s: Stream): boolean {
  const { sib } = s;
  if (clientGone(s)) return abort(s, SI_ET_CONN_ABRT, SF_ERR_CLICL, SF_FINST_C);
  if ((sib.flags & SI_FL_EXP) === 0 && !tickIsExpired(sib.exp, s.thr.sched.now)) return false;
  sib.exp = TICK_ETERNITY;
  sib.flags &= ~SI_FL_EXP;
  // The same server again while it is usable.
  if (s.server !== null && !s.server.reachable) {
    leaveServer(s);
    s.flags &= ~SF_ASSIGNED;
  }
  siSetState(sib, SI_ST_REQ);
  return true;
}

/** Connected: data may flow. */
function ready(s: Stream): boolean {
  const { sib, req, res, be } = s;
  siSetState(sib, SI_ST_EST);
  sib.exp = TICK_ETERNITY;
  sib.flags &= ~SI_FL_EXP;
  s.connectedTick = s.thr.sched.now;
  const { log } = s.sess.fe;
  if (log !== null) log.connected(s);
  const { timeouts } = be.conf;
  req.wto = timeouts.server;
  res.rto = timeouts.server;
  sib.finTimeoutMs = timeouts.serverFin;
  const tunnel = timeouts.tunnel;
  if (tunnel !== 0) {
    req.rto = tunnel;
    req.wto = tunnel;
    res.rto = tunnel;
    res.wto = tunnel;
    if (req.rex !== TICK_ETERNITY) req.rex = tickAdd(s.thr.sched.now, tunnel);
  }
  res.rex = tickAddIfSet(s.thr.sched.now, res.rto);
  sib.ops.chkRcv(sib);
  if (!channelIsEmpty(req)) sib.ops.chkSnd(sib);
  return true;
}

/** The stream no longer counts among its server's sessions. */
export function leaveServer(s: Stream): void {
  if ((s.flags & SF_CURR_SESS) === 0) return;
  s.flags &= ~SF_CURR_SESS;
  s.server!.counters.leave();
}

/** The client went away before there was a connection. */
function abort(s: Stream, errType: number, who: number, when: number): boolean {
  s.be.be.v[CNT_CLI_ABRT]!++;
  if (s.server !== null) s.server.counters.v[CNT_CLI_ABRT]!++;
  return end(s, errType, who, when);
}

function end(s: Stream, errType: number, who: number, when: number): boolean {
  const { sib, req, res } = s;
  streamSetEnd(s, who, when);
  sib.errType = errType;
  sib.exp = TICK_ETERNITY;
  pendLeave(s);
  channelShutrNow(res);
  channelShutwNow(req);
  sib.ops.shutr(sib);
  sib.ops.shutw(sib);
  if (sib.state < SI_ST_DIS) siSetState(sib, SI_ST_DIS);
  slotRelease(s);
  return false;
}
