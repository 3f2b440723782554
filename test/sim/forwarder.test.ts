// The simulator proven by a small forwarder: an honest one passes over every seed, each planted bug is found within a few.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FAULT_POINTS, coverageText } from '../../src/sys/sim/faults.js';
import { ipv4 } from '../../src/sys/sim/net.js';
import { Scenario } from '../../src/sys/sim/scenario.js';
import type { Manner } from '../../src/sys/sim/core.js';
import { SimSys } from '../../src/sys/sim/sim-sys.js';
import type { Plant } from './forwarder.js';
import { Forwarder } from './forwarder.js';

const FRONT = ipv4('127.0.0.1', 8080);
const SERVERS = [ipv4('127.0.0.2', 9001), ipv4('127.0.0.3', 9002)];
const END_BOUND_MS = 20_000;
const LIMIT_MS = 600_000;

interface Run {
  readonly sim: SimSys;
  readonly complaints: string[];
  readonly complete: number;
}

/** One run from one seed: every third seed is without faults that may end a flow. */
function run(seed: number, manner: Manner, plant: Plant): Run {
  const sim = new SimSys({ seed, manner, arenaBytes: 8 << 20 });
  if (seed % 3 === 0) FAULT_POINTS.forEach((p, i) => (sim.faults.rates[i]! *= 1 - p.lethal));
  const complaints: string[] = [];
  let complete = 0;
  try {
    sim.faults.armed = false;
    const fw = new Forwarder(sim, FRONT, SERVERS, seed % 2 === 0, plant);
    sim.faults.armed = true;
    const scenario = new Scenario(sim, {
      flows: 6,
      limits: { bytesMax: 60_000, spreadMs: 50 },
      fronts: [FRONT],
      servers: SERVERS,
    });
    const endMs = sim.now() + LIMIT_MS;
    while (!scenario.over() && sim.now() < endMs && !sim.stuck) sim.hostTurn();
    complaints.push(...scenario.complaints(END_BOUND_MS, false));
    complete = scenario.flows.filter((f) => f.complete()).length;
    sim.faults.armed = false;
    for (let i = 0; i < 50; i++) {
      sim.clock.jump(sim.now() + 1000);
      sim.clock.runDue();
      if (!sim.stuck) sim.hostTurn();
      sim.stuck = false;
    }
    if (sim.openFds() > 1) complaints.push(`after the flows: ${sim.leaks().join(', ')}`);
    fw.stop();
    sim.clock.jump(sim.now() + 1000);
    sim.clock.runDue();
    complaints.push(...sim.leaks());
    if (fw.pool.usedBytes !== 0) complaints.push(`${fw.pool.usedBytes} bytes of buffers leak`);
  } catch (e) {
    complaints.push(e instanceof Error ? (e.name === 'BugError' ? e.message : (e.stack ?? e.message)) : String(e));
  }
  return { sim, complaints, complete };
}

function firstFailing(plant: Plant, most: number): number {
  for (let seed = 1; seed <= most; seed++) if (run(seed, 'epoll', plant).complaints.length > 0) return seed;
  return -1;
}

describe('the simulator under an honest forwarder', () => {
  for (const manner of ['epoll', 'kqueue', 'uring'] as const) {
    it(`every flow of 300 seeds is byte-equal or excused, nothing leaks (${manner})`, (t) => {
      let complete = 0;
      for (let seed = 1; seed <= 300; seed++) {
        const r = run(seed, manner, 'none');
        assert.deepEqual(r.complaints, [], `seed ${seed}`);
        complete += r.complete;
      }
      t.diagnostic(`${complete} of 1800 flows complete`);
      assert.ok(complete > 1200, 'most flows go through');
    });
  }

  it('each kind of fault hits each step over 300 seeds', (t) => {
    const sum = new Float64Array(FAULT_POINTS.length);
    for (let seed = 1; seed <= 300; seed++)
      run(seed, 'epoll', 'none').sim.faults.hits.forEach((n, i) => (sum[i]! += n));
    for (const line of coverageText(sum).split('\n')) t.diagnostic(line);
    const missed = FAULT_POINTS.filter((_, i) => sum[i] === 0).map((p) => `${p.kind}@${p.step}`);
    assert.deepEqual(missed, []);
  });

  it('a seed replays call by call', () => {
    for (const seed of [5, 6, 7, 8]) {
      const a = run(seed, seed > 6 ? 'uring' : 'epoll', 'none').sim;
      const b = run(seed, seed > 6 ? 'uring' : 'epoll', 'none').sim;
      assert.equal(a.digest, b.digest);
      assert.equal(a.now(), b.now());
      assert.deepEqual(a.calls, b.calls);
    }
  });
});

describe('bugs planted in the forwarder are found', () => {
  const plants: Plant[] = [
    'lose-byte',
    'fin-first',
    'lose-wake',
    'double-close',
    'leak-fd',
    'leak-buffer',
    'spin',
    'swap-flows',
  ];
  for (const plant of plants) {
    it(`${plant} shows within 100 seeds`, (t) => {
      const seed = firstFailing(plant, 100);
      t.diagnostic(`${plant}, seed ${seed}: ${run(seed, 'epoll', plant).complaints[0]}`);
      assert.notEqual(seed, -1);
    });
  }
});
