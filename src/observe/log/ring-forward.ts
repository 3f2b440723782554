// Sends the messages of a ring to a syslog server over TCP (configuration manual 3.9; RFC 6587 §3.4): each behind its length
// (`log-proto octet-count`), or each before a line feed. The connection is made again and again, a second after each end.
import { Buf, bufAlloc, bufDel, bufPut, bufRelease, bufRoom } from '../../base/buf.js';
import { tickAdd, TICK_ETERNITY } from '../../base/ticks.js';
import {
  type Connection,
  connFree,
  connFullClose,
  connNew,
  connXprtInit,
} from '../../datapath/connection/connection.js';
import {
  CO_ER_NONE,
  CO_FL_ERROR,
  CO_FL_SOCK_RD_SH,
  CO_FL_WAIT_XPRT,
  SUB_RETRY_RECV,
  SUB_RETRY_SEND,
} from '../../datapath/connection/flags.js';
import { WaitEvent, waitEventFree } from '../../datapath/connection/wait-event.js';
import type { Thread } from '../../datapath/fd/thread.js';
import { ctrlOf } from '../../datapath/proto/stream-socket.js';
import type { Server } from '../../proxy/server.js';
import { TASK_WOKEN_TIMER } from '../../sched/flags.js';
import {
  type Task,
  taskDestroy,
  type TaskHandler,
  type TaskletHandler,
  taskletWakeup,
  taskNew,
  taskSchedule,
} from '../../sched/task.js';
import type { LogRing, RingReader } from './ring.js';

const RETRY_MS = 1000;

const io: TaskletHandler = (t, context) => {
  (context as RingForwarder).run();
  return t;
};

const timer: TaskHandler = (t, context, state) => {
  if ((state & TASK_WOKEN_TIMER) === 0) return t;
  t.expire = TICK_ETERNITY; // passed; a new date is set where there is one
  (context as RingForwarder).expired();
  return t;
};

export class RingForwarder {
  private readonly thr: Thread;
  private readonly ring: LogRing;
  private readonly server: Server;
  private readonly reader: RingReader;
  private readonly wait: WaitEvent;
  private readonly task: Task;
  private readonly out = new Buf();
  private readonly input = new Buf();
  /** What of a message found no room in `out` yet. */
  private rest: Buffer | null = null;
  private conn: Connection | null = null;
  private readonly wake: () => void;

  constructor(thr: Thread, ring: LogRing, server: Server) {
    this.thr = thr;
    this.ring = ring;
    this.server = server;
    this.reader = ring.reader(true);
    this.wait = new WaitEvent(thr.sched, io, this);
    this.task = taskNew(thr.sched, timer, this);
    this.wake = () => {
      taskletWakeup(this.wait.tasklet);
    };
    ring.watch(this.wake);
    taskSchedule(this.task, tickAdd(thr.sched.now, 1));
  }

  /** The date of the connection attempt, or of the next one. */
  expired(): void {
    if (this.conn !== null && (this.conn.flags & CO_FL_WAIT_XPRT) === 0) return;
    if (this.conn !== null) {
      this.drop(); // it takes too long
      return;
    }
    this.connect();
  }

  private connect(): void {
    const conn = connNew(this.thr, this.server);
    conn.dst = this.server.address;
    const ctrl = ctrlOf(conn.dst.family);
    conn.ctrl = ctrl;
    if (ctrl.connect(conn, 0) !== CO_ER_NONE) {
      connFree(conn);
      this.again();
      return;
    }
    this.conn = conn;
    if (!connXprtInit(conn, this.server.xprt)) {
      this.drop();
      return;
    }
    const ms = this.server.proxy.conf.timeouts.connect;
    if (ms !== 0) taskSchedule(this.task, tickAdd(this.thr.sched.now, ms));
    this.run();
  }

  private again(): void {
    taskSchedule(this.task, tickAdd(this.thr.sched.now, RETRY_MS));
  }

  /** Sends what there is to send; sees the end of the connection. */
  run(): void {
    const { conn } = this;
    if (conn === null) return;
    const xprt = conn.xprt!;
    if ((conn.flags & CO_FL_ERROR) !== 0) {
      this.drop();
      return;
    }
    if ((conn.flags & CO_FL_WAIT_XPRT) !== 0) {
      xprt.subscribe(conn, conn.xprtCtx, SUB_RETRY_SEND, this.wait);
      return;
    }
    if (!this.swallow(conn)) {
      this.drop();
      return;
    }
    for (;;) {
      this.fill();
      if (this.out.data === 0) break;
      const n = xprt.sndBuf(conn, conn.xprtCtx, this.out, this.out.data, 0);
      bufDel(this.out, n);
      if ((conn.flags & CO_FL_ERROR) !== 0) {
        this.drop();
        return;
      }
      if (this.out.data > 0) {
        xprt.subscribe(conn, conn.xprtCtx, SUB_RETRY_SEND, this.wait);
        break;
      }
    }
    if (this.out.data === 0) bufRelease(this.out, this.thr.bufs);
    xprt.subscribe(conn, conn.xprtCtx, SUB_RETRY_RECV, this.wait);
  }

  /** Reads and forgets what the server says. False: it ended. */
  private swallow(conn: Connection): boolean {
    const { bufs } = this.thr;
    if (!bufAlloc(this.input, bufs, 0)) return true;
    conn.xprt!.rcvBuf(conn, conn.xprtCtx, this.input, bufRoom(this.input), 0);
    bufRelease(this.input, bufs);
    return (conn.flags & (CO_FL_SOCK_RD_SH | CO_FL_ERROR)) === 0;
  }

  /** Puts messages into the buffer as long as there is room. */
  private fill(): void {
    const { thr, out } = this;
    for (;;) {
      const bytes = this.rest ?? this.frame();
      if (bytes === null) return;
      if (out.size === 0 && !bufAlloc(out, thr.bufs, 0)) {
        this.rest = bytes;
        thr.bufWait(this.wait.tasklet, true);
        return;
      }
      const n = bufPut(out, thr.sys.arena.u8, bytes);
      this.rest = n < bytes.length ? bytes.subarray(n) : null;
      if (this.rest !== null) return;
    }
  }

  private frame(): Buffer | null {
    const text = this.reader.take();
    if (text === null) return null;
    const framed = this.server.conf.logProto === 'octet-count' ? `${text.length} ${text}` : `${text}\n`;
    return Buffer.from(framed, 'latin1');
  }

  /** The connection is over; what was not sent whole of the message in hand is lost with it. */
  private drop(): void {
    const { conn } = this;
    if (conn === null) return;
    this.conn = null;
    if (conn.subs !== null) {
      conn.subs.events = 0;
      conn.subs = null;
    }
    connFullClose(conn);
    connFree(conn);
    bufRelease(this.out, this.thr.bufs);
    this.rest = null;
    this.task.expire = TICK_ETERNITY;
    this.again();
  }

  close(): void {
    this.ring.unwatch(this.wake);
    this.ring.release(this.reader);
    if (this.conn !== null) this.drop();
    taskDestroy(this.task);
    waitEventFree(this.wait);
  }
}
