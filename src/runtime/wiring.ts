// The one file that knows everybody: what plugs into what. Its order is the order in which to read the program.
import type { BindConf, Configuration, Position, ProxyConf, ServerConf } from '../config/types.js';
import { newProxy, newServer } from '../config/defaults.js';
import { processStream } from '../datapath/analyse/process-stream.js';
import type { MuxOps, XprtOps } from '../datapath/connection/ops.js';
import { Thread } from '../datapath/fd/thread.js';
import { muxNone, muxPt } from '../datapath/mux/pt.js';
import { addressOfConf, addressText } from '../datapath/proto/address.js';
import type { ConnectOptions } from '../datapath/proto/connect-options.js';
import { type AcceptOptions, Listener } from '../datapath/proto/listener.js';
import { receiverOpen } from '../datapath/proto/receiver.js';
import { sessionAccept } from '../datapath/session/session.js';
import { rawSock } from '../datapath/xprt/raw-sock.js';
import { liveRules } from '../policy/rules/live.js';
import { Counters } from '../proxy/counters.js';
import { setFullconn } from '../proxy/fullconn.js';
import { First } from '../proxy/lb/first.js';
import { HashMap } from '../proxy/lb/hash-map.js';
import { HashRing, RandomDraws } from '../proxy/lb/hash-ring.js';
import { keyOfRdpCookie, keyOfSample, keyOfSource } from '../proxy/lb/key.js';
import { LeastConn } from '../proxy/lb/leastconn.js';
import { RoundRobin } from '../proxy/lb/roundrobin.js';
import { StaticRr } from '../proxy/lb/static-rr.js';
import type { LbAlgo, LbKey } from '../proxy/lb/types.js';
import { SampleValue } from '../policy/sample/sample.js';
import { ConnLimit } from '../proxy/limit.js';
import { PortRange } from '../proxy/port-range.js';
import { Proxy } from '../proxy/proxy.js';
import { RateGate } from '../proxy/rate-gate.js';
import { Server } from '../proxy/server.js';
import type { LogRing } from '../observe/log/ring.js';
import type { Sys } from '../sys/types.js';
import { Instance } from './instance.js';
import { computeMaxconn, computeMaxpipes } from './limits.js';
import { InstanceSamples } from './sample-process.js';

interface MuxEntry {
  /** `proto` word of bind and server lines; '' where none was written. */
  readonly token: string;
  readonly mode: ProxyConf['mode'];
  readonly mux: MuxOps;
}

/** Muxes by protocol token and mode. */
const MUXES: readonly MuxEntry[] = [
  { token: '', mode: 'tcp', mux: muxPt },
  { token: 'none', mode: 'tcp', mux: muxNone },
];

/** Transports over the socket, bottom first. */
const XPRT_RAW: XprtOps = rawSock;

/** The load balancing of a backend. */
function lbOf(conf: ProxyConf): LbAlgo {
  const { balance, hashType, hashBalanceFactor } = conf;
  const { fn, avalanche, consistent } = hashType;
  const hashed = (key: LbKey): LbAlgo =>
    consistent ? new HashRing(balance.algo, key, hashBalanceFactor) : new HashMap(balance.algo, key);
  switch (balance.algo) {
    case 'static-rr':
      return new StaticRr();
    case 'leastconn':
      return new LeastConn();
    case 'first':
      return new First();
    case 'random':
      return new RandomDraws(balance.draws, hashBalanceFactor);
    case 'source':
      return hashed(keyOfSource(avalanche));
    case 'hash':
      return hashed(keyOfSample(balance.expr!, new SampleValue(), fn, avalanche));
    case 'rdp-cookie':
      return hashed(keyOfRdpCookie(balance.cookie, fn, avalanche));
    default:
      return new RoundRobin();
  }
}

const LOG_CONNECT_MS = 1000; // for log targets that are streams

/** A listener could not be opened; the reference's words. */
export interface StartError {
  readonly proxy: string;
  readonly kind: string;
  readonly message: string;
  readonly address: string;
  /** The line that asked for it. */
  readonly position: Position;
}

export interface Built {
  readonly instance: Instance;
  readonly errors: readonly StartError[];
}

/** The thread context over `sys`, tuned as `config` says. */
export function createThread(sys: Sys, config: Configuration): Thread {
  const { tune } = config.global;
  const thr = new Thread(sys, { bufsize: tune.bufsize });
  if (tune.runqueueDepth > 0) thr.sched.depth = tune.runqueueDepth;
  if (tune.pipesize > 0) {
    thr.pipes.normalBytes = tune.pipesize;
    thr.pipes.bulkBytes = tune.pipesize;
  }
  if (tune.buffersLimit > 0) {
    thr.bufs.limitBytes = tune.buffersLimit * thr.bufs.sizes[0]!;
    thr.bufs.reserve = Math.max(0, Math.min(tune.buffersReserve, tune.buffersLimit - 1));
  }
  return thr;
}

/** Brings `config` to life on `thr`; nothing listens until `instanceStart`. */
export function createInstance(thr: Thread, config: Configuration): Built {
  const maxconn = computeMaxconn(config.global);
  const instance = new Instance(thr, config, processStream, maxconn);
  const maxpipes = computeMaxpipes(config, maxconn);
  thr.pipes.max = thr.refs === 1 ? maxpipes : Math.max(thr.pipes.max, maxpipes); // the pool is the thread's
  const errors: StartError[] = [];
  const byConf = new Map<ProxyConf, Proxy>();
  for (const conf of config.proxies) {
    const px = new Proxy(conf);
    byConf.set(conf, px);
    instance.proxies.push(px);
    if (px.limit.max === 0) px.limit.setMax(maxconn);
    instance.logs.attach(px);
  }
  instance.samples = new InstanceSamples(thr, config, byConf, instance);
  addRingServers(instance);
  for (const px of instance.proxies) {
    px.process = instance.samples;
    const target = px.conf.defaultBackend?.proxy ?? null;
    px.defaultBackend = target === null ? null : (byConf.get(target) ?? null);
    px.host = instance.proxyHost;
    px.startMs = instance.startMs;
    if (px.isBackend) addServers(px, config);
    px.rules = liveRules(px, (conf) => byConf.get(conf) ?? null);
    if (px.isFrontend && !px.disabled) addListeners(instance, px, errors);
  }
  setFullconn(instance.proxies, (fe) => {
    const own = fe.isBackend ? [fe] : [];
    for (const { proxy } of fe.rules?.switching ?? []) if (proxy !== null && !own.includes(proxy)) own.push(proxy);
    return fe.defaultBackend === null ? own : [...own, fe.defaultBackend];
  });
  return { instance, errors };
}

/** Starts accepting. */
export function instanceStart(instance: Instance): void {
  for (const l of instance.listeners) l.start();
}

function muxOf(token: string, mode: ProxyConf['mode']): MuxOps {
  const found = MUXES.find((m) => m.token === token && m.mode === mode);
  return found?.mux ?? muxPt;
}

function addServers(px: Proxy, config: Configuration): void {
  for (const conf of px.conf.servers) {
    px.servers.push(
      new Server(
        px,
        conf,
        addressOfConf(conf.address, '127.0.0.1', '::1'),
        connectOptions(px, conf, config),
        muxOf(conf.proto, px.conf.mode),
        XPRT_RAW,
      ),
    );
  }
  px.lb = lbOf(px.conf);
  px.lb.update(px);
}

/** The servers of the rings, and of log targets that are streams. */
function addRingServers({ config, logs }: Instance): void {
  const add = (ring: LogRing, conf: ProxyConf): void => {
    const px = new Proxy(conf);
    addServers(px, config);
    for (const server of px.servers) logs.forward(ring, server);
  };
  for (const { name, px } of config.rings) add(logs.rings.get(name)!, px);
  for (const [ring, address] of logs.streams) {
    const position = { file: '', line: 0, column: 0, length: 0 };
    const px = newProxy('backend', ring.name, position);
    px.timeouts.connect = LOG_CONNECT_MS;
    px.servers.push({ ...newServer(ring.name, position), address });
    add(ring, px);
  }
}

function connectOptions(px: Proxy, conf: ServerConf, config: Configuration): ConnectOptions | null {
  const source = conf.source ?? px.conf.source;
  const { tune } = config.global;
  const keepalive = px.conf.options.srvtcpka || px.conf.options.tcpka;
  if (
    source === null &&
    conf.tcpUt === 0 &&
    conf.socks4 === null &&
    !conf.tfo &&
    !keepalive &&
    tune.rcvbufServer === 0 &&
    tune.sndbufServer === 0
  )
    return null;
  const range = source !== null && source.portLow !== 0 ? new PortRange(source.portLow, source.portHigh) : null;
  return {
    source: source === null ? null : addressOfConf(source.address, '0.0.0.0', '::'),
    usesrc: source?.usesrc ?? '',
    usesrcAddress: source?.usesrcAddress == null ? null : addressOfConf(source.usesrcAddress, '0.0.0.0', '::'),
    tfo: conf.tfo,
    socks4: conf.socks4 === null ? null : addressOfConf(conf.socks4, '0.0.0.0', '::'),
    sourceInterface: source?.interface ?? '',
    tcpUserTimeoutMs: conf.tcpUt,
    keepalive,
    rcvbufBytes: tune.rcvbufServer,
    sndbufBytes: tune.sndbufServer,
    takePort: range === null ? null : () => range.take(),
    releasePort:
      range === null
        ? null
        : (port) => {
            range.release(port);
          },
  };
}

function addListeners(instance: Instance, px: Proxy, errors: StartError[]): void {
  const { thr, config } = instance;
  const { tune } = config.global;
  const accept: AcceptOptions = {
    maxAccept: tune.maxaccept === 0 ? 64 : tune.maxaccept,
    keepalive: px.conf.options.clitcpka || px.conf.options.tcpka,
    rcvbufBytes: tune.rcvbufClient,
    sndbufBytes: tune.sndbufClient,
  };
  px.conf.binds.forEach((conf: BindConf, i) => {
    const backlog = conf.backlog || px.conf.backlog || px.conf.maxconn || px.limit.max;
    const r = receiverOpen(thr, conf, { backlog, noReuseport: config.global.noReuseport });
    if (r.fd < 0) {
      errors.push({
        proxy: px.name,
        kind: px.conf.kind === 'listen' ? 'proxy' : px.conf.kind,
        message: r.error,
        address: addressText(r.address),
        position: conf.position,
      });
      return;
    }
    const limits = [instance.limit, px.limit];
    if (conf.maxconn !== 0) limits.unshift(new ConnLimit(conf.maxconn));
    for (const gate of [instance.connGate, instance.sessGate]) if (gate.max !== 0) limits.push(gate);
    if (px.conf.rateLimit !== 0) limits.push(new RateGate(px.feRate, px.conf.rateLimit, thr.sched));
    const name = conf.name === '' ? `sock-${conf.id === 0 ? i + 1 : conf.id}` : conf.name;
    const listener = new Listener(
      thr,
      r.fd,
      r.address,
      conf,
      name,
      muxOf(conf.proto, px.conf.mode),
      accept,
      limits,
      new Counters(),
      (conn, l) => {
        instance.accepted(px);
        return sessionAccept(conn, l, px, instance, XPRT_RAW);
      },
      r.inherited,
    );
    listener.backlog = backlog;
    px.listeners.push(listener);
    instance.listeners.push(listener);
  });
}
