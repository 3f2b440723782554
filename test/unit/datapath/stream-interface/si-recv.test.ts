// Receiving into a channel: pipe or buffer, when to flush, what is told to the mux. The mux is a script whose calls are kept.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { bufAlloc, bufPut } from '../../../../src/base/buf.js';
import { Channel, channelForwardForever, CHN_INFINITE_FORWARD } from '../../../../src/datapath/channel/channel.js';
import { CF_ISRESP, CF_KERN_SPLICING, CF_SHUTR } from '../../../../src/datapath/channel/flags.js';
import type { ConnStream } from '../../../../src/datapath/conn-stream/conn-stream.js';
import { CS_FL_EOS, CS_FL_MAY_SPLICE, CS_FL_WANT_ROOM } from '../../../../src/datapath/conn-stream/flags.js';
import { connInstallMux } from '../../../../src/datapath/connection/connection.js';
import { CO_RFL_BUF_NOT_STUCK, SUB_RETRY_RECV } from '../../../../src/datapath/connection/flags.js';
import type { MuxOps } from '../../../../src/datapath/connection/ops.js';
import { muxPt } from '../../../../src/datapath/mux/pt.js';
import {
  SI_FL_ISBACK,
  SI_FL_RXBLK_ANY,
  SI_FL_RXBLK_ROOM,
  SI_ST_EST,
} from '../../../../src/datapath/stream-interface/flags.js';
import { siAttachCs, siConnOps } from '../../../../src/datapath/stream-interface/si-conn.js';
import { siCsRecv, siCsWantRecv } from '../../../../src/datapath/stream-interface/si-recv.js';
import { siAfterSend, siCsSend } from '../../../../src/datapath/stream-interface/si-send.js';
import { StreamInterface } from '../../../../src/datapath/stream-interface/stream-interface.js';
import { taskNew } from '../../../../src/sched/task.js';
import { fakeMux, pair, pattern, peerRecv, peerSend, World } from '../../../support/fakes.js';
import { type Sock, sockSend, sockShutdown } from '../../../../src/sys/sim/sock.js';

interface Side {
  readonly si: StreamInterface;
  readonly cs: ConnStream;
  readonly peer: Sock;
}

interface Duo {
  readonly w: World;
  readonly front: Side;
  readonly back: Side;
  /** Runs of the stream's task. */
  readonly task: { runs: number };
}

/** Two connections joined by two stream-interfaces, both established, everything forwarded; no stream decides. */
function duo(w: World, mux: MuxOps, flags = 0): Duo {
  const slot = w.thr.slots.take();
  const req = new Channel(flags, slot);
  const res = new Channel(flags | CF_ISRESP, slot);
  const task = { runs: 0 };
  const t = taskNew(w.thr.sched, (me) => (task.runs++, me), null);
  const sif = new StreamInterface(w.thr, 0, req, res, t, siConnOps);
  const sib = new StreamInterface(w.thr, SI_FL_ISBACK, res, req, t, siConnOps);
  sif.other = sib;
  sib.other = sif;
  const side = (si: StreamInterface): Side => {
    const { conn, peer } = pair(w);
    const made: ConnStream[] = [];
    const session = { newStream: (c: ConnStream) => (made.push(c), true) };
    assert.equal(connInstallMux(conn, mux, null, null, session, null), 0);
    const cs = made[0] ?? mux.attach(conn, null)!;
    siAttachCs(si, cs);
    si.state = SI_ST_EST;
    si.prevState = SI_ST_EST;
    return { si, cs, peer };
  };
  const d = { w, front: side(sif), back: side(sib), task };
  channelForwardForever(req);
  channelForwardForever(res);
  return d;
}

/** A mux whose receives follow a script: each entry changes the flags and gives bytes. */
function scripted(script: readonly ((cs: ConnStream) => number)[]): { mux: MuxOps; calls: string[] } {
  const calls: string[] = [];
  let at = 0;
  const next = (cs: ConnStream): number => script[at++]?.(cs) ?? 0;
  const mux = fakeMux({
    rcvPipe: (cs, pipe, count) => {
      const n = Math.min(next(cs), count);
      calls.push(`rcvPipe ${n}`);
      if (n > 0) pipe.data += n;
      return n;
    },
    rcvBuf: (cs, buf, count) => {
      const n = Math.min(next(cs), count);
      calls.push(`rcvBuf ${n}`);
      buf.data += n;
      return n;
    },
    sndPipe: (_cs, pipe) => {
      const n = pipe.data;
      pipe.data = 0;
      calls.push(`sndPipe ${n}`);
      return n;
    },
    sndBuf: (_cs, _buf, count) => (calls.push(`sndBuf ${count}`), count),
  });
  return { mux, calls };
}

function recv(s: Side): boolean {
  return siCsRecv(s.si, s.cs, s.cs.conn!, 1024);
}

/** A spliced side: the options want it, and the mux says that it may be done. */
function spliced(script: readonly ((cs: ConnStream) => number)[]): Duo & { calls: string[] } {
  const { mux, calls } = scripted(script);
  const d = duo(new World(), mux, CF_KERN_SPLICING);
  d.front.cs.flags |= CS_FL_MAY_SPLICE;
  return { ...d, calls };
}

test('C11 the si asks the flag: without it there is no rcvPipe, though the slot is filled', () => {
  const d = spliced([() => 10]);
  d.front.cs.flags &= ~CS_FL_MAY_SPLICE;
  recv(d.front);
  assert.deepEqual(d.calls, ['rcvBuf 10']);
});

test('C11 after rcvPipe with the flag still set there is no rcvBuf', () => {
  const d = spliced([() => 5000]);
  assert.equal(recv(d.front), true);
  assert.deepEqual(d.calls, ['rcvPipe 5000']);
  const empty = spliced([() => 0]);
  assert.equal(recv(empty.front), false);
  assert.deepEqual(empty.calls, ['rcvPipe 0'], 'also when it gave nothing');
});

test('C11 after rcvPipe with the flag cleared there is exactly one rcvBuf, at once, also with to_forward infinite', () => {
  const clear = (n: number) => (cs: ConnStream) => {
    cs.flags &= ~CS_FL_MAY_SPLICE;
    return n;
  };
  for (const moved of [0, 5000]) {
    const d = spliced([clear(moved), () => 100, () => assert.fail('once')]);
    assert.equal(d.front.si.ic.toForward, CHN_INFINITE_FORWARD);
    assert.equal(recv(d.front), true);
    assert.deepEqual(d.calls, [`rcvPipe ${moved}`, 'rcvBuf 100']);
    // What came by pipe leaves before what came by buffer.
    d.calls.length = 0;
    siCsSend(d.back.si, d.back.cs);
    assert.deepEqual(d.calls, moved > 0 ? ['sndPipe 5000', 'sndBuf 100'] : ['sndBuf 100']);
  }
});

test('C11 the end seen by the pipe needs no rcvBuf to be noticed', () => {
  const end = (cs: ConnStream): number => {
    cs.flags = (cs.flags & ~CS_FL_MAY_SPLICE) | CS_FL_EOS;
    return 0;
  };
  const d = spliced([end]);
  assert.equal(recv(d.front), true);
  assert.deepEqual(d.calls, ['rcvPipe 0']);
  assert.ok((d.front.si.ic.flags & CF_SHUTR) !== 0);
});

test('C11 bytes in the channel forbid the pipe: a flush is asked for and nothing is read until it is done', () => {
  const d = spliced([() => 5000]);
  const { ic } = d.front.si;
  bufAlloc(ic.buf, d.w.thr.bufs, 0);
  bufPut(ic.buf, d.w.sim.u8, pattern(50));
  ic.output = 50;
  for (let i = 0; i < 3; i++) assert.equal(recv(d.front), false);
  assert.deepEqual(d.calls, []);
  assert.ok((d.front.si.flags & SI_FL_RXBLK_ROOM) !== 0);
  // Flushed: the producer is told, and the pipe is used.
  siCsSend(d.back.si, d.back.cs);
  siAfterSend(d.back.si);
  assert.equal(d.front.si.flags & SI_FL_RXBLK_ANY, 0);
  recv(d.front);
  assert.deepEqual(d.calls, ['sndBuf 50', 'rcvPipe 5000']);
});

test('C11 a pipe that holds bytes and takes none is full, not the socket empty: flush, then go on', () => {
  const d = spliced([() => 5000, () => 0, () => 7000]);
  recv(d.front);
  recv(d.front);
  assert.ok((d.front.si.flags & SI_FL_RXBLK_ROOM) !== 0);
  assert.equal(recv(d.front), false);
  assert.deepEqual(d.calls, ['rcvPipe 5000', 'rcvPipe 0'], 'blocked');
  siCsSend(d.back.si, d.back.cs);
  siAfterSend(d.back.si);
  recv(d.front);
  assert.deepEqual(d.calls.slice(2), ['sndPipe 5000', 'rcvPipe 7000']);
});

test('C11 a pipe at its size is not offered again before it was emptied', () => {
  const d = spliced([() => 1 << 20, () => 1]);
  recv(d.front);
  const size = d.front.si.ic.pipe!.size;
  assert.equal(d.front.si.ic.pipe!.data, size);
  assert.equal(recv(d.front), false);
  assert.equal(d.calls.length, 1);
});

test('C11 an emptied pipe goes back to the pool empty; one with bytes is closed, never pooled', () => {
  const d = spliced([() => 5000, () => 5000]);
  const { pipes } = d.w.thr;
  recv(d.front);
  const { pipe } = d.front.si.ic;
  siCsSend(d.back.si, d.back.cs);
  assert.deepEqual([d.front.si.ic.pipe, pipes.used, pipes.free, pipe!.data], [null, 0, 1, 0]);
  recv(d.front);
  assert.equal(d.front.si.ic.pipe, pipe, 'the pooled one');
  pipes.put(d.front.si.ic.pipe!);
  assert.deepEqual([pipes.used, pipes.free, pipes.total], [0, 0, 0]);
});

test('C11 a socket that cannot be spliced is copied from then on, and keeps no pipe', () => {
  const d = spliced([() => -1, () => 30, () => 40]);
  assert.equal(recv(d.front), true);
  recv(d.front);
  assert.deepEqual(d.calls, ['rcvPipe -1', 'rcvBuf 30', 'rcvBuf 40']);
  assert.deepEqual([d.front.si.ic.pipe, d.w.thr.pipes.used], [null, 0]);
});

test('C11 without a pipe to be had it copies', () => {
  const d = spliced([() => 30]);
  d.w.thr.pipes.max = 0;
  assert.equal(recv(d.front), true);
  assert.deepEqual(d.calls, ['rcvBuf 30']);
});

test('C15 BUF_NOT_STUCK is told exactly when output is scheduled, in the buffer or in a pipe', () => {
  const seen: number[] = [];
  const mux = fakeMux({ rcvBuf: (_cs, _buf, _count, flags) => (seen.push(flags & CO_RFL_BUF_NOT_STUCK), 0) });
  const d = duo(new World(), mux);
  const { ic } = d.front.si;
  recv(d.front);
  bufAlloc(ic.buf, d.w.thr.bufs, 0);
  bufPut(ic.buf, d.w.sim.u8, pattern(5));
  recv(d.front); // input alone
  ic.output = 5;
  recv(d.front);
  ic.output = 0;
  ic.pipe = d.w.thr.pipes.get(false);
  ic.pipe!.data = 1;
  recv(d.front);
  assert.deepEqual(seen, [0, 0, CO_RFL_BUF_NOT_STUCK, CO_RFL_BUF_NOT_STUCK]);
});

test('C15 with the flag a mux may take nothing and ask for room; it is asked again when output has left', () => {
  const bodies: number[] = [];
  const mux = fakeMux({
    // Wants 3000 bytes in one piece where it may wait for them; must copy what fits otherwise.
    rcvBuf: (cs, buf, count, flags) => {
      if ((flags & CO_RFL_BUF_NOT_STUCK) !== 0 && count < 3000) {
        cs.flags |= CS_FL_WANT_ROOM;
        return 0;
      }
      const n = Math.min(3000, count);
      bodies.push(n);
      buf.data += n;
      return n;
    },
    sndBuf: (_cs, _buf, count) => count,
  });
  const d = duo(new World(), mux);
  const { ic } = d.front.si;
  recv(d.front);
  recv(d.front);
  assert.deepEqual(bodies, [3000], 'it waits rather than split');
  assert.ok((d.front.si.flags & SI_FL_RXBLK_ROOM) !== 0);
  siCsSend(d.back.si, d.back.cs);
  siAfterSend(d.back.si);
  assert.equal(d.front.si.flags & SI_FL_RXBLK_ROOM, 0);
  recv(d.front);
  assert.deepEqual(bodies, [3000, 3000]);
  // Input that nobody scheduled: nothing will make room, so it must copy what fits.
  ic.output = 0;
  ic.toForward = 0;
  recv(d.front);
  assert.equal(bodies.length, 3);
  assert.ok(bodies[2]! < 3000 && bodies[2]! > 0);
});

test('C14 mux_pt given no room sets WANT_ROOM and receives nothing', () => {
  const d = duo(new World(), muxPt);
  peerSend(d.w, d.front.peer, pattern(10));
  const recvs = d.w.calls('recv');
  assert.equal(muxPt.rcvBuf(d.front.cs, d.front.si.ic.buf, 0, 0), 0);
  assert.ok((d.front.cs.flags & CS_FL_WANT_ROOM) !== 0);
  assert.equal(d.w.calls('recv'), recvs);
});

for (const [manner, flags] of [
  ['copied', 0],
  ['spliced', CF_KERN_SPLICING],
] as const) {
  test(`C14 a full channel never makes the loop spin, and everything arrives once it drains: ${manner}`, () => {
    const TOTAL = 400_000;
    const w = new World({ rcvBytes: 8192, sndBytes: 8192 });
    const d = duo(w, muxPt, flags);
    const sent = pattern(TOTAL);
    let put = 0;
    const feed = (): void => {
      const n = sockSend(d.front.peer, sent, put, TOTAL - put);
      if (n > 0) put += n;
    };
    siConnOps.chkRcv(d.front.si);
    // The server reads nothing: buffers fill up, then all is still.
    for (let i = 0; i < 50; i++) {
      feed();
      w.run(10);
    }
    assert.ok((d.front.si.flags & SI_FL_RXBLK_ROOM) !== 0, 'blocked for room');
    assert.equal(d.front.si.waitEvent!.events & SUB_RETRY_RECV, 0);
    assert.ok(put < TOTAL, 'back-pressure reached the client');
    const still = { rounds: w.thr.loop.rounds, tasklets: w.thr.sched.taskletCalls, recv: w.calls('recv') };
    const quiet = { splice: w.calls('splice'), send: w.calls('send'), task: d.task.runs };
    w.run(60_000);
    assert.ok(w.thr.loop.rounds - still.rounds <= 3, `${w.thr.loop.rounds - still.rounds} rounds in a minute`);
    assert.deepEqual(
      [w.thr.sched.taskletCalls, w.calls('recv'), w.calls('splice'), w.calls('send'), d.task.runs],
      [still.tasklets, still.recv, quiet.splice, quiet.send, quiet.task],
    );
    assert.equal(w.thr.loop.spins, 0);
    // It reads again.
    const parts: Buffer[] = [];
    let got = 0;
    for (let i = 0; i < 3000 && got < TOTAL; i++) {
      feed();
      const { bytes } = peerRecv(d.back.peer);
      parts.push(bytes);
      got += bytes.length;
      w.run(5);
    }
    assert.equal(got, TOTAL);
    assert.ok(Buffer.concat(parts).equals(Buffer.from(sent)), 'equal byte for byte');
    if (flags !== 0) assert.ok(w.thr.counters.splicedBytesIn > 0);
    sockShutdown(d.front.peer, 1);
    w.run(50);
    assert.ok((d.front.si.ic.flags & CF_SHUTR) !== 0);
    assert.deepEqual([w.thr.bufs.usedBytes, w.thr.pipes.used], [0, 0]);
    siCsWantRecv(d.front.si, d.front.cs);
    assert.equal(d.front.si.waitEvent!.events & SUB_RETRY_RECV, 0, 'nothing is waited for after the end');
  });
}
