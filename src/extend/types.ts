// The library face's declarations: options, addresses, statistics, events. Loads nothing.
import type { Report } from '../config/types.js';
import type { SessionReport } from '../runtime/instance.js';

/** Transports by name; `''` leaves the choice to `SLUICE_TRANSPORT`, the configuration, and what the system has. */
export type LibraryTransport = '' | 'epoll' | 'kqueue' | 'uring' | 'js';

/** What is worth a line: this and all that is graver. */
export type ProcessLogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/** A line for the embedder's log. The library prints nothing itself unless `logLevel` asks for it. */
export interface LogLine {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  /** The report behind it, where it is about the configuration. */
  readonly report: Report | null;
}

/** Options of {@link createProxy}, but for where the configuration comes from. */
export interface SluiceCommonOptions {
  /**
   * Transport to use. When it is not available here, another one serves and `onLog` is told; `stats().engine.transport`
   * names the one in use. The environment variable `SLUICE_TRANSPORT` goes before it and never falls back.
   */
  readonly transport?: LibraryTransport;
  /** Environment for `"${NAME}"` and `defined()` in the configuration and for `SLUICE_*`; `process.env` when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Aborting it ends every session and closes the proxy; aborted before the start, `start()` rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Warnings of the configuration, a transport that is not the one asked for, internal errors. */
  readonly onLog?: (line: LogLine) => void;
  /** The same lines, and changes of servers, as JSON objects on stderr (pino), from this level on; 'silent' when left out. */
  readonly logLevel?: ProcessLogLevel;
  /**
   * Lets `bind` lines have port 0: the system chooses a free port, `addresses` tells which. HAProxy refuses port 0, and so
   * does sluice unless this is true.
   */
  readonly allowPortZero?: boolean;
  /**
   * Most memory for I/O buffers, in bytes: reserved address space that is not used until touched. A multiple of 64 KiB from
   * 8 MiB to 2 GiB; 1 GiB when left out. The first proxy that opens a transport decides for those that share it.
   */
  readonly arenaBytes?: number;
}

/** A configuration as text. */
export interface SluiceTextOptions extends SluiceCommonOptions {
  /** HAProxy's configuration language. */
  readonly config: string;
  readonly file?: never;
}

/** A configuration in files, or directories of `*.cfg` files. */
export interface SluiceFileOptions extends SluiceCommonOptions {
  readonly file: string | readonly string[];
  readonly config?: never;
}

/**
 * What {@link createProxy} takes: text or files, and the options common to both.
 * @example
 * const options: SluiceOptions = { file: ['base.cfg', 'conf.d'], transport: 'uring', onLog: (line) => log(line.message) };
 */
export type SluiceOptions = SluiceTextOptions | SluiceFileOptions;

/**
 * One listening socket.
 * @example
 * const url = `http://${address.host}:${address.port}/`;
 */
export interface BoundAddress {
  /** Name of the frontend or listen section. */
  readonly proxy: string;
  /** `name` of the bind line, else `sock-1`, `sock-2` … */
  readonly listener: string;
  readonly family: 'ipv4' | 'ipv6' | 'unix' | 'abstract';
  /** IP address; '' for UNIX sockets. */
  readonly host: string;
  /** Port; 0 for UNIX sockets. */
  readonly port: number;
  /** Path of a UNIX socket, name of an abstract one; '' otherwise. */
  readonly path: string;
}

/** Counters that frontends, backends, listeners and servers have in common. Bytes of a session are added when it ends. */
export interface SessionCounts {
  readonly sessions: number;
  readonly sessionsMax: number;
  readonly sessionsTotal: number;
  /** From the clients. */
  readonly bytesIn: number;
  /** To the clients. */
  readonly bytesOut: number;
}

/** Counters of the side that connects to servers. */
export interface ConnectCounts extends SessionCounts {
  readonly connects: number;
  readonly connectErrors: number;
  readonly retries: number;
  readonly redispatches: number;
  readonly queued: number;
  readonly queuedMax: number;
  readonly abortedByClient: number;
  readonly abortedByServer: number;
}

export interface ListenerStats extends SessionCounts {
  readonly name: string;
  /** 'READY', 'FULL' (a limit is reached), 'LIMITED' (the system lacks descriptors or memory), 'PAUSED', 'CLOSED'. */
  readonly state: string;
}

export interface ServerStats extends ConnectCounts {
  readonly name: string;
  readonly state: 'up' | 'maintenance' | 'drain';
  readonly weight: number;
  readonly backup: boolean;
}

export interface ProxyStats {
  readonly name: string;
  readonly kind: 'frontend' | 'backend' | 'listen';
  /** Null for a backend. */
  readonly frontend: SessionCounts | null;
  /** Null for a frontend. */
  readonly backend: ConnectCounts | null;
  readonly listeners: readonly ListenerStats[];
  readonly servers: readonly ServerStats[];
}

export interface EngineStats {
  /** The transport in use. */
  readonly transport: 'epoll' | 'kqueue' | 'uring' | 'js' | 'sim';
  readonly uptimeMs: number;
  /** `maxconn` of the configuration, or as computed. */
  readonly maxconn: number;
  readonly sessions: number;
  readonly sessionsTotal: number;
  /** Sums over the frontends. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Bytes that went through pipes and never entered this process; of all proxies that share the thread and transport. */
  readonly splicedBytes: number;
  /** Exceptions inside the engine, each of which ended one session; of all that share the thread and transport. */
  readonly crashes: number;
}

/**
 * What `proxy.stats()` gives: a copy, plain data.
 * @example
 * const { engine, proxies } = proxy.stats();
 * for (const px of proxies) for (const s of px.servers) console.log(px.name, s.name, s.state, s.sessions);
 */
export interface SluiceStats {
  readonly engine: EngineStats;
  readonly proxies: readonly ProxyStats[];
}

/**
 * How `proxy.close()` ends.
 * @example
 * process.once('SIGTERM', () => void proxy.close({ drain: true, timeoutMs: 30_000 }));
 */
export interface CloseOptions {
  /** Lets running sessions come to their own end; without it they are ended now. */
  readonly drain?: boolean;
  /** With `drain`: ends what is left after so many milliseconds. No limit when left out. */
  readonly timeoutMs?: number;
}

/**
 * Events of a {@link SluiceProxy} and their arguments.
 * @example
 * proxy.on('session', (s) => console.log(s.client?.host, s.server, s.bytesIn, s.bytesOut, s.termination));
 */
export interface SluiceEvents {
  /** Every listener is open. */
  listening: [addresses: readonly BoundAddress[]];
  /** A session ended. */
  session: [report: SessionReport];
  /** An exception inside the engine ended a session. Without a listener it is counted in `stats()` and given to `onLog`. */
  error: [error: Error];
  /** All is closed and given back. */
  close: [];
}
