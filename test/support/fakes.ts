// Small stand-ins for unit tests of the engine: a quiet simulated kernel with a thread over it, a connection whose other end
// is in the test's hand, a mux that carries many streams, a transport with a script.
import assert from 'node:assert/strict';
import type { Buf } from '../../src/base/buf.js';
import { newBind, newProxy } from '../../src/config/defaults.js';
import { addressInet } from '../../src/datapath/proto/address.js';
import { type AcceptHandler, Listener } from '../../src/datapath/proto/listener.js';
import { tcpv4 } from '../../src/datapath/proto/stream-socket.js';
import { type ConnStream, csNew } from '../../src/datapath/conn-stream/conn-stream.js';
import {
  type Connection,
  connCtrlInit,
  connFree,
  connFullClose,
  connNew,
  connXprtInit,
} from '../../src/datapath/connection/connection.js';
import { MX_FL_FRAMED } from '../../src/datapath/connection/flags.js';
import type { MuxOps, XprtOps } from '../../src/datapath/connection/ops.js';
import { TARGET_SERVER, type Target } from '../../src/datapath/connection/types.js';
import type { WaitEvent } from '../../src/datapath/connection/wait-event.js';
import { FD_EV_READY_R, FD_EV_READY_W } from '../../src/datapath/fd/flags.js';
import { Thread } from '../../src/datapath/fd/thread.js';
import { muxPt } from '../../src/datapath/mux/pt.js';
import { Session, type SessionHost } from '../../src/datapath/session/session.js';
import { type StreamHost, streamNew } from '../../src/datapath/stream/stream.js';
import { StreamList } from '../../src/datapath/stream/stream-list.js';
import { rawSock } from '../../src/datapath/xprt/raw-sock.js';
import type { TaskHandler } from '../../src/sched/task.js';
import { Counters } from '../../src/proxy/counters.js';
import { ConnLimit } from '../../src/proxy/limit.js';
import { connectionRules, sessionRules } from '../../src/policy/rules/session-rules.js';
import { Proxy } from '../../src/proxy/proxy.js';
import { AF_INET, SOCK_STREAM } from '../../src/sys/constants.js';
import type { SimOptions } from '../../src/sys/sim/core.js';
import { ipv4 } from '../../src/sys/sim/net.js';
import { SimSys } from '../../src/sys/sim/sim-sys.js';
import { type Sock, sockRecv, sockSend } from '../../src/sys/sim/sock.js';

/** A thread over a simulated kernel without faults; calls are counted in `sim.calls`. */
export class World {
  readonly sim: SimSys;
  readonly thr: Thread;

  constructor(options: Partial<SimOptions> = {}, bufsize = 4096) {
    const sizes = { latencyMs: 1, rcvBytes: 65_536, sndBytes: 65_536, arenaBytes: 16 << 20 };
    this.sim = new SimSys({ seed: 7, faultLevel: 0, ...sizes, ...options });
    this.thr = new Thread(this.sim, { bufsize });
    this.sim.attachPool(this.thr.bufs);
  }

  /** Runs rounds of the loop until `ms` of virtual time have passed. */
  run(ms = 20): void {
    const end = this.sim.now() + ms;
    this.sim.interrupted = false;
    this.sim.clock.after(ms, () => {
      this.sim.interrupted = true;
    });
    while (this.sim.now() < end) this.thr.loop.round(false);
    this.sim.interrupted = false;
  }

  /** Lets the network move; the engine does not run. */
  net(ms = 20): void {
    const end = this.sim.now() + ms;
    while (this.sim.clock.nextMs() <= end) {
      this.sim.clock.jump(this.sim.clock.nextMs());
      this.sim.clock.runDue();
    }
    this.sim.clock.jump(end);
    this.thr.loop.updateClock();
  }

  /** Calls of the kernel by name so far. */
  calls(name: string): number {
    return this.sim.calls[name] ?? 0;
  }
}

/** A target of no particular kind. */
export const TARGET: Target = { targetType: TARGET_SERVER, targetName: 'be/s1' };

const HERE = { file: 'test.cfg', line: 1, column: 1, length: 1 };

export interface Pair {
  /** The engine's end: descriptor and raw transport are there, no mux. */
  readonly conn: Connection;
  /** The other end, in the test's hand. */
  readonly peer: Sock;
}

let nextPort = 10_000;

/** An established TCP connection between the engine and the test. */
export function pair(w: World, target: Target = TARGET, xprt: XprtOps = rawSock): Pair {
  const { net } = w.sim;
  const here = ipv4('127.0.0.1', nextPort++);
  const l = net.sock(AF_INET, SOCK_STREAM);
  net.bind(l, here);
  net.listen(l, 1);
  const peer = net.sock(AF_INET, SOCK_STREAM);
  net.connect(peer, here);
  w.net();
  const mine = l.queue.shift();
  assert.ok(mine, 'connected');
  net.unlisten(l);
  const conn = connNew(w.thr, target);
  connCtrlInit(conn, tcpv4, w.sim.inherit(mine), FD_EV_READY_R | FD_EV_READY_W);
  assert.ok(connXprtInit(conn, xprt));
  return { conn, peer };
}

/** The peer sends `bytes`; all of them fit. */
export function peerSend(w: World, peer: Sock, bytes: Uint8Array): void {
  assert.equal(sockSend(peer, bytes, 0, bytes.length), bytes.length);
  w.net();
}

/** What has come to the peer: bytes, and 0 or -errno of the last receive. */
export function peerRecv(peer: Sock): { bytes: Buffer; last: number } {
  const parts: Buffer[] = [];
  const area = new Uint8Array(65_536);
  for (;;) {
    const n = sockRecv(peer, area, 0, area.length);
    if (n <= 0) return { bytes: Buffer.concat(parts), last: n };
    parts.push(Buffer.from(area.slice(0, n)));
  }
}

/** `n` bytes that no two offsets below 64 Ki share. */
export function pattern(n: number): Uint8Array {
  return Uint8Array.from({ length: n }, (_, i) => (i * 7 + (i >> 8)) & 255);
}

/** A transport whose every slot does nothing; tests replace what they look at. */
export function fakeXprt(slots: Partial<XprtOps> = {}): XprtOps {
  return {
    name: 'FAKE',
    init: () => null,
    rcvBuf: () => 0,
    sndBuf: () => 0,
    rcvPipe: null,
    sndPipe: null,
    shutr: null,
    shutw: null,
    subscribe: () => undefined,
    unsubscribe: () => undefined,
    close: () => undefined,
    getAlpn: null,
    ...slots,
  };
}

/** Context of the fake multiplexer: its streams, and how many more it would take. */
export class ManyCtx {
  readonly conn: Connection;
  readonly streams = new Set<ConnStream>();
  readonly waits = new Map<ConnStream, WaitEvent>();
  /** Session of each stream that was attached. */
  readonly sessions = new Map<ConnStream, unknown>();
  limit = 100;
  destroyed = false;

  constructor(conn: Connection) {
    this.conn = conn;
  }
}

/** A mux that carries many streams over one connection and moves no bytes. */
export function fakeMux(slots: Partial<MuxOps> = {}): MuxOps {
  const ctxOf = (conn: Connection): ManyCtx => conn.ctx as ManyCtx;
  const mux: MuxOps = {
    name: 'MANY',
    flags: MX_FL_FRAMED,
    init: (conn) => {
      conn.ctx = new ManyCtx(conn);
      return 0;
    },
    wake: () => 0,
    rcvBuf: () => 0,
    sndBuf: () => 0,
    rcvPipe: null,
    sndPipe: null,
    shutr: () => undefined,
    shutw: () => undefined,
    subscribe: (cs, events, es) => {
      es.events |= events;
      ctxOf(cs.conn!).waits.set(cs, es);
    },
    unsubscribe: (cs, events, es) => {
      es.events &= ~events;
      ctxOf(cs.conn!).waits.delete(cs);
    },
    attach: (conn, session) => {
      const cs = csNew(conn.thr, conn, conn.target);
      ctxOf(conn).streams.add(cs);
      ctxOf(conn).sessions.set(cs, session);
      return cs;
    },
    detach: (cs) => {
      const m = ctxOf(cs.conn!);
      assert.ok(m.streams.delete(cs), 'detached once');
      m.sessions.delete(cs);
    },
    destroy: (ctx) => {
      if (ctx === null) return;
      const m = ctx as ManyCtx;
      m.destroyed = true;
      if (m.conn.ctx !== m) return;
      connFullClose(m.conn);
      connFree(m.conn);
    },
    usedStreams: (conn) => ctxOf(conn).streams.size,
    availStreams: (conn) => ctxOf(conn).limit - ctxOf(conn).streams.size,
    ctl: () => -1,
    showFd: () => '',
    ...slots,
  };
  return mux;
}

/** The peer opens a stream on a front connection of the fake multiplexer. */
export function frontStream(conn: Connection): ConnStream {
  const cs = conn.mux!.attach(conn, conn.owner)!;
  assert.ok((conn.owner as Session).newStream(cs, null), 'accepted');
  return cs;
}

/** Frontend, listener and hosts around sessions whose streams do nothing by themselves. */
export class Front implements SessionHost, StreamHost {
  readonly w: World;
  readonly fe: Proxy;
  readonly listener: Listener;
  readonly streams = new StreamList();
  readonly splice = false;
  /** Codes of sessions that ended without a stream. */
  readonly embryonic: number[] = [];
  ends = 0;
  admitted = 0;
  private id = 0;

  constructor(w: World, mux: MuxOps = muxPt) {
    this.w = w;
    const conf = newProxy('frontend', 'f', HERE);
    conf.timeouts.client = 5000;
    this.fe = new Proxy(conf);
    this.listener = fakeListener(w, -1, [new ConnLimit(0)], () => 0, mux);
  }

  readonly process: TaskHandler = () => {
    throw new Error('streams of this front are not to run');
  };

  /** A session over `conn`, as accepting makes it. */
  session(conn: Connection): Session {
    for (const l of this.listener.limits) l.used++;
    const sess = new Session(this.w.thr, this, this.fe, this.listener, conn);
    conn.owner = sess;
    return sess;
  }

  nextStreamId(): number {
    return ++this.id;
  }

  newStream(session: Session, cs: ConnStream, input: Buf | null): boolean {
    streamNew(this, session, cs, input);
    return true;
  }

  connectionRules(session: Session): boolean {
    return connectionRules(session);
  }

  sessionRules(session: Session): boolean {
    return sessionRules(session);
  }

  sessionAdmitted(): void {
    this.admitted++;
  }

  backendByName(): Proxy | null {
    return null;
  }

  embryonicEnded(_session: Session, errCode: number): void {
    this.embryonic.push(errCode);
  }

  sessionEnded(): void {
    this.ends++;
  }

  ended(): void {
    // nobody asks
  }
}

export function fakeListener(
  w: World,
  fd: number,
  limits: readonly ConnLimit[],
  onAccept: AcceptHandler,
  mux: MuxOps = muxPt,
): Listener {
  const options = { maxAccept: 64, keepalive: false, rcvbufBytes: 0, sndbufBytes: 0 };
  const bind = newBind(HERE);
  const at = addressInet('127.0.0.1', 80);
  return new Listener(w.thr, fd, at, bind, 'sock-1', mux, options, limits, new Counters(), onAccept, false);
}
