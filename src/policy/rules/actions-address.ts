// set-src, set-src-port, set-dst, set-dst-port: the addresses of the client's connection as samples, logs and servers see them
// from then on (configuration manual 4.2, `http-request set-src` and its neighbours).
import { AF_INET, AF_INET6 } from '../../sys/constants.js';
import type { Connection } from '../../datapath/connection/connection.js';
import { connGetDst, connGetSrc } from '../../datapath/proto/address.js';
import type { Address } from '../../datapath/proto/types.js';
import { smpCast } from '../sample/casts.js';
import { ipText } from '../sample/ip.js';
import { SampleValue } from '../sample/sample.js';
import { SMP_T_ADDR, SMP_T_SINT, type SampleContext, type SampleExpression } from '../sample/types.js';
import { clientConn } from './actions-verdict.js';
import { built } from './rows.js';
import {
  type Action,
  ACT_CONT,
  type ActionDef,
  type ActionPlace,
  type ParsedAction,
  RULE_TCP_REQ,
  RULE_TCP_REQ_CONT,
} from './types.js';
import { readExpr } from './words.js';

const scratch = new SampleValue();

type Side = 'src' | 'dst';

function get(conn: Connection, side: Side): Address | null {
  return side === 'src' ? connGetSrc(conn) : connGetDst(conn);
}

/** The other address is settled first: asking the system later would find what is true, not what was set. */
function put(conn: Connection, side: Side, family: number, host: string, port: number): void {
  const address: Address = { family, host, port, abstract: false, encoded: null };
  if (side === 'src') conn.src = address;
  else conn.dst = address;
}

function setAddress(conn: Connection, side: Side, ip: Uint8Array): void {
  const old = get(conn, side);
  const port = old !== null && (old.family === AF_INET || old.family === AF_INET6) ? old.port : 0;
  put(conn, side, ip.length === 4 ? AF_INET : AF_INET6, ipText(ip), port);
}

function setPort(conn: Connection, side: Side, value: bigint): void {
  const port = Number(BigInt.asUintN(16, value));
  const old = get(conn, side);
  if (old !== null && (old.family === AF_INET || old.family === AF_INET6)) put(conn, side, old.family, old.host, port);
  else put(conn, side, AF_INET, '0.0.0.0', port);
}

function action(word: string, expr: SampleExpression): Action {
  const side: Side = word.startsWith('set-src') ? 'src' : 'dst';
  const port = word.endsWith('-port');
  return {
    name: word,
    final: false,
    run: (ctx: SampleContext) => {
      const conn = clientConn(ctx);
      if (conn === null || !expr.eval(ctx, scratch)) return ACT_CONT;
      if (port) {
        if (smpCast(scratch, SMP_T_SINT)) setPort(conn, side, scratch.int);
      } else if (smpCast(scratch, SMP_T_ADDR)) setAddress(conn, side, scratch.ip);
      return ACT_CONT;
    },
  };
}

function parse(place: ActionPlace, at: number): ParsedAction | null {
  // In front of the stream the reference does not look at what the expression asks for.
  const subject = place.rule === RULE_TCP_REQ_CONT ? '' : null;
  const read = readExpr(place, at + 1, { subject });
  return read === null ? null : { action: action(place.line.arg(at), read.expr), next: read.next };
}

export const addressActions: readonly ActionDef[] = ['set-src', 'set-src-port', 'set-dst', 'set-dst-port'].map((word) =>
  built(`${word} <expr>`, RULE_TCP_REQ, parse),
);
