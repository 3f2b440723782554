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
import { smpBool, smpInt, smpIp, smpStr } from './sample.js';
import {
  type ArgSpec,
  type FetchDef,
  type Sample,
  type SampleContext,
  SMP_T_BOOL,
  SMP_T_IPV4,
  SMP_T_SINT,
  SMP_T_STR,
  SMP_USE_INTRN,
  SMP_USE_L4CLI,
  SMP_USE_L4SRV,
} from './types.js';

const NONE: ArgSpec = { kinds: [], min: 0 };

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

function address(words: string, use: number, where: Where): FetchDef {
  return {
    words,
    args: NONE,
    outType: SMP_T_IPV4,
    use,
    manual: '7.3.3',
    fetch: (smp, _args, ctx) => {
      const ip = ipOf(where(ctx));
      return ip !== null && smpIp(smp, ip);
    },
  };
}

function port(words: string, use: number, where: Where): FetchDef {
  return {
    words,
    args: NONE,
    outType: SMP_T_SINT,
    use,
    manual: '7.3.3',
    fetch: (smp, _args, ctx) => {
      const a = where(ctx);
      return a !== null && ipOf(a) !== null && smpInt(smp, a.port);
    },
  };
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
  return {
    words,
    args: NONE,
    outType: SMP_T_BOOL,
    use: SMP_USE_L4CLI,
    manual: '7.3.3',
    fetch: (smp, _args, ctx) => {
      const ip = ipOf(where(ctx));
      return ip !== null && smpBool(smp, isLocal(ip));
    },
  };
}

function errorNumber(words: string, use: number, conn: (ctx: SampleContext) => Connection | null): FetchDef {
  return {
    words,
    args: NONE,
    outType: SMP_T_SINT,
    use,
    manual: '7.3.3',
    fetch: (smp, _args, ctx) => {
      const c = conn(ctx);
      return c !== null && smpInt(smp, connErrorId(c.errCode));
    },
  };
}

function errorText(words: string, use: number, conn: (ctx: SampleContext) => Connection | null): FetchDef {
  return {
    words,
    args: NONE,
    outType: SMP_T_STR,
    use,
    manual: '7.3.3',
    fetch: (smp, _args, ctx) => {
      const c = conn(ctx);
      return c !== null && smpStr(smp, connErrorText(c.errCode));
    },
  };
}

function listenerNumber(words: string, value: (ctx: SampleContext) => number | null): FetchDef {
  return {
    words,
    args: NONE,
    outType: SMP_T_SINT,
    use: SMP_USE_L4CLI,
    manual: '7.3.3',
    fetch: (smp: Sample, _args, ctx) => {
      const v = value(ctx);
      return v !== null && smpInt(smp, v);
    },
  };
}

export const FETCHES_L4: readonly FetchDef[] = [
  address('src', SMP_USE_L4CLI, streamSrc),
  port('src_port', SMP_USE_L4CLI, streamSrc),
  local('src_is_local', streamSrc),
  address('dst', SMP_USE_L4CLI, streamDst),
  port('dst_port', SMP_USE_L4CLI, streamDst),
  local('dst_is_local', streamDst),
  address('fc_src', SMP_USE_L4CLI, frontSrc),
  port('fc_src_port', SMP_USE_L4CLI, frontSrc),
  local('fc_src_is_local', frontSrc),
  address('fc_dst', SMP_USE_L4CLI, frontDst),
  port('fc_dst_port', SMP_USE_L4CLI, frontDst),
  local('fc_dst_is_local', frontDst),
  address('bc_src', SMP_USE_L4SRV, backSrc),
  port('bc_src_port', SMP_USE_L4SRV, backSrc),
  address('bc_dst', SMP_USE_L4SRV, backDst),
  port('bc_dst_port', SMP_USE_L4SRV, backDst),
  errorNumber('fc_err', SMP_USE_L4CLI, front),
  errorText('fc_err_str', SMP_USE_L4CLI, front),
  errorNumber('bc_err', SMP_USE_L4SRV, back),
  errorText('bc_err_str', SMP_USE_L4SRV, back),
  listenerNumber('dst_conn', (ctx) => session(ctx)?.listener.counters.v[CNT_SCUR] ?? null),
  listenerNumber('so_id', (ctx) => session(ctx)?.listener.conf.id ?? null),
  {
    words: 'so_name',
    args: NONE,
    outType: SMP_T_STR,
    use: SMP_USE_L4CLI,
    manual: '7.3.3',
    fetch: (smp, _args, ctx) => {
      const named = session(ctx)?.listener.conf.name ?? '';
      return named !== '' && smpStr(smp, named);
    },
  },
  {
    words: 'internal.strm.is_htx',
    args: NONE,
    outType: SMP_T_BOOL,
    use: SMP_USE_INTRN,
    manual: '7.3.7',
    fetch: (smp, _args, ctx) => ctx.strm !== null && smpBool(smp, false),
  },
];
