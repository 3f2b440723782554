// Fresh objects with the documented defaults, and what a proxy inherits from its defaults section.

import type { TcpRules } from '../policy/rules/types.js';
import { emptyAddress } from './address.js';
import { inheritHttp } from './keywords/http-use.js';
import {
  type BindConf,
  type GlobalConf,
  type Position,
  type ProxyConf,
  type ProxyKind,
  type ServerConf,
  PR_CAP_BE,
  PR_CAP_DEF,
  PR_CAP_FE,
} from './types.js';

export const BUFSIZE_DEFAULT = 16384;
export const MAXREWRITE_DEFAULT = 1024;
export const RETRIES_DEFAULT = 3;

export function newGlobal(): GlobalConf {
  return {
    maxconn: 0,
    maxpipes: 0,
    maxconnrate: 0,
    maxsessrate: 0,
    maxsslconn: 0,
    nbthread: 1,
    ulimitN: 0,
    fdHardLimit: 0,
    statsSockets: [],
    statsTimeoutMs: 10000,
    statsMaxconn: 10,
    logs: [],
    logTag: '',
    logSendHostname: null,
    tune: {
      bufsize: BUFSIZE_DEFAULT,
      maxHeaders: 101,
      maxrewrite: MAXREWRITE_DEFAULT,
      pipesize: 0,
      recvEnough: 10136,
      maxaccept: 4,
      maxpollevents: 200,
      runqueueDepth: 280,
      rcvbufClient: 0,
      rcvbufServer: 0,
      sndbufClient: 0,
      sndbufServer: 0,
      idletimer: 1000,
      buffersLimit: 0,
      buffersReserve: 2,
      poller: '',
      vars: { global: 0, proc: 0, sess: 0, txn: 0, reqres: 0 },
      other: {},
    },
    noSplice: false,
    profilingTasks: false,
    noEpoll: false,
    noPoll: false,
    noKqueue: false,
    noGetaddrinfo: false,
    noReuseport: false,
    user: '',
    group: '',
    uid: 0,
    gid: 0,
    chroot: '',
    daemon: false,
    masterWorker: false,
    quiet: false,
    zeroWarning: false,
    strictLimits: true,
    pidfile: '',
    node: '',
    description: '',
    hardStopAfterMs: 0,
    graceMs: 0,
    spreadChecks: 0,
    externalCheck: false,
    unixBind: { prefix: '', mode: 0, user: '', group: '', uid: -1, gid: -1 },
    env: {},
    variables: [],
    sampleArgs: [],
    other: {},
  };
}

const CAPS: Readonly<Record<ProxyKind, number>> = {
  frontend: PR_CAP_FE,
  backend: PR_CAP_BE,
  listen: PR_CAP_FE | PR_CAP_BE,
  defaults: PR_CAP_FE | PR_CAP_BE | PR_CAP_DEF,
};

function noTcpRules(): TcpRules {
  return { reqConnection: [], reqSession: [], reqContent: [], resContent: [], reqDelayMs: 0, resDelayMs: 0 };
}

export function newProxy(kind: ProxyKind, name: string, position: Position): ProxyConf {
  return {
    name,
    id: 0,
    idForced: false,
    kind,
    caps: CAPS[kind],
    mode: 'tcp',
    from: null,
    binds: [],
    servers: [],
    defaultBackend: null,
    balance: { algo: '', args: [], expr: null, draws: 2, cookie: '' },
    hashType: { consistent: false, fn: 'sdbm', avalanche: false },
    hashBalanceFactor: 0,
    timeouts: {
      client: 0,
      server: 0,
      connect: 0,
      clientFin: 0,
      serverFin: 0,
      tunnel: 0,
      queue: 0,
      check: 0,
      httpRequest: 0,
      httpKeepAlive: 0,
      tarpit: 0,
    },
    maxconn: 0,
    backlog: 0,
    fullconn: 0,
    retries: RETRIES_DEFAULT,
    rateLimit: 0,
    redispatch: { on: false, interval: 0 },
    options: {
      abortonclose: false,
      allbackups: false,
      clitcpka: false,
      contstats: false,
      dontlogNormal: false,
      dontlognull: false,
      independentStreams: false,
      logHealthChecks: false,
      logSeparateErrors: false,
      logasap: false,
      nolinger: false,
      persist: false,
      socketStats: false,
      spliceAuto: false,
      spliceRequest: false,
      spliceResponse: false,
      srvtcpka: false,
      tcpSmartAccept: false,
      tcpSmartConnect: false,
      tcpka: false,
      tcplog: false,
      transparent: false,
    },
    disabled: false,
    logs: [],
    logTag: '',
    logFormat: null,
    logFormatSd: null,
    errorLogFormat: null,
    uniqueIdFormat: null,
    uniqueIdHeader: '',
    source: null,
    defaultServer: null,
    description: '',
    grace: 0,
    httpUses: [],
    sampleArgs: [],
    acls: new Map(),
    tcpRules: noTcpRules(),
    defaultTcpRules: null,
    switching: [],
    serverRules: [],
    rdpCookie: null,
    persistRules: [],
    reqCaptures: [],
    resCaptures: [],
    position,
  };
}

function copy<T extends object>(value: T | null): T | null {
  return value === null ? null : { ...value };
}

/** A new proxy with the settings of `from`; what belongs to one side alone comes only where the proxy has that side. */
export function inheritProxy(from: ProxyConf, kind: ProxyKind, name: string, position: Position): ProxyConf {
  const px = newProxy(kind, name, position);
  const fe = (px.caps & PR_CAP_FE) !== 0;
  const be = (px.caps & PR_CAP_BE) !== 0;
  px.from = from.name;
  px.mode = from.mode;
  px.disabled = from.disabled;
  px.logs = from.logs.slice();
  px.logTag = from.logTag;
  px.options = { ...from.options };
  px.timeouts = { ...from.timeouts };
  px.maxconn = from.maxconn;
  px.httpUses = inheritHttp(from.httpUses, px.caps);
  px.defaultTcpRules = from.tcpRules;
  px.tcpRules.reqDelayMs = from.tcpRules.reqDelayMs;
  if (be) {
    px.tcpRules.resDelayMs = from.tcpRules.resDelayMs;
    px.rdpCookie = from.rdpCookie;
  }
  if (fe) {
    px.backlog = from.backlog;
    px.rateLimit = from.rateLimit;
    px.defaultBackend = from.defaultBackend === null ? null : { ...from.defaultBackend };
    px.logFormat = copy(from.logFormat);
    px.logFormatSd = copy(from.logFormatSd);
    px.errorLogFormat = copy(from.errorLogFormat);
    px.uniqueIdFormat = copy(from.uniqueIdFormat);
    px.uniqueIdHeader = from.uniqueIdHeader;
  } else {
    Object.assign(px.options, {
      clitcpka: false,
      contstats: false,
      dontlogNormal: false,
      dontlognull: false,
      logSeparateErrors: false,
      logasap: false,
      socketStats: false,
      tcpSmartAccept: false,
      tcplog: false,
    });
    px.timeouts.client = 0;
    px.timeouts.clientFin = 0;
    px.maxconn = 0;
  }
  if (be) {
    px.fullconn = from.fullconn;
    px.retries = from.retries;
    px.redispatch = { ...from.redispatch };
    px.balance = { ...from.balance, args: from.balance.args.slice() };
    px.hashType = { ...from.hashType };
    px.hashBalanceFactor = from.hashBalanceFactor;
    px.source = from.source;
    px.defaultServer = from.defaultServer === null ? null : { ...from.defaultServer };
  } else {
    Object.assign(px.options, {
      abortonclose: false,
      allbackups: false,
      logHealthChecks: false,
      persist: false,
      srvtcpka: false,
      tcpSmartConnect: false,
      transparent: false,
    });
    px.timeouts.server = 0;
    px.timeouts.serverFin = 0;
    px.timeouts.connect = 0;
    px.timeouts.queue = 0;
    px.timeouts.check = 0;
    px.timeouts.tunnel = 0;
  }
  return px;
}

export function newBind(position: Position): BindConf {
  return {
    address: emptyAddress('ipv4'),
    interface: '',
    name: '',
    id: 0,
    maxconn: 0,
    backlog: 0,
    tcpUt: 0,
    deferAccept: false,
    transparent: false,
    proto: '',
    v4v6: false,
    v6only: false,
    mss: 0,
    tfo: false,
    nice: 0,
    acceptProxy: false,
    netscalerCip: 0,
    level: 'operator',
    exposeFd: false,
    severityOutput: 'none',
    mode: 0,
    user: '',
    group: '',
    uid: -1,
    gid: -1,
    namespace: '',
    position,
  };
}

export function newServer(name: string, position: Position): ServerConf {
  return {
    name,
    id: 0,
    idForced: false,
    address: emptyAddress('ipv4'),
    mapPorts: false,
    portOffset: 0,
    maxconn: 0,
    minconn: 0,
    maxqueue: 0,
    weight: 1,
    backup: false,
    disabled: false,
    source: null,
    proto: '',
    checkProto: '',
    sendProxy: 0,
    socks4: null,
    logProto: 'legacy',
    tcpUt: 0,
    tfo: false,
    check: false,
    interMs: 2000,
    rise: 2,
    fall: 3,
    slowstartMs: 0,
    initAddr: null,
    unresolved: false,
    onMarkedDown: false,
    onMarkedUp: false,
    poolMaxConn: -1,
    poolPurgeDelayMs: 5000,
    cookie: '',
    redir: '',
    namespace: '',
    position,
  };
}
