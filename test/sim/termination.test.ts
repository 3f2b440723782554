// Termination codes that no peer can provoke (manual 8.5): R and PC, something of the system was missing, and I, a handler threw.
// A kind world but for what the test does to it; clients connect and wait for what becomes of them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfiguration } from '../../src/config/parser.js';
import type { Stream } from '../../src/datapath/stream/stream.js';
import { streamShutdown } from '../../src/datapath/stream/stream.js';
import { SF_ERR_DOWN, SF_ERR_KILLED } from '../../src/datapath/stream/flags.js';
import { SI_ST_NAMES } from '../../src/datapath/stream-interface/flags.js';
import { endCrashed } from '../../src/runtime/engine.js';
import type { Instance, SessionReport } from '../../src/runtime/instance.js';
import { createInstance, createThread, instanceStart } from '../../src/runtime/wiring.js';
import { TASK_WOKEN_OTHER } from '../../src/sched/flags.js';
import { taskWakeup } from '../../src/sched/task.js';
import { AF_INET, SOCK_STREAM } from '../../src/sys/constants.js';
import type { Manner } from '../../src/sys/sim/core.js';
import { ipv4 } from '../../src/sys/sim/net.js';
import { SimSys } from '../../src/sys/sim/sim-sys.js';

const MANNERS: readonly Manner[] = ['epoll', 'uring', 'kqueue'];
const FRONT = ipv4('127.0.0.1', 8080);
const SERVER = ipv4('127.0.0.2', 9001);
const TURNS_MAX = 2000;
const LINGER_TURNS = 50;

/** A proxy in a machine of its own. */
class World {
  readonly sim: SimSys;
  readonly instance: Instance;
  readonly reports: SessionReport[] = [];
  readonly crashes: string[] = [];
  private readonly fdsBefore: number;

  constructor(manner: Manner, server = '', rules = '') {
    this.sim = new SimSys({ seed: 1, manner, faultLevel: 0, arenaBytes: 8 << 20 });
    const { sim } = this;
    const text =
      'defaults\n mode tcp\n timeout client 60s\n timeout server 60s\n timeout connect 20s\n timeout queue 20s\n' +
      `frontend f\n bind 127.0.0.1:8080\n${rules} default_backend b\n` +
      `backend b\n server s1 127.0.0.2:9001 ${server}\n`;
    const parsed = parseConfiguration([{ name: 'sim.cfg', text }]);
    assert.deepEqual(parsed.reports, []);
    const thr = createThread(sim, parsed.config);
    sim.attachPool(thr.bufs);
    thr.sched.onCrash = (error, entry) => {
      this.crashes.push((error as Error).message);
      endCrashed(entry);
    };
    const built = createInstance(thr, parsed.config);
    assert.deepEqual(built.errors, []);
    this.instance = built.instance;
    this.instance.onSession = (report) => this.reports.push(report);
    const origin = sim.net.sock(AF_INET, SOCK_STREAM);
    sim.net.bind(origin, SERVER);
    assert.equal(sim.net.listen(origin, 100), 0);
    instanceStart(this.instance);
    thr.loop.start();
    this.fdsBefore = sim.openFds();
  }

  /** A client that only connects. */
  client(): void {
    const { net } = this.sim;
    net.connect(net.sock(AF_INET, SOCK_STREAM), FRONT);
  }

  /** Turns the loop until `done`. */
  until(done: () => boolean): void {
    for (let turns = 0; !done(); turns++) {
      assert.ok(turns < TURNS_MAX && !this.sim.stuck, 'what was waited for never came');
      this.turn();
    }
  }

  /** The one stream there is, once it has come to `state` of its server side. */
  streamIn(state: string): Stream {
    let found: Stream | undefined;
    this.until(() => {
      found = [...this.instance.streams].find((s) => SI_ST_NAMES[s.sib.state] === state);
      return found !== undefined;
    });
    return found!;
  }

  /** Ends what is left; nothing of it may remain. */
  end(): void {
    this.instance.killSessions();
    this.until(() => this.instance.sessions === 0);
    for (let i = 0; i < LINGER_TURNS; i++) this.turn();
    assert.equal(this.instance.thr.counters.streams, 0);
    assert.equal(this.instance.thr.counters.connections, 0);
    assert.equal(this.instance.thr.bufs.usedBytes, 0);
    assert.equal(this.sim.openFds(), this.fdsBefore);
    for (const px of this.instance.proxies) for (const s of px.servers) assert.equal(s.served + s.queue.length, 0);
    this.instance.stopListening();
    this.instance.release();
    this.instance.thr.loop.stop();
    this.sim.destroy();
  }

  /** One turn, which takes a second at most. */
  private turn(): void {
    this.sim.clock.after(1000, () => {
      this.sim.interrupted = true;
    });
    this.sim.hostTurn();
  }
}

/** The next run of the stream's task throws, as a bug in whatever it does there would. */
function plant(s: Stream): void {
  const { process } = s.task;
  s.task.process = () => {
    s.task.process = process;
    throw new Error('planted');
  };
  taskWakeup(s.task, TASK_WOKEN_OTHER);
}

describe('a resource is missing while connecting', () => {
  const lacks: readonly (readonly [kind: string, step: string, code: string])[] = [
    ['EMFILE', 'socket', 'PC'], // the limit of the process
    ['ENFILE', 'socket', 'RC'],
    ['ENOBUFS', 'socket', 'RC'],
    ['ENOMEM', 'socket', 'RC'],
    ['ENOBUFS', 'connect', 'RC'],
    ['EADDRNOTAVAIL', 'connect', 'RC'],
  ];
  for (const [kind, step, code] of lacks) {
    it(`${kind} of ${step}() is ${code}, without another attempt, and the next session goes on`, () => {
      for (const manner of MANNERS) {
        const w = new World(manner);
        w.sim.faults.force(kind, step, 1);
        w.client();
        w.until(() => w.reports.length === 1);
        assert.equal(w.reports[0]!.termination, code);
        assert.equal(w.reports[0]!.retries, 0);
        w.sim.faults.force(kind, step, 0);
        w.client();
        w.streamIn('EST');
        w.end();
      }
    });
  }

  it('source ports used up are RC, after the retries, until one is given back', () => {
    for (const manner of MANNERS) {
      const w = new World(manner, 'source 127.0.0.1:20001-20001');
      w.client();
      const first = w.streamIn('EST');
      w.client();
      w.until(() => w.reports.length === 1);
      assert.equal(w.reports[0]!.termination, 'RC');
      assert.equal(w.reports[0]!.retries, 3);
      streamShutdown(first, SF_ERR_KILLED);
      w.until(() => w.reports.length === 2);
      w.client();
      w.streamIn('EST');
      w.end();
    }
  });
});

describe('a handler throws', () => {
  const places: readonly (readonly [code: string, state: string, server: string, rules: string, clients: number])[] = [
    ['IR', 'INI', '', ' tcp-request inspect-delay 10s\n tcp-request content accept if { req.len gt 9 }\n', 1],
    ['IQ', 'QUE', 'maxconn 1', '', 2],
    ['IC', 'CON', '', '', 1],
    ['ID', 'EST', '', '', 1],
  ];
  for (const [code, state, server, rules, clients] of places) {
    it(`is ${code} for the session it served, in state ${state}; others go on`, () => {
      for (const manner of MANNERS) {
        const w = new World(manner, server, rules);
        if (state === 'CON') w.sim.net.reach(SERVER, 'blackhole');
        for (let i = 0; i < clients; i++) w.client();
        plant(w.streamIn(state));
        w.until(() => w.reports.length === 1);
        assert.deepEqual(w.crashes, ['planted']);
        assert.equal(w.reports[0]!.termination, code);
        assert.equal(w.instance.streams.size, clients - 1);
        w.client();
        w.streamIn(state);
        w.end();
      }
    });
  }

  it('is IC where no server can be chosen for it', () => {
    for (const manner of MANNERS) {
      const w = new World(manner);
      const lb = w.instance.proxies[1]!.lb!;
      lb.pick = () => {
        throw new Error('planted');
      };
      w.client();
      w.until(() => w.reports.length === 1);
      assert.deepEqual(w.crashes, ['planted']);
      assert.equal(w.reports[0]!.termination, 'IC');
      w.end();
    }
  });
});

describe('several things end a session', () => {
  it('the first one is told', () => {
    const w = new World('epoll');
    w.client();
    const s = w.streamIn('EST');
    streamShutdown(s, SF_ERR_DOWN);
    streamShutdown(s, SF_ERR_KILLED);
    w.until(() => w.reports.length === 1);
    assert.equal(w.reports[0]!.termination, 'D-');
    w.end();
  });
});
