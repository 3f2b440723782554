// Bugs planted in the engine: the simulator finds each of them within a bounded number of seeds.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mannerOf, runEngine } from './engine.js';
import type { EnginePlant } from './plants.js';
import { PLANTS } from './plants.js';

const SEEDS = 1000; // all are found within a dozen; the rest is room for another generation of seeds
const SHOWN = 160;

/** The first seed that complains, and what it says; null when none does. */
function hunt(plant: EnginePlant): { seed: number; what: string } | null {
  for (let seed = 1; seed <= SEEDS; seed++) {
    let takeOut = (): void => undefined;
    try {
      const r = runEngine(seed, { manner: plant.manner, flows: 6, bytesMax: 60_000 }, (sim, thr) => {
        takeOut = plant.put(sim, thr);
      });
      const what = r.complaints[0];
      if (what !== undefined) return { seed, what: what.split('\n')[0]!.slice(0, SHOWN) };
    } finally {
      takeOut();
    }
  }
  return null;
}

describe('bugs planted in the engine are found', () => {
  for (const plant of PLANTS) {
    it(plant.name, (t) => {
      const found = hunt(plant);
      assert.notEqual(found, null, `${SEEDS} seeds saw nothing`);
      t.diagnostic(`seed ${found!.seed}: ${found!.what}`);
    });
  }

  it('and taken out again leave nothing behind', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const r = runEngine(seed, { manner: mannerOf(seed), flows: 6, bytesMax: 60_000 });
      assert.deepEqual(r.complaints, [], `seed ${seed}`);
    }
  });
});
