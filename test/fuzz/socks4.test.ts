// Fuzz target of what a SOCKS4 proxy answers, through the handshake transport itself: granted, refused or waiting as the first eight
// bytes say, however they are cut; not a byte behind them is taken; nothing is left when the connection ends.
import '../support/strict.js';
import assert from 'node:assert/strict';
import { csNew } from '../../src/datapath/conn-stream/conn-stream.js';
import { connInstallMux } from '../../src/datapath/connection/connection.js';
import {
  CO_FL_ERROR,
  CO_FL_HANDSHAKE,
  CO_FL_SOCK_RD_SH,
  CO_FL_XPRT_READY,
} from '../../src/datapath/connection/flags.js';
import { muxPt } from '../../src/datapath/mux/pt.js';
import { handshakeSend, xprtOpen } from '../../src/datapath/xprt/handshake.js';
import { rawSock } from '../../src/datapath/xprt/raw-sock.js';
import { SOCKS4_ANSWER_BYTES, socks4Request } from '../../src/datapath/xprt/socks4.js';
import { sockShutdown } from '../../src/sys/sim/sock.js';
import { pair, peerRecv, peerSend, World } from '../support/fakes.js';
import { fuzz } from './driver.js';

const GRANTED = 90;
const w = new World();

fuzz('socks4', {
  feed: (input) => {
    const { conn, peer } = pair(w);
    conn.flags &= ~CO_FL_XPRT_READY;
    handshakeSend(conn, null, socks4Request({ family: 2, host: '1.2.3.4', port: 80, abstract: false, encoded: null }));
    assert.ok(xprtOpen(conn, rawSock));
    connInstallMux(conn, muxPt, csNew(w.thr, conn, conn.target), null, null, null);
    w.run(5);
    assert.equal(peerRecv(peer).bytes.length, 16, 'the request');
    // Cut after as many bytes as the last one says.
    const cut = input.length === 0 ? 0 : input.at(-1)! % input.length;
    if (cut > 0) peerSend(w, peer, input.subarray(0, cut));
    w.run(3);
    if (cut < input.length) peerSend(w, peer, input.subarray(cut));
    w.run(3);
    const whole = input.length >= SOCKS4_ANSWER_BYTES;
    const granted = whole && input[1] === GRANTED;
    assert.equal((conn.flags & CO_FL_ERROR) !== 0, whole && !granted, 'an error where it was refused');
    assert.equal(conn.xprt === rawSock, granted, 'off the stack where it was granted');
    if (!whole) assert.notEqual(conn.flags & CO_FL_HANDSHAKE, 0);
    sockShutdown(peer, 1);
    w.net();
    w.run(3);
    if (granted) {
      const area = w.thr.bufs.alloc(0);
      const n = w.sim.recv(conn.fd, area, 4096, 0);
      const rest = input.subarray(SOCKS4_ANSWER_BYTES);
      assert.equal(Math.max(0, n), Math.min(4096, rest.length), 'what is behind the answer is still there');
      assert.deepEqual(w.sim.arena.u8.slice(area, area + Math.max(0, n)), new Uint8Array(rest.subarray(0, 4096)));
      w.thr.bufs.release(area);
    } else {
      assert.notEqual(conn.flags & (CO_FL_ERROR | CO_FL_SOCK_RD_SH), 0, 'the end is an error');
    }
    muxPt.destroy(conn.ctx);
    const { counters, fdtab, sched, bufs } = w.thr;
    counters.connStreams = 0;
    w.run(20);
    assert.deepEqual([counters.connections, counters.muxes, fdtab.used, sched.taskletsUsed], [0, 0, 0, 0]);
    assert.deepEqual([...bufs.used], [0, 0, 0]);
  },
  max: 64,
});
