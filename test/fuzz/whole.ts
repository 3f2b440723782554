// What the targets share that drive bytes through the whole engine: an instance in the simulator for each manner of the kernel,
// bytes sent in pieces, ends of every kind, and nothing left behind. How an input is cut and ended comes from its own bytes, so
// that a kept input is the same run each time.
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { Rng } from '../../src/sys/sim/rng.js';
import type { Manner } from '../../src/sys/sim/core.js';
import { type SimClient, SimProgram } from '../support/sim-program.js';

const MANNERS: readonly Manner[] = ['epoll', 'uring', 'kqueue'];
const STEP_MS = 50;
const PIECES_MAX = 24;

/** How a sender ends: a FIN, a RST, or not at all. */
export type End = 'shut' | 'reset' | 'silent';

/** One configuration, running in every manner until an input breaks it. */
export class Whole {
  private readonly config: string;
  private readonly prepare: (p: SimProgram) => unknown;
  private readonly programs = new Map<Manner, SimProgram>();

  /** `prepare` is called for each program that is made. */
  constructor(config: string, prepare: (p: SimProgram) => unknown = () => undefined) {
    this.config = config;
    this.prepare = prepare;
  }

  /** Runs `drive` for an input on one of the programs; afterwards all that is counted must be back to what it was. */
  run(input: Uint8Array, drive: (p: SimProgram, rng: Rng) => void): void {
    const rng = new Rng(crc32(input) >>> 0, 1);
    const manner = rng.pick(MANNERS);
    let p = this.programs.get(manner);
    if (p === undefined) {
      p = new SimProgram(this.config, manner);
      this.prepare(p);
      this.programs.set(manner, p);
    }
    try {
      drive(p, rng);
      p.assertClean();
      assert.equal(p.thr.counters.crashes, 0, 'no handler threw');
      assert.equal(p.instance.sessions, 0, 'no session is left');
    } catch (error) {
      this.programs.delete(manner);
      throw error;
    }
  }
}

/** Sends `input` in pieces, with and without time between them, as long as the connection is open. Returns how it ended it. */
export function sendInPieces(p: SimProgram, rng: Rng, from: SimClient, input: Uint8Array): End {
  let at = 0;
  for (let left = rng.int(1, PIECES_MAX); at < input.length && from.state === 'open'; left--) {
    const n = left <= 1 ? input.length - at : rng.int(1, Math.min(input.length - at, rng.chance(0.5) ? 4 : 200));
    from.send(input.subarray(at, at + n));
    at += n;
    if (rng.chance(0.7)) p.advance(rng.pick([0.01, 1, 5]));
  }
  const end = rng.pick<End>(['shut', 'shut', 'reset', 'silent']);
  if (from.state !== 'open') return end;
  if (end === 'shut') from.shut();
  else if (end === 'reset') from.reset();
  return end;
}

/** Lets time pass until `done`, `ms` at most; what does not end within that never will. */
export function waitFor(p: SimProgram, ms: number, done: () => boolean): void {
  let over = false;
  for (let passed = 0; passed < ms && !over; passed += STEP_MS) {
    p.advance(STEP_MS);
    over = done();
  }
  assert.ok(over, `not over after ${ms} ms`);
}
