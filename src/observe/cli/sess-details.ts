// The long form of `show sess` (management manual 9.3), laid out as the reference's; what is ours stands at the ends of lines:
// flags by name, the termination code, the error of a connection.
import { decodeFlags } from '../../base/flags.js';
import type { Appctx } from '../../datapath/applet/appctx.js';
import type { Channel } from '../../datapath/channel/channel.js';
import { CHN_INFINITE_FORWARD } from '../../datapath/channel/channel.js';
import { AN_TABLE, CF_TABLE } from '../../datapath/channel/flags.js';
import type { Connection } from '../../datapath/connection/connection.js';
import { CO_FL_TABLE } from '../../datapath/connection/flags.js';
import { TARGET_SERVER } from '../../datapath/connection/types.js';
import { CS_FL_TABLE } from '../../datapath/conn-stream/flags.js';
import { addressText, connGetDst, connLocal } from '../../datapath/proto/address.js';
import { SF_TABLE, terminationCode } from '../../datapath/stream/flags.js';
import type { Stream } from '../../datapath/stream/stream.js';
import { SI_ST_NAMES, SI_TABLE } from '../../datapath/stream-interface/flags.js';
import type { StreamInterface } from '../../datapath/stream-interface/stream-interface.js';
import type { Proxy } from '../../proxy/proxy.js';
import type { Server } from '../../proxy/server.js';
import { AF_UNIX } from '../../sys/constants.js';
import { fdPointer, ownerPointer, partPointer, sessPointer } from './pointer.js';
import { ageMs, isInternal, sessProto, sessSource, until } from './sess-facts.js';
import { human, stampMs } from './stamp.js';

// Parts of a stream, for their pointers.
const PART_TASK = 0;
const PART_SIDES = [1, 2];
const PART_APP = 3;
const PART_REQ = 4;
const PART_RES = 5;

const NIL = '(nil)';
const orNever = (text: string): string => (text === '' ? '<NEVER>' : text);
const hex = (n: number, width = 0): string => `0x${(n >>> 0).toString(16).padStart(width, '0')}`;
const serverPointer = (s: Server): string => ownerPointer(s.proxy.id, s.id);

function localText(conn: Connection | null | undefined): string {
  if (conn == null) return '?';
  const local = connLocal(conn);
  return local === null ? '?' : addressText(local);
}

function proxyText(px: Proxy): string {
  return `${px.name} (id=${px.id} mode=${px.conf.mode})`;
}

/** Where the client came to. */
function listenerText(s: Stream): string {
  const { listener, origin, fe } = s.sess;
  const unix = listener.family === AF_UNIX;
  const dst = origin === null || unix ? null : connGetDst(origin);
  const named = listener.conf.name !== '' || (fe.applet === null && fe.conf.options.socketStats);
  const name = named ? listener.targetName : '?';
  const addr = unix ? sessSource(s) : dst === null ? '?' : addressText(dst);
  return `listener=${name} (id=${listener.conf.id || 1}) addr=${addr}`;
}

function backendText(s: Stream): string {
  if (isInternal(s)) return '  backend=<NONE> (id=-1 mode=-)\n  server=<NONE> (id=-1)\n';
  const conn = s.sib.cs?.conn;
  const local = conn == null ? '' : ` addr=${localText(conn)}`;
  const { server } = s;
  if (server === null) return `  backend=${proxyText(s.be)}${local}\n  server=<NONE> (id=-1)\n`;
  const to = conn?.dst == null ? '?' : addressText(conn.dst);
  return `  backend=${proxyText(s.be)}${local}\n  server=${server.name} (id=${server.id}) addr=${to}\n`;
}

function sideText(s: Stream, si: StreamInterface, name: string, index: number): string {
  const head = `  ${name}=${partPointer(s.id, PART_SIDES[index]!)} flags=${hex(si.flags, 8)} state=${SI_ST_NAMES[si.state]!}`;
  const own = ` sif=${decodeFlags(SI_TABLE, si.flags)}`;
  const app = si.appctx as Appctx | null;
  if (app !== null) {
    const at = partPointer(s.id, PART_APP);
    return (
      `${head} endp=APPCTX,${at},0x0 sub=0${own}\n` +
      `      app${index}=${at} st0=0 st1=0 st2=0 applet=${app.ops.name} tmask=0x1 nice=${s.task.nice} calls=${app.calls} rate=0 cpu=0 lat=0\n`
    );
  }
  const { cs } = si;
  if (cs?.conn == null) return `${head} endp=NONE sub=0${own}\n`;
  const { conn } = cs;
  const back = conn.target.targetType === TARGET_SERVER;
  const target = back
    ? `SERVER:${serverPointer(conn.target as Server)}`
    : `LISTENER:${ownerPointer(s.sess.fe.id, s.sess.listener.fd)}`;
  const state = conn.fd >= 0 ? si.thr.fdtab.state[conn.fd]! : 0;
  return (
    `${head} endp=CONN,${fdPointer(conn.fd, 1)},${hex(cs.flags, 8)} sub=${si.waitEvent?.events ?? 0}${own} csf=${decodeFlags(CS_FL_TABLE, cs.flags)}\n` +
    `      co${index}=${fdPointer(conn.fd, 0)} ctrl=${conn.ctrl?.name ?? 'NONE'} xprt=${conn.xprt?.name ?? 'NONE'} ` +
    `mux=${conn.mux?.name ?? 'NONE'} data=${cs.dataCb?.name ?? 'NONE'} target=${target}\n` +
    `      flags=${hex(conn.flags, 8)} fd=${conn.fd} fd.state=${state.toString(16)} updt=0 fd.tmask=0x1 ` +
    `err=${conn.errCode} cfl=${decodeFlags(CO_FL_TABLE, conn.flags)}\n`
  );
}

function channelText(s: Stream, name: string, c: Channel, part: number, total: number): string {
  const forward = c.toForward === CHN_INFINITE_FORWARD ? -1 : c.toForward;
  const data = c.buf.size === 0 ? NIL : hex(c.buf.area);
  const an = c.analysers === 0 ? '' : ` anl=${decodeFlags(AN_TABLE, c.analysers)}`;
  return (
    `  ${name}=${partPointer(s.id, part)} (f=${hex(c.flags)} an=${hex(c.analysers)} pipe=${c.pipe?.data ?? 0} ` +
    `tofwd=${forward} total=${total}) chf=${decodeFlags(CF_TABLE, c.flags)}${an}\n` +
    `      an_exp=${orNever(until(s, c.analyseExp))} rex=${orNever(until(s, c.rex))} wex=${orNever(until(s, c.wex))}\n` +
    `      buf=${partPointer(s.id, part + 2)} data=${data} o=${c.output} p=${c.output} i=${c.buf.data - c.output} size=${c.buf.size}\n`
  );
}

/** All that is known of a session. */
export function sessDetails(s: Stream): string {
  const { sess, task, sib } = s;
  const server = s.srvConn === null ? NIL : serverPointer(s.srvConn);
  return (
    `${sessPointer(s.id)}: [${stampMs(sess.acceptMs)}000] id=${s.id} proto=${sessProto(s)} source=${sessSource(s)}\n` +
    `  flags=${hex(s.flags)}, conn_retries=${s.retries}, conn_exp=${orNever(until(s, sib.exp))} conn_et=${hex(sib.errType, 3)} ` +
    `srv_conn=${server}, pend_pos=${s.pendQueue === null ? NIL : partPointer(s.id, PART_APP)} waiting=0 epoch=0 ` +
    `term=${terminationCode(s.flags)} sfl=${decodeFlags(SF_TABLE, s.flags & 0xff)}\n` +
    `  frontend=${proxyText(sess.fe)}, ${listenerText(s)}\n${backendText(s)}` +
    `  task=${partPointer(s.id, PART_TASK)} (state=${hex(task.state, 2)} nice=${task.nice} calls=${task.calls} rate=0 ` +
    `exp=${orNever(until(s, task.expire))} tmask=0x1 age=${human(ageMs(s))})\n` +
    sideText(s, s.sif, 'scf', 0) +
    sideText(s, sib, 'scb', 1) +
    channelText(s, 'req', s.req, PART_REQ, s.bytesIn) +
    channelText(s, 'res', s.res, PART_RES, s.bytesOut)
  );
}
