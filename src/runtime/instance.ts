// The instance context: a configuration brought to life on a thread. Proxies, listeners, limits, counters, and the slots
// through which the layers below reach up.
import type { Buf } from '../base/buf.js';
import { TaskProfiler } from '../sched/profiler.js';
import type { TaskHandler } from '../sched/task.js';
import { SYS_F_SPLICE } from '../sys/types.js';
import type { Configuration } from '../config/types.js';
import type { ConnStream } from '../datapath/conn-stream/conn-stream.js';
import type { Thread } from '../datapath/fd/thread.js';
import { LI_CLOSED, type Listener } from '../datapath/proto/listener.js';
import type { Session, SessionHost } from '../datapath/session/session.js';
import {
  SF_BE_ASSIGNED,
  SF_ERR_INTERNAL,
  SF_ERR_KILLED,
  SF_ERR_MASK,
  terminationCode,
} from '../datapath/stream/flags.js';
import { type Stream, type StreamHost, streamNew, streamShutdown } from '../datapath/stream/stream.js';
import { StreamList } from '../datapath/stream/stream-list.js';
import { LOG_LEVELS, LOG_NOTICE, LOG_WARNING, logNumber } from '../observe/log/words.js';
import { LogService } from '../observe/log/service.js';
import { slotOffer, slotRequeue } from '../datapath/backend/slots.js';
import { connGetSrc } from '../datapath/proto/address.js';
import type { Address } from '../datapath/proto/types.js';
import { connectionRules, sessionRules } from '../policy/rules/session-rules.js';
import { CNT_CONN_TOT, CNT_EINT, CNT_STOT, Rate } from '../proxy/counters.js';
import { ConnLimit } from '../proxy/limit.js';
import type { SampleProcess } from '../policy/sample/types.js';
import type { ChangeLevel, Proxy, ProxyHost } from '../proxy/proxy.js';
import { RateGate } from '../proxy/rate-gate.js';
import { slowstartEnd } from '../proxy/slowstart.js';

/** What became of a session, given to those who asked (library events, logs). */
export interface SessionReport {
  readonly frontend: string;
  readonly backend: string;
  /** '' when none was chosen. */
  readonly server: string;
  readonly client: Address | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Wall clock of the accept, ms since 1970; and the duration in ms. */
  readonly acceptMs: number;
  readonly durationMs: number;
  /** `--`, `CD`, `sC` … (manual 8.5). */
  readonly termination: string;
  readonly retries: number;
}

export type SessionListener = (report: SessionReport) => void;

export class Instance implements SessionHost, StreamHost {
  readonly thr: Thread;
  readonly config: Configuration;
  readonly process: TaskHandler;
  readonly splice: boolean;
  readonly proxies: Proxy[] = [];
  readonly listeners: Listener[] = [];
  readonly streams = new StreamList();
  readonly logs: LogService;
  /** `maxconn` of the global section. */
  readonly limit: ConnLimit;
  readonly connRate = new Rate();
  readonly sessRate = new Rate();
  /** `maxconnrate` and `maxsessrate`. */
  readonly connGate: RateGate;
  readonly sessGate: RateGate;
  connTotal = 0;
  /** Streams so far. */
  streamsTotal = 0;
  /** Bytes sent to clients and servers by sessions that ended. */
  bytesSent = 0;
  /** Bytes sent in a second, over the last one or the last longer wait. */
  bytesOutRate = 0;
  private bytesOutBefore = 0;
  startMs: number;
  /** Asked for by the embedder; null: no report is built. */
  onSession: SessionListener | null = null;
  /** Called each time a session ended, while the instance drains. */
  onDrained: (() => void) | null = null;
  /** Told of servers that come and go (logs, standard error). */
  onServerChange: ((proxy: Proxy, level: ChangeLevel, message: string) => void) | null = null;
  /** What proxies and their servers reach up for. */
  readonly proxyHost: ProxyHost;
  /** What samples may ask of the process; null before wiring. */
  samples: SampleProcess | null = null;
  /** Backends by name, for names made at run time; null until one is asked for. */
  private backends: Map<string, Proxy> | null = null;
  private lastId = 0;
  private readonly sample: (spanMs: number) => void;
  /** Sessions now, those of the runtime CLI as well: what a soft stop waits for. */
  sessions = 0;
  stopping = false;

  constructor(thr: Thread, config: Configuration, process: TaskHandler, maxconn: number) {
    this.thr = thr;
    this.config = config;
    this.process = process;
    this.limit = new ConnLimit(maxconn);
    this.connGate = new RateGate(this.connRate, config.global.maxconnrate, thr.sched);
    this.sessGate = new RateGate(this.sessRate, config.global.maxsessrate, thr.sched);
    this.splice = (thr.sys.features & SYS_F_SPLICE) !== 0 && !config.global.noSplice;
    this.startMs = thr.sys.date();
    thr.refs++;
    if (config.global.profilingTasks) thr.sched.profiler ??= new TaskProfiler(() => thr.sys.now());
    this.logs = new LogService(thr, config);
    this.sample = (spanMs) => {
      const { bytesOut } = this;
      this.bytesOutRate = Math.round(((bytesOut - this.bytesOutBefore) * 1000) / spanMs);
      this.bytesOutBefore = bytesOut;
    };
    thr.loop.samplers.add(this.sample);
    this.proxyHost = {
      sched: thr.sched,
      offer: slotOffer,
      requeue: slotRequeue,
      shutdown: (server, why) => {
        for (const s of this.streams) if (s.server === server && s.srvConn === server) streamShutdown(s, why);
      },
      changed: (proxy, level, message) => {
        proxy.log?.say(logNumber(LOG_LEVELS, level, LOG_NOTICE), message);
        this.onServerChange?.(proxy, level, message);
      },
    };
  }

  get connections(): number {
    return this.limit.used;
  }

  nextStreamId(): number {
    return ++this.lastId;
  }

  newStream(session: Session, cs: ConnStream, input: Buf | null): boolean {
    this.streamsTotal++;
    const s = streamNew(this, session, cs, input);
    const { log } = session.fe;
    if (log !== null) log.begins(s);
    // Reading starts at once, without asking the poller first.
    s.sif.ops.chkRcv(s.sif);
    return true;
  }

  /** A connection was accepted for `fe`. */
  accepted(fe: Proxy): void {
    const now = this.thr.sched.clock[0]!;
    this.connTotal++;
    this.sessions++;
    this.connRate.tick(now);
    fe.feConnRate.tick(now);
    fe.fe.v[CNT_CONN_TOT]!++;
    fe.fe.come();
  }

  connectionRules(session: Session): boolean {
    return connectionRules(session);
  }

  sessionRules(session: Session): boolean {
    return sessionRules(session);
  }

  /** A session passed its rules: from here on it counts as one. */
  sessionAdmitted(session: Session): void {
    const now = this.thr.sched.clock[0]!;
    if (session.fe.applet === null) this.sessRate.tick(now); // the CLI's own do not count
    session.fe.feRate.tick(now);
    session.fe.fe.v[CNT_STOT]!++;
  }

  backendByName(name: string): Proxy | null {
    if (this.backends === null) {
      this.backends = new Map();
      for (const px of this.proxies) if (px.isBackend && !this.backends.has(px.name)) this.backends.set(px.name, px);
    }
    return this.backends.get(name) ?? null;
  }

  embryonicEnded(session: Session, errCode: number): void {
    const { log } = session.fe;
    if (log !== null) log.embryonic(session, errCode);
  }

  sessionEnded(session: Session): void {
    this.sessions--;
    session.fe.fe.leave();
    if (this.sessions !== 0 || this.onDrained === null) return;
    this.thr.sched.calledOut = true;
    this.onDrained();
  }

  ended(s: Stream): void {
    const { log } = s.sess.fe;
    if (log !== null) log.ended(s);
    this.bytesSent += sentBy(s);
    if ((s.flags & SF_ERR_MASK) === SF_ERR_INTERNAL) countInternal(s);
    if (this.onSession === null || s.sess.fe.applet !== null) return;
    const { sess } = s;
    this.thr.sched.calledOut = true;
    this.onSession({
      frontend: sess.fe.name,
      backend: s.be.name,
      server: s.server?.name ?? '',
      client: connGetSrc(sess.front),
      bytesIn: s.bytesIn,
      bytesOut: s.bytesOut,
      acceptMs: sess.acceptMs,
      durationMs: this.thr.sched.clock[1]! - sess.acceptMs,
      termination: terminationCode(s.flags),
      retries: s.retries,
    });
  }

  /** Bytes sent both ways so far. */
  get bytesOut(): number {
    let sum = this.bytesSent;
    for (const s of this.streams) sum += sentBy(s);
    return sum;
  }

  /** `gate` lets in `max` a second from now on, 0 for as many as come. Listeners ask it once it ever had a limit. */
  setRateLimit(gate: RateGate, max: number): void {
    gate.setMax(max);
    if (max === 0) return;
    for (const px of this.proxies) {
      for (const l of px.listeners) if (!l.limits.includes(gate)) l.limits.push(gate);
    }
  }

  /** Proxies that a stop would end: not those that were ended by hand. */
  ending(): Proxy[] {
    const over = (px: Proxy): boolean => px.listeners.length > 0 && px.listeners.every((l) => l.state === LI_CLOSED);
    return this.proxies.filter((px) => !px.disabled && !over(px));
  }

  /** Stops listening; what runs goes on. */
  stopListening(): void {
    if (!this.stopping) for (const px of this.ending()) px.log?.say(LOG_WARNING, px.stoppedText);
    this.stopping = true;
    for (const l of this.listeners) if (l.state !== LI_CLOSED) l.close();
  }

  /** Ends every session now. */
  killSessions(): void {
    for (const s of this.streams) streamShutdown(s, SF_ERR_KILLED);
  }

  release(): void {
    for (const px of this.proxies) for (const s of px.servers) slowstartEnd(s);
    this.thr.loop.samplers.delete(this.sample);
    this.logs.close();
    this.thr.refs--;
  }
}

/** Bytes of a stream that went to its client and its server. */
function sentBy(s: Stream): number {
  return s.bytesOut + (s.server === null ? 0 : s.bytesIn);
}

/** An internal error ended it: `eint` of all who served it. */
function countInternal(s: Stream): void {
  s.sess.fe.fe.v[CNT_EINT]!++;
  s.sess.listener.counters.v[CNT_EINT]!++;
  if ((s.flags & SF_BE_ASSIGNED) !== 0) s.be.be.v[CNT_EINT]!++;
  if (s.server !== null) s.server.counters.v[CNT_EINT]!++;
}
