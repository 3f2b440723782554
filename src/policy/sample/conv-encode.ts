// Converters between bytes and their written forms (configuration manual 7.3.1): base64, hexadecimal, decimal, URL encoding.
import { bytesOf } from './binary.js';
import { textConv, textToInt } from './conv-rows.js';
import { smpStr } from './sample.js';
import { ARG_SINT, ARG_STR, type Arg, type ArgSpec, type ConverterDef, SMP_T_BIN, SMP_T_STR } from './types.js';

const CHUNKS: ArgSpec = { kinds: [ARG_STR, ARG_SINT, ARG_SINT], min: 1 };

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const PAD = 64;
const BAD = 65;

function tableOf(last: string, pad: number): Uint8Array {
  const table = new Uint8Array(256).fill(BAD);
  const alphabet = ALPHABET + last;
  for (let i = 0; i < alphabet.length; i++) table[alphabet.charCodeAt(i)] = i;
  table[61] = pad; // '='
  return table;
}

const BASE64 = tableOf('+/', PAD);
// The reference's decoder of the other alphabet has no padding: `=` counts as the last of its characters.
const BASE64URL = tableOf('-_', 63);

/** RFC 4648 §4, in whole groups of four; each group may be padded. Null for anything else. */
export function base64Decode(s: string): string | null {
  if (s.length % 4 !== 0) return null;
  let out = '';
  for (let i = 0; i < s.length; i += 4) {
    let bits = 0;
    let pads = 0;
    for (let k = 0; k < 4; k++) {
      const v = BASE64[s.charCodeAt(i + k) & 255]!;
      if (v === BAD || (pads > 0 && v !== PAD)) return null;
      if (v === PAD) pads++;
      bits = (bits << 6) | (v === PAD ? 0 : v);
    }
    if (pads > 3) return null;
    if (pads < 3) out += String.fromCharCode((bits >> 16) & 255);
    if (pads < 2) out += String.fromCharCode((bits >> 8) & 255);
    if (pads < 1) out += String.fromCharCode(bits & 255);
  }
  return out;
}

/** RFC 4648 §5 without padding; null where a character is not of the alphabet or one is left over. */
function base64UrlDecode(s: string): string | null {
  if (s.length % 4 === 1) return null;
  let out = '';
  let bits = 0;
  let have = 0;
  for (let i = 0; i < s.length; i++) {
    const v = BASE64URL[s.charCodeAt(i) & 255]!;
    if (v === BAD) return null;
    bits = ((bits << 6) | v) & 0xffffff;
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += String.fromCharCode((bits >> have) & 255);
    }
  }
  return out;
}

/** Hexadecimal digits as a number of 64 bits, upper ones lost; null where there is another character. */
function hexToInt(s: string): bigint | null {
  if (!/^[0-9a-fA-F]*$/.test(s)) return null;
  return s === '' ? 0n : BigInt.asIntN(64, BigInt(`0x${s.slice(-16)}`));
}

const UNRESERVED = /[^A-Za-z0-9._~-]/g; // RFC 3986 §2.3

function urlEncode(s: string): string {
  return s.replace(UNRESERVED, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** Null where a `%` is not followed by two hexadecimal digits. `form`: plus is a blank from the start, not only behind `?`. */
function urlDecode(s: string, form: boolean): string | null {
  let out = '';
  let plus = form;
  for (let i = 0; i < s.length; i++) {
    const c = s[i]!;
    if (c === '%') {
      const hex = s.slice(i + 1, i + 3);
      if (!/^[0-9a-fA-F]{2}$/.test(hex)) return null;
      out += String.fromCharCode(parseInt(hex, 16));
      i += 2;
    } else if (c === '+' && plus) {
      out += ' ';
    } else {
      if (c === '?') plus = true;
      out += c;
    }
  }
  return out;
}

/** `write` of each chunk of `size` bytes, joined; with `whole` the last short one is left out. */
function chunked(s: string, separator: string, size: number, whole: boolean, write: (chunk: string) => string): string {
  const parts: string[] = [];
  for (let i = 0; i < s.length; i += size) {
    const chunk = s.slice(i, i + size);
    if (whole && chunk.length < size) break;
    parts.push(write(chunk));
  }
  return parts.join(separator);
}

const toHex = (s: string): string => bytesOf(s).toString('hex').toUpperCase();

function checkTruncate(args: Arg[]): string {
  const truncate = args[2]?.int ?? 0;
  return truncate === 0 || truncate === 1 ? '' : `Unsupported truncate value (${truncate})`;
}

export const CONVERTERS_ENCODE: readonly ConverterDef[] = [
  textConv('base64', SMP_T_BIN, SMP_T_STR, (s) => bytesOf(s).toString('base64')),
  textConv('ub64enc', SMP_T_BIN, SMP_T_STR, (s) => bytesOf(s).toString('base64url')),
  textConv('b64dec', SMP_T_STR, SMP_T_BIN, base64Decode),
  textConv('ub64dec', SMP_T_STR, SMP_T_BIN, base64UrlDecode),
  textConv('hex', SMP_T_BIN, SMP_T_STR, toHex),
  textToInt('hex2i', hexToInt),
  {
    words: 'be2hex',
    args: CHUNKS,
    inType: SMP_T_BIN,
    outType: SMP_T_STR,
    manual: '7.3.1',
    check: (args) => {
      const size = args[1]?.int ?? 0;
      if (args[0]!.str === '' && args[1] === undefined) return '';
      return size <= 0 ? `chunk_size needs to be positive (${size})` : checkTruncate(args);
    },
    conv: (smp, args) => {
      const size = args[1]?.int ?? 1;
      return smpStr(smp, chunked(smp.str, args[0]!.str, size, args[2]?.int === 1, toHex));
    },
  },
  {
    words: 'be2dec',
    args: CHUNKS,
    inType: SMP_T_BIN,
    outType: SMP_T_STR,
    manual: '7.3.1',
    check: (args) => {
      const size = args[1]?.int ?? 0;
      return size < 1 || size > 8 ? `chunk_size out of [1..8] range (${size})` : checkTruncate(args);
    },
    conv: (smp, args) => {
      const write = (chunk: string): string => BigInt(`0x${toHex(chunk)}`).toString();
      return smpStr(smp, chunked(smp.str, args[0]!.str, args[1]!.int, args[2]?.int === 1, write));
    },
  },
  {
    words: 'url_enc',
    args: { kinds: [ARG_STR], min: 1 },
    inType: SMP_T_STR,
    outType: SMP_T_STR,
    manual: '7.3.1',
    check: (args) =>
      args[0]!.str === '' || args[0]!.str === 'query' ? '' : "Unexpected encode type. Allowed value is 'query'",
    conv: (smp) => smpStr(smp, urlEncode(smp.str)),
  },
  {
    words: 'url_dec',
    args: { kinds: [ARG_SINT], min: 0 },
    inType: SMP_T_STR,
    outType: SMP_T_STR,
    manual: '7.3.1',
    conv: (smp, args) => {
      const text = urlDecode(smp.str, (args[0]?.int ?? 0) !== 0);
      return text !== null && smpStr(smp, text);
    },
  },
];
