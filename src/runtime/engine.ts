// A configuration running in this process: thread context, instance, listeners, stats sockets. The program, the subcommands
// and the library start and stop it through here.
import type { Configuration } from '../config/types.js';
import type { Thread } from '../datapath/fd/thread.js';
import {
  SF_ERR_INTERNAL,
  SF_FINST_C,
  SF_FINST_D,
  SF_FINST_Q,
  SF_FINST_R,
  SF_KILLED,
} from '../datapath/stream/flags.js';
import { Stream, streamShutdown } from '../datapath/stream/stream.js';
import { SI_ST_EST, SI_ST_INI, SI_ST_QUE } from '../datapath/stream-interface/flags.js';
import { StreamInterface } from '../datapath/stream-interface/stream-interface.js';
import type { Task, Tasklet } from '../sched/task.js';
import type { Addon } from '../sys/load.js';
import type { Sys } from '../sys/types.js';
import type { Instance } from './instance.js';
import { openStatsSockets } from './stats-sockets.js';
import { openTransport } from './transport.js';
import type { TransportWish } from './transport-wish.js';
import { createInstance, createThread, instanceStart, type StartError } from './wiring.js';

/** Threads of this process by transport wish: instances that ask for the same share one, counted by reference. */
const threads = new Map<string, Thread>();
/** Who is told when a handler of the thread throws: every instance in it, for nobody knows whose it was. */
const crashHandlers = new WeakMap<Thread, Set<(error: unknown) => void>>();

export interface EngineOptions {
  readonly transport: TransportWish;
  readonly env: NodeJS.ProcessEnv;
  /** Bytes of the arena; the transport's default when left out. */
  readonly arenaBytes?: number;
  /** Goes around the addon before it is opened (counting calls). */
  readonly wrapAddon?: (addon: Addon) => Addon;
  /** What a handler threw: the session it served is ended, this one is told. */
  readonly onCrash: (error: unknown) => void;
}

/**
 * A listener, or a stats socket, could not be opened; nothing is left open.
 * @example
 * if (error instanceof EngineStartError) for (const e of error.errors) console.error(e.proxy, e.address, e.message);
 */
export class EngineStartError extends Error {
  override readonly name = 'EngineStartError';
  readonly code = 'SLUICE_START';
  readonly errors: readonly StartError[];

  constructor(errors: readonly StartError[]) {
    super(errors.map((e) => `Starting ${e.kind} ${e.proxy}: ${e.message} [${e.address}]`).join('\n'));
    this.errors = errors;
  }
}

export class Engine {
  readonly thr: Thread;
  readonly instance: Instance;
  /** Why the transport is not the one asked for; '' where it is. */
  readonly notice: string;
  private readonly key: string;
  private closed = false;

  private readonly onCrash: (error: unknown) => void;

  private constructor(thr: Thread, instance: Instance, notice: string, key: string, onCrash: (error: unknown) => void) {
    this.thr = thr;
    this.instance = instance;
    this.notice = notice;
    this.key = key;
    this.onCrash = onCrash;
  }

  /** Opens everything and starts accepting. Throws TransportError, EngineStartError; nothing is left open then. */
  static start(config: Configuration, options: EngineOptions): Engine {
    const { tune } = config.global;
    const key = `${options.transport}|${tune.poller}|${tune.bufsize}`;
    let thr = threads.get(key) ?? null;
    let notice = '';
    if (thr === null) {
      const wish = options.transport !== '' ? options.transport : tune.poller;
      const chosen = openTransport(wish, options.env, options.arenaBytes, options.wrapAddon);
      notice = chosen.notice;
      thr = createThread(chosen.sys, config);
      threads.set(key, thr);
    }
    const { instance, errors } = createInstance(thr, config);
    const all = [...errors];
    openStatsSockets(instance, all);
    const engine = new Engine(thr, instance, notice, key, options.onCrash);
    engine.watchCrashes();
    if (all.length > 0) {
      engine.dispose();
      throw new EngineStartError(all);
    }
    if (thr.refs === 1) thr.loop.start();
    instanceStart(instance);
    wake(thr.sys);
    return engine;
  }

  private watchCrashes(): void {
    const { thr } = this;
    const handlers = crashHandlers.get(thr) ?? new Set();
    crashHandlers.set(thr, handlers.add(this.onCrash));
    thr.sched.onCrash = (error, entry) => {
      thr.counters.crashes++;
      endCrashed(entry);
      for (const told of handlers) told(error);
    };
  }

  /** Stops listening. Resolves when the last session has ended. */
  drain(): Promise<void> {
    const { instance } = this;
    instance.stopListening();
    wake(this.thr.sys);
    if (instance.sessions === 0) return Promise.resolve();
    return new Promise((resolve) => {
      instance.onDrained = resolve;
    });
  }

  /** Ends every session now and gives everything back. Resolves when nothing is left. */
  async close(): Promise<void> {
    if (this.closed) return;
    const drained = this.drain();
    this.instance.killSessions();
    wake(this.thr.sys);
    await drained;
    this.dispose();
  }

  /** Gives the thread back; the last instance ends it. No session is left. */
  dispose(): void {
    if (this.closed) return;
    this.closed = true;
    this.instance.stopListening();
    this.instance.release();
    crashHandlers.get(this.thr)?.delete(this.onCrash);
    if (this.thr.refs > 0) return;
    threads.delete(this.key);
    this.thr.loop.stop();
    this.thr.pipes.trim();
    this.thr.sys.destroy();
  }
}

/** The loop must look again: something was woken from outside a turn. Costs nothing where the loop turns with the host's. */
function wake(sys: Sys): void {
  if (sys.name === 'js') sys.wake(-1);
}

/** Ends the stream that `entry`, whose handler threw, was serving; once, so that a stream that cannot even end is left alone. */
export function endCrashed(entry: Task | Tasklet): void {
  const served = entry.context instanceof StreamInterface ? entry.context.task.context : entry.context;
  if (served instanceof Stream && (served.flags & SF_KILLED) === 0)
    streamShutdown(served, SF_ERR_INTERNAL | phaseOf(served));
}

/** What the session was at, as the second letter of its termination code has it (manual 8.5). */
function phaseOf({ sib }: Stream): number {
  if (sib.state === SI_ST_INI) return SF_FINST_R;
  if (sib.state === SI_ST_QUE) return SF_FINST_Q;
  return sib.state < SI_ST_EST ? SF_FINST_C : SF_FINST_D;
}
