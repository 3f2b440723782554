// A scenario: N clients towards an address of the proxy, M servers behind it, all inside the simulator, and the verdict.

import { SOCK_STREAM } from '../constants.js';
import { EINPROGRESS } from '../errno.js';
import { Actor } from './actor.js';
import type { Stage } from './actor.js';
import type { Clock } from './clock.js';
import type { Faults } from './faults.js';
import { EndState, END_SILENT, Flow, drawFlow } from './flow.js';
import type { FlowLimits } from './flow.js';
import { familyOf } from './net.js';
import { Rng } from './rng.js';
import type { SimSys } from './sim-sys.js';
import type { Sock } from './sock.js';
import { SS_EST } from './sock.js';

export interface ScenarioOptions {
  readonly flows: number;
  readonly limits: FlowLimits;
  /** Where the clients connect to, each to one of them. */
  readonly fronts: readonly Uint8Array[];
  /** Where the servers listen. */
  readonly servers: readonly Uint8Array[];
}

export class Scenario implements Stage {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly faults: Faults;
  readonly flows: Flow[] = [];
  readonly actors: Actor[] = [];
  private readonly sim: SimSys;
  private readonly listeners: Sock[] = [];
  private toStart: number;

  constructor(sim: SimSys, options: ScenarioOptions) {
    this.sim = sim;
    this.clock = sim.clock;
    this.faults = sim.faults;
    this.rng = new Rng(sim.seed, 4);
    this.toStart = options.flows;
    for (const addr of options.servers) this.serve(addr);
    for (let id = 1; id <= options.flows; id++) {
      const flow = new Flow(drawFlow(this.rng, id, options.limits));
      this.flows.push(flow);
      this.clock.after(flow.plan.startMs, () => {
        this.start(flow, this.rng.pick(options.fronts));
      });
    }
  }

  flow(id: number): Flow | null {
    return this.flows[id - 1] ?? null;
  }

  ended(): void {
    if (this.over()) this.sim.interrupted = true;
  }

  /** All clients were started and every actor is done. */
  over(): boolean {
    return this.toStart === 0 && this.actors.every((a) => a.done);
  }

  /** Every actor of a side that still runs sends a RST now. */
  resetAll(clients: boolean, servers: boolean): void {
    for (const a of this.actors) if (!a.done && (a.isClient ? clients : servers)) a.reset();
  }

  /** Closes the servers' listening sockets. */
  stop(): void {
    for (const l of this.listeners.splice(0)) l.net.unlisten(l);
  }

  /**
   * What is wrong with the run, in sentences; empty when nothing is. A flow may end early only where a fault was dealt
   * that can end one. Once nothing moves any more, each end has `boundMs` to learn of it. `cuts`: the proxy was told to end
   connections by RST (option nolinger), so that any flow may lose its tail.
   */
  complaints(boundMs: number, cuts: boolean): string[] {
    const out: string[] = [];
    for (const a of this.actors) {
      if (!a.done) out.push(`${a.isClient ? 'client' : 'server'} of flow ${a.flow?.plan.id ?? '?'} never saw an end`);
      else if (a.state.outcome === 'corrupt') out.push(`${a.isClient ? 'client' : 'server'}: ${a.state.why}`);
    }
    const early = this.flows.filter((f) => !f.complete());
    if (early.length > this.faults.lethal && !cuts) {
      out.push(`${early.length} flows ended early for ${this.faults.lethal} faults that may end one`);
      for (const f of early) out.push(`  ${f.text()}`);
    }
    for (const f of this.flows) {
      const lastMs = Math.max(f.killedMs, f.client.lastMs, f.server.lastMs);
      if (f.killedMs < 0 && f.server.outcome === 'none') continue; // it may have waited in a queue
      for (const e of [f.client, f.server]) {
        if (e.endMs - lastMs > boundMs)
          out.push(`${(e.endMs - lastMs).toFixed(0)} ms from last byte to end: ${f.text()}`);
      }
    }
    return out;
  }

  private serve(addr: Uint8Array): void {
    const l = this.sim.net.sock(familyOf(addr), SOCK_STREAM);
    this.sim.net.bind(l, addr);
    const err = this.sim.net.listen(l, 128);
    if (err < 0) throw new Error(`sim: listen: ${err}`);
    l.onWake = () => {
      for (const s of l.queue.splice(0)) {
        if (s.state !== SS_EST && s.err !== 0 && s.rcv.data === 0) continue; // reset while it waited
        const a = new Actor(this, s, null, new EndState(), false);
        this.actors.push(a);
        a.soon();
      }
    };
    this.listeners.push(l);
  }

  private start(flow: Flow, front: Uint8Array): void {
    const s = this.sim.net.sock(familyOf(front), SOCK_STREAM);
    this.toStart--;
    const a = new Actor(this, s, flow, flow.client, true);
    this.actors.push(a);
    const r = this.sim.net.connect(s, front);
    if (r === 0) a.soon();
    else if (r !== -EINPROGRESS) a.refused(r);
  }

  /** Flows that should have had both ends served. */
  expected(): number {
    return this.flows.filter((f) => f.plan.end !== END_SILENT).length;
  }
}
