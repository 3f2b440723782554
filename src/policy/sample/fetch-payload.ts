// Fetches of buffer contents (configuration manual 7.3.5): what the client or the server sent and was not forwarded yet. As long as
// more may come, a sample that needs more is "not yet" (SMP_F_MAY_CHANGE), and rules with an inspect-delay wait for it.
import type { Channel } from '../../datapath/channel/channel.js';
import { channelOf, inputEnded, inputLength, inputText, isResponse } from './payload.js';
import { RDP_FOUND, RDP_NONE, RDP_SHORT, rdpCookie } from './rdp.js';
import { smpBin, smpInt, smpStr } from './sample.js';
import {
  ARG_SINT,
  ARG_STR,
  type Arg,
  type ArgSpec,
  type FetchDef,
  type Sample,
  type SampleContext,
  SMP_F_MAY_CHANGE,
  SMP_F_VOLATILE,
  SMP_OPT_FINAL,
  SMP_T_BIN,
  SMP_T_SINT,
  SMP_T_STR,
  SMP_USE_L6REQ,
  SMP_USE_L6RES,
} from './types.js';

const NONE: ArgSpec = { kinds: [], min: 0 };
const BLOCK: ArgSpec = { kinds: [ARG_SINT, ARG_SINT], min: 2 };
const LENGTH_VALUE: ArgSpec = { kinds: [ARG_SINT, ARG_SINT, ARG_STR], min: 2 };
const NAME: ArgSpec = { kinds: [ARG_STR], min: 1 };

const REQ = 0;
const RES = 1;
const EITHER = 2; // `payload`: by where it stands

const USES: readonly number[] = [SMP_USE_L6REQ, SMP_USE_L6RES, SMP_USE_L6REQ | SMP_USE_L6RES];

function input(ctx: SampleContext, side: number): Channel | null {
  return channelOf(ctx, side === RES || (side === EITHER && isResponse(ctx)));
}

/** What is not there may still come. */
function mayCome(ctx: SampleContext, chn: Channel): boolean {
  return (ctx.opt & SMP_OPT_FINAL) === 0 && !inputEnded(chn);
}

/** Too short: not yet, or no sample. */
function short(smp: Sample, ctx: SampleContext, chn: Channel): false {
  if (mayCome(ctx, chn)) smp.flags |= SMP_F_MAY_CHANGE;
  return false;
}

function lengthFetch(words: string, side: number): FetchDef {
  return {
    words,
    args: NONE,
    outType: SMP_T_SINT,
    use: USES[side]!,
    manual: '7.3.5',
    fetch: (smp, _args, ctx) => {
      const chn = input(ctx, side);
      if (chn === null) return false;
      smp.flags |= SMP_F_VOLATILE | SMP_F_MAY_CHANGE;
      return smpInt(smp, inputLength(chn));
    },
  };
}

/** A block of `length` bytes at `from`; 0: all there is from there on. */
function block(smp: Sample, ctx: SampleContext, chn: Channel, from: number, length: number): boolean {
  const bufsize = ctx.px.process?.bufsize ?? 0;
  const have = inputLength(chn);
  if (from < 0 || length < 0 || from + length > bufsize) return false;
  if (from + length > have || (length === 0 && have === 0)) return short(smp, ctx, chn);
  smp.flags |= SMP_F_VOLATILE;
  if (length === 0 && mayCome(ctx, chn)) smp.flags |= SMP_F_MAY_CHANGE;
  return smpBin(smp, inputText(ctx, chn, from, length === 0 ? have - from : length));
}

function payload(words: string, side: number): FetchDef {
  return {
    words,
    args: BLOCK,
    outType: SMP_T_BIN,
    use: USES[side]!,
    manual: '7.3.5',
    fetch: (smp, args, ctx) => {
      const chn = input(ctx, side);
      return chn !== null && block(smp, ctx, chn, args[0]!.int, args[1]!.int);
    },
  };
}

/** Where the value of a `payload_lv` starts: an offset, or one from behind the length. */
interface ValueStart {
  readonly at: number;
  readonly relative: boolean;
}

function checkLengthValue(args: Arg[]): string {
  const length = args[1]!.int;
  if (length <= 0) return 'payload length must be > 0';
  const text = args[2]?.str ?? '+0';
  if (!/^[+-]?[0-9]+$/.test(text)) return 'payload offset2 is not a number';
  const start: ValueStart = { at: Number(text), relative: /^[+-]/.test(text) };
  const behind = args[0]!.int + length + start.at;
  if (start.relative && behind < 0) return 'payload offset2 too negative';
  args[1]!.ready = start;
  return '';
}

function payloadLv(words: string, side: number): FetchDef {
  return {
    words,
    args: LENGTH_VALUE,
    outType: SMP_T_BIN,
    use: USES[side]!,
    manual: '7.3.5',
    check: checkLengthValue,
    fetch: (smp, args, ctx) => {
      const chn = input(ctx, side);
      if (chn === null) return false;
      const from = args[0]!.int;
      const bytes = args[1]!.int;
      const bufsize = ctx.px.process?.bufsize ?? 0;
      if (from < 0 || from + bytes > bufsize) return false;
      if (from + bytes > inputLength(chn)) return short(smp, ctx, chn);
      let length = 0;
      for (const c of inputText(ctx, chn, from, bytes)) length = Math.min(length * 256 + c.charCodeAt(0), 2 ** 40);
      const start = args[1]!.ready as ValueStart;
      const at = start.relative ? from + bytes + start.at : start.at;
      return length !== 0 && block(smp, ctx, chn, at, length);
    },
  };
}

function cookie(smp: Sample, args: readonly Arg[], ctx: SampleContext): string | null | undefined {
  const chn = input(ctx, REQ);
  if (chn === null) return undefined;
  smp.flags |= SMP_F_VOLATILE;
  const found = rdpCookie(inputText(ctx, chn, 0, inputLength(chn)), args[0]!.str);
  if (found.status === RDP_SHORT) {
    short(smp, ctx, chn);
    return undefined;
  }
  if (found.status === RDP_NONE) return undefined;
  return found.status === RDP_FOUND ? found.value : null;
}

function rdp(words: string): FetchDef {
  return {
    words,
    args: NAME,
    outType: SMP_T_STR,
    use: SMP_USE_L6REQ,
    manual: '7.3.5',
    fetch: (smp, args, ctx) => {
      const value = cookie(smp, args, ctx);
      return value != null && smpStr(smp, value);
    },
  };
}

function rdpCount(words: string): FetchDef {
  return {
    words,
    args: NAME,
    outType: SMP_T_SINT,
    use: SMP_USE_L6REQ,
    manual: '7.3.5',
    fetch: (smp, args, ctx) => {
      const value = cookie(smp, args, ctx);
      return value !== undefined && smpInt(smp, value === null ? 0 : 1);
    },
  };
}

const BARE_TOKENS = new Set(['ARGC', 'NFIL', 'STAT', 'DONE', 'DIST']); // their number is no length of a body

function checkToken(args: Arg[]): string {
  if (args[0]!.str.length !== 4) return 'token name must be exactly 4 characters';
  return '';
}

/** A distcc message (its protocol document): tokens of four characters and eight hexadecimal digits, most followed by a body. */
function distcc(smp: Sample, args: readonly Arg[], ctx: SampleContext, body: boolean): boolean {
  const chn = input(ctx, EITHER);
  if (chn === null) return false;
  const text = inputText(ctx, chn, 0, inputLength(chn));
  let left = args[1]?.int ?? 1;
  if (left === 0) left = 1;
  for (let at = 0; at + 12 <= text.length;) {
    const token = text.slice(at, at + 4);
    const digits = text.slice(at + 4, at + 12);
    if (!/^[0-9a-fA-F]{8}$/.test(digits)) return false;
    const value = parseInt(digits, 16);
    const length = BARE_TOKENS.has(token) ? 0 : value;
    at += 12;
    if (token === args[0]!.str && --left === 0) {
      if (!body) return smpInt(smp, value);
      if (length === 0) return false;
      return at + length > text.length ? short(smp, ctx, chn) : smpBin(smp, text.slice(at, at + length));
    }
    at += length;
  }
  return short(smp, ctx, chn);
}

const TOKEN: ArgSpec = { kinds: [ARG_STR, ARG_SINT], min: 1 };

export const FETCHES_PAYLOAD: readonly FetchDef[] = [
  lengthFetch('req.len', REQ),
  lengthFetch('req_len', REQ),
  lengthFetch('res.len', RES),
  payload('payload', EITHER),
  payload('req.payload', REQ),
  payload('res.payload', RES),
  payloadLv('payload_lv', EITHER),
  payloadLv('req.payload_lv', REQ),
  payloadLv('res.payload_lv', RES),
  rdp('req.rdp_cookie'),
  rdp('rdp_cookie'),
  rdpCount('req.rdp_cookie_cnt'),
  rdpCount('rdp_cookie_cnt'),
  {
    words: 'distcc_body',
    args: TOKEN,
    outType: SMP_T_BIN,
    use: SMP_USE_L6REQ | SMP_USE_L6RES,
    manual: '7.3.5',
    check: checkToken,
    fetch: (smp, args, ctx) => distcc(smp, args, ctx, true),
  },
  {
    words: 'distcc_param',
    args: TOKEN,
    outType: SMP_T_SINT,
    use: SMP_USE_L6REQ | SMP_USE_L6RES,
    manual: '7.3.5',
    check: checkToken,
    fetch: (smp, args, ctx) => distcc(smp, args, ctx, false),
  },
];
