// Statistics and addresses of a running instance as plain data, for embedders.
import type { Listener } from '../datapath/proto/listener.js';
import { LI_STATE_NAMES } from '../datapath/proto/listener.js';
import {
  CNT_BIN,
  CNT_BOUT,
  CNT_CLI_ABRT,
  CNT_CONNECT,
  CNT_ECON,
  CNT_QCUR,
  CNT_QMAX,
  CNT_SCUR,
  CNT_SMAX,
  CNT_SRV_ABRT,
  CNT_STOT,
  CNT_WREDIS,
  CNT_WRETR,
  type Counters,
} from '../proxy/counters.js';
import type { Proxy } from '../proxy/proxy.js';
import type { Server } from '../proxy/server.js';
import type { Instance } from '../runtime/instance.js';
import { AF_INET, AF_INET6 } from '../sys/constants.js';
import type {
  BoundAddress,
  ConnectCounts,
  ListenerStats,
  ProxyStats,
  ServerStats,
  SessionCounts,
  SluiceStats,
} from './types.js';

/** All counters of `instance` at this moment. */
export function collectStats(instance: Instance): SluiceStats {
  const { thr } = instance;
  const proxies = instance.proxies.map(proxyStats);
  let bytesIn = 0;
  let bytesOut = 0;
  for (const { frontend } of proxies) {
    bytesIn += frontend?.bytesIn ?? 0;
    bytesOut += frontend?.bytesOut ?? 0;
  }
  return {
    engine: {
      transport: thr.sys.name,
      uptimeMs: thr.sys.date() - instance.startMs,
      maxconn: instance.limit.max,
      sessions: instance.sessions,
      sessionsTotal: instance.connTotal,
      bytesIn,
      bytesOut,
      splicedBytes: thr.counters.splicedBytesIn,
      crashes: thr.counters.crashes,
    },
    proxies,
  };
}

/** Where `instance` listens, in the order of the configuration. */
export function boundAddresses(instance: Instance): BoundAddress[] {
  return instance.proxies.flatMap((px) => px.listeners.map((l) => boundAddress(px, l)));
}

function boundAddress(px: Proxy, l: Listener): BoundAddress {
  const a = l.address;
  const ip = a.family === AF_INET || a.family === AF_INET6;
  const unix = a.abstract ? 'abstract' : 'unix';
  return {
    proxy: px.name,
    listener: l.targetName,
    family: a.family === AF_INET ? 'ipv4' : a.family === AF_INET6 ? 'ipv6' : unix,
    host: ip ? a.host : '',
    port: a.port,
    path: ip ? '' : a.host,
  };
}

function proxyStats(px: Proxy): ProxyStats {
  return {
    name: px.name,
    kind: px.isFrontend ? (px.isBackend ? 'listen' : 'frontend') : 'backend',
    frontend: px.isFrontend ? sessionCounts(px.fe) : null,
    backend: px.isBackend ? connectCounts(px.be) : null,
    listeners: px.listeners.map(listenerStats),
    servers: px.servers.map(serverStats),
  };
}

function sessionCounts({ v }: Counters): SessionCounts {
  return {
    sessions: v[CNT_SCUR]!,
    sessionsMax: v[CNT_SMAX]!,
    sessionsTotal: v[CNT_STOT]!,
    bytesIn: v[CNT_BIN]!,
    bytesOut: v[CNT_BOUT]!,
  };
}

function connectCounts(counters: Counters): ConnectCounts {
  const { v } = counters;
  return {
    ...sessionCounts(counters),
    connects: v[CNT_CONNECT]!,
    connectErrors: v[CNT_ECON]!,
    retries: v[CNT_WRETR]!,
    redispatches: v[CNT_WREDIS]!,
    queued: v[CNT_QCUR]!,
    queuedMax: v[CNT_QMAX]!,
    abortedByClient: v[CNT_CLI_ABRT]!,
    abortedByServer: v[CNT_SRV_ABRT]!,
  };
}

function listenerStats(l: Listener): ListenerStats {
  return { name: l.targetName, state: LI_STATE_NAMES[l.state] ?? '', ...sessionCounts(l.counters) };
}

function serverStats(s: Server): ServerStats {
  const down = s.inDrain ? 'drain' : 'maintenance';
  return {
    name: s.name,
    state: !s.inMaint && !s.inDrain ? 'up' : down,
    weight: s.weight,
    backup: s.backup,
    ...connectCounts(s.counters),
  };
}
