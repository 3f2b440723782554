// What one flow of a scenario is to do, and what became of it: the plan that client and server follow, and their verdicts.

import type { Rng } from './rng.js';

// Who ends a flow.
export const END_HALF = 0; // the client shuts its side when all is sent, the server closes when it has seen that
export const END_SERVER = 1; // the server closes when all is received and sent
export const END_CLIENT = 2; // the client closes when all is received and sent
export const END_SILENT = 3; // the client connects and closes without a byte

export interface FlowPlan {
  readonly id: number;
  readonly startMs: number;
  /** Payload after the headers, bytes. */
  readonly up: number;
  readonly down: number;
  readonly end: number;
  /** The server shuts its side as soon as all is sent (END_HALF only). */
  readonly serverHalf: boolean;
  /** The server answers only when it has all (else both ways at once). */
  readonly answerLate: boolean;
  /** The client sends its last bytes and the FIN in one go, right after the connect. */
  readonly inOneGo: boolean;
  /** Largest piece written and read at once. */
  readonly chunkMax: number;
  /** Longest pause between two steps, milliseconds. */
  readonly thinkMs: number;
  /** Probability of a long pause before a read: a slow reader. */
  readonly slow: number;
}

export type Outcome = 'none' | 'running' | 'complete' | 'killed' | 'failed' | 'corrupt';

/** One end's story. */
export class EndState {
  outcome: Outcome = 'none';
  why = '';
  /** Payload bytes (after the header) received and sent. */
  got = 0;
  sent = 0;
  /** Virtual time of the last byte that moved (or of the half-close behind it), and of the end; -1: not yet. */
  lastMs = -1;
  endMs = -1;
}

export class Flow {
  readonly plan: FlowPlan;
  readonly client = new EndState();
  readonly server = new EndState();
  /** When one end was killed on purpose (RST); -1: never. */
  killedMs = -1;

  constructor(plan: FlowPlan) {
    this.plan = plan;
  }

  /** Both ends had everything they should. */
  complete(): boolean {
    if (this.plan.end === END_SILENT) return this.client.outcome === 'complete';
    return this.client.outcome === 'complete' && this.server.outcome === 'complete';
  }

  text(): string {
    const end = (e: EndState): string => `${e.outcome}${e.why === '' ? '' : ` (${e.why})`} got ${e.got} sent ${e.sent}`;
    const p = this.plan;
    return `flow ${p.id} up ${p.up} down ${p.down} end ${p.end}: client ${end(this.client)}; server ${end(this.server)}`;
  }
}

export interface FlowLimits {
  readonly bytesMax: number;
  /** Flows start within this time, milliseconds. */
  readonly spreadMs: number;
}

export function drawFlow(rng: Rng, id: number, limits: FlowLimits): FlowPlan {
  const dice = rng.float();
  const end = dice < 0.35 ? END_HALF : dice < 0.65 ? END_SERVER : dice < 0.95 ? END_CLIENT : END_SILENT;
  return {
    id,
    startMs: rng.float() * limits.spreadMs,
    up: rng.chance(0.15) ? 0 : rng.logInt(1, limits.bytesMax),
    down: rng.chance(0.15) ? 0 : rng.logInt(1, limits.bytesMax),
    end,
    serverHalf: rng.chance(0.4),
    answerLate: rng.chance(0.4),
    inOneGo: rng.chance(0.3),
    chunkMax: rng.logInt(1, 65_536) + 16,
    thinkMs: rng.float() * rng.pick([0.1, 1, 30]),
    slow: rng.chance(0.3) ? 0.2 : 0,
  };
}
