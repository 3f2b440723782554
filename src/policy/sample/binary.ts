// Binary strings: one UTF-16 unit for each byte. Configuration text is UTF-8; a byte that is no part of valid UTF-8 stands in it as
// a lone surrogate (U+DC80 to U+DCFF), so that nothing is lost on the way in and out.
import { Buffer } from 'node:buffer';

const ESCAPED = 0xdc00; // U+DC00 + byte

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Bytes of configuration text as a binary string. */
export function binaryOf(text: string): string {
  if (isAscii(text)) return text;
  let out = '';
  let from = 0;
  for (let i = 0; i <= text.length; i++) {
    const c = i < text.length ? text.charCodeAt(i) : ESCAPED + 0x80;
    if (c >= 0xd800 && c <= 0xdbff) {
      i++; // the first half of a pair
      continue;
    }
    if (c < ESCAPED + 0x80 || c > ESCAPED + 0xff) continue;
    out += Buffer.from(text.slice(from, i), 'utf8').toString('latin1');
    if (i < text.length) out += String.fromCharCode(c - ESCAPED);
    from = i + 1;
  }
  return out;
}

/** Text for people: UTF-8 where the bytes are that, lone surrogates for the others. */
export function textOf(binary: string): string {
  if (isAscii(binary)) return binary;
  const bytes = Buffer.from(binary, 'latin1');
  const whole = bytes.toString('utf8');
  if (!whole.includes('\ufffd')) return whole;
  let out = '';
  for (let i = 0; i < bytes.length;) {
    const n = utf8Length(bytes, i);
    out += n === 0 ? String.fromCharCode(ESCAPED + bytes[i]!) : bytes.toString('utf8', i, i + n);
    i += n === 0 ? 1 : n;
  }
  return out;
}

/** Length of the well-formed UTF-8 sequence at `i`, 0 for none (RFC 3629 §4). */
function utf8Length(b: Uint8Array, i: number): number {
  const c = b[i]!;
  if (c < 0x80) return 1;
  const n = c >= 0xc2 && c <= 0xdf ? 2 : c >= 0xe0 && c <= 0xef ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
  if (n === 0 || i + n > b.length) return 0;
  for (let k = 1; k < n; k++) if ((b[i + k]! & 0xc0) !== 0x80) return 0;
  const second = b[i + 1]!;
  if ((c === 0xe0 && second < 0xa0) || (c === 0xed && second > 0x9f)) return 0;
  if ((c === 0xf0 && second < 0x90) || (c === 0xf4 && second > 0x8f)) return 0;
  return n;
}

/** Bytes of a binary string. */
export function bytesOf(binary: string): Buffer {
  return Buffer.from(binary, 'latin1');
}

/** Binary string of the bytes `[from, to)`. */
export function binaryOfBytes(bytes: Uint8Array, from = 0, to = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}
