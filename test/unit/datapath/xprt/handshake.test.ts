// The handshake transport over a simulated socket: it stands on the stack while it is due and no longer, loses no byte however they
// are cut, and wakes who waits above it.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TaskHandler } from '../../../../src/sched/task.js';
import { bufPeek } from '../../../../src/base/buf.js';
import { csNew } from '../../../../src/datapath/conn-stream/conn-stream.js';
import { connExpectCip, connInstallMux, connWaitL4 } from '../../../../src/datapath/connection/connection.js';
import {
  CO_ER_CIP_EMPTY,
  CO_ER_PRX_ABORT,
  CO_ER_PRX_BAD_HDR,
  CO_ER_PRX_EMPTY,
  CO_ER_PRX_NOT_HDR,
  CO_ER_PRX_TIMEOUT,
  CO_ER_PRX_TRUNCATED,
  CO_ER_SOCKS4_ABORT,
  CO_ER_SOCKS4_DENY,
  CO_FL_ERROR,
  CO_FL_HANDSHAKE,
  CO_FL_SOCK_RD_SH,
  CO_FL_WAIT_L4_CONN,
  CO_FL_XPRT_READY,
  SUB_RETRY_SEND,
} from '../../../../src/datapath/connection/flags.js';
import type { Connection } from '../../../../src/datapath/connection/connection.js';
import { WaitEvent } from '../../../../src/datapath/connection/wait-event.js';
import { muxPt } from '../../../../src/datapath/mux/pt.js';
import { addressText, connGetDst, connGetSrc } from '../../../../src/datapath/proto/address.js';
import { sessionAccept } from '../../../../src/datapath/session/session.js';
import type { Stream } from '../../../../src/datapath/stream/stream.js';
import { handshakeSend, xprtOpen } from '../../../../src/datapath/xprt/handshake.js';
import { proxyV1Write } from '../../../../src/datapath/xprt/proxy-v1.js';
import { rawSock } from '../../../../src/datapath/xprt/raw-sock.js';
import { socks4Request } from '../../../../src/datapath/xprt/socks4.js';
import { type Sock, sockAbort, sockShutdown } from '../../../../src/sys/sim/sock.js';
import { Front, pair, peerRecv, peerSend, World } from '../../../support/fakes.js';

const TCP4 = 'PROXY TCP4 1.2.3.4 5.6.7.8 1111 2222\r\n';
const V2 = `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x12\x01\x02\x03\x04\x05\x06\x07\x08\x04\x57\x08\xae\x02\0\x03a.b`;
const CIP =
  'wwww\0\0\0\x28\x45\0\0\x28\0\0\0\0\x40\x06\0\0\x09\x09\x09\x09\x08\x08\x08\x08\0\x01\0\x02' +
  `${'\0'.repeat(8)}\x50\x02${'\0'.repeat(6)}`;
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Its streams are there, and do nothing. */
class Quiet extends Front {
  override readonly process: TaskHandler = (t) => t;
}

const buffers = (w: World): number => w.thr.bufs.used.reduce((sum, n) => sum + n, 0);

interface Accepted {
  readonly w: World;
  readonly front: Front;
  readonly conn: Connection;
  readonly peer: Sock;
}

/** A connection accepted by a listener with these options; no byte was sent yet. */
function accepted(options: { proxy?: boolean; cip?: boolean }): Accepted {
  const w = new World();
  const front = new Quiet(w);
  const { conn, peer } = pair(w, front.listener);
  conn.flags &= ~CO_FL_XPRT_READY; // accepting puts the transport on
  front.listener.conf.acceptProxy = options.proxy === true;
  front.listener.conf.netscalerCip = options.cip === true ? 0x77777777 : 0;
  front.listener.counters.enter();
  for (const l of front.listener.limits) l.used++;
  assert.equal(sessionAccept(conn, front.listener, front.fe, front, rawSock), 0);
  return { w, front, conn, peer };
}

/** What the stream has got as input, once there is one. */
function input({ w, front }: Accepted): string | null {
  const [s] = [...front.streams] as [Stream?];
  if (s === undefined) return null;
  return Buffer.from(bufPeek(s.req.buf, w.sim.arena.u8, 65536)).toString('latin1');
}

const ends = ({ conn }: Accepted): string => `${addressText(connGetSrc(conn)!)} ${addressText(connGetDst(conn)!)}`;

test('C08 a PROXY header sets the addresses, and the transport leaves the stack', () => {
  const a = accepted({ proxy: true });
  a.w.run();
  assert.deepEqual([a.conn.xprt!.name, a.conn.mux, a.w.thr.counters.streams], ['HS', null, 0]);
  peerSend(a.w, a.peer, bytes(`${TCP4}data`));
  a.w.run();
  assert.deepEqual([a.conn.xprt, a.conn.xprtCtx, a.conn.mux], [rawSock, null, muxPt]);
  assert.equal(a.conn.flags & CO_FL_HANDSHAKE, 0);
  assert.equal(a.conn.handshake!.rcvdProxy, true);
  assert.equal(ends(a), '1.2.3.4:1111 5.6.7.8:2222');
  assert.equal(input(a), 'data');
});

test('C08 headers cut at every byte set the same addresses and lose nothing', () => {
  for (const header of [TCP4, V2]) {
    for (let n = 1; n < header.length + 4; n++) {
      const a = accepted({ proxy: true });
      const whole = `${header}data`;
      peerSend(a.w, a.peer, bytes(whole.slice(0, n)));
      a.w.run();
      assert.equal(input(a) !== null, n >= header.length, `${n} bytes`);
      peerSend(a.w, a.peer, bytes(whole.slice(n)));
      a.w.run();
      assert.equal(ends(a), '1.2.3.4:1111 5.6.7.8:2222');
      const rest = input(a)!;
      assert.ok(
        rest === 'data' || (n >= header.length && rest === whole.slice(header.length, n)),
        JSON.stringify(rest),
      );
    }
  }
});

test('a header byte by byte needs no buffer while it waits for the first, and one afterwards', () => {
  const a = accepted({ proxy: true });
  a.w.run();
  assert.equal(buffers(a.w), 0);
  for (const c of bytes(V2)) {
    peerSend(a.w, a.peer, Uint8Array.of(c));
    a.w.run(2);
  }
  a.w.run();
  assert.equal(buffers(a.w), 0, 'nothing was left over');
  assert.equal(input(a), '');
  assert.deepEqual(
    a.conn.handshake!.tlvs,
    [{ type: 2, value: bytes('a.b').slice() }].map((t) => ({ ...t, value: new Uint8Array(t.value) })),
  );
});

test('the end that came with the header is seen behind it', () => {
  const a = accepted({ proxy: true });
  peerSend(a.w, a.peer, bytes(TCP4));
  sockShutdown(a.peer, 1);
  a.w.net();
  a.w.run();
  assert.equal(input(a), '');
  assert.equal(a.conn.flags & CO_FL_ERROR, 0);
});

test('first the CIP header, then the PROXY header, in one segment', () => {
  const a = accepted({ proxy: true, cip: true });
  peerSend(a.w, a.peer, bytes(`${CIP}${TCP4}data`));
  a.w.run();
  assert.equal(ends(a), '1.2.3.4:1111 5.6.7.8:2222');
  assert.equal(input(a), 'data');
  const b = accepted({ cip: true });
  peerSend(b.w, b.peer, bytes(`${CIP}data`));
  b.w.run();
  assert.equal(ends(b), '9.9.9.9:1 8.8.8.8:2');
  assert.equal(b.conn.handshake!.rcvdProxy, false);
  assert.equal(input(b), 'data');
});

test('what goes wrong ends the session with its reason, and nothing is left', () => {
  const cases: readonly (readonly [number, string, ((peer: Sock) => void) | null])[] = [
    [CO_ER_PRX_NOT_HDR, 'GET', null],
    [CO_ER_PRX_BAD_HDR, 'PROXY TCP4 1.2.3.4 5.6.7.8 70000 2\r\n', null],
    [CO_ER_PRX_EMPTY, '', (p) => sockShutdown(p, 1)],
    [CO_ER_PRX_TRUNCATED, 'PROXY TCP4', (p) => sockShutdown(p, 1)],
    [CO_ER_PRX_ABORT, '', sockAbort],
    [CO_ER_PRX_TIMEOUT, '', null],
    [CO_ER_PRX_TIMEOUT, 'PROXY TCP4', null],
  ];
  for (const [code, sent, how] of cases) {
    const a = accepted({ proxy: true });
    if (sent !== '') peerSend(a.w, a.peer, bytes(sent));
    how?.(a.peer);
    a.w.net();
    a.w.run(code === CO_ER_PRX_TIMEOUT ? 5100 : 50);
    assert.deepEqual(a.front.embryonic, [code], `${code} ${sent}`);
    const { thr } = a.w;
    assert.deepEqual([thr.counters.connections, thr.counters.sessions, thr.fdtab.used, buffers(a.w)], [0, 0, 0, 0]);
    assert.deepEqual([thr.sched.wq.size, thr.sched.taskletsUsed], [0, 1], 'only those of the listener');
  }
  const cip = accepted({ cip: true });
  sockShutdown(cip.peer, 1);
  cip.w.net();
  cip.w.run(50);
  assert.deepEqual(cip.front.embryonic, [CO_ER_CIP_EMPTY]);
});

/** A connection towards a server, with somebody waiting above its mux. */
function towards(header: Uint8Array | null, socks4: Uint8Array | null): Accepted & { woken: () => number } {
  const w = new World();
  const front = new Quiet(w);
  const { conn, peer } = pair(w);
  conn.flags &= ~CO_FL_XPRT_READY;
  connWaitL4(conn);
  handshakeSend(conn, header, socks4);
  assert.ok(xprtOpen(conn, rawSock));
  const cs = csNew(w.thr, conn, conn.target);
  connInstallMux(conn, muxPt, cs, null, null, null);
  let woken = 0;
  const es = new WaitEvent(
    w.thr.sched,
    (t) => {
      woken++;
      return t;
    },
    null,
  );
  muxPt.subscribe(cs, SUB_RETRY_SEND, es);
  return { w, front, conn, peer, woken: () => woken };
}

test('C08 towards a server the header goes first, L4 is proven, and who waits above is woken once', () => {
  const header = proxyV1Write(null, null);
  const a = towards(header, null);
  assert.equal(a.conn.xprt!.name, 'HS');
  a.w.run();
  assert.equal(peerRecv(a.peer).bytes.toString(), 'PROXY UNKNOWN\r\n');
  assert.deepEqual([a.woken(), a.conn.xprt, a.conn.flags & (CO_FL_HANDSHAKE | CO_FL_WAIT_L4_CONN)], [1, rawSock, 0]);
  assert.equal(buffers(a.w), 0);
});

test('C08 SOCKS4: request, answer in any pieces, then the header; what follows the answer stays in the socket', () => {
  for (let n = 1; n < 8; n++) {
    const request = socks4Request({ family: 2, host: '1.2.3.4', port: 1001, abstract: false, encoded: null })!;
    const a = towards(proxyV1Write(null, null), request);
    a.w.run();
    assert.equal(peerRecv(a.peer).bytes.toString('hex'), '040103e901020304484150726f787900');
    const answer = bytes('\0\x5aignore');
    peerSend(a.w, a.peer, answer.subarray(0, n));
    a.w.run();
    assert.equal(a.woken(), 0);
    peerSend(a.w, a.peer, Buffer.concat([answer.subarray(n), Buffer.from('hello')]));
    a.w.run();
    assert.equal(peerRecv(a.peer).bytes.toString(), 'PROXY UNKNOWN\r\n');
    assert.deepEqual([a.woken(), a.conn.xprt], [1, rawSock]);
    assert.equal(a.conn.flags & (CO_FL_ERROR | CO_FL_SOCK_RD_SH), 0);
  }
});

test('SOCKS4 that refuses, or ends early, is an error for who waits above', () => {
  const request = socks4Request({ family: 2, host: '1.2.3.4', port: 1001, abstract: false, encoded: null })!;
  for (const [code, sent] of [
    [CO_ER_SOCKS4_DENY, '\0\x5b\0\0\0\0\0\0'],
    [CO_ER_SOCKS4_ABORT, '\0\x5a\0'],
  ] as const) {
    const a = towards(null, request);
    a.w.run();
    peerSend(a.w, a.peer, bytes(sent));
    sockShutdown(a.peer, 1);
    a.w.net();
    a.w.run();
    assert.deepEqual([a.woken(), a.conn.errCode], [1, code]);
    assert.notEqual(a.conn.flags & CO_FL_ERROR, 0);
  }
  const six = { family: 10, host: '::1', port: 1, abstract: false, encoded: null };
  assert.equal(socks4Request(six), null, 'it cannot name an IPv6 address');
});

test('a connection without handshakes gets no transport but its own', () => {
  const w = new World();
  const { conn } = pair(w);
  conn.flags &= ~CO_FL_XPRT_READY;
  assert.ok(xprtOpen(conn, rawSock));
  assert.equal(conn.xprt, rawSock);
  connExpectCip(conn, 0xffffffff);
  assert.equal(conn.handshake!.cipMagic, 0xffffffff);
});
