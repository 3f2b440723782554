// Whether bytes are the head of an HTTP/1 request (RFC 9110, RFC 9112 §3, §5, §6), judged as the reference's parser judges: what it
// forgives (a lone LF, several blanks, any version of capitals and digits) is forgiven, what it refuses is refused as soon as it
// is there. Nothing is kept of it: this tells protocols apart, it does not read requests.
//
//   head = [ CRLF ... ] method blanks target ( CRLF | blanks version CRLF { name ":" value CRLF } CRLF )
import { authorityOf, portOf, sameAuthority } from './authority.js';

export const HEAD_SHORT = 0; // more must come to tell
export const HEAD_WHOLE = 1;
export const HEAD_BAD = 2;

export interface HeadLimits {
  /** Bytes of method, target and version together. */
  readonly lineMax: number;
  /** Header fields. */
  readonly fieldsMax: number;
}

const NAME_MAX = 255;
const LENGTH_MAX = 0x7fffffffffffffffn;

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]*/y;
const BLANKS = /[ \t]*/y;
const TARGET = /[!"$-~]*/y;
const VERSION = /[A-Z0-9./]*/y;
const VALUE = /[^\r\n]*/y;

/** Where the characters of `set` (sticky) that begin at `from` end. */
function span(set: RegExp, text: string, from: number): number {
  set.lastIndex = from;
  set.test(text);
  return set.lastIndex;
}

const SHORT = -1;
const BAD = -2;

/** Behind the line end at `at`: CRLF or LF; SHORT or BAD. */
function lineEnd(text: string, at: number): number {
  if (at >= text.length) return SHORT;
  if (text[at] === '\n') return at + 1;
  if (text[at] !== '\r') return BAD;
  if (at + 1 >= text.length) return SHORT;
  return text[at + 1] === '\n' ? at + 2 : BAD;
}

function status(place: number): number {
  return place === SHORT ? HEAD_SHORT : HEAD_BAD;
}

/** HEAD_*; `text` is a binary string, and may go on behind the head. */
export function requestHead(text: string, limits: HeadLimits): number {
  let from = 0;
  while (text[from] === '\r' || text[from] === '\n') {
    const next = lineEnd(text, from);
    if (next < 0) return status(next);
    from = next;
  }
  const methodEnd = span(TOKEN, text, from);
  if (methodEnd === text.length) return HEAD_SHORT;
  const targetAt = span(BLANKS, text, methodEnd);
  if (methodEnd === from || targetAt === methodEnd) return HEAD_BAD;
  const targetEnd = span(TARGET, text, targetAt);
  if (targetEnd === text.length) return HEAD_SHORT;
  if (targetEnd === targetAt) return HEAD_BAD;
  const method = text.slice(from, methodEnd);
  const target = text.slice(targetAt, targetEnd);
  const versionAt = span(BLANKS, text, targetEnd);
  if (versionAt === text.length) return HEAD_SHORT;
  const versionEnd = span(VERSION, text, versionAt);
  const fieldsAt = lineEnd(text, versionEnd);
  if (fieldsAt < 0) return status(fieldsAt);
  // Without a version: HTTP/0.9, which has nothing but GET and no fields.
  if (versionEnd === versionAt) return method === 'GET' ? HEAD_WHOLE : HEAD_BAD;
  if (versionAt === targetEnd) return HEAD_BAD;

  const fields = new Fields();
  const end = fields.read(text, fieldsAt);
  if (end < 0) return status(end);
  const line = method.length + target.length + versionEnd - versionAt;
  const fits = line <= limits.lineMax && fields.count <= limits.fieldsMax && !fields.longName;
  return fits && fields.bodyIsClear() && hostFits(method, target, fields.host) ? HEAD_WHOLE : HEAD_BAD;
}

/** What the fields say, as far as it can make the whole wrong. */
class Fields {
  count = 0;
  longName = false;
  host: string | null = null;
  private length: bigint | null = null;
  private encoded = false;
  private chunked = false;

  /** Behind the empty line that ends the fields; SHORT or BAD. */
  read(text: string, from: number): number {
    let at = from;
    for (;;) {
      if (at >= text.length) return SHORT;
      if (text[at] === '\r' || text[at] === '\n') return lineEnd(text, at);
      const nameEnd = span(TOKEN, text, at);
      if (nameEnd === text.length) return SHORT;
      if (nameEnd === at || text[nameEnd] !== ':') return BAD;
      const name = text.slice(at, nameEnd).toLowerCase();
      this.count++;
      if (name.length > NAME_MAX) this.longName = true;
      let value = '';
      at = nameEnd + 1;
      // The next line goes on with this one where it starts with a blank.
      do {
        const end = span(VALUE, text, at);
        value += `${text.slice(at, end)} `;
        at = lineEnd(text, end);
        if (at < 0) return at;
        if (at >= text.length) return SHORT;
      } while (text[at] === ' ' || text[at] === '\t');
      if (!this.take(name, value.replace(/^[ \t]+|[ \t]+$/g, ''))) return BAD;
    }
  }

  /** False: the value can't stand, or not with what was there before. */
  private take(name: string, value: string): boolean {
    if (name === 'host') {
      const same = this.host === null || this.host.toLowerCase() === value.toLowerCase();
      this.host = value;
      return same;
    }
    if (name === 'content-length') return value.split(',').every((part) => this.takeLength(part.trim()));
    return name !== 'transfer-encoding' || this.takeCodings(value);
  }

  /** All lengths are the same one. */
  private takeLength(digits: string): boolean {
    if (!/^[0-9]+$/.test(digits)) return false;
    const length = BigInt(digits.replace(/^0+(?=.{20})/, '').slice(0, 20));
    if (length > LENGTH_MAX || (this.length !== null && this.length !== length)) return false;
    this.length = length;
    return true;
  }

  /** Nothing comes behind `chunked`. */
  private takeCodings(value: string): boolean {
    this.encoded = true;
    for (const part of value.split(',')) {
      const coding = part.replace(/^[ \t]+|[ \t]+$/g, '').toLowerCase();
      if (coding === '') continue;
      if (this.chunked) return false;
      this.chunked = coding === 'chunked';
    }
    return true;
  }

  /** Where the body ends can be told: what has codings ends with `chunked`. */
  bodyIsClear(): boolean {
    return !this.encoded || this.chunked;
  }
}

/** A CONNECT has a host and a port; what the target says of the host is what the field `Host` says. */
function hostFits(method: string, target: string, host: string | null): boolean {
  const { authority, ports } = authorityOf(target, method === 'CONNECT');
  if (method === 'CONNECT' && !/^[0-9]+$/.test(portOf(authority))) return false;
  return host === null || authority === '' || sameAuthority(authority, host, ports);
}
