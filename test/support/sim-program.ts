// An instance in the simulator with plain clients and servers beside it. No faults.
import assert from 'node:assert/strict';
import { parseConfiguration } from '../../src/config/parser.js';
import type { Thread } from '../../src/datapath/fd/thread.js';
import type { Stream } from '../../src/datapath/stream/stream.js';
import type { RingReader } from '../../src/observe/log/ring.js';
import type { Instance } from '../../src/runtime/instance.js';
import { openStatsSockets } from '../../src/runtime/stats-sockets.js';
import { createInstance, createThread, instanceStart } from '../../src/runtime/wiring.js';
import { AF_INET, SHUT_WR, SOCK_STREAM } from '../../src/sys/constants.js';
import { EAGAIN } from '../../src/sys/errno.js';
import type { Manner } from '../../src/sys/sim/core.js';
import { ipv4 } from '../../src/sys/sim/net.js';
import { SimSys } from '../../src/sys/sim/sim-sys.js';
import { type Sock, sockAbort, sockClose, sockRecv, sockSend, sockShutdown } from '../../src/sys/sim/sock.js';

const SCRATCH = new Uint8Array(1 << 20);
const TURNS_MAX = 100_000;

/** Where the sockets of `simForwarder` listen. */
export const SIM_FRONT = 8080;
export const SIM_CLI = 9000;

/**
 * A frontend and a backend with long time-outs and an admin socket; `global`, `backend`: further lines. Without `backend` it
 * has the server 127.0.0.2:9100.
 */
export function simForwarder(global = '', backend = ' server s1 127.0.0.2:9100\n'): string {
  return `
global
 maxconn 50
 stats socket ipv4@127.0.0.1:${SIM_CLI} level admin
${global}defaults
 mode tcp
 timeout client 100s
 timeout connect 5s
 timeout server 100s
frontend fe
 bind 127.0.0.1:${SIM_FRONT}
 default_backend be
backend be
${backend}`;
}

/** A client that keeps what it receives. */
export class SimClient {
  readonly sock: Sock;
  readonly chunks: Buffer[] = [];
  bytes = 0;
  /** 'open', 'end' or the errno that came. */
  state = 'open';
  /** Bytes it takes at a time; 0: it does not read. */
  appetite = SCRATCH.length;

  constructor(sock: Sock) {
    this.sock = sock;
    sock.onWake = () => {
      if (this.appetite === SCRATCH.length) this.read();
    };
  }

  send(data: string | Uint8Array): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    assert.equal(sockSend(this.sock, bytes, 0, bytes.length), bytes.length, 'the simulated socket takes it all');
  }

  shut(): void {
    sockShutdown(this.sock, SHUT_WR);
  }

  reset(): void {
    sockAbort(this.sock);
  }

  close(): void {
    sockClose(this.sock);
  }

  /** Reads once, or all there is where it is hungry. */
  read(): void {
    for (;;) {
      if (this.appetite === 0) return;
      const n = sockRecv(this.sock, SCRATCH, 0, this.appetite);
      if (n > 0) {
        this.chunks.push(Buffer.from(SCRATCH.subarray(0, n)));
        this.bytes += n;
        if (this.appetite < SCRATCH.length) return;
        continue;
      }
      if (n !== -EAGAIN && this.state === 'open') this.state = n === 0 ? 'end' : String(n);
      return;
    }
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}

/** A server that accepts what comes, when it is asked. */
export class SimServer {
  private readonly listener: Sock;

  constructor(sim: SimSys, host: string, port: number) {
    this.listener = sim.net.sock(AF_INET, SOCK_STREAM);
    sim.net.bind(this.listener, ipv4(host, port));
    assert.equal(sim.net.listen(this.listener, 1000), 0);
  }

  /** The next connection; null: none came. */
  accept(): SimClient | null {
    const sock = this.listener.queue.shift();
    if (sock === undefined) return null;
    const client = new SimClient(sock);
    client.read();
    return client;
  }
}

export class SimProgram {
  readonly sim: SimSys;
  readonly thr: Thread;
  readonly instance: Instance;
  readonly crashes: unknown[] = [];
  private readonly readers = new Map<string, RingReader>();
  private readonly before: Readonly<Record<string, number>>;

  /** `adjust` runs before anything listens. */
  constructor(config: string, manner: Manner, adjust: (instance: Instance) => void = () => undefined) {
    this.sim = new SimSys({ seed: 7, faultLevel: 0, manner, latencyMs: 0.1, rcvBytes: 65536, sndBytes: 65536 });
    const parsed = parseConfiguration([{ name: 'sim.cfg', text: config }]);
    assert.deepEqual(
      parsed.reports.filter((r) => r.severity === 'alert').map((r) => r.message),
      [],
    );
    this.thr = createThread(this.sim, parsed.config);
    this.sim.attachPool(this.thr.bufs);
    this.thr.sched.onCrash = (error) => this.crashes.push(error);
    const { instance, errors } = createInstance(this.thr, parsed.config);
    const all = [...errors];
    openStatsSockets(instance, all);
    assert.deepEqual(all, []);
    this.instance = instance;
    adjust(instance);
    instanceStart(instance);
    this.thr.loop.start();
    this.advance(5);
    this.before = this.census();
  }

  /** `appetite`: what it reads at a time, all there is unless said. */
  connect(port: number, appetite = SCRATCH.length): SimClient {
    const sock = this.sim.net.sock(AF_INET, SOCK_STREAM);
    const client = new SimClient(sock);
    client.appetite = appetite;
    this.sim.net.connect(sock, ipv4('127.0.0.1', port));
    this.advance(2);
    return client;
  }

  listen(host: string, port: number): SimServer {
    return new SimServer(this.sim, host, port);
  }

  /** Lets `ms` of virtual time pass. */
  advance(ms: number): void {
    const endMs = this.sim.now() + ms;
    this.sim.clock.after(ms, () => {
      this.sim.interrupted = true;
    });
    for (let i = 0; this.sim.now() < endMs; i++) {
      assert.ok(i < TURNS_MAX, 'the loop spins');
      this.sim.hostTurn();
    }
    assert.deepEqual(this.crashes, []);
  }

  /** One command in one connection, as a harness sends it: line, end of input, answer to its end. */
  ask(port: number, command: string): string {
    const c = this.connect(port);
    c.send(`${command}\n`);
    c.shut();
    this.advance(20);
    assert.equal(c.state, 'end', `no end after '${command}'`);
    c.close();
    this.advance(5);
    return c.text;
  }

  /** Lines of ring `name` that were not read before. */
  logged(name: string): string[] {
    let reader = this.readers.get(name);
    if (reader === undefined) {
      reader = this.instance.logs.rings.get(name)!.reader(false);
      this.readers.set(name, reader);
    }
    const lines: string[] = [];
    for (let text = reader.take(); text !== null; text = reader.take()) lines.push(text);
    return lines;
  }

  /** The stream that came last of those that are there. */
  get lastStream(): Stream {
    return [...this.instance.streams].at(-1)!;
  }

  /** Everything that is counted is back to what it was. */
  assertClean(): void {
    this.advance(5);
    assert.deepEqual(this.census(), this.before);
    assert.equal(this.thr.loop.spins, 0);
  }

  private census(): Readonly<Record<string, number>> {
    const c = this.thr.counters;
    return {
      connections: c.connections,
      connStreams: c.connStreams,
      sessions: c.sessions,
      streams: c.streams,
      muxes: c.muxes,
      tasks: this.thr.sched.tasksUsed,
      tasklets: this.thr.sched.taskletsUsed,
      bytes: this.thr.bufs.usedBytes,
      fds: this.thr.fdtab.used,
      jobs: this.instance.sessions,
    };
  }
}
