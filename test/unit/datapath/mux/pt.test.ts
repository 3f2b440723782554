// The pass-through mux: whose connection it is, whom it wakes, when it lets go, what it answers.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { type ConnStream, csAttachData, csDestroy, csNew } from '../../../../src/datapath/conn-stream/conn-stream.js';
import { CS_FL_EOS, CS_FL_ERROR, CS_FL_MAY_SPLICE } from '../../../../src/datapath/conn-stream/flags.js';
import {
  type Connection,
  connFree,
  connFullClose,
  connInstallMux,
  connUpgradeMux,
} from '../../../../src/datapath/connection/connection.js';
import {
  CO_ER_PRX_BAD_HDR,
  CO_ER_RESET,
  CO_ER_TIMEOUT,
  CO_ER_UNREACH,
  CO_FL_ERROR,
  CO_FL_IN_IDLE_LIST,
  CO_FL_SESS_IDLE,
  CO_FL_SOCK_RD_SH,
  CO_FL_WAIT_L6_CONN,
  CS_SHR_DRAIN,
  MUX_ES_INTERNAL_ERR,
  MUX_ES_INVALID_ERR,
  MUX_ES_SUCCESS,
  MUX_ES_TOUT_ERR,
  MUX_ES_UNKNOWN,
  MUX_EXIT_STATUS,
  MUX_STATUS,
  MUX_STATUS_READY,
  SUB_RETRY_RECV,
} from '../../../../src/datapath/connection/flags.js';
import type { XprtOps } from '../../../../src/datapath/connection/ops.js';
import { WaitEvent } from '../../../../src/datapath/connection/wait-event.js';
import { FD_POLL_HUP } from '../../../../src/datapath/fd/flags.js';
import { type MuxPt, muxNone, muxPt } from '../../../../src/datapath/mux/pt.js';
import { rawSock } from '../../../../src/datapath/xprt/raw-sock.js';
import { taskletWakeup } from '../../../../src/sched/task.js';
import { sockAbort, sockShutdown, type Sock } from '../../../../src/sys/sim/sock.js';
import { fakeMux, Front, pair, pattern, peerSend, TARGET, World } from '../../../support/fakes.js';

interface Rig {
  readonly w: World;
  readonly conn: Connection;
  readonly peer: Sock;
  readonly m: MuxPt;
  readonly cs: ConnStream;
  /** Calls of the data layer's wake. */
  readonly wakes: { n: number };
}

/** A connection with an owner under mux_pt, whose data layer only counts; `xprt` lies over its socket. */
function rig(xprt: XprtOps = rawSock): Rig {
  const w = new World();
  const { conn, peer } = pair(w, TARGET, xprt);
  conn.owner = { connReady: () => 0, connReleased: () => undefined };
  const cs = csNew(w.thr, conn, TARGET);
  assert.equal(connInstallMux(conn, muxPt, cs, null, null, null), 0);
  const wakes = { n: 0 };
  csAttachData(cs, null, { name: 'COUNT', wake: () => (wakes.n++, 0) });
  return { w, conn, peer, m: conn.ctx as MuxPt, cs, wakes };
}

const gone = (w: World): number[] => {
  const { connections, connStreams, muxes } = w.thr.counters;
  return [connections, connStreams, muxes, w.thr.sched.taskletsUsed, w.thr.fdtab.used];
};
const NOTHING = [0, 0, 0, 0, 0];

/** The stream goes, the connection is kept: the mux itself waits. */
function kept(r: Rig): WaitEvent {
  csDestroy(r.cs);
  assert.notEqual(r.m.waitEvent, null, 'the mux waits for input');
  assert.equal(r.w.thr.counters.connections, 1);
  return r.m.waitEvent!;
}

function waiter(w: World): { es: WaitEvent; woken: () => number } {
  let n = 0;
  const es = new WaitEvent(w.thr.sched, (t) => (n++, t), null);
  return { es, woken: () => n };
}

test('C03 the context of a connection under a mux is the mux’s, and its methods find it there', () => {
  const { conn, cs, m } = rig();
  assert.equal(conn.ctx, m);
  assert.equal(cs.ctx, m);
  assert.equal(m.conn, conn);
  assert.equal(muxPt.usedStreams(conn), 1);
  assert.equal(muxPt.showFd(conn), 'cs=yes');
});

test('C03 destroy without context does nothing, with a foreign one it is a bug', () => {
  const { w, conn } = rig();
  muxPt.destroy(null);
  muxPt.destroy(undefined);
  assert.throws(() => {
    muxPt.destroy({});
  }, /foreign context/);
  assert.deepEqual([w.thr.counters.connections, w.thr.fdtab.used, conn.mux], [1, 1, muxPt]);
});

test('C03 a mux that owns its connection closes it, one that was replaced frees its own things alone', () => {
  const own = rig();
  csDestroy(own.cs);
  muxPt.destroy(own.m);
  assert.deepEqual(gone(own.w), NOTHING);
  assert.throws(() => {
    muxPt.destroy(own.m);
  }, /destroyed twice/);

  const r = rig();
  const es = kept(r); // tasklet and subscription exist
  r.conn.xprt!.unsubscribe(r.conn, r.conn.xprtCtx, SUB_RETRY_RECV, es);
  taskletWakeup(es.tasklet); // and it is about to run
  const next = fakeMux();
  assert.equal(connUpgradeMux(r.conn, next, null, null, null, null), 0);
  r.w.run();
  assert.equal(r.m.freed, true);
  assert.equal(r.conn.mux, next);
  assert.deepEqual([r.w.thr.counters.connections, r.w.thr.counters.muxes, r.w.thr.sched.taskletsUsed], [1, 0, 0]);
  assert.equal(r.w.thr.fdtab.used, 1, 'the connection stays');
  next.destroy(r.conn.ctx);
  assert.deepEqual(gone(r.w), NOTHING);
});

test('C04 a front mux whose session takes no stream leaves nothing behind', () => {
  const w = new World();
  const { conn } = pair(w);
  const session = { newStream: () => false };
  assert.equal(connInstallMux(conn, muxPt, null, null, session, null), -1);
  assert.deepEqual([conn.mux, conn.ctx], [null, null]);
  connFullClose(conn);
  connFree(conn);
  assert.deepEqual(gone(w), NOTHING);
});

test('C18 with a receive subscriber its tasklet is woken, not the data layer', () => {
  const r = rig();
  const { es, woken } = waiter(r.w);
  r.w.thr.fdtab.cantRecv(r.conn.fd);
  muxPt.subscribe(r.cs, SUB_RETRY_RECV, es);
  peerSend(r.w, r.peer, pattern(10));
  r.w.run();
  assert.deepEqual([woken(), r.wakes.n], [1, 0]);
});

test('C18 an error or hang-up that nobody is subscribed for goes to the data layer', () => {
  const r = rig();
  r.w.thr.fdtab.watch(r.conn.fd);
  r.w.run();
  sockAbort(r.peer);
  r.w.run();
  assert.ok(r.wakes.n > 0);
  assert.ok((r.w.thr.fdtab.state[r.conn.fd]! & FD_POLL_HUP) !== 0);
  assert.equal(r.w.thr.counters.connections, 1, 'the data layer decides');
});

test('C18 a tasklet woken before a stream was attached never destroys; it notifies that stream', () => {
  const r = rig();
  const es = kept(r);
  // The peer's end arrives and the tasklet stands in the queue, then a stream is attached.
  sockShutdown(r.peer, 1);
  r.w.net();
  taskletWakeup(es.tasklet);
  const cs = muxPt.attach(r.conn, null)!;
  let wakes = 0;
  csAttachData(cs, null, { name: 'COUNT', wake: () => (wakes++, 0) });
  r.w.thr.sched.runQueues();
  assert.equal(wakes, 1);
  assert.equal(r.m.freed, false);
  assert.equal(r.conn.ctx, r.m);
  // With a receive subscriber of its own it is left to that one.
  const own = waiter(r.w);
  r.w.thr.fdtab.cantRecv(r.conn.fd);
  muxPt.subscribe(cs, SUB_RETRY_RECV, own.es);
  taskletWakeup(es.tasklet);
  r.w.thr.sched.runQueues();
  assert.equal(wakes, 1);
});

test('C18 without stream: input is drained and the mux waits again, the end destroys', () => {
  const r = rig();
  const es = kept(r);
  peerSend(r.w, r.peer, pattern(1000));
  r.w.run();
  assert.equal(r.m.freed, false);
  assert.equal(es.events, SUB_RETRY_RECV, 'subscribed again');
  peerSend(r.w, r.peer, pattern(1000));
  r.w.run();
  assert.equal(r.m.freed, false);
  sockShutdown(r.peer, 1);
  r.w.run();
  assert.equal(r.m.freed, true);
  assert.deepEqual(gone(r.w), NOTHING);
});

test('C18 without stream: a reset destroys', () => {
  const r = rig();
  kept(r);
  sockAbort(r.peer);
  r.w.run();
  assert.deepEqual(gone(r.w), NOTHING);
});

test('C18 without stream: wake() destroys on an error and says so, and does nothing else otherwise', () => {
  const r = rig();
  kept(r);
  assert.equal(muxPt.wake(r.conn), 0);
  r.conn.flags |= CO_FL_ERROR;
  assert.ok(muxPt.wake(r.conn) < 0);
  assert.deepEqual(gone(r.w), NOTHING);
});

test('C18 attach works with no xprt, and unsubscribes only where it was subscribed', () => {
  let unsubscribed = 0;
  const counting: XprtOps = {
    ...rawSock,
    unsubscribe: (c, ctx, events, es) => {
      unsubscribed++;
      rawSock.unsubscribe(c, ctx, events, es);
    },
  };
  const r = rig(counting);
  const es = kept(r);
  assert.equal(es.events, 0, 'input may be there: the first look is due at once');
  const first = muxPt.attach(r.conn, null)!;
  assert.equal(unsubscribed, 0, 'it was not subscribed');
  csDestroy(first);
  r.w.run();
  assert.equal(es.events, SUB_RETRY_RECV);
  const second = muxPt.attach(r.conn, null)!;
  assert.deepEqual([unsubscribed, es.events, r.conn.subs], [1, 0, null]);
  assert.throws(() => muxPt.attach(r.conn, null), /used connection/);
  csDestroy(second);
  r.w.run();
  // The transport went away under it.
  r.conn.subs = null;
  connFullClose(r.conn);
  const third = muxPt.attach(r.conn, null)!;
  assert.deepEqual([unsubscribed, es.events, third.conn], [1, 0, r.conn]);
  csDestroy(third);
  assert.deepEqual(gone(r.w), NOTHING);
});

test('C18 detach keeps a connection with a session, and destroys it without one, on an error or a shutdown', () => {
  const cases: readonly (readonly [string, (r: Rig) => void, boolean])[] = [
    ['nothing', () => undefined, true],
    ['no session', (r) => (r.conn.owner = null), false],
    ['connection error', (r) => (r.conn.flags |= CO_FL_ERROR), false],
    ['read shutdown', (r) => (r.conn.flags |= CO_FL_SOCK_RD_SH), false],
    ['stream error', (r) => (r.cs.flags |= CS_FL_ERROR), false],
    ['end of stream', (r) => (r.cs.flags |= CS_FL_EOS), false],
    [
      'transport closed',
      (r) => {
        connFullClose(r.conn);
      },
      false,
    ],
  ];
  for (const [what, change, stays] of cases) {
    const r = rig();
    change(r);
    csDestroy(r.cs);
    assert.equal(r.m.freed, !stays, what);
    if (!stays) assert.deepEqual(gone(r.w), NOTHING, what);
  }
});

test('C18 a TCP connection never enters an idle list', () => {
  const r = rig();
  kept(r);
  r.w.run();
  assert.equal(r.conn.flags & (CO_FL_IN_IDLE_LIST | CO_FL_SESS_IDLE), 0);
  assert.deepEqual([r.conn.idlePrev, r.conn.idleNext], [null, null]);
});

test('C18 after its end nothing of a mux runs, though its tasklet was queued', () => {
  const r = rig();
  const es = kept(r);
  taskletWakeup(es.tasklet);
  muxPt.destroy(r.m);
  assert.equal(r.w.thr.sched.runQueues(), 0);
  assert.deepEqual(gone(r.w), NOTHING);
});

test('C19 MUX_STATUS answers ready or 0', () => {
  const { conn } = rig();
  assert.equal(muxPt.ctl(conn, MUX_STATUS), MUX_STATUS_READY);
  conn.flags |= CO_FL_WAIT_L6_CONN;
  assert.equal(muxPt.ctl(conn, MUX_STATUS), 0);
  assert.ok(muxPt.ctl(conn, 99) < 0, 'an unknown question');
});

test('C19 MUX_EXIT_STATUS tells success, invalid, time-out, internal error and unknown apart', () => {
  const answers = (code: number, flags: number): number => {
    const { conn } = rig();
    conn.errCode = code;
    conn.flags |= flags;
    return muxPt.ctl(conn, MUX_EXIT_STATUS);
  };
  assert.equal(answers(0, 0), MUX_ES_SUCCESS);
  assert.equal(answers(CO_ER_PRX_BAD_HDR, CO_FL_ERROR), MUX_ES_INVALID_ERR);
  assert.equal(answers(CO_ER_TIMEOUT, CO_FL_ERROR), MUX_ES_TOUT_ERR);
  assert.equal(answers(CO_ER_RESET, CO_FL_ERROR), MUX_ES_INTERNAL_ERR);
  assert.equal(answers(CO_ER_UNREACH, 0), MUX_ES_UNKNOWN);
});

test('C11 the mux says that splicing is possible where the transport and the system can, and takes it back at the end', () => {
  const r = rig();
  assert.ok((r.cs.flags & CS_FL_MAY_SPLICE) !== 0);
  muxPt.shutr(r.cs, CS_SHR_DRAIN);
  assert.equal(r.cs.flags & CS_FL_MAY_SPLICE, 0);
  assert.equal(rig({ ...rawSock, rcvPipe: null }).cs.flags & CS_FL_MAY_SPLICE, 0);
});

test('C16 proto none is the pass-through mux but for its upgrades', () => {
  const { name: a, flags: x, ...none } = muxNone;
  const { name: b, flags: y, ...pass } = muxPt;
  assert.deepEqual(Object.keys(none), Object.keys(pass));
  assert.notEqual(x, y);
  assert.deepEqual([a, b], ['NONE', 'PASS']);
});

test('C01 a front connection under mux_pt gets one stream at once, and its session with it', () => {
  const w = new World();
  const front = new Front(w);
  const { conn } = pair(w);
  const sess = front.session(conn);
  assert.equal(connInstallMux(conn, muxPt, null, front.fe, sess, null), 0);
  assert.deepEqual([sess.streams, front.streams.size, w.thr.counters.sessions], [1, 1, 1]);
});
