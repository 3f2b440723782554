// A thread that pushes wake-ups into a shared ring and rings the bell (word 0 of `bell`) when the push says so.
import { workerData } from 'node:worker_threads';
import { wakeRingPush } from '../../../src/sched/remote.js';

interface Job {
  readonly ring: Int32Array;
  readonly bell: Int32Array;
  readonly ids: readonly (readonly [number, number])[];
  readonly pushes: number;
}

const { ring, bell, ids, pushes } = workerData as Job;
for (let i = 0; i < pushes; i++) {
  const [id, generation] = ids[i % ids.length]!;
  if (wakeRingPush(ring, id, generation)) {
    Atomics.add(bell, 0, 1);
    Atomics.notify(bell, 0);
  }
}
Atomics.add(bell, 1, 1);
Atomics.add(bell, 0, 1);
Atomics.notify(bell, 0);
