// The configuration as plain data: what the parser hands to the engine, resolved and checked. Declarations only.
// Units: milliseconds for every time, bytes for every size. 0 means "not set" unless the comment says otherwise.

import type { LogFormat } from '../policy/sample/log-format.js';
import type { Acl } from '../policy/acl/types.js';
import type { PersistRule, ServerRule, SwitchingRule, TcpRules } from '../policy/rules/types.js';
import type { SampleExpression, Unresolved } from '../policy/sample/types.js';
import type { VarLimits } from '../policy/sample/vars.js';

/** Where something was written. Lines and columns count from 1, columns in UTF-16 units of the line; `length` 0: a point. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

// -- reports ---------------------------------------------------------------------------------------------------

// What a report is worth. Alerts make the configuration unusable; warnings are the reference's own and are fatal with
// `-dW` or `zero-warning`; notices are ours and never fatal; diags are shown with -dD alone.
export type Severity = 'alert' | 'warning' | 'notice' | 'diag';

export type ReportForm = 'parsing' | 'tight' | 'capital' | 'bracket' | 'bare';

export interface Report {
  readonly severity: Severity;
  /** False for the few alerts that the reference prints and then goes on from ("already specified. Continuing."). */
  readonly fatal: boolean;
  /** How the reference's line leads in: `parsing [F:L] : `, `parsing [F:L]: `, `Parsing [F:L]: `, `[F:L] : `, or nothing. */
  readonly form: ReportForm;
  /** Stable name of the kind: 'unknown-keyword', 'not-yet', 'bad-argument', ... (reports.ts has the catalogue). */
  readonly code: string;
  /** Text after `parsing [FILE:LINE] : `, worded like the reference's where it has the message. */
  readonly message: string;
  /** Follows the message in the reference's form alone: its caret lines, its advice. Starts where the message ends. */
  readonly tail: string;
  readonly position: Position | null;
  /** The physical line, cut to what can be shown; '' where there is none. Filled in late for reports that lack it. */
  source: string;
  /** Characters that were cut off in front of `source`. */
  shift: number;
  readonly keyword: string;
  /** What would have been right there; '' where the message says it. */
  readonly expected: string;
  /** Nearest word that exists in this context; '' for none. */
  readonly nearest: string;
}

// -- addresses -------------------------------------------------------------------------------------------------

export type AddressFamily = 'ipv4' | 'ipv6' | 'unix' | 'abns' | 'fd' | 'sockpair';

export interface AddressConf {
  /** For a host name that awaits resolution: 'ipv4' or 'ipv6' when forced by a prefix, else 'ipv4', and `ip` null. */
  family: AddressFamily;
  /** 4 or 16 bytes in network order; null for the other families and for names not resolved yet. */
  ip: Uint8Array | null;
  /** Host as written: '127.0.0.1', '::1', 'localhost', '*', ''. */
  host: string;
  /** Port, 0 for none. On servers with `portOffset` the offset is there and this is 0. */
  port: number;
  /** Socket path ('unix'), name without the leading NUL ('abns'). */
  path: string;
  /** Inherited descriptor ('fd', 'sockpair'); -1 otherwise. */
  fd: number;
  /** 'stream' but for log targets and the like. */
  type: 'stream' | 'datagram';
}

export type CliLevel = 'user' | 'operator' | 'admin';

// -- global ----------------------------------------------------------------------------------------------------

export interface StatsSocketConf {
  bind: BindConf;
  position: Position;
}

export interface LogTargetConf {
  /** As written: '127.0.0.1:514', '/dev/log', 'stdout', 'ring@name', 'global'. */
  target: string;
  /** Null for 'stdout', 'stderr', 'ring@…' and `log global`. */
  address: AddressConf | null;
  /** `log global`. */
  global: boolean;
  len: number;
  format: string;
  facility: string;
  level: string;
  minLevel: string;
  /** `sample RANGES:SIZE`, '' for none. */
  sample: string;
  position: Position;
}

export type TransportName = '' | 'epoll' | 'kqueue' | 'uring' | 'js';

/** tune.*; names follow the keywords. */
export interface TuneConf {
  bufsize: number;
  /** `tune.http.maxhdr`. */
  maxHeaders: number;
  maxrewrite: number;
  /** 0: the transport's own choice. */
  pipesize: number;
  recvEnough: number;
  /** Accepts in a row; -1 no limit. */
  maxaccept: number;
  maxpollevents: number;
  runqueueDepth: number;
  /** Socket buffers, 0: the system's. */
  rcvbufClient: number;
  rcvbufServer: number;
  sndbufClient: number;
  sndbufServer: number;
  /** ms a stream may be idle before fast forwarding is reconsidered. */
  idletimer: number;
  /** Buffers at most, 0: no limit. */
  buffersLimit: number;
  buffersReserve: number;
  /** `tune.poller` (ours): transport asked for; '' for the default. */
  poller: TransportName;
  /** `tune.vars.*-max-size`, 0: no limit. */
  vars: VarLimits;
  /** Every other accepted `tune.*` keyword by name, as written. */
  other: Record<string, string>;
}

export interface GlobalConf {
  /** 0: computed by limits. */
  maxconn: number;
  maxpipes: number;
  maxconnrate: number;
  maxsessrate: number;
  maxsslconn: number;
  nbthread: number;
  ulimitN: number;
  fdHardLimit: number;
  statsSockets: StatsSocketConf[];
  /** 10 s unless set. */
  statsTimeoutMs: number;
  /** `stats maxconn`, 10 unless set. */
  statsMaxconn: number;
  logs: LogTargetConf[];
  logTag: string;
  logSendHostname: string | null;
  tune: TuneConf;
  noSplice: boolean;
  noEpoll: boolean;
  noPoll: boolean;
  noKqueue: boolean;
  noGetaddrinfo: boolean;
  noReuseport: boolean;
  user: string;
  group: string;
  uid: number;
  gid: number;
  chroot: string;
  daemon: boolean;
  masterWorker: boolean;
  quiet: boolean;
  zeroWarning: boolean;
  strictLimits: boolean;
  pidfile: string;
  node: string;
  description: string;
  hardStopAfterMs: number;
  graceMs: number;
  spreadChecks: number;
  /** `profiling.tasks on`; `auto` is off, as on a machine that is not overloaded. */
  profilingTasks: boolean;
  externalCheck: boolean;
  /** `unix-bind` defaults; prefix '' for none. */
  unixBind: {
    prefix: string;
    mode: number;
    user: string;
    group: string;
    uid: number;
    gid: number;
  };
  /** Environment left to the process: `setenv` and friends. Null removes the name. */
  env: Record<string, string | null>;
  /** `set-var`, `set-var-fmt`: variables of scope `proc`, in order; one of the two is not null. */
  variables: { name: string; expr: SampleExpression | null; format: LogFormat | null }[];
  /** Names in arguments of their expressions. */
  sampleArgs: Unresolved[];
  /** Every other accepted keyword by name, as written: tuning that means nothing here. */
  other: Record<string, string>;
}

// -- proxies ---------------------------------------------------------------------------------------------------

// Capabilities of a proxy: a listen has both.
export const PR_CAP_FE = 0x1;
export const PR_CAP_BE = 0x2;
export const PR_CAP_DEF = 0x4; // a defaults section; never in `Configuration.proxies`

export type ProxyKind = 'frontend' | 'backend' | 'listen' | 'defaults';
export type ProxyMode = 'tcp' | 'http' | 'health';

export interface TimeoutsConf {
  client: number;
  server: number;
  connect: number;
  clientFin: number;
  serverFin: number;
  tunnel: number;
  queue: number;
  check: number;
  httpRequest: number;
  httpKeepAlive: number;
  tarpit: number;
}

/** Options by name, false unless set (or inherited from defaults). */
export interface ProxyOptions {
  abortonclose: boolean;
  allbackups: boolean;
  clitcpka: boolean;
  contstats: boolean;
  dontlogNormal: boolean;
  dontlognull: boolean;
  independentStreams: boolean;
  logHealthChecks: boolean;
  logSeparateErrors: boolean;
  logasap: boolean;
  nolinger: boolean;
  persist: boolean;
  socketStats: boolean;
  spliceAuto: boolean;
  spliceRequest: boolean;
  spliceResponse: boolean;
  srvtcpka: boolean;
  tcpSmartAccept: boolean;
  tcpSmartConnect: boolean;
  /** Both sides; clitcpka and srvtcpka are set with it too where the proxy has that side. */
  tcpka: boolean;
  tcplog: boolean;
  transparent: boolean;
}

/** Functions of `hash-type`. */
export const HASH_FUNCTIONS = ['sdbm', 'djb2', 'wt6', 'crc32'] as const;
export type HashFunction = (typeof HASH_FUNCTIONS)[number];

export interface HashTypeConf {
  /** `consistent`; else `map-based`. */
  consistent: boolean;
  fn: HashFunction;
  avalanche: boolean;
}

export interface BalanceConf {
  /** '' where nothing was said: roundrobin then. */
  algo: string;
  /** As written: the expression of `hash`, the cookie of `rdp-cookie`. */
  args: string[];
  /** `hash <expr>`. */
  expr: SampleExpression | null;
  /** `random(<draws>)`, 2 unless given. */
  draws: number;
  /** `rdp-cookie(<name>)`, '' for the other algorithms. */
  cookie: string;
}

export interface RedispatchConf {
  on: boolean;
  /** -1: on the last retry alone; N > 0: every Nth; N < -1: from the end. */
  interval: number;
}

export interface DefaultBackendConf {
  name: string;
  /** Filled by the resolve step; null only when that failed. */
  proxy: ProxyConf | null;
  position: Position;
}

/**
 * How the reference takes a word of `mode http` in a tcp proxy: rules, a statement or an option that is ignored with a
 * warning; 'mode': `… (needs 'mode http')`; 'log': it falls back to `option tcplog`; 'silent': without a word.
 */
export type HttpUseKind = 'rules' | 'statement' | 'option' | 'mode' | 'log' | 'silent';

/** A word that only `mode http` has a use for, met in a proxy or in its defaults section. */
export interface HttpUse {
  readonly kind: HttpUseKind;
  /** As the reference's warning calls it. */
  readonly name: string;
  /** As it is written. */
  readonly keyword: string;
  /** PR_CAP_* of the proxies that inherit it. */
  readonly caps: number;
  readonly position: Position;
  /** Refused already, for `mode http` stood in front of it. */
  readonly reported: boolean;
  /** False: inherited. */
  readonly own: boolean;
  /** A rule that ends its ruleset for everybody: no condition is attached. */
  final: boolean;
}

/** A log format as written. */
export interface LogFormatConf {
  text: string;
  /** Said with `option tcplog`, or as one JSON object a line (`option tcplog json`; ours). */
  kind: 'custom' | 'tcplog' | 'json';
  /** Filled by the resolve step. */
  ready: LogFormat | null;
  position: Position;
}

export interface ProxyConf {
  name: string;
  /** From `id N`, else given out in order from 1 (2 and more where taken), as the reference does. */
  id: number;
  /** `id` was given, not given out. */
  idForced: boolean;
  kind: ProxyKind;
  caps: number;
  mode: ProxyMode;
  /** Name of the defaults section that this one inherits from; null for none, '' for an anonymous one. */
  from: string | null;
  binds: BindConf[];
  servers: ServerConf[];
  defaultBackend: DefaultBackendConf | null;
  balance: BalanceConf;
  hashType: HashTypeConf;
  /** Percent, 0: no bound. */
  hashBalanceFactor: number;
  timeouts: TimeoutsConf;
  /** Frontend sessions; 0: the global limit. */
  maxconn: number;
  /** Listen queue; 0: maxconn. */
  backlog: number;
  fullconn: number;
  retries: number;
  /** `rate-limit sessions`, 0 none. */
  rateLimit: number;
  redispatch: RedispatchConf;
  options: ProxyOptions;
  disabled: boolean;
  logs: LogTargetConf[];
  logTag: string;
  /** Null: the line of the manual's 8.2.1. */
  logFormat: LogFormatConf | null;
  logFormatSd: LogFormatConf | null;
  errorLogFormat: LogFormatConf | null;
  uniqueIdFormat: LogFormatConf | null;
  uniqueIdHeader: string;
  /** Backend-wide `source`. */
  source: SourceConf | null;
  /** `default-server` settings so far: what later servers start from; null for none. */
  defaultServer: ServerConf | null;
  description: string;
  /** ms; 0 none. */
  grace: number;
  /** Words that have no use in mode tcp, for the reports. */
  httpUses: HttpUse[];
  /** Names in arguments of sample expressions; filled by parsing, answered by the resolve step. */
  sampleArgs: Unresolved[];
  /** Its `acl` lines by name, and the predefined ACLs that its conditions name. */
  acls: Map<string, Acl>;
  /** Its own tcp-request and tcp-response rules. */
  tcpRules: TcpRules;
  /** Those of its named defaults section, evaluated in front; null for none. */
  defaultTcpRules: TcpRules | null;
  /** `use_backend` in order. */
  switching: SwitchingRule[];
  /** `use-server` in order. */
  serverRules: ServerRule[];
  /** The cookie that `persist rdp-cookie` looks at. */
  rdpCookie: SampleExpression | null;
  /** `force-persist` and `ignore-persist` in order. */
  persistRules: PersistRule[];
  /** Capture slots: most characters of each. */
  reqCaptures: number[];
  resCaptures: number[];
  position: Position;
}

export type ProtoName = '' | 'none' | 'h1' | 'h2';

/** One listener. A `bind` line with several addresses or a port range gives one of these for each. */
export interface BindConf {
  address: AddressConf;
  /** `interface NAME`. */
  interface: string;
  /** '' where not given; stats then show 'sock-N'. */
  name: string;
  /** 0: not given. */
  id: number;
  /** 0: the frontend's. */
  maxconn: number;
  backlog: number;
  tcpUt: number;
  deferAccept: boolean;
  transparent: boolean;
  proto: ProtoName;
  v4v6: boolean;
  v6only: boolean;
  /** Negative: taken off the outgoing MSS. 0 none. */
  mss: number;
  tfo: boolean;
  /** -1024..1024 */
  nice: number;
  acceptProxy: boolean;
  /** Protocol number of `accept-netscaler-cip`, 0 none. */
  netscalerCip: number;
  level: CliLevel;
  /** `expose-fd listeners`. */
  exposeFd: boolean;
  severityOutput: 'none' | 'number' | 'string';
  /** UNIX sockets: file mode (0 not given), owner; uid/gid -1 not given. */
  mode: number;
  user: string;
  group: string;
  uid: number;
  gid: number;
  /** namespace NAME, '' none. */
  namespace: string;
  position: Position;
}

export interface SourceConf {
  address: AddressConf;
  /** Port range, inclusive; both 0 where none was given. */
  portLow: number;
  portHigh: number;
  /** '' none; 'client', 'clientip', 'address' (in usesrcAddress). */
  usesrc: '' | 'client' | 'clientip' | 'address';
  usesrcAddress: AddressConf | null;
  interface: string;
  position: Position;
}

// PROXY headers to servers: `send-proxy*`, `proxy-v2-options`. Those about TLS all come to one TLV while there is no TLS.
export const PP_V1 = 0x001;
export const PP_V2 = 0x002;
export const PP_SSL = 0x004;
export const PP_CERT_CN = 0x008;
export const PP_SSL_CIPHER = 0x010;
export const PP_CERT_SIG = 0x020;
export const PP_CERT_KEY = 0x040;
export const PP_AUTHORITY = 0x080;
export const PP_CRC32C = 0x100;
export const PP_UNIQUE_ID = 0x200;

export interface ServerConf {
  name: string;
  /** From `id N`, else its place among the backend's servers from 1. */
  id: number;
  /** `id` was given, not given out. */
  idForced: boolean;
  address: AddressConf;
  /** True: connect to the port the client came to, plus `portOffset` (`host:+10`, `host:-10`, `host` without a port). */
  mapPorts: boolean;
  portOffset: number;
  maxconn: number;
  minconn: number;
  maxqueue: number;
  /** 0..256, 1 unless given. */
  weight: number;
  backup: boolean;
  disabled: boolean;
  /** null: the backend's. */
  source: SourceConf | null;
  proto: ProtoName;
  checkProto: ProtoName;
  /** PP_* bits; 0: no PROXY header is sent. With PP_V2 it is one of version 2, otherwise of version 1. */
  sendProxy: number;
  /** SOCKS4 proxy to go through, null for none. */
  socks4: AddressConf | null;
  /** How a ring's messages are framed: `log-proto`. */
  logProto: 'legacy' | 'octet-count';
  tcpUt: number;
  tfo: boolean;
  /** `check` was given. */
  check: boolean;
  interMs: number;
  rise: number;
  fall: number;
  slowstartMs: number;
  /** `init-addr`; null where it was not given: last,libc. */
  initAddr: readonly string[] | null;
  /** Set by the resolution of names: there is no address, and `init-addr` says that the server starts without. */
  unresolved: boolean;
  /** `on-marked-down shutdown-sessions`, `on-marked-up shutdown-backup-sessions`. */
  onMarkedDown: boolean;
  onMarkedUp: boolean;
  /** Idle pool (`pool-max-conn`, -1 no limit), accepted; of no effect in mode tcp. */
  poolMaxConn: number;
  poolPurgeDelayMs: number;
  /** Of mode http: cookie value, prefix to redirect to; '' for none. */
  cookie: string;
  redir: string;
  namespace: string;
  position: Position;
}

// -- the whole ---------------------------------------------------------------------------------------------------

/** A line as it was understood: quotes, escapes, variables and conditions resolved. */
export interface Statement {
  /** It opens a section. */
  readonly opens: boolean;
  readonly prefix: '' | 'no' | 'default';
  readonly words: readonly string[];
}

/** A `ring` section: messages kept in memory, and servers that they are sent to. */
export interface RingConf {
  readonly name: string;
  description: string;
  /** One of the formats of log targets. */
  format: string;
  /** Bytes of a message at most. */
  maxlen: number;
  sizeBytes: number;
  /** Its servers and time-outs; in no other list. */
  readonly px: ProxyConf;
  position: Position;
}

export interface Configuration {
  /** The lines that were taken, for printing them; empty unless asked for. */
  readonly statements: Statement[];
  readonly global: GlobalConf;
  /** frontend, backend and listen sections in the order of the files. */
  readonly proxies: ProxyConf[];
  readonly rings: RingConf[];
}

export interface ParseResult {
  /** Complete also when there were alerts: then for looking at, not for running. */
  readonly config: Configuration;
  readonly reports: readonly Report[];
  /** Alerts among the reports (beyond the shown ones too). */
  readonly errors: number;
  readonly warnings: number;
  /** Files that could not be read to the end without errors (what came later, in the whole, is not in here). */
  readonly badFiles: readonly string[];
  /** Reports that were counted, but not kept. */
  readonly dropped: number;
}

export interface ConfigSource {
  readonly name: string;
  readonly text: string;
}
