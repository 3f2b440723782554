// The proxy as an embedder holds it: an event emitter around a running instance. How an instance comes to life is the
// business of who makes this object (runtime/library.ts); here is its life from `start()` to `close`.
import { EventEmitter } from 'node:events';
import type { Instance } from '../runtime/instance.js';
import { boundAddresses, collectStats } from './stats.js';
import type { BoundAddress, CloseOptions, LogLine, SluiceEvents, SluiceStats } from './types.js';

/** A running engine, as far as it is needed here. */
export interface RunningEngine {
  readonly instance: Instance;
  /** Stops listening; resolves when the last session has ended. */
  drain(): Promise<void>;
  /** Ends every session and gives everything back. */
  close(): Promise<void>;
}

/** What the proxy is made of. */
export interface ProxyParts {
  /** Reads the configuration and opens everything. `crash` is told what handlers threw. */
  start(crash: (error: unknown) => void): Promise<RunningEngine>;
  readonly signal: AbortSignal | null;
  readonly log: ((line: LogLine) => void) | null;
}

/**
 * A TCP proxy inside this process. Made by {@link createProxy}; does nothing until {@link SluiceProxy.start}.
 *
 * The process stays alive while it is open and may end by itself once it is closed. Several may run side by side; those
 * with the same transport share one event set, one buffer arena and one pool of pipes.
 * @example
 * const proxy = createProxy({ file: 'haproxy.cfg' });
 * proxy.on('listening', (addresses) => console.log(addresses));
 * await proxy.start();
 */
export class SluiceProxy extends EventEmitter<SluiceEvents> implements AsyncDisposable {
  readonly #parts: ProxyParts;
  #state: 'new' | 'starting' | 'open' | 'closing' | 'closed' = 'new';
  #started: Promise<this> | null = null;
  #closed: Promise<void> | null = null;
  #engine: RunningEngine | null = null;
  #addresses: readonly BoundAddress[] = [];
  #last: SluiceStats | null = null;
  #hurry: (() => void) | null = null;
  readonly #onAbort = (): void => {
    void this.close();
  };

  constructor(parts: ProxyParts) {
    super();
    this.#parts = parts;
  }

  /** 'new', 'starting', 'open', 'closing' or 'closed'. */
  get state(): 'new' | 'starting' | 'open' | 'closing' | 'closed' {
    return this.#state;
  }

  /**
   * Where it listens; empty before `start()` has resolved.
   * @example
   * const proxy = createProxy({ config, allowPortZero: true });
   * await proxy.start();
   * console.log(proxy.addresses[0]?.port);
   */
  get addresses(): readonly BoundAddress[] {
    return this.#addresses;
  }

  /**
   * Reads the configuration, opens every listener and begins to accept. Resolves to the proxy itself. Called again, it
   * gives the same promise.
   *
   * Rejects with a ConfigError (all reports in `reports`), an EngineStartError (an address cannot be bound), a
   * TransportError (`SLUICE_TRANSPORT` names one that is not available), the reason of an aborted signal, or an Error when
   * the proxy was closed meanwhile. Nothing is left open then, and the proxy is closed.
   * @example
   * const proxy = await createProxy({ file: 'haproxy.cfg' }).start();
   */
  start(): Promise<this> {
    this.#started ??= this.#open();
    return this.#started;
  }

  /**
   * Counters of this moment as plain data. After `close` it goes on giving the last ones. Throws before the start.
   * @example
   * const { engine, proxies } = proxy.stats();
   * console.log(engine.transport, engine.splicedBytes, proxies[0]?.frontend?.sessionsTotal);
   */
  stats(): SluiceStats {
    if (this.#engine !== null) return collectStats(this.#engine.instance);
    if (this.#last === null) throw new Error('the proxy has not been started');
    return this.#last;
  }

  /**
   * Closes the listeners, ends the sessions (`drain`: waits for them), gives everything back and emits `close`. May be
   * called at any time and more than once; a later call without `drain` ends the sessions that an earlier one waits for.
   * @example
   * await proxy.close({ drain: true, timeoutMs: 10_000 });
   */
  close(options: CloseOptions = {}): Promise<void> {
    if (options.drain !== true) this.#hurry?.();
    this.#closed ??= this.#end(options);
    return this.#closed;
  }

  /**
   * The same as `close()`: for `await using`.
   * @example
   * await using proxy = createProxy({ config });
   * await proxy.start();
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<this> {
    if (this.#state !== 'new') throw new Error('the proxy was closed before it was started');
    this.#state = 'starting';
    const { signal } = this.#parts;
    try {
      signal?.throwIfAborted();
      signal?.addEventListener('abort', this.#onAbort, { once: true });
      const engine = await this.#parts.start((error) => {
        this.#crashed(error);
      });
      // close() or an abort during the start waits for the engine and ends it.
      this.#engine = engine;
      signal?.throwIfAborted();
      if (this.#closed !== null) throw new Error('the proxy was closed while it was starting');
    } catch (error) {
      if (this.#engine === null) this.#release();
      throw error;
    }
    this.#state = 'open';
    this.#addresses = boundAddresses(this.#engine.instance);
    this.#watchSessions(this.#engine.instance);
    queueMicrotask(() => this.emit('listening', this.#addresses));
    return this;
  }

  async #end(options: CloseOptions): Promise<void> {
    if (this.#state === 'starting') await this.#started?.catch(() => undefined);
    const engine = this.#engine;
    if (engine === null) {
      if (this.#state !== 'closed') this.#release();
      return;
    }
    this.#state = 'closing';
    if (options.drain === true) await this.#drained(engine, options.timeoutMs);
    await engine.close();
    await new Promise((resolve) => setImmediate(resolve)); // the last sessions are told of before `close`
    this.#last = collectStats(engine.instance);
    this.#engine = null;
    this.#release();
  }

  /** Resolves when the last session ended, the time is over, or somebody asked for a quick end. */
  async #drained(engine: RunningEngine, timeoutMs: number | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const cut = new Promise<void>((resolve) => {
      this.#hurry = resolve;
      if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([engine.drain(), cut]);
    this.#hurry = null;
    clearTimeout(timer);
  }

  #release(): void {
    this.#parts.signal?.removeEventListener('abort', this.#onAbort);
    this.#state = 'closed';
    queueMicrotask(() => this.emit('close'));
  }

  /** Listeners run after the engine's round, never inside it. */
  #watchSessions(instance: Instance): void {
    instance.onSession = (report) => {
      setImmediate(() => this.emit('session', report));
    };
  }

  #crashed(error: unknown): void {
    const what = error instanceof Error ? error : new Error(String(error));
    this.#parts.log?.({
      level: 'error',
      message: `a session was ended by an internal error: ${what.message}`,
      report: null,
    });
    if (this.listenerCount('error') > 0) setImmediate(() => this.emit('error', what));
  }
}
