// A channel: one direction of a stream. Bytes wait in its buffer or in a pipe, never in both; the first `output` bytes of
// the buffer are scheduled to leave, and `toForward` more will be as soon as they come.
//
//     buf:  |== output ==|==== input ====|....room....|       pipe: all of it is output
//           ^ head       ^ for analysers
import { bugOn, bugOnHot } from '../../base/bug.js';
import { Buf, bufDel, bufRelease } from '../../base/buf.js';
import { BUF_LARGE, BUF_MEDIUM, BUF_SMALL, type BufPool } from '../../base/bufpool.js';
import { TICK_ETERNITY } from '../../base/ticks.js';
import type { Pipe, PipePool } from '../fd/pipe-pool.js';
import { CF_SHUTR, CF_SHUTR_NOW, CF_SHUTW, CF_SHUTW_NOW, CF_STREAMER, CF_STREAMER_FAST } from './flags.js';

/** `toForward`: everything that will ever come. */
export const CHN_INFINITE_FORWARD = 0x7fffffff;

export class Channel {
  flags: number; // CF_*
  analysers = 0; // AN_*
  readonly buf = new Buf();
  pipe: Pipe | null = null;
  output = 0; // bytes of the buffer scheduled to leave
  toForward = 0; // bytes still to schedule when they come
  /** Slot of the byte total in `thr.slots.totals`. */
  slot: number;
  xferLarge = 0; // reads in a row that filled the buffer
  xferSmall = 0; // reads in a row that did not
  rex = TICK_ETERNITY; // read expires
  wex = TICK_ETERNITY; // write expires
  rto = 0; // read time-out, ms
  wto = 0; // write time-out, ms
  analyseExp = TICK_ETERNITY;

  constructor(flags: number, slot: number) {
    this.flags = flags;
    this.slot = slot;
  }
}

/** Nothing is scheduled to leave. */
export function channelIsEmpty(c: Channel): boolean {
  return c.output === 0 && c.pipe === null;
}

/** Schedules `bytes` more (those that are there at once). */
export function channelForward(c: Channel, bytes: number): void {
  bugOn(bytes < 0, 'channelForward: negative');
  const input = c.buf.data - c.output;
  const now = bytes < input ? bytes : input;
  c.output += now;
  if (c.toForward === CHN_INFINITE_FORWARD) return;
  const later = bytes - now;
  c.toForward = later > CHN_INFINITE_FORWARD - 1 - c.toForward ? CHN_INFINITE_FORWARD - 1 : c.toForward + later;
}

export function channelForwardForever(c: Channel): void {
  c.toForward = CHN_INFINITE_FORWARD;
  c.output = c.buf.data;
}

/** `n` bytes at the end of the buffer are new: those that `toForward` covers are scheduled. */
export function channelAdd(c: Channel, n: number): void {
  if (c.toForward === CHN_INFINITE_FORWARD) {
    c.output += n;
    return;
  }
  const now = n < c.toForward ? n : c.toForward;
  c.output += now;
  c.toForward -= now;
}

/** `n` bytes of output have left. An empty buffer gives its area back. */
export function channelSent(c: Channel, n: number, pool: BufPool): void {
  bugOnHot(n > c.output, 'channel: sent more than was scheduled');
  c.output -= n;
  bufDel(c.buf, n);
  if (c.buf.data === 0) bufRelease(c.buf, pool);
}

/** Drops everything that is there. The area is given back rather than reused: the kernel may still own bytes of it. */
export function channelErase(c: Channel, pool: BufPool, pipes: PipePool): void {
  c.output = 0;
  c.toForward = 0;
  bufRelease(c.buf, pool);
  if (c.pipe !== null) {
    pipes.put(c.pipe);
    c.pipe = null;
  }
}

export function channelShutrNow(c: Channel): void {
  if ((c.flags & CF_SHUTR) === 0) c.flags |= CF_SHUTR_NOW;
}

export function channelShutwNow(c: Channel): void {
  if ((c.flags & CF_SHUTW) === 0) c.flags |= CF_SHUTW_NOW;
}

const LARGE_READS = 3; // reads in a row that filled the buffer before the flow counts as bulk
const SMALL_READS = 2; // reads in a row that filled less than a quarter before it no longer does

/** Learns from a read of `n` bytes with `room` bytes of room whether this is a bulk flow, and its buffers may be larger. */
export function channelLearn(c: Channel, n: number, room: number): void {
  if (n === room) {
    c.xferSmall = 0;
    if (c.xferLarge < 2 * LARGE_READS) {
      c.xferLarge++;
      if (c.xferLarge === LARGE_READS) c.flags |= CF_STREAMER;
      else if (c.xferLarge === 2 * LARGE_READS) c.flags |= CF_STREAMER | CF_STREAMER_FAST;
    }
    return;
  }
  if ((c.flags & (CF_STREAMER | CF_STREAMER_FAST)) === 0) {
    c.xferLarge = 0;
    return;
  }
  if (n >= room >> 2) return;
  if (++c.xferSmall < SMALL_READS) return;
  c.xferSmall = 0;
  c.xferLarge = 0;
  c.flags &= ~(CF_STREAMER | CF_STREAMER_FAST);
}

/** Size class for the next buffer of this channel. */
export function channelBufClass(c: Channel): number {
  if ((c.flags & CF_STREAMER_FAST) !== 0) return BUF_LARGE;
  return (c.flags & CF_STREAMER) !== 0 ? BUF_MEDIUM : BUF_SMALL;
}
