// `show sess` (management manual 9.3): a line for each session, or all that is known of one or of all.
import { decodeFlags } from '../../base/flags.js';
import { TICK_ETERNITY, tickRemain } from '../../base/ticks.js';
import { AF_INET6, AF_UNIX } from '../../sys/constants.js';
import type { Appctx } from '../../datapath/applet/appctx.js';
import type { Channel } from '../../datapath/channel/channel.js';
import { AN_TABLE, CF_TABLE } from '../../datapath/channel/flags.js';
import type { Connection } from '../../datapath/connection/connection.js';
import { CO_FL_TABLE } from '../../datapath/connection/flags.js';
import { CS_FL_TABLE } from '../../datapath/conn-stream/flags.js';
import { addressText, connGetDst, connGetSrc } from '../../datapath/proto/address.js';
import { SF_TABLE, terminationCode } from '../../datapath/stream/flags.js';
import type { Stream } from '../../datapath/stream/stream.js';
import { SI_ST_NAMES, SI_TABLE } from '../../datapath/stream-interface/flags.js';
import type { StreamInterface } from '../../datapath/stream-interface/stream-interface.js';
import type { Proxy } from '../../proxy/proxy.js';
import { human, stampMs } from './stamp.js';
import type { CliAnswer, CliCall } from './types.js';

/** Numbers of sessions start here, so that they look like the pointers that tools expect. */
const SESS_BASE = 0x10000000;

const hex = (n: number): string => (n >>> 0).toString(16);

function sessName(s: Stream): string {
  return `0x${hex(SESS_BASE + s.id)}`;
}

/** The session with the name that `show sess` gave, or null. */
export function sessByName(call: CliCall, name: string): Stream | null {
  for (const s of call.env.instance.streams) if (sessName(s) === name.toLowerCase()) return s;
  return null;
}

/** A date of `tick`, '' for none. */
function until(s: Stream, tick: number): string {
  return tick === TICK_ETERNITY ? '' : human(tickRemain(s.thr.sched.now, tick));
}

const orNever = (text: string): string => (text === '' ? '<NEVER>' : text);

function family(s: Stream): number {
  return s.sess.listener.family;
}

function proto(s: Stream): string {
  const f = family(s);
  return f === AF_UNIX ? 'unix_stream' : f === AF_INET6 ? 'tcpv6' : 'tcpv4';
}

function source(s: Stream): string {
  if (family(s) === AF_UNIX) return `unix:${s.sess.listener.conf.id || 1}`;
  const src = s.sess.origin === null ? null : connGetSrc(s.sess.origin);
  return src === null ? '?' : addressText(src);
}

const isInternal = (s: Stream): boolean => s.sess.fe.applet !== null;
const ageMs = (s: Stream): number => Math.max(0, s.thr.sys.date() - s.sess.acceptMs);
const fdOf = (si: StreamInterface): number => si.cs?.conn?.fd ?? -1;

function channelShort(s: Stream, c: Channel): string {
  const input = c.buf.data - c.output;
  return (
    `[f=${hex(c.flags)}h,i=${input},an=${hex(c.analysers).padStart(2, '0')}h,` +
    `rx=${until(s, c.rex)},wx=${until(s, c.wex)},ax=${until(s, c.analyseExp)}]`
  );
}

/** One line of `show sess`. */
function line(s: Stream): string {
  const be = isInternal(s) || (s.be === s.sess.fe && !s.be.isBackend) ? '<NONE>' : s.be.name;
  return (
    `${sessName(s)}: proto=${proto(s)} src=${source(s)} fe=${s.sess.fe.name} be=${be} ` +
    `srv=${s.server?.name ?? '<none>'} ts=${hex(s.task.state).padStart(2, '0')} epoch=0 age=${human(ageMs(s))} ` +
    `calls=${s.task.calls} rate=0 cpu=0 lat=0 rq${channelShort(s, s.req)} rp${channelShort(s, s.res)} ` +
    `scf=[${s.sif.state},${hex(s.sif.flags)}h,fd=${fdOf(s.sif)}] scb=[${s.sib.state},${hex(s.sib.flags)}h,fd=${fdOf(s.sib)}] ` +
    `exp=${until(s, s.task.expire)} rc=${s.retriesLeft} c_exp=${until(s, s.sib.exp)}\n`
  );
}

function localAddress(conn: Connection | null | undefined): string {
  if (conn == null) return '?';
  const dst = connGetDst(conn);
  return dst === null ? '?' : addressText(dst);
}

function proxyText(px: Proxy): string {
  return `${px.name} (id=${px.id} mode=${px.conf.mode})`;
}

function endpoint(si: StreamInterface, which: string): string {
  const head = `  ${which}=${si.ops.name} flags=0x${hex(si.flags)} (${decodeFlags(SI_TABLE, si.flags)}) state=${SI_ST_NAMES[si.state]!}`;
  const app = si.appctx as Appctx | null;
  if (app !== null) return `${head} endp=APPCTX\n      app applet=${app.ops.name} calls=${app.calls}\n`;
  const cs = si.cs;
  if (cs?.conn == null) return `${head} endp=NONE\n`;
  const { conn } = cs;
  const sub = si.waitEvent?.events ?? 0;
  return (
    `${head} endp=CONN,0x${hex(cs.flags)} (${decodeFlags(CS_FL_TABLE, cs.flags)}) sub=${sub}\n` +
    `      co ctrl=${conn.ctrl?.name ?? '-'} xprt=${conn.xprt?.name ?? '-'} mux=${conn.mux?.name ?? '-'} ` +
    `data=${cs.dataCb?.name ?? '-'} target=${conn.target.targetName}\n` +
    `      flags=0x${hex(conn.flags)} (${decodeFlags(CO_FL_TABLE, conn.flags)}) fd=${conn.fd} ` +
    `fd.state=${hex(conn.fd >= 0 ? si.thr.fdtab.state[conn.fd]! : 0)} err=${conn.errCode}\n`
  );
}

function channelLong(s: Stream, name: string, c: Channel, total: number): string {
  const forward = c.toForward === 0x7fffffff ? -1 : c.toForward;
  return (
    `  ${name}=(f=0x${hex(c.flags)} (${decodeFlags(CF_TABLE, c.flags)}) an=0x${hex(c.analysers)} ` +
    `(${decodeFlags(AN_TABLE, c.analysers)}) pipe=${c.pipe?.data ?? 0} tofwd=${forward} total=${total})\n` +
    `      an_exp=${orNever(until(s, c.analyseExp))} rex=${orNever(until(s, c.rex))} wex=${orNever(until(s, c.wex))}\n` +
    `      buf=(area=${c.buf.area} o=${c.output} p=${c.output} i=${c.buf.data - c.output} size=${c.buf.size})\n`
  );
}

/** All that is known of a session, flags decoded. */
function details(s: Stream): string {
  const { sess } = s;
  const listener = `listener=${sess.listener.targetName} addr=${isInternal(s) && family(s) === AF_UNIX ? source(s) : localAddress(sess.origin)}`;
  const back = s.sib.cs?.conn;
  const backend = isInternal(s)
    ? '  backend=<NONE> (id=-1 mode=-)\n  server=<NONE> (id=-1)\n'
    : `  backend=${proxyText(s.be)}\n` +
      (s.server === null
        ? '  server=<NONE> (id=-1)\n'
        : `  server=${s.server.name} (id=${s.server.id}) addr=${back?.dst == null ? '?' : addressText(back.dst)}\n`);
  return (
    `${sessName(s)}: [${stampMs(sess.acceptMs)}] id=${s.id} proto=${proto(s)} source=${source(s)}\n` +
    `  flags=0x${hex(s.flags)} (${decodeFlags(SF_TABLE, s.flags & 0xff)}) term=${terminationCode(s.flags)} ` +
    `conn_retries=${s.retriesLeft}, conn_exp=${orNever(until(s, s.sib.exp))} conn_et=0x${hex(s.sib.errType).padStart(3, '0')} ` +
    `srv_conn=${s.srvConn?.name ?? '(nil)'}, pend_pos=${s.pendQueue === null ? '(nil)' : 'queued'}\n` +
    `  frontend=${proxyText(sess.fe)}, ${listener}\n${backend}` +
    `  task=(state=0x${hex(s.task.state).padStart(2, '0')} nice=${s.task.nice} calls=${s.task.calls} ` +
    `exp=${orNever(until(s, s.task.expire))} age=${human(ageMs(s))})\n` +
    endpoint(s.sif, 'sif') +
    endpoint(s.sib, 'sib') +
    channelLong(s, 'req', s.req, s.bytesIn) +
    channelLong(s, 'res', s.res, s.bytesOut)
  );
}

/** Sessions that were there when the dump began: those that come while it runs do not make it endless. */
function* dump(call: CliCall, text: (s: Stream) => string): Generator<string> {
  let left = call.env.instance.streams.size;
  for (const s of call.env.instance.streams) {
    if (left-- === 0) return;
    yield text(s);
  }
}

export function showSess(call: CliCall): CliAnswer {
  const id = call.words[2];
  if (id === undefined) return dump(call, line);
  if (id === 'all') return dump(call, details);
  if (!/^0x[0-9a-f]/i.test(id)) return dump(call, line);
  const s = sessByName(call, id);
  return s === null ? 'Session not found.\n' : details(s);
}
