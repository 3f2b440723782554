// A listener: a listening descriptor, what it accepts with, and the limits that pause it. What happens to an accepted
// connection is the business of `onAccept`, a slot filled by the layer above.
import { bugOn } from '../../base/bug.js';
import { TICK_ETERNITY, tickAdd } from '../../base/ticks.js';
import {
  AF_INET,
  AF_UNIX,
  IPPROTO_TCP,
  SHUT_RD,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_SNDBUF,
  SOL_SOCKET,
  TCP_MAXSEG,
} from '../../sys/constants.js';
import { EAGAIN, ECONNABORTED, EINTR, EMFILE, ENFILE, ENOBUFS, ENOMEM, EPROTO } from '../../sys/errno.js';
import {
  type Task,
  type TaskHandler,
  taskDestroy,
  taskNew,
  Tasklet,
  type TaskletHandler,
  taskletFree,
  taskletWakeup,
  taskSchedule,
} from '../../sched/task.js';
import type { Sys } from '../../sys/types.js';
import type { BindConf } from '../../config/types.js';
import type { Counters } from '../../proxy/counters.js';
import type { ConnLimit, LimitWaiter } from '../../proxy/limit.js';
import { type Connection, connCtrlInit, connNew } from '../connection/connection.js';
import type { MuxOps } from '../connection/ops.js';
import { TARGET_LISTENER, type Target } from '../connection/types.js';
import type { FdIocb } from '../fd/fdtab.js';
import { FD_EV_ACTIVE_R, FD_EV_READY_R, FD_EV_READY_W } from '../fd/flags.js';
import { SCRATCH_ADDR, type Thread } from '../fd/thread.js';
import { addressRead } from './address.js';
import { ctrlOf } from './stream-socket.js';
import type { Address } from './types.js';

export const LI_NEW = 0; // not bound
export const LI_READY = 1; // accepts
export const LI_FULL = 2; // waits for a limit
export const LI_LIMITED = 3; // waits after a lack of descriptors or memory
export const LI_PAUSED = 4; // by the CLI or a drain
export const LI_CLOSED = 5;
export const LI_STATE_NAMES: readonly string[] = ['NEW', 'READY', 'FULL', 'LIMITED', 'PAUSED', 'CLOSED'];

const SHORTAGE_PAUSE_MS = 100; // after EMFILE, ENFILE, ENOBUFS, ENOMEM on accept

/** Takes an accepted connection over (its ctrl layer is there). Negative: refused; it was closed. */
export type AcceptHandler = (conn: Connection, listener: Listener) => number;

export interface AcceptOptions {
  /** `tune.maxaccept`: accepts in a row. */
  readonly maxAccept: number;
  readonly keepalive: boolean; // option tcpka / clitcpka
  readonly rcvbufBytes: number; // tune.rcvbuf.client, 0 for the system's
  readonly sndbufBytes: number;
}

export class Listener implements Target, LimitWaiter {
  readonly targetType = TARGET_LISTENER;
  readonly targetName: string;
  readonly thr: Thread;
  readonly conf: BindConf;
  readonly fd: number;
  readonly family: number;
  /** Local address as bound. */
  readonly address: Address;
  readonly options: AcceptOptions;
  readonly onAccept: AcceptHandler;
  /** Own limit, the frontend's, the process's: all must have room. */
  readonly limits: ConnLimit[];
  readonly counters: Counters;
  /** Mux of its connections. */
  readonly mux: MuxOps;
  /** Listen queue, for `unpause`. */
  backlog = 0;
  /** The descriptor was inherited: closing it must not remove a UNIX path, nor end it for its owner. */
  readonly inherited: boolean;
  state = LI_NEW;
  waitsFor: ConnLimit | null = null;
  private readonly tasklet: Tasklet;
  private readonly task: Task;

  constructor(
    thr: Thread,
    fd: number,
    address: Address,
    conf: BindConf,
    name: string,
    mux: MuxOps,
    options: AcceptOptions,
    limits: readonly ConnLimit[],
    counters: Counters,
    onAccept: AcceptHandler,
    inherited: boolean,
  ) {
    this.thr = thr;
    this.fd = fd;
    this.family = address.family;
    this.address = address;
    this.conf = conf;
    this.targetName = name;
    this.mux = mux;
    this.options = options;
    this.limits = [...limits];
    this.counters = counters;
    this.onAccept = onAccept;
    this.inherited = inherited;
    this.tasklet = new Tasklet(thr.sched, acceptTasklet, this);
    this.task = taskNew(thr.sched, shortageOver, this);
  }

  resume(): void {
    if (this.state === LI_FULL || this.state === LI_LIMITED) {
      this.state = LI_READY;
      taskletWakeup(this.tasklet);
    }
  }

  /** Starts accepting. */
  start(): void {
    bugOn(this.state !== LI_NEW, 'listener: started twice');
    this.state = LI_READY;
    this.thr.fdtab.insert(this.fd, this, listenerIocb, FD_EV_READY_R);
    this.thr.fdtab.watch(this.fd);
    if (this.thr.fdtab.completion) {
      this.thr.fdtab.cantRecv(this.fd); // nothing can be tried before it is armed
      this.thr.fdtab.wantRecv(this.fd);
    }
    taskletWakeup(this.tasklet);
  }

  /**
   * Takes no more connections. IP sockets give their port up until `unpause`: clients are refused, others may bind it. Not
   * those that were handed to the process: whoever bound one may share it, and it may not get its port again.
   */
  pause(): void {
    if (this.state === LI_CLOSED || this.state === LI_NEW) return;
    this.waitsFor?.forget(this);
    this.state = LI_PAUSED;
    this.thr.fdtab.stopRecv(this.fd);
    if (this.givesPortUp) this.thr.sys.shutdown(this.fd, SHUT_RD);
  }

  /** False: the port is somebody else's now; it stays paused. */
  unpause(): boolean {
    if (this.state !== LI_PAUSED) return true;
    if (this.givesPortUp && this.thr.sys.listen(this.fd, this.backlog) < 0) return false;
    this.state = LI_READY;
    taskletWakeup(this.tasklet);
    return true;
  }

  private get givesPortUp(): boolean {
    return this.family !== AF_UNIX && !this.inherited;
  }

  close(): void {
    if (this.state === LI_CLOSED) return;
    this.waitsFor?.forget(this);
    const started = this.state !== LI_NEW;
    this.state = LI_CLOSED;
    if (started) this.thr.fdtab.delete(this.fd);
    else this.thr.sys.close(this.fd);
    taskletFree(this.tasklet);
    taskDestroy(this.task);
  }

  /** Accepts until there is none, a limit is reached, or `maxAccept` were taken: then again in the next round. */
  accept(): void {
    const { sys, fdtab, counters } = this.thr;
    if (fdtab.completion) sys.acceptRoom?.(this.fd, this.room());
    for (let left = this.options.maxAccept; left !== 0; left--) {
      const limit = this.fullLimit();
      if (limit !== null) {
        this.state = LI_FULL;
        fdtab.stopRecv(this.fd);
        limit.wait(this);
        return;
      }
      const fd = sys.accept(this.fd, SCRATCH_ADDR);
      if (fd >= 0) {
        this.take(fd);
        if (this.state !== LI_READY) return;
        continue;
      }
      if (fd === -EAGAIN) {
        fdtab.cantRecv(this.fd);
        fdtab.wantRecv(this.fd);
        return;
      }
      if (fd === -EINTR || fd === -ECONNABORTED || fd === -EPROTO) continue; // that one is gone, others may wait
      counters.acceptErrors++;
      if (fd === -EMFILE || fd === -ENFILE || fd === -ENOBUFS || fd === -ENOMEM) {
        // Nothing is there to accept with. The connection stays in the kernel's queue: trying again at once would spin.
        this.state = LI_LIMITED;
        fdtab.stopRecv(this.fd);
        this.task.expire = TICK_ETERNITY;
        taskSchedule(this.task, tickAdd(this.thr.sched.now, SHORTAGE_PAUSE_MS));
        return;
      }
      fdtab.cantRecv(this.fd);
      fdtab.wantRecv(this.fd);
      return;
    }
    taskletWakeup(this.tasklet);
  }

  private take(fd: number): void {
    const { thr } = this;
    const conn = connNew(thr, this);
    const { sys } = thr;
    // UNIX clients have no address worth keeping; the others are decoded when somebody asks.
    if (this.family === AF_INET) {
      conn.srcIp4 = sys.arena.view.getInt32(SCRATCH_ADDR + 4, false);
      conn.srcPort = sys.arena.view.getUint16(SCRATCH_ADDR + 2, false);
    } else if (this.family !== AF_UNIX) {
      conn.src = addressRead(sys.arena, SCRATCH_ADDR, 0);
    }
    if (this.options.keepalive) sys.setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (this.options.rcvbufBytes !== 0) sys.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, this.options.rcvbufBytes);
    if (this.options.sndbufBytes !== 0) sys.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, this.options.sndbufBytes);
    if (this.conf.mss < 0 && this.family !== AF_UNIX) reduceMss(sys, fd, this.conf.mss);
    for (const l of this.limits) l.used++;
    this.counters.enter();
    connCtrlInit(conn, ctrlOf(this.family), fd, FD_EV_READY_R | FD_EV_READY_W);
    this.onAccept(conn, this);
  }

  /** A session of this listener ended. */
  sessionEnded(): void {
    this.counters.leave();
    for (const l of this.limits) l.release();
  }

  /** Connections that the limits still let in. */
  private room(): number {
    let room = 0x7fffffff;
    for (const l of this.limits) room = Math.min(room, l.room);
    return room;
  }

  private fullLimit(): ConnLimit | null {
    for (const l of this.limits) if (l.full) return l;
    return null;
  }
}

/** `mss -N`: N less than what the client advertised, for what goes out. */
function reduceMss(sys: Sys, fd: number, by: number): void {
  const mss = sys.getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG);
  if (mss > 0) sys.setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, mss + by);
}

const acceptTasklet: TaskletHandler = (t, context) => {
  const l = context as Listener;
  if (l.state === LI_READY) l.accept();
  return t;
};

const shortageOver: TaskHandler = (t, context) => {
  (context as Listener).resume();
  return t;
};

const listenerIocb: FdIocb = (owner, fd) => {
  const l = owner as Listener;
  l.thr.fdtab.state[fd]! &= ~FD_EV_ACTIVE_R;
  if (l.state === LI_READY) l.accept();
};
