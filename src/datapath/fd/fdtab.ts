// The descriptor table of a thread. A descriptor enters the poller's set once, when something first stays pending, for
// both directions and edge-triggered; from then on no call is needed to want, or not to want, an event.
import { bugOn, bugOnHot } from '../../base/bug.js';
import {
  EVENT_FD,
  EVENT_GEN,
  EVENT_MASK,
  EVENT_STRIDE,
  SYS_F_COMPLETION,
  SYS_POLL_ERR,
  SYS_POLL_HUP,
  SYS_POLL_IN,
  SYS_POLL_OUT,
  SYS_POLL_RDHUP,
  SYS_RECV_COMPLETE,
  SYS_RECV_POLL,
  type Sys,
} from '../../sys/types.js';
import {
  FD_BULK,
  FD_EV_ACTIVE_R,
  FD_EV_ACTIVE_W,
  FD_EV_READY_R,
  FD_EV_READY_W,
  FD_POLLED,
  FD_POLL_ERR,
  FD_POLL_HUP,
  FD_POLL_RDHUP,
} from './flags.js';

/** I/O callback of a descriptor: `owner` as given to `insert`, `state` the descriptor's word with the event already in. */
export type FdIocb = (owner: unknown, fd: number, state: number) => void;

const ACTIVE = FD_EV_ACTIVE_R | FD_EV_ACTIVE_W;

export class FdTab {
  readonly sys: Sys;
  readonly completion: boolean;
  state = new Int32Array(1024);
  private gen = new Int32Array(1024);
  private readonly owners: unknown[] = [];
  private readonly iocbs: (FdIocb | null)[] = [];
  /** Descriptors in the table now, and the most there ever were. */
  used = 0;
  usedMax = 0;
  /** Events dropped because the descriptor they were for had been closed in the same batch. */
  stale = 0;

  /** The poller refused a descriptor (ENOMEM, or ENOSPC at fs.epoll.max_user_watches): `retryRefused` is due a little later. */
  onRefused: (() => void) | null = null;
  private refused: number[] = []; // descriptor, generation

  constructor(sys: Sys) {
    this.sys = sys;
    this.completion = (sys.features & SYS_F_COMPLETION) !== 0;
  }

  /** Takes `fd` in. `ready`: FD_EV_READY_* bits that may be tried at once (both for an accepted socket). */
  insert(fd: number, owner: unknown, iocb: FdIocb, ready: number): void {
    bugOn(fd < 0, 'fd: negative');
    if (fd >= this.state.length) this.grow(fd);
    bugOn((this.iocbs[fd] ?? null) !== null, 'fd: inserted twice');
    this.owners[fd] = owner;
    this.iocbs[fd] = iocb;
    this.state[fd] = ready;
    // The generation lives in the events: one batch may hold events of a descriptor closed and reused earlier in it.
    this.gen[fd] = (this.gen[fd]! + 1) & 0x3fffffff;
    this.used++;
    if (this.used > this.usedMax) this.usedMax = this.used;
  }

  /** Forgets and closes `fd`. */
  delete(fd: number): void {
    this.forget(fd);
    this.sys.close(fd);
  }

  /** Takes `fd` out of the table and of the poller's set without closing it (it is handed over to somebody else). */
  remove(fd: number): void {
    if ((this.state[fd]! & FD_POLLED) !== 0) this.sys.pollDel(fd);
    this.forget(fd);
  }

  ownerOf(fd: number): unknown {
    return this.owners[fd] ?? null;
  }

  iocbOf(fd: number): FdIocb | null {
    return this.iocbs[fd] ?? null;
  }

  /** Asks for one call of the I/O callback when a receive may give something. Fair only after a try that fell short. */
  wantRecv(fd: number): void {
    const st = this.state[fd]!;
    if ((st & FD_EV_ACTIVE_R) !== 0 && !this.completion) return;
    bugOnHot((st & FD_EV_READY_R) !== 0, 'fd: waits for input that was not tried');
    this.pend(fd, st | FD_EV_ACTIVE_R);
  }

  /** Asks for one call of the I/O callback when a send may take something. Fair only after a try that fell short. */
  wantSend(fd: number): void {
    const st = this.state[fd]!;
    if ((st & FD_EV_ACTIVE_W) !== 0 && !this.completion) return;
    this.pend(fd, st | FD_EV_ACTIVE_W);
  }

  stopRecv(fd: number): void {
    this.state[fd]! &= ~FD_EV_ACTIVE_R;
    if (this.completion) this.tell(fd);
  }

  stopSend(fd: number): void {
    this.state[fd]! &= ~FD_EV_ACTIVE_W;
    if (this.completion) this.tell(fd);
  }

  /** A receive fell short: only an edge can change that. */
  cantRecv(fd: number): void {
    this.state[fd]! &= ~FD_EV_READY_R;
  }

  cantSend(fd: number): void {
    this.state[fd]! &= ~FD_EV_READY_W;
  }

  /** Large flows: receives of `fd` are awaited by poll on a completion transport. */
  setBulk(fd: number): void {
    this.state[fd]! |= FD_BULK;
  }

  /** Puts `fd` into the poller's set without wanting anything yet: an error or hang-up will be seen. */
  watch(fd: number): void {
    this.pend(fd, this.state[fd]!);
  }

  /** Hands out `count` events of the sys; true when the host loop's own descriptor was among them. */
  dispatch(count: number): boolean {
    const events = this.sys.events;
    const hostFd = this.sys.hostFd;
    let host = false;
    for (let i = 0, at = 0; i < count; i++, at += EVENT_STRIDE) {
      const fd = events[at + EVENT_FD]!;
      if (fd === hostFd) {
        host = true;
        continue;
      }
      const iocb = this.iocbs[fd] ?? null;
      if (iocb === null || events[at + EVENT_GEN] !== this.gen[fd]) {
        this.stale++;
        continue;
      }
      const mask = events[at + EVENT_MASK]!;
      let st = this.state[fd]!;
      if ((mask & (SYS_POLL_IN | SYS_POLL_RDHUP)) !== 0) st |= FD_EV_READY_R;
      if ((mask & SYS_POLL_OUT) !== 0) st |= FD_EV_READY_W;
      if ((mask & SYS_POLL_RDHUP) !== 0) st |= FD_POLL_RDHUP;
      if ((mask & (SYS_POLL_HUP | SYS_POLL_ERR)) !== 0) {
        st |= FD_EV_READY_R | FD_EV_READY_W;
        if ((mask & SYS_POLL_HUP) !== 0) st |= FD_POLL_HUP;
        if ((mask & SYS_POLL_ERR) !== 0) st |= FD_POLL_ERR;
      }
      this.state[fd] = st;
      if ((st & ACTIVE) !== 0 || (st & (FD_POLL_ERR | FD_POLL_HUP)) !== 0) iocb(this.owners[fd], fd, st);
    }
    return host;
  }

  /** Tries again what the poller refused; what it refuses again is kept. Its present state is reported as an edge. */
  retryRefused(): void {
    const again = this.refused;
    this.refused = [];
    for (let i = 0; i < again.length; i += 2) {
      const fd = again[i]!;
      if ((this.iocbs[fd] ?? null) === null || this.gen[fd] !== again[i + 1]) continue;
      if ((this.state[fd]! & FD_POLLED) === 0) this.pend(fd, this.state[fd]!);
    }
  }

  private pend(fd: number, state: number): void {
    this.state[fd] = state;
    if ((state & FD_POLLED) === 0) {
      if (this.sys.pollAdd(fd, this.gen[fd]!) < 0) {
        this.refused.push(fd, this.gen[fd]!);
        if (this.refused.length === 2 && this.onRefused !== null) this.onRefused();
        return;
      }
      this.state[fd] = state | FD_POLLED;
    }
    if (this.completion) this.tell(fd);
  }

  private tell(fd: number): void {
    const st = this.state[fd]!;
    const events = ((st & FD_EV_ACTIVE_R) !== 0 ? 1 : 0) | ((st & FD_EV_ACTIVE_W) !== 0 ? 2 : 0);
    this.sys.want(fd, events, (st & FD_BULK) !== 0 ? SYS_RECV_POLL : SYS_RECV_COMPLETE);
  }

  private forget(fd: number): void {
    bugOn((this.iocbs[fd] ?? null) === null, 'fd: not in the table');
    this.owners[fd] = null;
    this.iocbs[fd] = null;
    this.state[fd] = 0;
    this.used--;
  }

  private grow(fd: number): void {
    let size = this.state.length;
    while (size <= fd) size *= 2;
    const state = new Int32Array(size);
    state.set(this.state);
    this.state = state;
    const gen = new Int32Array(size);
    gen.set(this.gen);
    this.gen = gen;
  }
}
