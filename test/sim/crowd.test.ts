// Hundreds of connections whose ends come at the same moment: the loop stays bounded, everybody is told, nothing leaks.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mannerOf, runEngine } from './engine.js';

const FLOWS = 300;
const SEEDS = 12;
const AT_MS = 60;
const ROUNDS_MAX = 60_000;

describe('a crowd that leaves at once', () => {
  for (const side of ['clients', 'servers', 'both'] as const) {
    it(`${FLOWS} flows, all ${side} reset in one instant`, (t) => {
      let most = 0;
      for (let seed = 3; seed < 3 * SEEDS; seed += 3) {
        const r = runEngine(seed, {
          manner: mannerOf(seed),
          flows: FLOWS,
          bytesMax: 20_000,
          onScenario: (scenario) => {
            scenario.clock.after(AT_MS, () => {
              scenario.resetAll(side !== 'servers', side !== 'clients');
            });
          },
        });
        assert.deepEqual(r.complaints, [], `seed ${seed}`);
        most = Math.max(most, r.rounds);
      }
      t.diagnostic(`most rounds ${most}`);
      assert.ok(most < ROUNDS_MAX, `${most} rounds`);
    });
  }
});
