// The ops tables that plug into a connection. One implementation a file, all slots in the interface's order, so that call
// sites see one shape. Declarations only.
import type { Buf } from '../../base/buf.js';
import type { ConnStream } from '../conn-stream/conn-stream.js';
import type { Connection } from './connection.js';
import type { PipeFace } from './types.js';
import type { WaitEvent } from './wait-event.js';

/** Ctrl layer: the kind of socket. */
export interface CtrlOps {
  readonly name: string;
  /** AF_* */
  readonly family: number;
  /** Starts connecting `conn` (its `dst` is set) to its target. 0: on its way (WAIT_L4_CONN set), else a CO_ER_*. */
  connect(conn: Connection, flags: number): number;
  /** Reads and drops what is there, bounded. True when the peer's end was seen. */
  drain(conn: Connection): boolean;
  /** Closes the descriptor; the connection has no ctrl layer any more. */
  close(conn: Connection): void;
}

/** Transport layer: how bytes go over the socket. xprts stack; `ctx` is what the xprt's own init() returned (C09). */
export interface XprtOps {
  readonly name: string;
  /** Called when the xprt is put on the stack. Returns its context; null with CO_FL_ERROR set when it can't. */
  init(conn: Connection): unknown;
  /** Moves at most `count` bytes from the wire into `buf`. Returns bytes moved; why it stopped is in `conn.flags`. */
  rcvBuf(conn: Connection, ctx: unknown, buf: Buf, count: number, flags: number): number;
  /** Sends at most `count` bytes from the head of `buf`, which is not changed. Returns bytes taken. */
  sndBuf(conn: Connection, ctx: unknown, buf: Buf, count: number, flags: number): number;
  /** Splices at most `count` bytes into `pipe`. Null: this transport can't. */
  rcvPipe: ((conn: Connection, ctx: unknown, pipe: PipeFace, count: number) => number) | null;
  /** Splices out of `pipe`. Null: this transport can't. */
  sndPipe: ((conn: Connection, ctx: unknown, pipe: PipeFace) => number) | null;
  /** Ends receiving where the transport has something to say about it; null: the ctrl layer's `drain` does (C24). */
  shutr: ((conn: Connection, ctx: unknown, clean: boolean) => void) | null;
  /** Ends sending where the transport has a word of its own to send; null: the socket is shut alone. */
  shutw: ((conn: Connection, ctx: unknown, clean: boolean) => void) | null;
  /** Asks for one wake-up of `es` when `events` (SUB_RETRY_*) may succeed. Fair only after a try that fell short. */
  subscribe(conn: Connection, ctx: unknown, events: number, es: WaitEvent): void;
  unsubscribe(conn: Connection, ctx: unknown, events: number, es: WaitEvent): void;
  /** Frees the context. The descriptor is the ctrl layer's. */
  close(conn: Connection, ctx: unknown): void;
  /** Application protocol agreed on; null: no such notion. */
  getAlpn: ((conn: Connection, ctx: unknown) => string | null) | null;
}

/** Multiplexer: conn-streams over one connection. `ctx` of a connection is the mux's once one is installed (C03). */
export interface MuxOps {
  readonly name: string;
  /** MX_FL_* */
  readonly flags: number;
  /**
   * Takes `conn` over. `session` is the owner's (front: never null). `input`: bytes already read, null or empty for none;
   * they are the mux's only when it answers 0. Not 0: nothing was changed, the old mux and context go on (C04).
   */
  init(conn: Connection, proxy: unknown, session: unknown, input: Buf | null): number;
  /** Wakes the mux after the connection's state changed. Negative: the connection is gone. */
  wake(conn: Connection): number;
  rcvBuf(cs: ConnStream, buf: Buf, count: number, flags: number): number;
  sndBuf(cs: ConnStream, buf: Buf, count: number, flags: number): number;
  rcvPipe: ((cs: ConnStream, pipe: PipeFace, count: number) => number) | null;
  sndPipe: ((cs: ConnStream, pipe: PipeFace) => number) | null;
  shutr(cs: ConnStream, mode: number): void;
  shutw(cs: ConnStream, mode: number): void;
  subscribe(cs: ConnStream, events: number, es: WaitEvent): void;
  unsubscribe(cs: ConnStream, events: number, es: WaitEvent): void;
  /** A new conn-stream for `session` over an existing connection, or null. */
  attach(conn: Connection, session: unknown): ConnStream | null;
  detach(cs: ConnStream): void;
  /** Frees the mux's context `ctx`; closes the connection only while it still owns it. No context: does nothing. */
  destroy(ctx: unknown): void;
  /** Streams in use, and how many more could be attached: two reports (C20). */
  usedStreams(conn: Connection): number;
  availStreams(conn: Connection): number;
  ctl(conn: Connection, question: number): number;
  /** One line of state for `show fd`: ` h2c.st0=… .nbst=…`, without the leading space. */
  showFd(conn: Connection): string;
}
