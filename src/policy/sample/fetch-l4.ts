// Fetches of connections (configuration manual 7.3.3): addresses and ports of both sides, the listening socket, errors, calls of the
// stream's task.
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connErrorId, connErrorText } from '../../datapath/connection/errors.js';
import type { Connection } from '../../datapath/connection/connection.js';
import { connGetDst, connGetSrc, connLocal } from '../../datapath/proto/address.js';
import type { Address } from '../../datapath/proto/types.js';
import type { Session } from '../../datapath/session/session.js';
import { CNT_SCUR } from '../../proxy/counters.js';
import { ipText, readIp } from './ip.js';
import { boolFetch, type FetchPlace, intFetch, ipFetch, strFetch } from './fetch-rows.js';
import { type FetchDef, type SampleContext, SMP_USE_L4CLI, SMP_USE_L4SRV } from './types.js';

function session(ctx: SampleContext): Session | null {
  return ctx.sess ?? ctx.strm?.sess ?? null;
}

/** The client's connection, also when it is closed already; null where there is none. */
function front(ctx: SampleContext): Connection | null {
  return session(ctx)?.front ?? null;
}

function back(ctx: SampleContext): Connection | null {
  return ctx.strm?.sib.cs?.conn ?? null;
}

type Where = (ctx: SampleContext) => Address | null;

function addressOf(conn: Connection | null, dst: boolean): Address | null {
  if (conn === null) return null;
  return dst ? connGetDst(conn) : connGetSrc(conn);
}

const frontSrc: Where = (ctx) => addressOf(front(ctx), false);
const frontDst: Where = (ctx) => addressOf(front(ctx), true);
// Rules of a stream may have given it other addresses.
const streamSrc: Where = (ctx) => ctx.strm?.src ?? frontSrc(ctx);
const streamDst: Where = (ctx) => ctx.strm?.dst ?? frontDst(ctx);
const backDst: Where = (ctx) => addressOf(back(ctx), true) ?? ctx.strm?.backDst ?? null;
const backSrc: Where = (ctx) => {
  const conn = back(ctx);
  return ctx.strm?.backSrc ?? (conn === null ? null : (conn.src ?? connLocal(conn)));
};

/** Bytes of an IP address, null for the others. */
function ipOf(a: Address | null): Uint8Array | null {
  return a === null ? null : readIp(a.host.replace(/%.*$/, ''));
}

const FRONT: FetchPlace = { use: SMP_USE_L4CLI, manual: '7.3.3' };
const BACK: FetchPlace = { use: SMP_USE_L4SRV, manual: '7.3.3' };

function address(words: string, place: FetchPlace, where: Where): FetchDef {
  return ipFetch(words, place, (ctx) => ipOf(where(ctx)));
}

function port(words: string, place: FetchPlace, where: Where): FetchDef {
  return intFetch(words, place, (ctx) => {
    const a = where(ctx);
    return a === null || ipOf(a) === null ? null : a.port;
  });
}

/** Whether an address of this machine: those of its interfaces, and all of 127.0.0.0/8. */
function isLocal(ip: Uint8Array): boolean {
  if (ip.length === 4 && ip[0] === 127) return true;
  const text = ipText(ip);
  for (const list of Object.values(networkInterfaces())) {
    for (const { address: own } of list ?? []) {
      if (own === text) return true;
      if (isIPv4(own) && `::ffff:${own}` === text) return true;
    }
  }
  return false;
}

function local(words: string, where: Where): FetchDef {
  return boolFetch(words, FRONT, (ctx) => {
    const ip = ipOf(where(ctx));
    return ip === null ? null : isLocal(ip);
  });
}

type Which = (ctx: SampleContext) => Connection | null;

function errorNumber(words: string, place: FetchPlace, which: Which): FetchDef {
  return intFetch(words, place, (ctx) => {
    const conn = which(ctx);
    return conn === null ? null : connErrorId(conn.errCode);
  });
}

function errorText(words: string, place: FetchPlace, which: Which): FetchDef {
  return strFetch(words, place, (ctx) => {
    const conn = which(ctx);
    return conn === null ? null : connErrorText(conn.errCode);
  });
}

export const FETCHES_L4: readonly FetchDef[] = [
  address('src', FRONT, streamSrc),
  port('src_port', FRONT, streamSrc),
  local('src_is_local', streamSrc),
  address('dst', FRONT, streamDst),
  port('dst_port', FRONT, streamDst),
  local('dst_is_local', streamDst),
  address('fc_src', FRONT, frontSrc),
  port('fc_src_port', FRONT, frontSrc),
  local('fc_src_is_local', frontSrc),
  address('fc_dst', FRONT, frontDst),
  port('fc_dst_port', FRONT, frontDst),
  local('fc_dst_is_local', frontDst),
  address('bc_src', BACK, backSrc),
  port('bc_src_port', BACK, backSrc),
  address('bc_dst', BACK, backDst),
  port('bc_dst_port', BACK, backDst),
  errorNumber('fc_err', FRONT, front),
  errorText('fc_err_str', FRONT, front),
  errorNumber('bc_err', BACK, back),
  errorText('bc_err_str', BACK, back),
  intFetch('dst_conn', FRONT, (ctx) => session(ctx)?.listener.counters.v[CNT_SCUR] ?? null),
  intFetch('so_id', FRONT, (ctx) => session(ctx)?.listener.conf.id ?? null),
  strFetch('so_name', FRONT, (ctx) => session(ctx)?.listener.conf.name || null),
];
