// The stream's beginning and end.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buf, bufAlloc, bufPeek, bufPut, NO_AREA } from '../../../../src/base/buf.js';
import { connInstallMux } from '../../../../src/datapath/connection/connection.js';
import { type Stream, streamFree } from '../../../../src/datapath/stream/stream.js';
import { muxPt } from '../../../../src/datapath/mux/pt.js';
import { CNT_BIN } from '../../../../src/proxy/counters.js';
import { TASK_WOKEN_INIT } from '../../../../src/sched/flags.js';
import { Front, pair, pattern, World } from '../../../support/fakes.js';

test('C23 a stream is created with a buffer of bytes already received', () => {
  const w = new World();
  const front = new Front(w);
  const { conn } = pair(w);
  const sess = front.session(conn);
  const input = new Buf();
  bufAlloc(input, w.thr.bufs, 0);
  input.head = input.size - 100; // it wraps
  bufPut(input, w.sim.u8, pattern(300));
  const { area } = input;
  assert.equal(connInstallMux(conn, muxPt, null, front.fe, sess, input), 0);
  const [s] = [...front.streams] as [Stream];
  assert.equal(s.req.buf.area, area, 'the area itself moves');
  assert.deepEqual([input.area, input.data], [NO_AREA, 0]);
  assert.deepEqual(bufPeek(s.req.buf, w.sim.u8, 1000), pattern(300));
  assert.equal(s.req.output, 0, 'nothing is scheduled before the analysers ran');
  assert.equal(s.bytesIn, 300);
  assert.ok((s.task.state & TASK_WOKEN_INIT) !== 0);
  assert.equal(w.thr.bufs.used[0], 1);
  streamFree(s);
  assert.equal(w.thr.bufs.used[0], 0);
  assert.equal(front.fe.fe.v[CNT_BIN], 300);
});

test('C23 without bytes, or with an empty buffer, a stream begins empty', () => {
  for (const input of [null, new Buf()]) {
    const w = new World();
    const front = new Front(w);
    const { conn } = pair(w);
    assert.equal(connInstallMux(conn, muxPt, null, front.fe, front.session(conn), input), 0);
    const [s] = [...front.streams] as [Stream];
    assert.deepEqual([s.req.buf.area, s.bytesIn], [NO_AREA, 0]);
  }
});

test('an ended stream gives back everything it had', () => {
  const w = new World();
  const front = new Front(w);
  const { conn } = pair(w);
  connInstallMux(conn, muxPt, null, front.fe, front.session(conn), null);
  const [s] = [...front.streams] as [Stream];
  bufAlloc(s.res.buf, w.thr.bufs, 1);
  s.req.pipe = w.thr.pipes.get(false);
  s.req.pipe!.data = 5;
  s.sif.cs!.conn!.flags |= 0x2000; // the peer has ended: the connection goes with its stream
  streamFree(s);
  const { streams, connStreams, connections, sessions, muxes } = w.thr.counters;
  assert.deepEqual([streams, connStreams, connections, sessions, muxes], [0, 0, 0, 0, 0]);
  assert.deepEqual([w.thr.bufs.usedBytes, w.thr.pipes.used, w.thr.pipes.free, front.streams.size], [0, 0, 0, 0]);
  assert.throws(() => {
    streamFree(s);
  });
});
