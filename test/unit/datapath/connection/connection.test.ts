// The connection: its target, its owners, who waits at it, and when its transport is ready.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buf, bufAlloc, bufPut } from '../../../../src/base/buf.js';
import { Channel } from '../../../../src/datapath/channel/channel.js';
import { csDestroy, csNew } from '../../../../src/datapath/conn-stream/conn-stream.js';
import {
  type Connection,
  connCtrlDrain,
  connFree,
  connFullClose,
  connInstallMux,
  connNew,
  connSockShutw,
  connSubscribe,
  connUnsubscribe,
  connUpgradeMux,
  connWaitL4,
} from '../../../../src/datapath/connection/connection.js';
import {
  CO_ER_NONE,
  CO_FL_ACCEPT_CIP,
  CO_FL_ACCEPT_PROXY,
  CO_FL_ERROR,
  CO_FL_HANDSHAKE,
  CO_FL_SEND_PROXY,
  CO_FL_SOCK_RD_SH,
  CO_FL_SOCK_WR_SH,
  CO_FL_SOCKS4_RECV,
  CO_FL_SOCKS4_SEND,
  CO_FL_WAIT_L4L6,
  CO_FL_WAIT_L4_CONN,
  CO_FL_WAIT_L6_CONN,
  CO_FL_WAIT_XPRT,
  MUX_STATUS,
  MUX_STATUS_READY,
  SUB_RETRY_RECV,
  SUB_RETRY_SEND,
} from '../../../../src/datapath/connection/flags.js';
import { WaitEvent } from '../../../../src/datapath/connection/wait-event.js';
import { FD_EV_READY_R, FD_EV_READY_W } from '../../../../src/datapath/fd/flags.js';
import { muxNone, muxPt } from '../../../../src/datapath/mux/pt.js';
import { sessionAccept } from '../../../../src/datapath/session/session.js';
import { SI_FL_ISBACK, SI_ST_CON, SI_ST_EST, SI_ST_RDY } from '../../../../src/datapath/stream-interface/flags.js';
import { siAttachCs, siConnOps, siCsIoCb } from '../../../../src/datapath/stream-interface/si-conn.js';
import { siCsRecv } from '../../../../src/datapath/stream-interface/si-recv.js';
import { siCsSend } from '../../../../src/datapath/stream-interface/si-send.js';
import { StreamInterface } from '../../../../src/datapath/stream-interface/stream-interface.js';
import { rawSock } from '../../../../src/datapath/xprt/raw-sock.js';
import { taskNew } from '../../../../src/sched/task.js';
import { sockShutdown } from '../../../../src/sys/sim/sock.js';
import { fakeMux, fakeXprt, Front, pair, pattern, peerRecv, peerSend, TARGET, World } from '../../../support/fakes.js';

/** A tasklet that counts, behind a wait event. */
function waiter(w: World): { es: WaitEvent; woken: () => number } {
  let n = 0;
  const es = new WaitEvent(w.thr.sched, (t) => (n++, t), null);
  return { es, woken: () => n };
}

test('C02 a connection is created with its target and never without one', () => {
  const w = new World();
  const conn = connNew(w.thr, TARGET);
  assert.equal(conn.target, TARGET);
  for (const none of [null, undefined])
    assert.throws(() => connNew(w.thr, none as never), /never exists without a target/);
  connFree(conn);
  assert.equal(conn.target, TARGET, 'it keeps it to its end');
  assert.equal(w.thr.counters.connections, 0);
});

test('C02 a conn-stream without connection creates one with its target, and ends it with itself', () => {
  const w = new World();
  const cs = csNew(w.thr, null, TARGET);
  assert.equal(cs.conn?.target, TARGET);
  assert.equal(w.thr.counters.connections, 1);
  csDestroy(cs);
  const { conn } = pair(w);
  const over = csNew(w.thr, conn, TARGET);
  assert.equal(over.conn, conn);
  assert.throws(() => csNew(w.thr, null, null as never), /no target/);
  csDestroy(over);
  assert.deepEqual([w.thr.counters.connections, w.thr.counters.connStreams, w.thr.fdtab.used], [0, 0, 0]);
});

test('C04 init is given connection, proxy, session and input, attach the session', () => {
  const w = new World();
  const { conn } = pair(w);
  const seen: unknown[] = [];
  const mux = fakeMux();
  const spy = { ...mux };
  spy.init = (c, proxy, session, input) => {
    seen.push(c, proxy, session, input);
    return mux.init(c, proxy, session, input);
  };
  spy.attach = (c, session) => {
    seen.push(session);
    return mux.attach(c, session);
  };
  assert.equal(connInstallMux(conn, spy, null, 'proxy', 'session', null), 0);
  conn.mux!.attach(conn, 'another');
  assert.deepEqual(seen, [conn, 'proxy', 'session', null, 'another']);
});

test('C04 a mux that refuses a fresh connection leaves it without mux and context', () => {
  const w = new World();
  const { conn } = pair(w);
  const no = fakeMux({ init: () => -1 });
  assert.equal(connInstallMux(conn, no, 'ctx', null, null, null), -1);
  assert.deepEqual([conn.mux, conn.ctx], [null, null]);
});

test('C04 an upgrade that fails restores mux and context, and loses no input byte', () => {
  const w = new World();
  const { conn } = pair(w);
  let destroyed = 0;
  const old = fakeMux({ destroy: () => destroyed++ });
  connInstallMux(conn, old, null, null, null, null);
  const ctx = conn.ctx;
  const input = new Buf();
  bufAlloc(input, w.thr.bufs, 0);
  bufPut(input, w.sim.u8, pattern(100));
  let offered = 0;
  const next = fakeMux({
    init: (c, _p, _s, buf) => {
      assert.equal(c.ctx, 'new ctx', 'it may look at what is left for it');
      offered = buf!.data;
      return -1;
    },
  });
  assert.equal(connUpgradeMux(conn, next, 'new ctx', null, null, input), -1);
  assert.deepEqual([conn.mux === old, conn.ctx === ctx, destroyed, offered, input.data], [true, true, 0, 100, 100]);
  assert.equal(w.thr.counters.upgrades, 0);
  // And one that goes through: the old mux is destroyed with its own context, once; the connection stays.
  const good = fakeMux();
  assert.equal(connUpgradeMux(conn, good, null, null, null, input), 0);
  assert.deepEqual([conn.mux === good, destroyed, w.thr.counters.upgrades], [true, 1, 1]);
  assert.equal(w.thr.fdtab.used, 1);
});

test('C16 a mux of proto none refuses every upgrade before the new one is asked', () => {
  const w = new World();
  const front = new Front(w, muxNone);
  const { conn } = pair(w);
  const sess = front.session(conn);
  connInstallMux(conn, muxNone, null, front.fe, sess, null);
  const never = fakeMux({ init: () => assert.fail('asked') });
  const ctx = conn.ctx;
  assert.equal(connUpgradeMux(conn, never, null, null, sess, null), -1);
  assert.deepEqual([conn.mux, conn.ctx], [muxNone, ctx]);
});

const WAITS = [
  CO_FL_WAIT_L4_CONN,
  CO_FL_WAIT_L6_CONN,
  CO_FL_SEND_PROXY,
  CO_FL_ACCEPT_PROXY,
  CO_FL_ACCEPT_CIP,
  CO_FL_SOCKS4_SEND,
  CO_FL_SOCKS4_RECV,
];
const COMBINATIONS = Array.from({ length: 1 << WAITS.length }, (_, n) =>
  WAITS.reduce((flags, bit, i) => ((n >> i) & 1 ? flags | bit : flags), 0),
);

/** A back connection whose conn-stream has a stream-interface in `state`; calls of the mux's I/O are counted. */
function backSide(w: World, state: number): { conn: Connection; si: StreamInterface; io: string[] } {
  const io: string[] = [];
  const mux = fakeMux({
    rcvBuf: () => (io.push('rcvBuf'), 0),
    sndBuf: () => (io.push('sndBuf'), 0),
  });
  const { conn } = pair(w);
  connInstallMux(conn, mux, null, null, null, null);
  const cs = mux.attach(conn, null)!;
  const slot = w.thr.slots.take();
  const ic = new Channel(0, slot);
  const oc = new Channel(0, slot);
  const task = taskNew(w.thr.sched, (t) => t, null);
  const si = new StreamInterface(w.thr, SI_FL_ISBACK, ic, oc, task, siConnOps);
  si.other = new StreamInterface(w.thr, 0, oc, ic, task, siConnOps);
  siAttachCs(si, cs);
  si.state = state;
  bufAlloc(oc.buf, w.thr.bufs, 0);
  bufPut(oc.buf, w.sim.u8, pattern(10));
  oc.output = 10;
  return { conn, si, io };
}

test('C06 the masks are the unions of what they stand for', () => {
  assert.equal(CO_FL_WAIT_L4L6, CO_FL_WAIT_L4_CONN | CO_FL_WAIT_L6_CONN);
  assert.equal(
    CO_FL_WAIT_XPRT,
    WAITS.reduce((a, b) => a | b),
  );
  assert.equal(CO_FL_HANDSHAKE, CO_FL_WAIT_XPRT & ~CO_FL_WAIT_L4L6);
  assert.equal(COMBINATIONS.length, 128);
});

test('C06 for each combination of wait bits, who asks whether the transport is ready gets one answer', () => {
  for (const waits of COMBINATIONS) {
    const ready = waits === 0;
    const what = `flags 0x${waits.toString(16)}`;
    const w = new World({ arenaBytes: 4 << 20 });

    // mux.ctl(MUX_STATUS)
    const plain = pair(w).conn;
    plain.flags |= waits;
    assert.equal(muxPt.ctl(plain, MUX_STATUS), ready ? MUX_STATUS_READY : 0, `ctl, ${what}`);

    // the back-connect state: its I/O callback asks, and waits for a send where it is not ready
    const connecting = backSide(w, SI_ST_CON);
    connecting.conn.flags |= waits;
    siCsIoCb(connecting.si.waitEvent!.tasklet, connecting.si, 0);
    assert.equal(connecting.si.state, ready ? SI_ST_RDY : SI_ST_CON, `connecting, ${what}`);
    assert.deepEqual(connecting.io.includes('sndBuf'), ready, `sent, ${what}`);
    if (!ready) assert.equal(connecting.si.waitEvent!.events, SUB_RETRY_SEND, `subscribed, ${what}`);

    // sending asks, also when established
    const sending = backSide(w, SI_ST_EST);
    sending.conn.flags |= waits;
    siCsSend(sending.si, sending.si.cs!);
    assert.deepEqual(sending.io, ready ? ['sndBuf'] : [], `siCsSend, ${what}`);

    // receiving before the connection is ready asks
    const receiving = backSide(w, SI_ST_CON);
    receiving.conn.flags |= waits;
    siCsRecv(receiving.si, receiving.si.cs!, receiving.conn, 0);
    assert.deepEqual(receiving.io, ready ? ['rcvBuf'] : [], `siCsRecv, ${what}`);

    // a session is embryonic until then: no mux
    const front = new Front(w);
    const accepted = pair(w).conn;
    accepted.flags |= waits;
    for (const l of front.listener.limits) l.used++;
    assert.equal(sessionAccept(accepted, front.listener, front.fe, front, rawSock), 0);
    assert.equal(accepted.mux !== null, ready, `mux, ${what}`);
    assert.equal(w.thr.counters.streams, ready ? 1 : 0, `stream, ${what}`);
  }
});

test('C06 the socket transport does not ask for handshakes: who is above it knows', () => {
  for (const waits of COMBINATIONS.filter((c) => (c & CO_FL_WAIT_L4L6) === 0)) {
    const w = new World({ arenaBytes: 4 << 20 });
    const { conn, peer } = pair(w);
    conn.flags |= waits;
    const buf = new Buf();
    bufAlloc(buf, w.thr.bufs, 0);
    bufPut(buf, w.sim.u8, pattern(9));
    assert.equal(rawSock.sndBuf(conn, null, buf, 9, 0), 9);
    w.net();
    assert.equal(peerRecv(peer).bytes.length, 9);
    assert.equal(conn.flags & CO_FL_WAIT_XPRT, waits, 'and clears none of them');
  }
});

test('C06 the first successful receive or send proves L4 and clears its bit alone', () => {
  for (const how of ['receive', 'send']) {
    const w = new World();
    const { conn, peer } = pair(w);
    connWaitL4(conn);
    conn.flags |= CO_FL_WAIT_L6_CONN | CO_FL_SEND_PROXY;
    const buf = new Buf();
    bufAlloc(buf, w.thr.bufs, 0);
    if (how === 'receive') {
      assert.equal(rawSock.rcvBuf(conn, null, buf, 100, 0), 0);
      assert.ok((conn.flags & CO_FL_WAIT_L4_CONN) !== 0, 'EAGAIN proves nothing');
      peerSend(w, peer, pattern(5));
      w.thr.fdtab.state[conn.fd]! |= FD_EV_READY_R;
      assert.equal(rawSock.rcvBuf(conn, null, buf, 100, 0), 5);
    } else {
      bufPut(buf, w.sim.u8, pattern(5));
      assert.equal(rawSock.sndBuf(conn, null, buf, 5, 0), 5);
    }
    assert.equal(conn.flags & CO_FL_WAIT_XPRT, CO_FL_WAIT_L6_CONN | CO_FL_SEND_PROXY, how);
  }
});

test('C22 a subscription brings one wake-up, for the direction that became possible', () => {
  const w = new World();
  const { conn, peer } = pair(w);
  const { es, woken } = waiter(w);
  const buf = new Buf();
  bufAlloc(buf, w.thr.bufs, 0);
  rawSock.rcvBuf(conn, null, buf, 100, 0); // the attempt that did not complete
  connSubscribe(conn, SUB_RETRY_RECV, es);
  assert.equal(es.events, SUB_RETRY_RECV);
  w.run();
  assert.equal(woken(), 0);
  peerSend(w, peer, pattern(3));
  w.run();
  assert.equal(woken(), 1);
  assert.deepEqual([es.events, conn.subs], [0, null]);
  peerSend(w, peer, pattern(3));
  w.run();
  assert.equal(woken(), 1, 'nobody asked again');
});

test('C22 who subscribes to a direction that is ready is woken at once, and waits for the other alone', () => {
  const w = new World();
  const { conn } = pair(w);
  const { es, woken } = waiter(w);
  w.thr.fdtab.cantRecv(conn.fd);
  connSubscribe(conn, SUB_RETRY_RECV | SUB_RETRY_SEND, es);
  assert.equal(es.events, SUB_RETRY_RECV);
  w.thr.sched.runQueues();
  assert.equal(woken(), 1);
});

test('C22 one WaitEvent serves both directions; a second, different one is a bug', () => {
  const w = new World();
  const { conn, peer } = pair(w);
  const { es, woken } = waiter(w);
  const second = waiter(w).es;
  w.thr.fdtab.cantRecv(conn.fd);
  w.thr.fdtab.cantSend(conn.fd);
  connSubscribe(conn, SUB_RETRY_RECV, es);
  connSubscribe(conn, SUB_RETRY_SEND, es);
  assert.equal(es.events, SUB_RETRY_RECV | SUB_RETRY_SEND);
  assert.throws(() => {
    connSubscribe(conn, SUB_RETRY_RECV, second);
  }, /second subscriber/);
  assert.throws(() => {
    connUnsubscribe(conn, SUB_RETRY_RECV, second);
  }, /another subscriber/);
  connUnsubscribe(conn, SUB_RETRY_SEND, es);
  assert.deepEqual([es.events, conn.subs], [SUB_RETRY_RECV, es]);
  peerSend(w, peer, pattern(1));
  w.run();
  assert.equal(woken(), 1);
  connSubscribe(conn, SUB_RETRY_RECV, second); // free again
});

test('C22 nothing waits for input that was not tried', () => {
  const w = new World();
  const { conn } = pair(w);
  assert.ok((w.thr.fdtab.state[conn.fd]! & (FD_EV_READY_R | FD_EV_READY_W)) !== 0);
  assert.throws(() => {
    w.thr.fdtab.wantRecv(conn.fd);
  }, /was not tried/);
});

test('C22 unsubscribed means never woken', () => {
  const w = new World();
  const { conn, peer } = pair(w);
  const { es, woken } = waiter(w);
  w.thr.fdtab.cantRecv(conn.fd);
  connSubscribe(conn, SUB_RETRY_RECV, es);
  connUnsubscribe(conn, SUB_RETRY_RECV, es);
  peerSend(w, peer, pattern(1));
  w.run();
  assert.equal(woken(), 0);
});

test('C22 without descriptor the subscriber is woken, so that it finds the end by itself', () => {
  const w = new World();
  const { conn } = pair(w);
  const { es, woken } = waiter(w);
  connFullClose(conn);
  connSubscribe(conn, SUB_RETRY_RECV, es);
  w.thr.sched.runQueues();
  assert.equal(woken(), 1);
  assert.equal(conn.subs, null);
});

test('C09 transports stack: each has the context that its own init() made, and is called with it', () => {
  const w = new World();
  const calls: string[] = [];
  interface Upper {
    readonly under: unknown;
    added: number;
  }
  // Adds one to each byte received; everything goes through the socket transport below.
  const upper = fakeXprt({
    name: 'PLUS',
    init: (c) => {
      calls.push('init');
      return { under: rawSock.init(c), added: 0 } satisfies Upper;
    },
    rcvBuf: (c, ctx, buf, count, flags) => {
      const u = ctx as Upper;
      const from = buf.data;
      const n = rawSock.rcvBuf(c, u.under, buf, count, flags);
      for (let i = from; i < buf.data; i++) w.sim.u8[buf.area + i]!++;
      u.added += n;
      return n;
    },
    subscribe: (c, ctx, events, es) => {
      calls.push('subscribe');
      rawSock.subscribe(c, (ctx as Upper).under, events, es);
    },
    close: (_c, ctx) => calls.push(`close after ${(ctx as Upper).added}`),
  });
  const { conn, peer } = pair(w, TARGET, upper);
  const other = pair(w, TARGET, upper);
  assert.notEqual(conn.xprtCtx, other.conn.xprtCtx, 'a context for each connection');
  assert.equal(connInstallMux(conn, muxPt, csNew(w.thr, conn, TARGET), null, null, null), 0);
  const m = conn.ctx as { cs: ReturnType<typeof csNew> };
  peerSend(w, peer, Uint8Array.of(1, 2, 3));
  const buf = new Buf();
  bufAlloc(buf, w.thr.bufs, 0);
  assert.equal(muxPt.rcvBuf(m.cs, buf, 100, 0), 3);
  assert.deepEqual([...w.sim.u8.subarray(buf.area, buf.area + 3)], [2, 3, 4]);
  const { es, woken } = waiter(w);
  muxPt.subscribe(m.cs, SUB_RETRY_RECV, es);
  peerSend(w, peer, Uint8Array.of(9));
  w.run();
  assert.equal(woken(), 1);
  csDestroy(m.cs);
  assert.deepEqual(calls, ['init', 'init', 'subscribe', 'close after 3']);
});

test('C09 an xprt whose init() refuses is not put on the stack, and not closed', () => {
  const w = new World();
  const front = new Front(w);
  const bad = fakeXprt({
    init: (c) => {
      c.flags |= CO_FL_ERROR;
      return null;
    },
    close: () => assert.fail('never opened'),
  });
  const { conn } = pair(w);
  conn.flags &= ~0x200; // the raw one of pair() was never there
  for (const l of front.listener.limits) l.used++;
  assert.equal(sessionAccept(conn, front.listener, front.fe, front, bad), -1);
  assert.deepEqual(front.embryonic, [CO_ER_NONE]);
  assert.deepEqual([w.thr.counters.connections, w.thr.counters.sessions, w.thr.fdtab.used], [0, 0, 0]);
});

test('draining and shutting the socket go through the ctrl layer, once', () => {
  const w = new World();
  const { conn, peer } = pair(w);
  peerSend(w, peer, pattern(1000));
  assert.equal(connCtrlDrain(conn), false);
  assert.equal(conn.flags & CO_FL_SOCK_RD_SH, 0);
  sockShutdown(peer, 1);
  w.net();
  assert.equal(connCtrlDrain(conn), true);
  assert.ok((conn.flags & CO_FL_SOCK_RD_SH) !== 0);
  const recvs = w.calls('recv');
  assert.equal(connCtrlDrain(conn), true);
  assert.equal(w.calls('recv'), recvs, 'the end is known');
  connSockShutw(conn);
  connSockShutw(conn);
  assert.equal(w.calls('shutdown'), 1);
  assert.ok((conn.flags & CO_FL_SOCK_WR_SH) !== 0);
  connFullClose(conn);
  assert.equal(connCtrlDrain(conn), true);
  connFree(conn);
});

test('a connection with layers or waiters is not freed', () => {
  const w = new World();
  const { conn } = pair(w);
  assert.throws(() => {
    connFree(conn);
  }, /layers are still there/);
  w.thr.fdtab.cantRecv(conn.fd);
  connSubscribe(conn, SUB_RETRY_RECV, waiter(w).es);
  connFullClose(conn);
  assert.throws(() => {
    connFree(conn);
  }, /somebody waits/);
});
