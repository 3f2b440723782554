// A proxy: frontend, backend or both. What the configuration says of it, its listeners, servers, queue and counters.
import { PR_CAP_BE, PR_CAP_FE, type ProxyConf } from '../config/types.js';
import type { AppletOps } from '../datapath/applet/types.js';
import { TARGET_PROXY, type Target } from '../datapath/connection/types.js';
import type { Listener } from '../datapath/proto/listener.js';
import { Counters, Rate } from './counters.js';
import type { LbAlgo } from './lb/types.js';
import { ConnLimit } from './limit.js';
import { PendQueue } from './queue.js';
import type { Server } from './server.js';

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
  /** `maxconn` of the frontend. */
  readonly limit: ConnLimit;
  readonly queue: PendQueue;
  readonly fe = new Counters();
  readonly be = new Counters();
  readonly feRate = new Rate();
  readonly beRate = new Rate();

  constructor(conf: ProxyConf) {
    this.conf = conf;
    this.name = conf.name;
    this.targetName = conf.name;
    this.id = conf.id;
    this.disabled = conf.disabled;
    this.limit = new ConnLimit(conf.maxconn);
    this.queue = new PendQueue(this.be);
  }

  get isFrontend(): boolean {
    return (this.conf.caps & PR_CAP_FE) !== 0;
  }

  get isBackend(): boolean {
    return (this.conf.caps & PR_CAP_BE) !== 0;
  }
}
