// Fetches of proxies and servers (configuration manual 7.3.2, 7.3.3): sessions, queues, rates, limits, weights, names. A name that is
// left out means the proxy whose rule is running, as the resolve step found it.
import { CNT_SCUR } from '../../proxy/counters.js';
import { lbEligible } from '../../proxy/lb/eligible.js';
import type { Proxy } from '../../proxy/proxy.js';
import { type Server, WEIGHT_SCALE } from '../../proxy/server.js';
import { type FetchPlace, intFetch, NO_ARGS, strFetch } from './fetch-rows.js';
import { smpBool, smpInt } from './sample.js';
import {
  ARG_BE,
  ARG_FE,
  ARG_SRV,
  type Arg,
  type ArgSpec,
  type ConverterDef,
  type FetchDef,
  type SampleContext,
  SMP_F_MAY_CHANGE,
  SMP_F_VOLATILE,
  SMP_T_BOOL,
  SMP_T_SINT,
  SMP_T_STR,
  SMP_USE_BKEND,
  SMP_USE_INTRN,
  SMP_USE_L4CLI,
  SMP_USE_SERVR,
} from './types.js';

const BACKEND: ArgSpec = { kinds: [ARG_BE], min: 1 };
const FRONTEND: ArgSpec = { kinds: [ARG_FE], min: 1 };
const SERVER: ArgSpec = { kinds: [ARG_SRV], min: 1 };
const UNLIMITED = -1;

function proxyOf(args: readonly Arg[], ctx: SampleContext): Proxy | null {
  const conf = args[0]!.proxy;
  return conf === null ? null : (ctx.px.process?.proxyOf(conf) ?? null);
}

/** A number of a proxy that is named in the first argument. */
function ofProxy(words: string, args: ArgSpec, value: (px: Proxy, ctx: SampleContext) => number): FetchDef {
  return {
    words,
    args,
    outType: SMP_T_SINT,
    use: SMP_USE_INTRN,
    manual: '7.3.2',
    fetch: (smp, list, ctx) => {
      const px = proxyOf(list, ctx);
      smp.flags |= SMP_F_VOLATILE;
      return px !== null && smpInt(smp, value(px, ctx));
    },
  };
}

function serverOf(args: readonly Arg[], ctx: SampleContext): Server | null {
  const conf = args[0]!.server;
  return proxyOf(args, ctx)?.servers.find((s) => s.conf === conf) ?? null;
}

function ofServer(words: string, value: (srv: Server, ctx: SampleContext) => number): FetchDef {
  return {
    words,
    args: SERVER,
    outType: SMP_T_SINT,
    use: SMP_USE_INTRN,
    manual: '7.3.2',
    fetch: (smp, args, ctx) => {
      const srv = serverOf(args, ctx);
      smp.flags |= SMP_F_VOLATILE;
      return srv !== null && smpInt(smp, value(srv, ctx));
    },
  };
}

/** Monotonic clock of the loop, which rates are kept by; 0 before wiring. */
function nowMs(px: Proxy): number {
  return px.host?.sched.clock[0] ?? 0;
}

/** Waiting for the backend and for each of its servers. */
function queued(px: Proxy): number {
  let n = px.queue.length;
  for (const srv of px.servers) n += srv.queue.length;
  return n;
}

function averageQueue(px: Proxy): number {
  const servers = lbEligible(px).length;
  const n = queued(px);
  return servers === 0 ? 2 * n : Math.ceil(n / servers);
}

/** Free places of connections and queues of the servers that are up. */
function connSlots(px: Proxy): number {
  let slots = 0;
  for (const srv of px.servers) {
    if (!srv.reachable) continue;
    if (srv.maxconn === 0 || srv.conf.maxqueue === 0) return UNLIMITED;
    slots += srv.maxconn - srv.served + (srv.conf.maxqueue - srv.queue.length);
  }
  return Math.max(slots, 0);
}

/** Free places of the servers that take part; backup servers only where no other is up. */
function connFree(px: Proxy): number {
  let free = 0;
  for (const srv of lbEligible(px)) {
    if (srv.maxconn === 0) return UNLIMITED;
    free += Math.max(srv.maxconn - srv.served, 0);
  }
  return free;
}

const AT_BACKEND: FetchPlace = { use: SMP_USE_BKEND, manual: '7.3.3' };
const AT_SERVER: FetchPlace = { use: SMP_USE_SERVR, manual: '7.3.3' };
const AT_FRONTEND: FetchPlace = { use: SMP_USE_L4CLI, manual: '7.3.3' };

function backendOf(ctx: SampleContext): Proxy | null {
  return ctx.strm?.be ?? null;
}

function frontendOf(ctx: SampleContext): Proxy | null {
  return ctx.sess?.fe ?? ctx.strm?.sess.fe ?? null;
}

export const FETCHES_PROXY: readonly FetchDef[] = [
  ofProxy('avg_queue', BACKEND, averageQueue),
  ofProxy('be_conn', BACKEND, (px) => px.be.v[CNT_SCUR]!),
  ofProxy('be_conn_free', BACKEND, connFree),
  ofProxy('be_sess_rate', BACKEND, (px) => px.beRate.read(nowMs(px))),
  ofProxy('connslots', BACKEND, connSlots),
  ofProxy('nbsrv', BACKEND, (px) => lbEligible(px).length),
  ofProxy('queue', BACKEND, queued),
  ofProxy('fe_conn', FRONTEND, (px) => px.fe.v[CNT_SCUR]!),
  ofProxy('fe_req_rate', FRONTEND, () => 0), // requests of HTTP: none in mode tcp
  ofProxy('fe_sess_rate', FRONTEND, (px) => px.feRate.read(nowMs(px))),
  ofServer('srv_conn', (srv) => srv.counters.v[CNT_SCUR]!),
  ofServer('srv_conn_free', (srv) =>
    srv.maxconn === 0 ? UNLIMITED : Math.max(srv.maxconn - srv.counters.v[CNT_SCUR]!, 0),
  ),
  ofServer('srv_queue', (srv) => srv.queue.length),
  ofServer('srv_sess_rate', (srv) => srv.rate.read(nowMs(srv.proxy))),
  ofServer('srv_iweight', (srv) => srv.weightInitial),
  ofServer('srv_uweight', (srv) => srv.weight),
  ofServer('srv_weight', (srv) => Math.ceil(srv.effWeight / WEIGHT_SCALE)),
  {
    words: 'srv_is_up',
    args: SERVER,
    outType: SMP_T_BOOL,
    use: SMP_USE_INTRN,
    manual: '7.3.2',
    fetch: (smp, args, ctx) => {
      const srv = serverOf(args, ctx);
      smp.flags |= SMP_F_VOLATILE;
      return srv !== null && smpBool(smp, srv.reachable);
    },
  },
  intFetch('be_id', AT_BACKEND, (ctx) => backendOf(ctx)?.id ?? null),
  strFetch('be_name', AT_BACKEND, (ctx) => backendOf(ctx)?.name ?? null),
  intFetch('be_server_timeout', AT_BACKEND, (ctx) => backendOf(ctx)?.conf.timeouts.server ?? null),
  intFetch('be_tunnel_timeout', AT_BACKEND, (ctx) => backendOf(ctx)?.conf.timeouts.tunnel ?? null),
  intFetch('cur_server_timeout', AT_BACKEND, (ctx) => ctx.strm?.be.conf.timeouts.server ?? null),
  intFetch('cur_tunnel_timeout', AT_BACKEND, (ctx) => ctx.strm?.be.conf.timeouts.tunnel ?? null),
  intFetch('srv_id', AT_SERVER, (ctx) => ctx.strm?.server?.id ?? null),
  strFetch('srv_name', AT_SERVER, (ctx) => ctx.strm?.server?.name ?? null),
  intFetch('fe_id', AT_FRONTEND, (ctx) => frontendOf(ctx)?.id ?? null),
  strFetch('fe_name', AT_FRONTEND, (ctx) => frontendOf(ctx)?.name ?? null),
  strFetch('fe_defbe', AT_FRONTEND, (ctx) => frontendOf(ctx)?.defaultBackend?.name ?? null),
  intFetch('fe_client_timeout', AT_FRONTEND, (ctx) => frontendOf(ctx)?.conf.timeouts.client ?? null),
];

function backendNamed(text: string, ctx: SampleContext): Proxy | null {
  return ctx.px.process?.backendNamed(text) ?? null;
}

/** `be/srv`, or a server of the current backend. */
function serverNamed(text: string, ctx: SampleContext): Server | null {
  const slash = text.indexOf('/');
  const px = slash < 0 ? ctx.px : backendNamed(text.slice(0, slash), ctx);
  const wanted = text.slice(slash + 1);
  return px?.servers.find((s) => s.name === wanted) ?? null;
}

/** A converter of a name that counts something there. */
function counted(words: string, count: (name: string, ctx: SampleContext) => number | null): ConverterDef {
  return {
    words,
    args: NO_ARGS,
    inType: SMP_T_STR,
    outType: SMP_T_SINT,
    manual: '7.3.1',
    conv: (smp, _args, ctx) => {
      smp.flags |= SMP_F_VOLATILE | SMP_F_MAY_CHANGE;
      const n = count(smp.str, ctx);
      return n !== null && smpInt(smp, n);
    },
  };
}

export const CONVERTERS_PROXY: readonly ConverterDef[] = [
  counted('nbsrv', (name, ctx) => {
    const px = backendNamed(name, ctx);
    return px === null ? null : lbEligible(px).length;
  }),
  counted('srv_queue', (name, ctx) => serverNamed(name, ctx)?.queue.length ?? null),
];
