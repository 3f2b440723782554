// A server of a backend: where connections go, how many it takes, who waits for it.
import type { ServerConf } from '../config/types.js';
import { TARGET_SERVER, type Target } from '../datapath/connection/types.js';
import type { ConnectOptions } from '../datapath/proto/connect-options.js';
import type { Address } from '../datapath/proto/types.js';
import type { MuxOps, XprtOps } from '../datapath/connection/ops.js';
import { Counters, Rate } from './counters.js';
import type { Proxy } from './proxy.js';
import { PendQueue } from './queue.js';

// Administrative states.
export const SRV_ADMIN_UP = 0;
export const SRV_ADMIN_MAINT = 1; // disabled: takes nothing
export const SRV_ADMIN_DRAIN = 2; // takes no new sessions

export class Server implements Target {
  readonly targetType = TARGET_SERVER;
  readonly targetName: string;
  readonly proxy: Proxy;
  readonly conf: ServerConf;
  readonly name: string;
  readonly id: number;
  /** Where to connect; null for a port that follows the client's (`mapPorts`). */
  address: Address;
  connectOptions: ConnectOptions | null;
  /** Mux of connections to it (`proto none`, or the default of the mode). */
  mux: MuxOps;
  /** What lies over the socket towards it. */
  readonly xprt: XprtOps;
  weight: number;
  readonly weightInitial: number;
  readonly backup: boolean;
  admin: number;
  maxconn: number;
  /** Streams that hold a slot: connected or connecting. */
  served = 0;
  readonly queue: PendQueue;
  readonly counters = new Counters();
  readonly rate = new Rate();
  /** Its date in the round-robin algorithm. */
  lbPos = 0;
  lbRest = 0;
  lastSessionMs = -1;
  lastChangeMs = 0;

  constructor(
    proxy: Proxy,
    conf: ServerConf,
    address: Address,
    connectOptions: ConnectOptions | null,
    mux: MuxOps,
    xprt: XprtOps,
  ) {
    this.proxy = proxy;
    this.conf = conf;
    this.name = conf.name;
    this.id = conf.id;
    this.targetName = `${proxy.name}/${conf.name}`;
    this.address = address;
    this.connectOptions = connectOptions;
    this.mux = mux;
    this.xprt = xprt;
    this.weight = conf.weight;
    this.weightInitial = conf.weight;
    this.backup = conf.backup;
    this.admin = conf.disabled ? SRV_ADMIN_MAINT : SRV_ADMIN_UP;
    this.maxconn = conf.maxconn;
    this.queue = new PendQueue(this.counters);
  }

  /** It may be chosen: not in maintenance or drain, and with a weight. */
  get usable(): boolean {
    return this.admin === SRV_ADMIN_UP && this.weight > 0;
  }

  /** It takes one more stream now. */
  get hasSlot(): boolean {
    return this.maxconn === 0 || this.served < this.maxconn;
  }
}
