// Rows of `show stat` (management manual 9.1): a frontend, a listener, a server, a backend as named values.
import { LI_CLOSED, LI_FULL, LI_LIMITED, LI_PAUSED, LI_READY, type Listener } from '../../datapath/proto/listener.js';
import { AF_UNIX } from '../../sys/constants.js';
import { addressText } from '../../datapath/proto/address.js';
import {
  CNT_BIN,
  CNT_BOUT,
  CNT_CLI_ABRT,
  CNT_CONNECT,
  CNT_CONN_TOT,
  CNT_DCON,
  CNT_DREQ,
  CNT_DRESP,
  CNT_DSES,
  CNT_ECON,
  CNT_EINT,
  CNT_EREQ,
  CNT_ERESP,
  CNT_LBTOT,
  CNT_QCUR,
  CNT_QMAX,
  CNT_SCUR,
  CNT_SMAX,
  CNT_SRV_ABRT,
  CNT_STOT,
  CNT_WREDIS,
  CNT_WRETR,
  type Counters,
} from '../../proxy/counters.js';
import type { Proxy } from '../../proxy/proxy.js';
import {
  type Server,
  SRV_ADMF_RMAINT,
  SRV_ST_STARTING,
  SRV_ST_STOPPED,
  SRV_ST_STOPPING,
  WEIGHT_SCALE,
} from '../../proxy/server.js';
import { srvThrottle } from '../../proxy/slowstart.js';
import type { Instance } from '../../runtime/instance.js';
import { STAT_FIELDS } from './fields.js';

/** F, L, S, B as in the typed form. */
export type RowKind = 'F' | 'L' | 'S' | 'B';

export interface StatRow {
  readonly kind: RowKind;
  readonly iid: number;
  readonly sid: number;
  readonly values: ReadonlyMap<string, number | string>;
}

export interface RowOptions {
  /** Addresses and algorithms are shown (levels operator and admin). */
  readonly legends: boolean;
  /** Backends say how many of their servers are up: they do where some rows are left out. */
  readonly counts: boolean;
}

type Draft = Map<string, number | string>;

const TYPE: Readonly<Record<RowKind, number>> = { F: 0, B: 1, S: 2, L: 3 };

/** Times of `Counters`, in its order. */
const TIMES = ['qtime', 'ctime', 'rtime', 'ttime'];
const SSL = ['ssl_sess', 'ssl_reused_sess', 'ssl_failed_handshake'];
const COMP = ['comp_in', 'comp_out', 'comp_byp', 'comp_rsp'];
/** Columns of the HTTP muxes, which both sides of a proxy have. */
const MUX = STAT_FIELDS.map((f) => f.name).filter((n) => /^h[12]_/.test(n));

function draft(kind: RowKind, px: Proxy, name: string, sid: number): Draft {
  return new Map<string, number | string>([
    ['pxname', px.name],
    ['svname', name],
    ['pid', 1],
    ['iid', px.id],
    ['sid', sid],
    ['type', TYPE[kind]],
    ['mode', px.conf.mode],
    ['wrew', 0],
    ['-', '-'],
  ]);
}

function zeros(row: Draft, names: readonly string[]): void {
  for (const n of names) row.set(n, 0);
}

function traffic(row: Draft, v: Float64Array): void {
  row.set('scur', v[CNT_SCUR]!).set('smax', v[CNT_SMAX]!).set('stot', v[CNT_STOT]!);
  row.set('bin', v[CNT_BIN]!).set('bout', v[CNT_BOUT]!).set('dresp', v[CNT_DRESP]!).set('eint', v[CNT_EINT]!);
}

/** What only the server's side has: queue, connection attempts, aborts, times. */
function serving(row: Draft, counters: Counters): void {
  const { v } = counters;
  row.set('qcur', v[CNT_QCUR]!).set('qmax', v[CNT_QMAX]!);
  row.set('econ', v[CNT_ECON]!).set('eresp', v[CNT_ERESP]!).set('wretr', v[CNT_WRETR]!).set('wredis', v[CNT_WREDIS]!);
  row.set('lbtot', v[CNT_LBTOT]!).set('cli_abrt', v[CNT_CLI_ABRT]!).set('srv_abrt', v[CNT_SRV_ABRT]!);
  row.set('connect', v[CNT_CONNECT]!).set('reuse', 0);
  for (const [i, name] of TIMES.entries())
    row.set(name, counters.timeAverage(i)).set(`${name}_max`, counters.timeMaximum(i));
}

export function frontendRow(inst: Instance, px: Proxy): StatRow {
  const row = draft('F', px, 'FRONTEND', 0);
  const { v } = px.fe;
  const now = inst.thr.sys.now();
  traffic(row, v);
  row.set('slim', px.limit.max).set('dreq', v[CNT_DREQ]!).set('ereq', v[CNT_EREQ]!);
  row.set('status', frontendStatus(px));
  row.set('rate', px.feRate.read(now)).set('rate_lim', px.conf.rateLimit).set('rate_max', px.feRate.max);
  row.set('conn_rate', px.feConnRate.read(now)).set('conn_rate_max', px.feConnRate.max);
  row.set('conn_tot', v[CNT_CONN_TOT]!).set('dcon', v[CNT_DCON]!).set('dses', v[CNT_DSES]!);
  zeros(row, ['req_rate', 'req_rate_max', 'req_tot', ...COMP, ...SSL, ...MUX]);
  return { kind: 'F', iid: px.id, sid: 0, values: row };
}

/** A frontend at its limit stays open; one whose sockets were all closed is over. */
function frontendStatus(px: Proxy): string {
  const states = px.listeners.map((l) => l.state);
  if (states.length === 0 || states.some((st) => st === LI_READY || st === LI_FULL || st === LI_LIMITED))
    return px.limit.full ? 'FULL' : 'OPEN';
  return states.includes(LI_PAUSED) ? 'PAUSED' : states.includes(LI_CLOSED) ? 'STOP' : 'OPEN';
}

export function listenerRow(px: Proxy, l: Listener, index: number, options: RowOptions): StatRow {
  const sid = l.conf.id !== 0 ? l.conf.id : index + 1;
  const row = draft('L', px, l.targetName, sid);
  const { v } = l.counters;
  traffic(row, v);
  row.set('slim', l.conf.maxconn).set('dreq', v[CNT_DREQ]!).set('ereq', v[CNT_EREQ]!);
  row.set('status', l.state === LI_FULL ? 'FULL' : l.state === LI_LIMITED ? 'WAITING' : 'OPEN');
  if (options.legends) row.set('addr', l.family === AF_UNIX ? 'unix' : addressText(l.address));
  row.set('dcon', v[CNT_DCON]!).set('dses', v[CNT_DSES]!);
  zeros(row, SSL);
  return { kind: 'L', iid: px.id, sid, values: row };
}

/** Up as far as anybody knows: without checks, all that is not in maintenance. */
export function serverIsUp(s: Server): boolean {
  return !s.inMaint && s.state !== SRV_ST_STOPPED;
}

function serverStatus(s: Server): string {
  if (s.inMaint) return (s.admin & SRV_ADMF_RMAINT) !== 0 ? 'MAINT (resolution)' : 'MAINT';
  if (s.state === SRV_ST_STOPPED) return 'DOWN';
  if (s.inDrain) return 'DRAIN';
  return s.state === SRV_ST_STOPPING ? 'NOLB' : 'no check';
}

const seconds = (inst: Instance, sinceMs: number): number =>
  Math.max(0, Math.floor((inst.thr.sys.date() - (sinceMs > 0 ? sinceMs : inst.startMs)) / 1000));

function lastSession(inst: Instance, ms: number): number {
  return ms < 0 ? -1 : Math.max(0, Math.floor((inst.thr.sys.date() - ms) / 1000));
}

/** With port mapping, the offset stands in the port's place. */
function serverAddress(s: Server): string {
  if (s.address.family === AF_UNIX) return 'unix';
  return s.mapPorts ? addressText({ ...s.address, port: s.portOffset }) : addressText(s.address);
}

export function serverRow(inst: Instance, px: Proxy, s: Server, options: RowOptions): StatRow {
  const row = draft('S', px, s.name, s.id);
  const { v } = s.counters;
  traffic(row, v);
  serving(row, s.counters);
  if (s.maxconn !== 0) row.set('slim', s.maxconn);
  if (s.conf.maxqueue !== 0) row.set('qlimit', s.conf.maxqueue);
  row
    .set('status', serverStatus(s))
    .set('weight', Math.ceil(s.effWeight / WEIGHT_SCALE))
    .set('uweight', s.weight);
  row.set('act', s.backup ? 0 : 1).set('bck', s.backup ? 1 : 0);
  if (s.state === SRV_ST_STARTING) row.set('throttle', srvThrottle(s));
  row.set('lastchg', seconds(inst, s.lastChangeMs)).set('lastsess', lastSession(inst, s.lastSessionMs));
  row.set('rate', s.rate.read(inst.thr.sys.now())).set('rate_max', s.rate.max);
  if (options.legends) row.set('addr', serverAddress(s));
  row.set('need_conn_est', s.lastSessionMs >= 0 ? 1 : 0); // of an idle pool, which TCP has not
  zeros(row, ['srv_icur', 'idle_conn_cur', 'safe_conn_cur', 'used_conn_cur', ...SSL]);
  return { kind: 'S', iid: px.id, sid: s.id, values: row };
}

export function backendRow(inst: Instance, px: Proxy, options: RowOptions): StatRow {
  const row = draft('B', px, 'BACKEND', 0);
  const { v } = px.be;
  traffic(row, v);
  serving(row, px.be);
  const up = px.servers.filter(serverIsUp);
  const usable = px.servers.filter((s) => s.usable);
  const active = usable.filter((s) => !s.backup);
  const backups = usable.filter((s) => s.backup);
  const down = px.servers.length > 0 && usable.length === 0;
  row.set('slim', px.fullconn).set('dreq', v[CNT_DREQ]!);
  row.set(
    'connect',
    px.servers.reduce((n, s) => n + s.counters.v[CNT_CONNECT]!, 0),
  );
  const status = down ? 'DOWN' : 'UP';
  row.set('status', options.counts ? `${status} (${up.length}/${px.servers.length})` : status);
  // Backups serve when no active server is left: the first one, or all of them with `option allbackups`.
  const serve = active.length > 0 ? active : px.conf.options.allbackups ? backups : backups.slice(0, 1);
  const weight = Math.ceil(serve.reduce((n, s) => n + s.effWeight, 0) / WEIGHT_SCALE);
  const userWeight = serve.reduce((n, s) => n + s.weight, 0);
  row.set('weight', weight).set('uweight', userWeight).set('act', active.length).set('bck', backups.length);
  const since = seconds(inst, px.lastChangeMs);
  row.set('lastchg', since).set('chkdown', px.downs);
  if (px.servers.length > 0) row.set('downtime', Math.floor(px.downtimeMs / 1000) + (down ? since : 0));
  row.set(
    'lastsess',
    lastSession(
      inst,
      px.servers.reduce((ms, s) => Math.max(ms, s.lastSessionMs), -1),
    ),
  );
  row.set('rate', px.beRate.read(inst.thr.sys.now())).set('rate_max', px.beRate.max);
  if (options.legends) row.set('algo', px.conf.balance.algo === '' ? 'roundrobin' : px.conf.balance.algo);
  zeros(row, ['agg_server_status', 'agg_server_check_status', 'agg_check_status', ...COMP, ...SSL, ...MUX]);
  return { kind: 'B', iid: px.id, sid: 0, values: row };
}
