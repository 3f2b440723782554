// Replays one seed of the engine's simulation and tells what happened:
//   node --import tsx test/sim/replay.ts SEED [epoll|kqueue|uring] [trace]

import { errnoName } from '../../src/sys/errno.js';
import { coverageText } from '../../src/sys/sim/faults.js';
import { mannerOf, runEngine } from './engine.js';

const seed = Number(process.argv[2]);
const words = process.argv.slice(3);
const run = runEngine(seed, {
  manner: (['epoll', 'kqueue', 'uring'] as const).find((m) => words.includes(m)) ?? mannerOf(seed),
  flows: 6,
  bytesMax: 60_000,
  traceMax: words.includes('trace') ? 20_000 : 0,
});
console.log(run.config);
const named = (line: string): string => line.replace(/ = (-\d+)$/, (_all, n: string) => ` = ${errnoName(Number(n))}`);
for (const line of run.sim.trace()) console.log(named(line));
for (const flow of run.scenario?.flows ?? []) console.log(flow.text());
console.log(coverageText(run.sim.faults.hits));
console.log(run.sim.calls);
console.log(`rounds ${run.rounds}, process_stream ${run.taskCalls}, streams ${run.streams}, spliced ${run.spliced}`);
console.log(run.complaints.length === 0 ? 'no complaint' : run.complaints.join('\n'));
