// Bytes in the buffers of a stream, as samples look at them: what has come and is not scheduled to leave yet. A channel that is
// spliced shows none: its bytes never come into memory.
import { SMP_OPT_DIR_RES, type SampleContext } from './types.js';
import type { Channel } from '../../datapath/channel/channel.js';
import { CF_READ_ERROR, CF_SHUTR } from '../../datapath/channel/flags.js';

/** The channel that `ctx` is about, null without a stream. */
export function channelOf(ctx: SampleContext, response: boolean): Channel | null {
  const { strm } = ctx;
  return strm === null ? null : response ? strm.res : strm.req;
}

export function isResponse(ctx: SampleContext): boolean {
  return (ctx.opt & SMP_OPT_DIR_RES) !== 0;
}

/** Bytes that there are. */
export function inputLength(chn: Channel): number {
  return chn.buf.data - chn.output;
}

/** No more will come. */
export function inputEnded(chn: Channel): boolean {
  return (chn.flags & (CF_SHUTR | CF_READ_ERROR)) !== 0;
}

/** `length` bytes from `from` on as a binary string; both within what there is. */
export function inputText(ctx: SampleContext, chn: Channel, from: number, length: number): string {
  const { buf } = chn;
  if (length <= 0 || ctx.strm === null) return '';
  const { u8 } = ctx.strm.thr.sys.arena;
  const bytes = Buffer.from(u8.buffer, u8.byteOffset, u8.byteLength);
  let at = buf.head + chn.output + from;
  if (at >= buf.size) at -= buf.size;
  const first = Math.min(length, buf.size - at);
  const text = bytes.toString('latin1', buf.area + at, buf.area + at + first);
  return first === length ? text : text + bytes.toString('latin1', buf.area, buf.area + length - first);
}
