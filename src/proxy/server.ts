// A server of a backend: where connections go, how many it takes, who waits for it.
import type { ServerConf } from '../config/types.js';
import { TARGET_SERVER, type Target } from '../datapath/connection/types.js';
import type { ConnectOptions } from '../datapath/proto/connect-options.js';
import type { Address } from '../datapath/proto/types.js';
import type { MuxOps, XprtOps } from '../datapath/connection/ops.js';
import { CNT_SCUR, Counters, Rate } from './counters.js';
import type { Proxy } from './proxy.js';
import { PendQueue } from './queue.js';
import type { Task } from '../sched/task.js';

/** Steps of a weight of 1: what slowstart can do below it. */
export const WEIGHT_SCALE = 16;

// Administrative flags of a server, numbered as `show servers state` shows them (management manual 9.3).
export const SRV_ADMF_FMAINT = 0x01; // forced into maintenance
export const SRV_ADMF_IMAINT = 0x02; // inherited from a tracked server
export const SRV_ADMF_CMAINT = 0x04; // `disabled` in the configuration; stays as a memory once it is enabled
export const SRV_ADMF_FDRAIN = 0x08; // forced into drain
export const SRV_ADMF_IDRAIN = 0x10; // inherited from a tracked server
export const SRV_ADMF_RMAINT = 0x20; // its name could not be resolved
export const SRV_ADMF_HMAINT = 0x40; // its name was set through the CLI, and is not resolved yet
export const SRV_ADMF_MAINT = SRV_ADMF_FMAINT | SRV_ADMF_IMAINT | SRV_ADMF_RMAINT | SRV_ADMF_HMAINT; // takes nothing
export const SRV_ADMF_DRAIN = SRV_ADMF_FDRAIN | SRV_ADMF_IDRAIN; // is not chosen by load balancing

// What an operator asks for (`set server … state ready | maint | drain`).
export const SRV_ADMIN_UP = 0;
export const SRV_ADMIN_MAINT = SRV_ADMF_FMAINT;
export const SRV_ADMIN_DRAIN = SRV_ADMF_FDRAIN;

// Operational states.
export const SRV_ST_STOPPED = 0; // down, or in maintenance
export const SRV_ST_STARTING = 1; // came back lately: slowstart holds it down
export const SRV_ST_RUNNING = 2;
export const SRV_ST_STOPPING = 3; // up, but asks for no new sessions

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
  /** `host:+10`, `host` without port: connect to the client's port plus `portOffset`. */
  mapPorts: boolean;
  portOffset: number;
  /** As the user set it, 0 to 256. */
  weight: number;
  readonly weightInitial: number;
  /** What load balancing goes by: `weight` in 16ths, less while slowstart holds it down. */
  effWeight: number;
  readonly backup: boolean;
  admin: number; // SRV_ADMF_*
  state: number; // SRV_ST_*
  /** As checks count it, 0: down. Without checks it is `rise` until the server goes down the first time. */
  health: number;
  maxconn: number;
  minconn: number;
  /** Streams that hold a slot: connected or connecting. */
  served = 0;
  readonly queue: PendQueue;
  readonly counters = new Counters();
  readonly rate = new Rate();
  /** The load-balancing algorithm's own: a place in its order, what it sorts by, and where the server stands. */
  lbPos = 0;
  lbRest = 0;
  lbOrder = 0;
  lbIndex = -1;
  lastSessionMs = -1;
  /** Wall clock of the last change of `state`; 0: none since the start. */
  lastChangeMs = 0;
  /** Time it was down, up to `lastChangeMs`; and how often it went down by itself. */
  downtimeMs = 0;
  downs = 0;
  /** Runs while slowstart does, which began at that moment (monotonic). */
  warmup: Task | null = null;
  warmupMs = 0;

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
    this.mapPorts = conf.mapPorts;
    this.portOffset = conf.portOffset;
    this.weight = conf.weight;
    this.weightInitial = conf.weight;
    this.effWeight = conf.weight * WEIGHT_SCALE;
    this.backup = conf.backup;
    this.admin = conf.disabled ? SRV_ADMF_FMAINT | SRV_ADMF_CMAINT : 0;
    if (conf.unresolved) this.admin |= SRV_ADMF_RMAINT;
    this.state = this.inMaint ? SRV_ST_STOPPED : SRV_ST_RUNNING;
    this.health = conf.disabled ? 0 : conf.rise;
    this.maxconn = conf.maxconn;
    this.minconn = conf.minconn;
    srvSettleLimits(this);
    this.queue = new PendQueue(this.counters, true);
  }

  get inMaint(): boolean {
    return (this.admin & SRV_ADMF_MAINT) !== 0;
  }

  /** In drain, and not in maintenance. */
  get inDrain(): boolean {
    return (this.admin & (SRV_ADMF_MAINT | SRV_ADMF_DRAIN)) !== 0 && !this.inMaint;
  }

  /** It may be chosen: up, not in maintenance or drain, and with a weight. */
  get usable(): boolean {
    return (
      (this.admin & (SRV_ADMF_MAINT | SRV_ADMF_DRAIN)) === 0 &&
      this.weight > 0 &&
      this.state !== SRV_ST_STOPPED &&
      this.state !== SRV_ST_STOPPING
    );
  }

  /** A stream that must go to it (persistence, `use-server`) may do so: it is up, also in drain. */
  get reachable(): boolean {
    return (this.admin & SRV_ADMF_MAINT) === 0 && this.state !== SRV_ST_STOPPED;
  }

  /** It takes one more stream now. */
  get hasSlot(): boolean {
    return this.maxconn === 0 || this.served < this.limit;
  }

  /** Streams that it takes now; Infinity where there is no limit. */
  get limit(): number {
    if (this.maxconn === 0) return Infinity;
    if (this.minconn === this.maxconn && this.state !== SRV_ST_STARTING) return this.maxconn;
    return srvDynamicMaxconn(this);
  }

  /** How far slowstart has come, 0 to 1. */
  get warmth(): number {
    const { host } = this.proxy;
    if (this.warmup === null || host === null) return 1;
    return Math.min(1, Math.max(0, (host.sched.clock[0]! - this.warmupMs) / this.conf.slowstartMs));
  }
}

/** `minconn` without `maxconn`, or above it, moves the upper limit; without `minconn` there is no ramp. */
function srvSettleLimits(srv: Server): void {
  if (srv.minconn > srv.maxconn) srv.maxconn = srv.minconn;
  if (srv.minconn === 0) srv.minconn = srv.maxconn;
}

/**
 * The limit of a server whose limit moves (manual 4.2 "fullconn", 5.2 "minconn", "slowstart"): from `minconn` to `maxconn` as
 * the backend's sessions, queued ones included, come near `fullconn`; and from 1 on while slowstart lasts.
 */
function srvDynamicMaxconn(srv: Server): number {
  const { proxy } = srv;
  let max = srv.maxconn;
  if (srv.minconn !== max && proxy.fullconn > 0) {
    const ramp = Math.floor((proxy.be.v[CNT_SCUR]! * max) / proxy.fullconn);
    max = Math.min(max, Math.max(srv.minconn, ramp));
  }
  return srv.state === SRV_ST_STARTING ? Math.max(1, Math.floor(max * srv.warmth)) : max;
}
