// The session and its owners (C01): one for a front connection however many streams, embryonic before the first.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { csDestroy } from '../../../../src/datapath/conn-stream/conn-stream.js';
import { connInstallMux } from '../../../../src/datapath/connection/connection.js';
import {
  CO_ER_RESET,
  CO_ER_PRX_TIMEOUT,
  CO_FL_ACCEPT_PROXY,
  CO_FL_HANDSHAKE,
  SUB_RETRY_RECV,
} from '../../../../src/datapath/connection/flags.js';
import { sessionAccept, sessionKill } from '../../../../src/datapath/session/session.js';
import { siAttachCs } from '../../../../src/datapath/stream-interface/si-conn.js';
import { type Stream, streamFree } from '../../../../src/datapath/stream/stream.js';
import { rawSock } from '../../../../src/datapath/xprt/raw-sock.js';
import { fakeMux, fakeXprt, Front, frontStream, type ManyCtx, pair, World } from '../../../support/fakes.js';

test('C01 a multiplexed front connection with 100 streams has one session', () => {
  const w = new World();
  const mux = fakeMux();
  const front = new Front(w, mux);
  const { conn } = pair(w);
  const sess = front.session(conn);
  connInstallMux(conn, mux, null, front.fe, sess, null);
  for (let i = 0; i < 100; i++) frontStream(conn);
  const streams = [...front.streams];
  assert.equal(streams.length, 100);
  assert.ok(streams.every((s) => s.sess === sess));
  assert.deepEqual([sess.streams, sess.streamsTotal, w.thr.counters.sessions], [100, 100, 1]);
  assert.equal(conn.owner, sess);
  // Streams end in any order; the session stays while the connection does.
  for (const s of streams.toSorted((a, b) => ((a.id * 37) % 101) - ((b.id * 37) % 101))) streamFree(s);
  assert.deepEqual([sess.streams, front.ends, w.thr.counters.sessions], [0, 0, 1]);
  frontStream(conn);
  mux.destroy(conn.ctx); // the connection goes, a stream is left
  assert.deepEqual([sess.origin, front.ends, w.thr.counters.sessions], [null, 0, 1]);
});

test('C01 a session lives as long as its connection or a stream needs it, and ends once', () => {
  for (const connectionFirst of [false, true]) {
    const w = new World();
    const mux = fakeMux();
    const front = new Front(w, mux);
    const { conn } = pair(w);
    const sess = front.session(conn);
    connInstallMux(conn, mux, null, front.fe, sess, null);
    const cs = frontStream(conn);
    const [s] = [...front.streams] as [Stream];
    if (connectionFirst) {
      // The stream lets go of its end, as it does when that side is closed; then the connection goes.
      s.sif.ops.release(s.sif);
      mux.destroy(conn.ctx);
      assert.equal(front.ends, 0);
      streamFree(s);
    } else {
      streamFree(s);
      assert.equal((conn.ctx as ManyCtx).streams.has(cs), false);
      assert.equal(front.ends, 0);
      mux.destroy(conn.ctx);
    }
    assert.equal(front.ends, 1);
    const { sessions, streams, connections, connStreams } = w.thr.counters;
    assert.deepEqual([sessions, streams, connections, connStreams], [0, 0, 0, 0]);
    assert.deepEqual([w.thr.sched.tasksUsed, w.thr.sched.taskletsUsed], [1, 1], 'the listener’s own');
    assert.equal(front.listener.limits[0]!.used, 0);
  }
});

test('C01 one back connection carries streams of two sessions; releasing one leaves the other’s intact', () => {
  const w = new World();
  const frontMux = fakeMux();
  const front = new Front(w, frontMux);
  const backMux = fakeMux();
  const back = pair(w).conn;
  connInstallMux(back, backMux, null, null, null, null);
  assert.equal(back.owner, null, 'a shared connection has no owner');
  const ctx = back.ctx as ManyCtx;

  const sessions = [0, 1].map(() => {
    const { conn } = pair(w);
    const sess = front.session(conn);
    connInstallMux(conn, frontMux, null, front.fe, sess, null);
    frontStream(conn);
    frontStream(conn);
    return sess;
  });
  const [a, b] = sessions as [(typeof sessions)[0], (typeof sessions)[0]];
  for (const s of front.streams) {
    const cs = backMux.attach(back, s.sess)!;
    siAttachCs(s.sib, cs);
    backMux.subscribe(cs, SUB_RETRY_RECV, s.sib.waitEvent!);
  }
  assert.equal(ctx.streams.size, 4);
  assert.deepEqual([...ctx.sessions.values()], [a, a, b, b], 'each stream knows its own');

  // Session a goes: its streams, then its front connection.
  for (const s of front.streams) if (s.sess === a) streamFree(s);
  frontMux.destroy(a.origin!.ctx);
  assert.equal(front.ends, 1);
  assert.deepEqual([...ctx.sessions.values()], [b, b]);
  assert.equal(ctx.destroyed, false);
  assert.deepEqual([back.mux, b.streams], [backMux, 2]);
  for (const s of front.streams) {
    assert.equal(s.sib.cs!.conn, back);
    assert.equal(s.sib.waitEvent!.events, SUB_RETRY_RECV, 'still subscribed');
    assert.equal(ctx.waits.get(s.sib.cs!), s.sib.waitEvent);
  }
  for (const s of front.streams) streamFree(s);
  assert.equal(ctx.streams.size, 0);
  assert.equal(back.mux, backMux, 'unused, and still there');
});

test('C01 the end of a private back connection does not touch its session', () => {
  const w = new World();
  const mux = fakeMux();
  const front = new Front(w, mux);
  const { conn } = pair(w);
  const sess = front.session(conn);
  connInstallMux(conn, mux, null, front.fe, sess, null);
  const back = pair(w).conn;
  back.owner = sess;
  connInstallMux(back, mux, null, null, sess, null);
  csDestroy(mux.attach(back, sess)!);
  mux.destroy(back.ctx);
  assert.deepEqual([sess.origin, front.ends, w.thr.counters.sessions], [conn, 0, 1]);
});

/** An accepted connection whose handshake, in a transport of its own, never comes to an end unless told. */
function embryo(): { w: World; front: Front; closed: () => number; conn: ReturnType<typeof pair>['conn'] } {
  const w = new World();
  const front = new Front(w);
  let closed = 0;
  const handshake = fakeXprt({
    init: (c) => {
      c.flags |= CO_FL_ACCEPT_PROXY;
      return null;
    },
    close: () => closed++,
  });
  const { conn } = pair(w, front.listener, fakeXprt());
  conn.flags &= ~0x200; // the transport is put on by accepting
  front.listener.counters.enter();
  for (const l of front.listener.limits) l.used++;
  assert.equal(sessionAccept(conn, front.listener, front.fe, front, handshake), 0);
  return { w, front, closed: () => closed, conn };
}

test('C01 a session that never got a stream times out and is reported', () => {
  const { w, front, closed, conn } = embryo();
  assert.deepEqual([conn.mux, w.thr.counters.sessions, w.thr.counters.streams], [null, 1, 0]);
  w.run(4990);
  assert.deepEqual(front.embryonic, []);
  w.run(20);
  assert.deepEqual(front.embryonic, [CO_ER_PRX_TIMEOUT], 'after timeout client');
  assert.deepEqual([front.ends, closed(), w.thr.counters.connections, w.thr.counters.sessions], [1, 1, 0, 0]);
  assert.deepEqual([w.thr.fdtab.used, w.thr.sched.tasksUsed, front.listener.limits[0]!.used], [0, 1, 0]);
  w.run(10_000);
  assert.equal(front.embryonic.length, 1);
});

test('C01 a session killed while embryonic is reported with its reason, and its timer goes with it', () => {
  const { w, front, conn } = embryo();
  conn.errCode = CO_ER_RESET;
  sessionKill(conn.owner as Parameters<typeof sessionKill>[0], conn);
  assert.deepEqual(front.embryonic, [CO_ER_RESET]);
  assert.deepEqual([w.thr.sched.wq.size, w.thr.sched.tasksUsed], [0, 1]);
});

test('C01 when the handshake is over the embryonic session gets its mux and stream, and no timer is left', () => {
  const { w, front, conn } = embryo();
  conn.xprt = rawSock; // the handshake takes itself off the stack
  conn.flags &= ~CO_FL_HANDSHAKE;
  assert.equal(conn.owner!.connReady(conn, null), 0);
  assert.deepEqual([conn.mux, w.thr.counters.streams, front.embryonic.length], [front.listener.mux, 1, 0]);
  assert.equal(w.thr.sched.wq.size, 0);
});
