// A small forwarder straight over `Sys`, for the simulator's own tests: what the engine does with its layers, in one file,
// by copies and optionally by splice, with bugs that can be planted to see that the simulator finds them.

import { BufPool } from '../../src/base/bufpool.js';
import {
  AF_INET,
  IPPROTO_TCP,
  SHUT_WR,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_LINGER,
  TCP_NODELAY,
} from '../../src/sys/constants.js';
import { EAGAIN, ECONNABORTED, EINPROGRESS } from '../../src/sys/errno.js';
import type { SimSys } from '../../src/sys/sim/sim-sys.js';
import {
  EVENT_FD,
  EVENT_GEN,
  EVENT_MASK,
  EVENT_STRIDE,
  SYS_F_COMPLETION,
  SYS_POLL_ERR,
  SYS_POLL_HUP,
  SYS_POLL_OUT,
  SYS_RECV_COMPLETE,
  SYS_RECV_POLL,
} from '../../src/sys/types.js';

export type Plant =
  'none' | 'lose-byte' | 'fin-first' | 'lose-wake' | 'double-close' | 'leak-fd' | 'leak-buffer' | 'spin' | 'swap-flows';

const ADDR_OFS = 0; // fixed areas at the start of the arena
const LINGER_OFS = 128;
const RETRY_MS = 50;

/** One way of a pair: a buffer [head, tail) or a pipe. */
class Way {
  buf = -1;
  head = 0;
  tail = 0;
  eof = false;
  shut = false;
  pipeR = -1;
  pipeW = -1;
  inPipe = 0;
}

class Pair {
  readonly fds = [-1, -1];
  readonly ways = [new Way(), new Way()]; // 0: front to back
  connecting = true;
  dead = false;
}

export class Forwarder {
  readonly sim: SimSys;
  readonly pool: BufPool;
  private readonly splice: boolean;
  private readonly plant: Plant;
  private readonly pairs = new Map<number, Pair>();
  private readonly gens = new Map<number, number>();
  private readonly servers: readonly Uint8Array[];
  private listenFd = -1;
  private next = 0;
  private gen = 1;
  private retryAt = Infinity;
  private planted = 0;

  constructor(sim: SimSys, front: Uint8Array, servers: readonly Uint8Array[], splice: boolean, plant: Plant) {
    this.sim = sim;
    this.servers = servers;
    this.splice = splice;
    this.plant = plant;
    this.pool = new BufPool(sim.arena.bytes, 16_384, 4096, (o, n) => {
      sim.discard(o, n);
    });
    sim.attachPool(this.pool);
    sim.arena.view.setInt32(LINGER_OFS, 1, true);
    sim.arena.view.setInt32(LINGER_OFS + 4, 0, true);
    this.listenFd = sim.socket(AF_INET, SOCK_STREAM);
    sim.arena.u8.set(front, ADDR_OFS);
    sim.bind(this.listenFd, ADDR_OFS, front.length);
    sim.listen(this.listenFd, 1024);
    this.poll(this.listenFd);
    sim.want(this.listenFd, 1, SYS_RECV_POLL);
    sim.hostStart(() => {
      this.round();
    });
  }

  stop(): void {
    for (const p of new Set(this.pairs.values())) this.kill(p, false);
    this.sim.close(this.listenFd);
    this.sim.hostStop();
  }

  private round(): void {
    const sim = this.sim;
    const wait =
      this.plant === 'spin' && this.pairs.size > 0
        ? 0
        : this.retryAt === Infinity
          ? -1
          : Math.max(1, Math.ceil(this.retryAt - sim.now()));
    const n = sim.poll(wait);
    for (let i = 0; i < n; i++) {
      const fd = sim.events[i * EVENT_STRIDE + EVENT_FD]!;
      if (this.gens.get(fd) !== sim.events[i * EVENT_STRIDE + EVENT_GEN]) continue;
      const mask = sim.events[i * EVENT_STRIDE + EVENT_MASK]!;
      if (fd === this.listenFd) this.accepts();
      else {
        const pair = this.pairs.get(fd);
        if (pair === undefined || (this.plant === 'lose-wake' && ++this.planted % 7 === 0)) continue;
        this.onEvent(pair, fd, mask);
      }
    }
    if (sim.now() >= this.retryAt) {
      this.retryAt = Infinity;
      this.accepts();
    }
  }

  private poll(fd: number): boolean {
    const gen = this.gen++;
    if (this.sim.pollAdd(fd, gen) < 0) return false;
    this.gens.set(fd, gen);
    return true;
  }

  private accepts(): void {
    for (;;) {
      const fd = this.sim.accept(this.listenFd, ADDR_OFS);
      if (fd === -EAGAIN) return;
      if (fd === -ECONNABORTED) continue;
      if (fd < 0) {
        this.retryAt = this.sim.now() + RETRY_MS; // out of descriptors or memory: pause
        return;
      }
      this.open(fd);
    }
  }

  private open(fd: number): void {
    const sim = this.sim;
    const p = new Pair();
    p.fds[0] = fd;
    this.pairs.set(fd, p);
    const addr = this.servers[this.next++ % this.servers.length]!;
    const back = sim.socket(AF_INET, SOCK_STREAM);
    if (back < 0) {
      this.kill(p, true);
      return;
    }
    p.fds[1] = back;
    this.pairs.set(back, p);
    sim.setsockopt(back, IPPROTO_TCP, TCP_NODELAY, 1);
    sim.arena.u8.set(addr, ADDR_OFS);
    const r = sim.connect(back, ADDR_OFS, addr.length);
    if (r !== 0 && r !== -EINPROGRESS) {
      this.kill(p, true);
      return;
    }
    if (!this.poll(fd) || !this.poll(back)) {
      this.kill(p, true);
      return;
    }
    if (this.splice) for (const w of p.ways) this.takePipe(w);
    this.wants(p);
  }

  private takePipe(w: Way): void {
    if (this.sim.pipe(65_536) !== 0) return; // by copies then
    w.pipeR = this.sim.ret[0]!;
    w.pipeW = this.sim.ret[1]!;
  }

  private onEvent(p: Pair, fd: number, mask: number): void {
    if (p.connecting && fd === p.fds[1]) {
      if ((mask & (SYS_POLL_ERR | SYS_POLL_HUP)) !== 0 && this.sim.sockError(fd) !== 0) {
        this.kill(p, true);
        return;
      }
      if ((mask & SYS_POLL_OUT) === 0) return;
      p.connecting = false;
    }
    for (let i = 0; i < 2 && !p.dead; i++) this.run(p, i);
    if (p.dead) return;
    if (p.ways[0]!.shut && p.ways[1]!.shut) this.kill(p, false);
    else this.wants(p);
  }

  private wants(p: Pair): void {
    if ((this.sim.features & SYS_F_COMPLETION) === 0) return;
    for (let i = 0; i < 2; i++) {
      const rx = p.ways[i]!;
      const tx = p.ways[1 - i]!;
      const pending = tx.tail > tx.head || tx.inPipe > 0 || (i === 1 && p.connecting);
      const room = !rx.eof && !(i === 1 && p.connecting);
      this.sim.want(p.fds[i]!, (room ? 1 : 0) | (pending ? 2 : 0), rx.pipeR >= 0 ? SYS_RECV_POLL : SYS_RECV_COMPLETE);
    }
  }

  private run(p: Pair, i: number): void {
    const w = p.ways[i]!;
    const from = p.fds[i]!;
    const to = p.fds[1 - i]!;
    for (;;) {
      const got = w.eof || (i === 1 && p.connecting) ? 0 : w.pipeR >= 0 ? this.spliceIn(w, from) : this.recv(w, from);
      if (got < 0 && got !== -EAGAIN) {
        this.kill(p, true);
        return;
      }
      if (this.plant === 'fin-first' && w.eof && !w.shut && !p.connecting) this.shut(w, to);
      const put = p.connecting ? 0 : w.pipeR >= 0 ? this.spliceOut(w, to) : this.send(w, to);
      if (put < 0 && put !== -EAGAIN) {
        this.kill(p, true);
        return;
      }
      if (got <= 0 && put <= 0) break;
    }
    if (w.eof && !w.shut && w.tail === w.head && w.inPipe === 0 && !p.connecting) this.shut(w, to);
  }

  private shut(w: Way, to: number): void {
    w.shut = true;
    this.sim.shutdown(to, SHUT_WR);
    this.drop(w);
  }

  private recv(w: Way, from: number): number {
    if (w.buf < 0) {
      w.buf = this.pool.alloc(0);
      w.head = w.tail = w.buf;
    }
    const size = this.pool.sizeOf(w.buf);
    if (w.tail === w.buf + size) return -EAGAIN;
    const n = this.sim.recv(from, w.tail, w.buf + size - w.tail, 0);
    if (n === 0) w.eof = true;
    if (n > 0) w.tail += n;
    if (n > 0 && this.plant === 'lose-byte' && ++this.planted % 50 === 0) w.tail--;
    if (n > 0 && this.plant === 'swap-flows' && ++this.planted % 90 === 0) this.sim.arena.u8[w.tail - 1]! ^= 1;
    return n;
  }

  private send(w: Way, to: number): number {
    if (w.tail === w.head) return 0;
    const n = this.sim.send(to, w.head, w.tail - w.head, 0);
    if (n > 0) w.head += n;
    if (w.head === w.tail) this.drop(w);
    return n;
  }

  private spliceIn(w: Way, from: number): number {
    const n = this.sim.splice(from, w.pipeW, 65_536, 0);
    if (n === 0) w.eof = true;
    if (n > 0) w.inPipe += n;
    return n;
  }

  private spliceOut(w: Way, to: number): number {
    if (w.inPipe === 0) return 0;
    const n = this.sim.splice(w.pipeR, to, w.inPipe, 0);
    if (n > 0) w.inPipe -= n;
    return n;
  }

  private drop(w: Way): void {
    if (w.buf >= 0 && !(this.plant === 'leak-buffer' && ++this.planted % 9 === 0)) this.pool.release(w.buf);
    w.buf = -1;
    w.head = w.tail = 0;
  }

  private kill(p: Pair, reset: boolean): void {
    if (p.dead) return;
    p.dead = true;
    for (const fd of p.fds) {
      if (fd < 0) continue;
      this.pairs.delete(fd);
      this.gens.delete(fd);
      if (reset) this.sim.setsockoptBytes(fd, SOL_SOCKET, SO_LINGER, LINGER_OFS, 8);
      if (!(this.plant === 'leak-fd' && ++this.planted % 11 === 0)) this.sim.close(fd);
      if (this.plant === 'double-close' && ++this.planted % 5 === 0) this.sim.close(fd);
    }
    for (const w of p.ways) {
      this.drop(w);
      if (w.pipeR >= 0) {
        this.sim.closeRaw(w.pipeR);
        this.sim.closeRaw(w.pipeW);
      }
    }
  }
}
