// A thousand seeds of the real engine in the simulator: every layer from the listener to process_stream, TCP mode, copies and
// splices, each manner of transport with seeds of its own. A failing seed is replayed by
//   SLUICE_STRICT=1 node --import tsx test/sim/replay.ts SEED [epoll|kqueue|uring] [trace]

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FAULT_POINTS, coverageText } from '../../src/sys/sim/faults.js';
import { mannerOf, runEngine } from './engine.js';

const SEEDS = 1000;
const FLOWS = 6;
const BYTES_MAX = 60_000;
const REPORTED_MAX = 10;
// Bounds with room for seeds to come; what is seen lies well below.
const ROUNDS_PER_FLOW = 4000;
const TASK_CALLS_PER_STREAM = 8;

interface Sum {
  readonly failed: string[];
  readonly hits: Float64Array;
  complete: number;
  streams: number;
  taskCalls: number;
  spliced: number;
  roundsMost: number;
}

function runAll(): Sum {
  const sum: Sum = {
    failed: [],
    hits: new Float64Array(FAULT_POINTS.length),
    complete: 0,
    streams: 0,
    taskCalls: 0,
    spliced: 0,
    roundsMost: 0,
  };
  for (let seed = 1; seed <= SEEDS && sum.failed.length < REPORTED_MAX; seed++) {
    const manner = mannerOf(seed);
    const r = runEngine(seed, { manner, flows: FLOWS, bytesMax: BYTES_MAX });
    if (r.complaints.length > 0) sum.failed.push(`seed ${seed} ${manner}: ${r.complaints.join('\n  ')}`);
    r.sim.faults.hits.forEach((n, i) => (sum.hits[i]! += n));
    sum.complete += r.complete;
    sum.streams += r.streams;
    sum.taskCalls += r.taskCalls;
    sum.spliced += r.spliced;
    sum.roundsMost = Math.max(sum.roundsMost, r.rounds);
  }
  return sum;
}

describe('the engine in the simulator, TCP mode', () => {
  let sum: Sum | null = null;
  const all = (): Sum => (sum ??= runAll());

  it(`${SEEDS} seeds: streams byte-equal or excused, ends told in time, nothing leaks, nothing spins`, (t) => {
    const s = all();
    t.diagnostic(
      `${s.complete} of ${SEEDS * FLOWS} flows complete, ${s.spliced} bytes spliced, most rounds ${s.roundsMost}`,
    );
    assert.deepEqual(s.failed, []);
    assert.ok(s.complete > (SEEDS * FLOWS) / 2, 'most flows go through');
    assert.ok(s.spliced > 1_000_000, 'splicing took part');
    assert.ok(s.roundsMost < ROUNDS_PER_FLOW * FLOWS, `${s.roundsMost} rounds`);
  });

  it('each kind of fault hit each step', (t) => {
    const s = all();
    for (const line of coverageText(s.hits).split('\n')) t.diagnostic(line);
    assert.deepEqual(
      FAULT_POINTS.filter((_, i) => s.hits[i] === 0).map((p) => `${p.kind}@${p.step}`),
      [],
    );
  });

  it('process_stream runs a constant number of times for each stream, not for each transfer', (t) => {
    const s = all();
    const calls = s.taskCalls / s.streams;
    t.diagnostic(`${calls.toFixed(1)} calls a stream`);
    assert.ok(calls < TASK_CALLS_PER_STREAM, `${calls} calls`);
  });

  it('a seed replays call by call', () => {
    for (const seed of [11, 12, 13, 14]) {
      const options = { manner: mannerOf(seed), flows: FLOWS, bytesMax: BYTES_MAX };
      const a = runEngine(seed, options);
      const b = runEngine(seed, options);
      assert.equal(a.sim.digest, b.sim.digest);
      assert.deepEqual(a.sim.calls, b.sim.calls);
      assert.equal(a.sim.now(), b.sim.now());
    }
  });
});
