// What a RST of one side becomes at the other, over many seeds: a server's gives the client every byte that came before it
// and then a plain end, a client's reaches the server as a RST. Everything else that may go wrong harmlessly goes wrong, too.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Actor } from '../../src/sys/sim/actor.js';
import type { Manner } from '../../src/sys/sim/core.js';
import { FAULT_POINTS } from '../../src/sys/sim/faults.js';
import { HEADER_BYTES } from '../../src/sys/sim/pattern.js';
import { runEngine } from './engine.js';

const SEEDS = 100;
const RATE = 0.02;

/** The actors of one side that sent a RST, of runs in which nothing else was lethal. */
function killed(manner: Manner, side: 'client' | 'server'): { seed: number; actor: Actor }[] {
  const out: { seed: number; actor: Actor }[] = [];
  for (let seed = 3; seed <= 3 * SEEDS; seed += 3) {
    const r = runEngine(seed, { manner, flows: 6, bytesMax: 60_000 }, (sim) => {
      FAULT_POINTS.forEach((p, i) => {
        if (p.kind === 'RST' && p.step.startsWith(side)) sim.faults.rates[i] = RATE;
      });
    });
    assert.deepEqual(r.complaints, [], `seed ${seed}`);
    if (/nolinger|abortonclose/.test(r.config)) continue;
    for (const actor of r.scenario!.actors) {
      if (actor.isClient === (side === 'client') && actor.state.outcome === 'killed') out.push({ seed, actor });
    }
  }
  return out;
}

describe('a RST in the middle of a flow', () => {
  for (const manner of ['epoll', 'uring', 'kqueue'] as const) {
    it(`C34 of the server: the client gets what came before, then FIN (${manner})`, (t) => {
      let seen = 0;
      for (const { seed, actor } of killed(manner, 'server')) {
        const { flow, far } = actor;
        // A client that is still sending gets a RST from its own unread bytes, and may lose the tail by it.
        if (flow === null || far === null || flow.server.got < flow.plan.up) continue;
        const { client } = flow;
        const payload = Math.max(0, far.rcvTotal - HEADER_BYTES);
        assert.equal(client.got, payload, `seed ${seed}: ${flow.text()}`);
        if (client.outcome !== 'complete') assert.equal(client.why, 'FIN before the last byte', `seed ${seed}`);
        seen++;
      }
      t.diagnostic(`${seen} flows`);
      assert.ok(seen > 15);
    });

    it(`C34 of the client: the server gets a RST (${manner})`, (t) => {
      let seen = 0;
      for (const { seed, actor } of killed(manner, 'client')) {
        const flow = actor.flow!;
        if (flow.server.outcome === 'none' || flow.server.outcome === 'complete') continue;
        assert.match(flow.server.why, /^(ECONNRESET|EPIPE)$/, `seed ${seed}: ${flow.text()}`);
        seen++;
      }
      t.diagnostic(`${seen} flows`);
      assert.ok(seen > 15);
    });
  }
});
