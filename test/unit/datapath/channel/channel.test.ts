// The channel's accounts: what is there, what is scheduled, what will be.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { bufAlloc, bufPut, NO_AREA } from '../../../../src/base/buf.js';
import { BUF_LARGE, BUF_MEDIUM, BUF_SMALL } from '../../../../src/base/bufpool.js';
import {
  Channel,
  channelAdd,
  channelBufClass,
  channelErase,
  channelForward,
  channelForwardForever,
  channelIsEmpty,
  channelLearn,
  channelSent,
  channelShutrNow,
  channelShutwNow,
  CHN_INFINITE_FORWARD,
} from '../../../../src/datapath/channel/channel.js';
import {
  CF_SHUTR,
  CF_SHUTR_NOW,
  CF_SHUTW,
  CF_SHUTW_NOW,
  CF_STREAMER,
  CF_STREAMER_FAST,
} from '../../../../src/datapath/channel/flags.js';
import { pattern, World } from '../../../support/fakes.js';

/** A channel that holds `n` bytes of input. */
function holding(w: World, n: number): Channel {
  const c = new Channel(0, 0);
  bufAlloc(c.buf, w.thr.bufs, BUF_SMALL);
  bufPut(c.buf, w.sim.u8, pattern(n));
  return c;
}

test('forwarding schedules what is there and keeps the rest for what comes', () => {
  const c = holding(new World(), 100);
  channelForward(c, 30);
  assert.deepEqual([c.output, c.toForward], [30, 0]);
  channelForward(c, 100);
  assert.deepEqual([c.output, c.toForward], [100, 30]);
  c.buf.data += 50;
  channelAdd(c, 50);
  assert.deepEqual([c.output, c.toForward], [130, 0], 'the other 20 are for the analysers');
  assert.throws(() => {
    channelForward(c, -1);
  }, /negative/);
});

test('forwarding for ever never runs out, finite amounts never become for ever', () => {
  const c = holding(new World(), 10);
  channelForward(c, CHN_INFINITE_FORWARD - 5);
  channelForward(c, CHN_INFINITE_FORWARD - 5);
  assert.equal(c.toForward, CHN_INFINITE_FORWARD - 1);
  channelForwardForever(c);
  c.buf.data += 40;
  channelAdd(c, 40);
  channelForward(c, 5);
  assert.deepEqual([c.output, c.toForward], [50, CHN_INFINITE_FORWARD]);
});

test('an emptied buffer gives its area back; more than was scheduled cannot leave', () => {
  const w = new World();
  const c = holding(w, 10);
  channelForward(c, 6);
  assert.equal(channelIsEmpty(c), false);
  channelSent(c, 6, w.thr.bufs);
  assert.equal(channelIsEmpty(c), true, 'nothing scheduled, though input is there');
  assert.equal(w.thr.bufs.used[0], 1);
  assert.throws(() => {
    channelSent(c, 1, w.thr.bufs);
  }, /more than was scheduled/);
  channelForward(c, 4);
  channelSent(c, 4, w.thr.bufs);
  assert.deepEqual([c.buf.area, w.thr.bufs.used[0]], [NO_AREA, 0]);
});

test('erasing gives back buffer and pipe', () => {
  const w = new World();
  const c = holding(w, 10);
  channelForwardForever(c);
  c.pipe = w.thr.pipes.get(false);
  c.pipe!.data = 3;
  channelErase(c, w.thr.bufs, w.thr.pipes);
  assert.deepEqual([c.output, c.toForward, c.pipe, channelIsEmpty(c)], [0, 0, null, true]);
  assert.deepEqual([w.thr.bufs.usedBytes, w.thr.pipes.used, w.thr.pipes.total], [0, 0, 0]);
});

test('a shutdown that was done is not asked for again', () => {
  const c = new Channel(0, 0);
  channelShutrNow(c);
  channelShutwNow(c);
  assert.equal(c.flags, CF_SHUTR_NOW | CF_SHUTW_NOW);
  c.flags = CF_SHUTR | CF_SHUTW;
  channelShutrNow(c);
  channelShutwNow(c);
  assert.equal(c.flags, CF_SHUTR | CF_SHUTW);
});

test('buffers grow for a flow that fills them, step by step, and shrink for one that does not', () => {
  const c = new Channel(0, 0);
  const full = (): void => {
    channelLearn(c, 4096, 4096);
  };
  assert.equal(channelBufClass(c), BUF_SMALL);
  full();
  full();
  channelLearn(c, 4000, 4096); // not in a row
  full();
  full();
  assert.equal(channelBufClass(c), BUF_SMALL);
  full();
  assert.equal(channelBufClass(c), BUF_MEDIUM);
  assert.ok((c.flags & CF_STREAMER) !== 0);
  for (let i = 0; i < 3; i++) full();
  assert.equal(channelBufClass(c), BUF_LARGE);
  assert.ok((c.flags & CF_STREAMER_FAST) !== 0);
  channelLearn(c, 3000, 4096); // most of it
  channelLearn(c, 10, 4096);
  assert.equal(channelBufClass(c), BUF_LARGE, 'one small read says little');
  channelLearn(c, 10, 4096);
  assert.equal(channelBufClass(c), BUF_SMALL);
});
