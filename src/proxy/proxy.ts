// A proxy: frontend, backend or both. What the configuration says of it, its listeners, servers, queue and counters.
import { PR_CAP_BE, PR_CAP_FE, type ProxyConf } from '../config/types.js';
import type { AppletOps } from '../datapath/applet/types.js';
import { TARGET_PROXY, type Target } from '../datapath/connection/types.js';
import type { Listener } from '../datapath/proto/listener.js';
import type { Scheduler } from '../sched/scheduler.js';
import { CNT_STOT, Counters, Rate } from './counters.js';
import type { ProxyRules } from '../policy/rules/types.js';
import type { SampleProcess } from '../policy/sample/types.js';
import type { ProxyLog } from '../observe/log/proxy-log.js';
import type { LbAlgo } from './lb/types.js';
import { ConnLimit } from './limit.js';
import { PendQueue } from './queue.js';
import type { Server } from './server.js';

/** Of a change: `emerg` no server is left, `alert` the last one went, `warning` the proxy itself, `notice` the rest. */
export type ChangeLevel = 'emerg' | 'alert' | 'warning' | 'notice';

/** What the server states of a proxy reach up for; filled at wiring. */
export interface ProxyHost {
  /** Clock and timers. */
  readonly sched: Scheduler;
  /** A slot of `server` may be free: those who wait for one go on. */
  offer(server: Server): void;
  /** The streams that wait for `server` look for another one. Returns how many went. */
  requeue(server: Server): number;
  /** Ends the sessions that `server` has; `why` is an SF_ERR_* code. */
  shutdown(server: Server, why: number): void;
  /** A server, or the proxy itself, changed: the line of the log, and how grave it is. */
  changed(proxy: Proxy, level: ChangeLevel, message: string): void;
}

export class Proxy implements Target {
  readonly targetType = TARGET_PROXY;
  readonly targetName: string;
  readonly name: string;
  readonly id: number;
  readonly conf: ProxyConf;
  readonly listeners: Listener[] = [];
  readonly servers: Server[] = [];
  defaultBackend: Proxy | null = null;
  lb: LbAlgo | null = null;
  /** The proxy answers by itself, with this applet in the server's place (runtime CLI); null: it has servers. */
  applet: AppletOps | null = null;
  disabled: boolean;
  /** Null before wiring: nothing waits, and no clock runs. */
  host: ProxyHost | null = null;
  /** Sessions at which servers with `minconn` reach their `maxconn`; 0: no such point. */
  fullconn: number;
  /** Wall clock of the start. */
  startMs = 0;
  /** Wall clock of the last moment when it got its first, or lost its last server; 0: none since the start. */
  lastChangeMs = 0;
  /** Time without a server, up to `lastChangeMs`; how often that happened. */
  downtimeMs = 0;
  downs = 0;
  /** What samples ask of the instance; null before it is wired. */
  process: SampleProcess | null = null;
  /** Null: nobody takes its messages. */
  log: ProxyLog | null = null;
  /** What rules decide for its sessions; null where there are none. */
  rules: ProxyRules | null = null;
  /** Lines that were sent for its sessions. */
  logLines = 0;
  /** `maxconn` of the frontend. */
  readonly limit: ConnLimit;
  readonly queue: PendQueue;
  readonly fe = new Counters();
  readonly be = new Counters();
  /** Sessions a second; connections, those that rules refuse among them. */
  readonly feRate = new Rate();
  readonly feConnRate = new Rate();
  readonly beRate = new Rate();

  constructor(conf: ProxyConf) {
    this.conf = conf;
    this.name = conf.name;
    this.targetName = conf.name;
    this.id = conf.id;
    this.disabled = conf.disabled;
    this.fullconn = conf.fullconn;
    this.limit = new ConnLimit(conf.maxconn);
    this.queue = new PendQueue(this.be, false);
  }

  /** What is said of it at its end. */
  get stoppedText(): string {
    return `Proxy ${this.name} stopped (cumulated conns: FE: ${this.fe.v[CNT_STOT]!}, BE: ${this.be.v[CNT_STOT]!}).`;
  }

  get isFrontend(): boolean {
    return (this.conf.caps & PR_CAP_FE) !== 0;
  }

  get isBackend(): boolean {
    return (this.conf.caps & PR_CAP_BE) !== 0;
  }
}
