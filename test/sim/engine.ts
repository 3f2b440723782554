// One run of the real engine in the simulator: a configuration drawn from the seed, clients and servers around it, the verdict.

import { parseConfiguration } from '../../src/config/parser.js';
import type { Thread } from '../../src/datapath/fd/thread.js';
import { createInstance, createThread, instanceStart } from '../../src/runtime/wiring.js';
import type { Instance } from '../../src/runtime/instance.js';
import type { Manner } from '../../src/sys/sim/core.js';
import { FAULT_POINTS } from '../../src/sys/sim/faults.js';
import { abstractName, ipv4, ipv6Loopback } from '../../src/sys/sim/net.js';
import { Rng } from '../../src/sys/sim/rng.js';
import { Scenario } from '../../src/sys/sim/scenario.js';
import { SimSys } from '../../src/sys/sim/sim-sys.js';

const FRONT = ipv4('127.0.0.1', 8080);
const FRONT6 = ipv6Loopback(8081);
const FRONT_UNIX = abstractName('front');
const SERVERS = [ipv4('127.0.0.2', 9001), ipv4('127.0.0.3', 9002), ipv6Loopback(9003), abstractName('back')];
const END_BOUND_MS = 20_000; // from the last byte of a flow to its ends; the configured time-outs are longer
const SCARCE_BOUND_MS = 400_000; // where an end waits for a buffer that a slow reader holds
const LIMIT_MS = 5_000_000;
const LINGER_TURNS = 200;
const TURNS_MAX = 20_000;

export interface EngineOptions {
  readonly manner: Manner;
  readonly flows: number;
  readonly bytesMax: number;
  readonly traceMax?: number;
  /** Sees the scenario before it begins. */
  readonly onScenario?: (scenario: Scenario) => void;
}

export interface EngineRun {
  readonly sim: SimSys;
  readonly complaints: string[];
  readonly complete: number;
  readonly rounds: number;
  /** Calls of process_stream for each stream. */
  readonly taskCalls: number;
  readonly streams: number;
  readonly spliced: number;
  readonly scenario: Scenario | null;
  readonly config: string;
}

/** The manner in which a seed runs: of ten, four over epoll, four over uring, two over kqueue. */
export const mannerOf = (seed: number): Manner =>
  (['epoll', 'uring', 'kqueue'] as const)[seed % 10 < 4 ? 0 : seed % 10 < 8 ? 1 : 2];

/** The configuration of a seed: sizes, limits and options vary. */
function configOf(seed: number, hard: Hardship, unix: boolean): string {
  const times = hard.hasty
    ? ' timeout client 300ms\n timeout server 200ms\n timeout connect 100ms\n timeout queue 150ms\n'
    : ' timeout client 700s\n timeout server 700s\n timeout connect 5s\n timeout queue 2000s\n';
  const r = new Rng(seed, 5);
  // A stream that waits for a server holds its buffer: too few of them and nobody gets on.
  const slots = (p: number): boolean => r.chance(p) && hard.buffers === 0;
  const some = (p: number, line: string): string => (r.chance(p) ? `${line}\n` : '');
  const splice = r.pick([
    '',
    'option splice-auto',
    'option splice-request',
    'option splice-response',
    'option splice-request\noption splice-response',
  ]);
  return (
    `global\n maxconn 500\n tune.bufsize ${r.pick([2048, 4096, 16384])}\n` +
    some(0.2, ` tune.pipesize ${r.pick([4096, 65536])}`) +
    some(0.2, ` maxpipes ${r.int(1, 4)}`) +
    some(0.1, ` tune.runqueue-depth ${r.int(1, 5)}`) +
    some(0.1, ' tune.maxaccept 1') +
    `defaults\n mode tcp\n${times} ${splice}\n` +
    some(0.1, ' option nolinger') +
    some(0.2, ' timeout tunnel 800s') +
    some(0.2, ' timeout client-fin 600s\n timeout server-fin 600s') +
    some(0.1, ' option abortonclose') +
    some(0.2, ' option independent-streams') +
    some(0.3, ' option redispatch') +
    some(0.3, ` retries ${r.int(0, 5)}`) +
    `frontend f\n bind 127.0.0.1:8080${r.chance(0.2) ? ' proto none' : ''}\n bind [::1]:8081\n${unix ? ' bind abns@front\n' : ''}` +
    some(0.2, ` maxconn ${r.int(1, 4)}\n backlog 100`) +
    ' default_backend b\nbackend b\n balance roundrobin\n' +
    ` server s1 127.0.0.2:9001${slots(0.2) ? ` maxconn ${r.int(1, 3)}` : ''}\n` +
    ` server s2 127.0.0.3:9002${slots(0.2) ? ` maxconn ${r.int(1, 3)} weight ${r.int(1, 9)}` : ''}\n` +
    some(0.2, ' server s3 [::1]:9003') +
    (unix ? some(0.2, ' server s4 abns@back') : '')
  );
}

/** What may befall a run beside faults of the system; any of it may cut flows short. */
export interface Hardship {
  /** Time-outs of a fraction of a second. */
  readonly hasty: boolean;
  /** Descriptors at most, 0 for plenty. */
  readonly fds: number;
  /** MiB of the arena: with 2 there is room for one size of buffers alone. */
  readonly arenaMiB: number;
  /** Buffers at most, 0 for plenty. Costs time, never bytes. */
  readonly buffers: number;
  /** When all sessions are killed, and when listening stops; ms after the start, -1 never. */
  readonly killMs: number;
  readonly stopMs: number;
}

export function hardshipOf(seed: number): Hardship {
  const r = new Rng(seed, 6);
  const some = (p: number): boolean => r.chance(p) && seed % 3 !== 0;
  return {
    hasty: some(0.1),
    fds: some(0.1) ? r.int(8, 16) : 0,
    arenaMiB: some(0.1) ? r.int(2, 3) : 12,
    buffers: r.chance(0.15) ? r.int(1, 3) : 0,
    killMs: some(0.1) ? r.float() * 150 : -1,
    stopMs: some(0.1) ? r.float() * 100 : -1,
  };
}

const arenas = new Map<number, ArrayBuffer>();

/** Arenas are shared by the runs of a process, filled with garbage once: nobody may count on zeros. */
function arenaOf(mib: number): ArrayBuffer {
  let memory = arenas.get(mib);
  if (memory === undefined) {
    memory = new ArrayBuffer(mib << 20);
    new Uint8Array(memory).fill(0xdb);
    arenas.set(mib, memory);
  }
  return memory;
}

/** Every third seed has no fault that may end a flow: there all flows must be whole. */
export function calmThird(sim: SimSys): void {
  if (sim.seed % 3 === 0) FAULT_POINTS.forEach((p, i) => (sim.faults.rates[i]! *= 1 - p.lethal));
}

export function runEngine(
  seed: number,
  options: EngineOptions,
  adjust: (sim: SimSys, thr: Thread) => void = () => undefined,
): EngineRun {
  const hard = hardshipOf(seed);
  const sim = new SimSys({
    seed,
    fdLimit: hard.fds === 0 ? 4096 : hard.fds,
    manner: options.manner,
    memory: arenaOf(hard.arenaMiB),
    traceMax: options.traceMax ?? 0,
  });
  const unix = options.manner !== 'kqueue'; // no abstract names there
  const config = configOf(seed, hard, unix);
  const complaints: string[] = [];
  let scenario: Scenario | null = null;
  let thr: Thread | null = null;
  let complete = 0;
  let streams = 0;
  try {
    calmThird(sim);
    sim.faults.armed = false;
    const parsed = parseConfiguration([{ name: 'sim.cfg', text: config }]);
    if (parsed.errors > 0) throw new Error(parsed.reports.map((r) => r.message).join('; '));
    thr = createThread(sim, parsed.config);
    sim.attachPool(thr.bufs);
    thr.bufs.limitBytes = hard.buffers * thr.bufs.sizes[0]!;
    adjust(sim, thr);
    const crashes: string[] = [];
    thr.sched.onCrash = (error) => {
      crashes.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    };
    const before = census(thr);
    const { instance, errors } = createInstance(thr, parsed.config);
    if (errors.length > 0) throw new Error(errors.map((e) => e.message).join('; '));
    instance.onSession = () => {
      streams++;
    };
    instanceStart(instance);
    thr.loop.start();
    sim.faults.armed = true;
    scenario = new Scenario(sim, {
      flows: options.flows,
      limits: { bytesMax: options.bytesMax, spreadMs: 50 },
      fronts: unix ? [FRONT, FRONT, FRONT6, FRONT_UNIX] : [FRONT, FRONT6],
      servers: SERVERS,
    });
    options.onScenario?.(scenario);
    const calls: (() => void)[] = [];
    strike(sim, hard.killMs, calls, () => {
      instance.killSessions();
    });
    strike(sim, hard.stopMs, calls, () => {
      instance.stopListening();
    });
    const endMs = sim.now() + LIMIT_MS;
    for (let turns = 0; !scenario.over() && sim.now() < endMs && !sim.stuck && crashes.length === 0; turns++) {
      if (turns > TURNS_MAX) throw new Error(`${turns} turns of the loop and no end`);
      sim.hostTurn();
      for (const call of calls.splice(0)) call();
    }
    if (crashes.length > 0) throw new Error(`a handler threw: ${crashes[0]}`);
    complaints.push(...scenario.complaints(hard.buffers === 0 ? END_BOUND_MS : SCARCE_BOUND_MS, mayCut(config, hard)));
    complete = scenario.flows.filter((f) => f.complete()).length;
    sim.faults.armed = false;
    rest(sim, instance, thr);
    if (crashes.length > 0) throw new Error(`a handler threw: ${crashes[0]}`);
    complaints.push(...leftovers(sim, thr, before, instance));
  } catch (e) {
    complaints.push(e instanceof Error ? (e.stack ?? e.message) : String(e));
  }
  return {
    sim,
    complaints,
    complete,
    rounds: thr?.loop.rounds ?? 0,
    taskCalls: thr?.sched.taskCalls ?? 0,
    streams,
    spliced: thr?.counters.splicedBytesIn ?? 0,
    scenario,
    config,
  };
}

function mayCut(config: string, hard: Hardship): boolean {
  const smooth = !hard.hasty && hard.fds === 0 && hard.killMs < 0 && hard.stopMs < 0;
  return !smooth || /nolinger|abortonclose/.test(config);
}

/** Does something from outside the loop at a given time, as a command or a signal would. */
function strike(sim: SimSys, afterMs: number, calls: (() => void)[], what: () => void): void {
  if (afterMs < 0) return;
  sim.clock.after(afterMs, () => {
    sim.interrupted = true;
    calls.push(what);
  });
}

/** Lets what is left end by itself, then stops listening. */
function rest(sim: SimSys, instance: Instance, thr: Thread): void {
  const wait = (turns: number): void => {
    for (let i = 0; i < turns; i++) {
      sim.clock.after(1000, () => {
        sim.interrupted = true;
      });
      sim.hostTurn();
    }
  };
  // Within less than the time-outs every stream must have gone by itself.
  for (let i = 0; i < 60 && instance.streams.size > 0; i++) wait(1);
  instance.stopListening();
  wait(LINGER_TURNS);
  thr.pipes.trim();
}

type Census = Readonly<Record<string, number>>;

/** Everything that is counted and must come back to what it was. */
function census(thr: Thread): Census {
  const c = thr.counters;
  return {
    connections: c.connections,
    'conn-streams': c.connStreams,
    sessions: c.sessions,
    streams: c.streams,
    muxes: c.muxes,
    tasks: thr.sched.tasksUsed,
    tasklets: thr.sched.taskletsUsed,
    'buffer bytes': thr.bufs.usedBytes,
    'pipes in use': thr.pipes.used,
    pipes: thr.pipes.total,
    descriptors: thr.fdtab.used,
    spins: thr.loop.spins,
  };
}

function leftovers(sim: SimSys, thr: Thread, before: Census, instance: Instance): string[] {
  const out: string[] = [];
  const after = census(thr);
  for (const [what, n] of Object.entries(before))
    if (after[what] !== n) out.push(`${what}: ${n} before, ${after[what]} after`);
  if (instance.sessions !== 0) out.push(`${instance.sessions} sessions counted at the end`);
  for (const px of instance.proxies) {
    if (px.queue.length !== 0) out.push(`${px.name}: ${px.queue.length} in the queue`);
    for (const s of px.servers)
      if (s.served !== 0 || s.queue.length !== 0) out.push(`${s.targetName}: ${s.served} slots held`);
  }
  instance.release();
  thr.loop.stop();
  out.push(...sim.leaks());
  sim.destroy();
  return out;
}
