// Actions that decide: accept, reject, close, silent-drop; and those that ask for a header of a proxy in front (expect-proxy,
// expect-netscaler-cip).
import { IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP, AF_INET, AF_INET6 } from '../../sys/constants.js';
import { type Connection, connExpectCip, connExpectProxy } from '../../datapath/connection/connection.js';
import {
  CO_FL_ERROR,
  CO_FL_RST_ON_CLOSE,
  CO_FL_SOCK_RD_SH,
  CO_FL_SOCK_WR_SH,
} from '../../datapath/connection/flags.js';
import type { SampleContext } from '../sample/types.js';
import { built } from './rows.js';
import {
  ACT_ACCEPT,
  ACT_CLOSE,
  ACT_CONT,
  ACT_DENY,
  ACT_DROP,
  type Action,
  type ActionDef,
  type ActionParser,
  type ActionPlace,
  type ParsedAction,
  RULE_TCP_ALL,
  RULE_TCP_REQ_CONN,
  RULE_TCP_RES_CONT,
} from './types.js';

const TCP_REPAIR = 19; // Linux only: the socket may be closed without a word
const IP_TTL = 2;
const IPV6_UNICAST_HOPS = 16;

function verdict(name: string, answer: number): ActionParser {
  const action: Action = { name, final: true, run: () => answer };
  return (_place, at) => ({ action, next: at + 1 });
}

/** The client's connection of a context, null once it is gone. */
export function clientConn(ctx: SampleContext): Connection | null {
  return ctx.sess?.origin ?? null;
}

/**
 * Makes the client's connection vanish: closing a socket under repair sends nothing. Without the right to do so, the RST of the
 * close gets a TTL of one hop.
 */
function silentDrop(conn: Connection): void {
  const { sys } = conn.thr;
  if (conn.fd >= 0) {
    if (sys.setsockopt(conn.fd, IPPROTO_TCP, TCP_REPAIR, 1) < 0) {
      // The socket's own: a PROXY header or `set-src` may have given it an address of another family.
      const family = conn.ctrl?.family;
      if (family === AF_INET) sys.setsockopt(conn.fd, IPPROTO_IP, IP_TTL, 1);
      else if (family === AF_INET6) sys.setsockopt(conn.fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 1);
      conn.flags |= CO_FL_RST_ON_CLOSE;
    }
  }
  conn.flags |= CO_FL_ERROR | CO_FL_SOCK_RD_SH | CO_FL_SOCK_WR_SH;
}

const silentDropAction: Action = {
  name: 'silent-drop',
  final: true,
  run: (ctx) => {
    const conn = clientConn(ctx);
    if (conn !== null) silentDrop(conn);
    return ACT_DROP;
  },
};

function expectHeader(word: string, expect: (conn: Connection) => void): ActionParser {
  const action: Action = {
    name: word,
    final: false,
    run: (ctx) => {
      const conn = clientConn(ctx);
      if (conn !== null) expect(conn);
      return ACT_CONT;
    },
  };
  return (place: ActionPlace, at: number): ParsedAction | null => {
    const { line } = place;
    if (line.arg(at + 1) !== 'layer4') {
      const text = `'${place.ruleset} ${word}' only supports 'layer4' in ${place.who} (got '${line.arg(at + 1)}')`;
      line.alert(at + 1, 'unknown-word', text, { expected: "'layer4'" });
      return null;
    }
    if (place.rule !== RULE_TCP_REQ_CONN) {
      const text = `'${word} layer4' is not allowed in '${place.ruleset}' rules in ${place.who}`;
      line.alert(at, 'wrong-ruleset', text, { expected: "a 'tcp-request connection' rule" });
      return null;
    }
    return { action, next: at + 2 };
  };
}

export const verdictActions: readonly ActionDef[] = [
  built('accept', RULE_TCP_ALL, verdict('accept', ACT_ACCEPT)),
  built('reject', RULE_TCP_ALL, verdict('reject', ACT_DENY)),
  built('close', RULE_TCP_RES_CONT, verdict('close', ACT_CLOSE)),
  built('silent-drop', RULE_TCP_ALL, (_place, at) => ({ action: silentDropAction, next: at + 1 })),
  built('expect-proxy layer4', RULE_TCP_ALL & ~RULE_TCP_RES_CONT, expectHeader('expect-proxy', connExpectProxy)),
  built(
    'expect-netscaler-cip layer4',
    RULE_TCP_ALL & ~RULE_TCP_RES_CONT,
    expectHeader('expect-netscaler-cip', (conn) => {
      connExpectCip(conn, 0);
    }),
  ),
];
