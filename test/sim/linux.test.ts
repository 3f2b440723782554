// The simulator behaves as Linux does: each script runs over the real transport and over the simulator, with one answer.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createNativeSys } from '../../src/sys/native.js';
import { SimSys } from '../../src/sys/sim/sim-sys.js';
import { FACTS, Kit } from './facts.js';

describe('answers of the kernel', () => {
  for (const fact of FACTS) {
    it(`${fact.title}: on the simulator`, () => {
      const sim = new SimSys({ seed: 1, faultLevel: 0, latencyMs: 0.1, rcvBytes: 65_536, sndBytes: 65_536 });
      const kit = new Kit(sim);
      assert.deepEqual(fact.run(kit), fact.answers);
      kit.end();
      assert.deepEqual(sim.leaks(), []);
    });
    it(`${fact.title}: on this kernel`, () => {
      const sys = createNativeSys({ arenaBytes: 1 << 20 });
      const kit = new Kit(sys);
      try {
        assert.deepEqual(fact.run(kit), fact.answers);
      } finally {
        kit.end();
        sys.destroy();
      }
    });
  }
});
