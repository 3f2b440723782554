// Replacing the mux of a connection on which somebody waits (C17), and what a connection that is freed must have left behind.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  connFree,
  connFullClose,
  connInstallMux,
  connUpgradeMux,
} from '../../../../src/datapath/connection/connection.js';
import { CO_FL_IN_IDLE_LIST, SUB_RETRY_RECV } from '../../../../src/datapath/connection/flags.js';
import type { Connection } from '../../../../src/datapath/connection/connection.js';
import type { MuxOps } from '../../../../src/datapath/connection/ops.js';
import { WaitEvent } from '../../../../src/datapath/connection/wait-event.js';
import { addressInet, connGetDst, connGetSrc } from '../../../../src/datapath/proto/address.js';
import { fakeMux, pair, peerSend, World } from '../../../support/fakes.js';

function waiting(w: World, runs: string[], name: string): WaitEvent {
  return new WaitEvent(
    w.thr.sched,
    (t) => {
      runs.push(name);
      return t;
    },
    null,
  );
}

/** A mux that waits for input as soon as it is installed, as HTTP muxes do. */
function eager(es: WaitEvent, answer: number): MuxOps {
  return fakeMux({
    init: (conn) => {
      if (answer < 0) return answer;
      conn.ctx = es;
      conn.xprt!.subscribe(conn, conn.xprtCtx, SUB_RETRY_RECV, es);
      return 0;
    },
    destroy: () => undefined,
  });
}

function tried(conn: Connection): void {
  conn.thr.fdtab.cantRecv(conn.fd); // a wait is fair after a try that fell short
}

test('C17 the new mux may subscribe in its init: who waited for the old one is out of the way, and stays so', () => {
  const w = new World();
  const runs: string[] = [];
  const { conn, peer } = pair(w);
  const [before, after] = [waiting(w, runs, 'old'), waiting(w, runs, 'new')];
  assert.equal(connInstallMux(conn, eager(before, 0), null, null, null, null), 0);
  tried(conn);
  conn.xprt!.subscribe(conn, conn.xprtCtx, SUB_RETRY_RECV, before);
  w.run();
  runs.length = 0;
  assert.equal(connUpgradeMux(conn, eager(after, 0), null, null, null, null), 0);
  assert.deepEqual([before.events, after.events, conn.subs === after], [0, SUB_RETRY_RECV, true]);
  peerSend(w, peer, Uint8Array.of(1));
  w.run();
  assert.deepEqual(runs, ['new']);
});

test('C17 when the new mux refuses, who waited for the old one waits again', () => {
  const w = new World();
  const runs: string[] = [];
  const { conn, peer } = pair(w);
  const before = waiting(w, runs, 'old');
  const old = eager(before, 0);
  connInstallMux(conn, old, null, null, null, null);
  tried(conn);
  w.run();
  runs.length = 0;
  conn.xprt!.subscribe(conn, conn.xprtCtx, SUB_RETRY_RECV, before);
  assert.equal(connUpgradeMux(conn, eager(waiting(w, runs, 'new'), -1), null, null, null, null), -1);
  assert.deepEqual([conn.mux === old, before.events, conn.subs === before], [true, SUB_RETRY_RECV, true]);
  peerSend(w, peer, Uint8Array.of(1));
  w.run();
  assert.deepEqual(runs, ['old']);
});

test('a connection is not freed while it stands in an idle list', () => {
  const w = new World();
  const { conn } = pair(w);
  connFullClose(conn);
  conn.flags |= CO_FL_IN_IDLE_LIST;
  assert.throws(() => {
    connFree(conn);
  }, /idle list/);
  conn.flags &= ~CO_FL_IN_IDLE_LIST;
  connFree(conn);
});

test('addresses that were set count from then on', () => {
  const w = new World();
  const { conn } = pair(w);
  conn.src = addressInet('1.2.3.4', 5);
  conn.dst = addressInet('5.6.7.8', 9);
  assert.equal(`${connGetSrc(conn)!.host} ${connGetDst(conn)!.host}`, '1.2.3.4 5.6.7.8');
});
