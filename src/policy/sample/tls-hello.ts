// TLS hellos as they lie in a buffer, not decrypted: routing by name, version or protocol (manual 7.3.5; RFC 8446 §4.1, §5.1).
//
//   record     type:1 (22)  version:2  length:2  fragment          a message may go over several records
//   message    type:1  length:3  body                              1 ClientHello, 2 ServerHello
//   ClientHello  version:2 random:32 session id:1+n cipher suites:2+n compression:1+n extensions:2+n (type:2 length:2 value)
//
// The parser is strict and bounded: lengths must fit into each other to the byte, and a message is at most MESSAGE_MAX long.
// An SSLv2 ClientHello (RFC 2246 appendix E) tells its version alone.
import { bufPeek } from '../../base/buf.js';
import type { Stream } from '../../datapath/stream/stream.js';
import { smpBool, smpInt, smpStr } from './sample.js';
import { binaryOfBytes } from './binary.js';
import {
  type ArgSpec,
  type FetchDef,
  type Sample,
  type SampleContext,
  SMP_F_MAY_CHANGE,
  SMP_F_NOT_LAST,
  SMP_F_VOLATILE,
  SMP_T_BOOL,
  SMP_T_SINT,
  SMP_T_STR,
  SMP_USE_L6REQ,
  SMP_USE_L6RES,
} from './types.js';

const RECORD_HANDSHAKE = 22;
const RECORD_HEAD = 5;
const RECORD_MAX = 16384; // RFC 8446 §5.1
const MESSAGE_HEAD = 4;
const MESSAGE_MAX = 65536;
const CLIENT_HELLO = 1;
const RANDOM_BYTES = 32;
const SESSION_ID_MAX = 32;
const TLS_1_0 = 0x0301; // extensions exist from here on
const SSLV2_HEAD = 11;

const EXT_SERVER_NAME = 0;
const EXT_SUPPORTED_GROUPS = 10;
const EXT_ALPN = 16;
const EXT_SESSION_TICKET = 35;
const NAME_HOST = 0;
const PROTOCOLS_MAX = 64; // of one hello are looked at

/** What `handshakeRead` answers where there is no whole message. */
export const HELLO_MORE = -1; // so far it can become one
export const HELLO_NONE = -2; // it cannot

/** A handshake message, put together from its records. */
export interface HandshakeMessage {
  readonly type: number;
  /** Without its head. */
  readonly body: Uint8Array;
}

/**
 * The first handshake message of the stream `b`. It is copied once, when all of it is there: a client that sends many tiny
 * records, each alone, costs a walk over them.
 */
export function handshakeRead(b: Uint8Array): HandshakeMessage | typeof HELLO_MORE | typeof HELLO_NONE {
  let have = 0; // bytes of the message, its head among them
  let need = MESSAGE_HEAD;
  for (let at = 0; ;) {
    if (at < b.length && b[at] !== RECORD_HANDSHAKE) return HELLO_NONE;
    if (at + 1 < b.length && b[at + 1] !== 3) return HELLO_NONE;
    if (at + RECORD_HEAD > b.length) return HELLO_MORE;
    const length = (b[at + 3]! << 8) | b[at + 4]!;
    if (length === 0 || length > RECORD_MAX) return HELLO_NONE;
    const end = at + RECORD_HEAD + length;
    const before = have;
    have += Math.min(end, b.length) - at - RECORD_HEAD;
    if (before < MESSAGE_HEAD && have >= MESSAGE_HEAD) {
      const head = fragments(b, MESSAGE_HEAD);
      const bytes = (head[1]! << 16) | (head[2]! << 8) | head[3]!;
      if (bytes > MESSAGE_MAX) return HELLO_NONE;
      need += bytes;
    }
    if (have >= need) {
      const message = fragments(b, need);
      return { type: message[0]!, body: message.subarray(MESSAGE_HEAD) };
    }
    if (end > b.length) return HELLO_MORE;
    at = end;
  }
}

/** The first `n` bytes of what the records of `b` hold; they are there. In place where one record has them all. */
function fragments(b: Uint8Array, n: number): Uint8Array {
  const lengthAt = (at: number): number => (b[at + 3]! << 8) | b[at + 4]!;
  if (lengthAt(0) >= n) return b.subarray(RECORD_HEAD, RECORD_HEAD + n);
  const out = new Uint8Array(n);
  for (let at = 0, to = 0; to < n; at += RECORD_HEAD + lengthAt(at)) {
    const part = b.subarray(at + RECORD_HEAD, at + RECORD_HEAD + Math.min(lengthAt(at), n - to));
    out.set(part, to);
    to += part.length;
  }
  return out;
}

export interface ClientHello {
  /** Major version in the high byte. */
  readonly version: number;
  /** By type, the first of each; null: there is no extension block, or the version has none. */
  readonly extensions: ReadonlyMap<number, Uint8Array> | null;
}

/** The body of a ClientHello; null where its lengths do not fit. */
export function clientHelloRead(b: Uint8Array): ClientHello | null {
  if (b.length < 2 + RANDOM_BYTES + 1) return null;
  const version = (b[0]! << 8) | b[1]!;
  let at = 2 + RANDOM_BYTES;
  const sessionId = b[at]!;
  if (sessionId > SESSION_ID_MAX) return null;
  at += 1 + sessionId;
  if (at + 2 > b.length) return null;
  const ciphers = (b[at]! << 8) | b[at + 1]!;
  if (ciphers === 0 || ciphers % 2 !== 0) return null;
  at += 2 + ciphers;
  if (at + 1 > b.length) return null;
  const compressions = b[at]!;
  if (compressions === 0) return null;
  at += 1 + compressions;
  if (at > b.length) return null;
  if (at === b.length) return { version, extensions: null };
  if (at + 2 > b.length || at + 2 + ((b[at]! << 8) | b[at + 1]!) !== b.length) return null;
  const extensions = new Map<number, Uint8Array>();
  for (at += 2; at < b.length;) {
    if (at + 4 > b.length) return null;
    const type = (b[at]! << 8) | b[at + 1]!;
    const end = at + 4 + ((b[at + 2]! << 8) | b[at + 3]!);
    if (end > b.length) return null;
    if (!extensions.has(type)) extensions.set(type, b.subarray(at + 4, end));
    at = end;
  }
  return { version, extensions: version >> 8 === 3 && version >= TLS_1_0 ? extensions : null };
}

/** The host name of a server_name extension (RFC 6066 §3); null for none. */
export function serverName(ext: Uint8Array): Uint8Array | null {
  if (ext.length < 5 || ((ext[0]! << 8) | ext[1]!) !== ext.length - 2 || ext[2] !== NAME_HOST) return null;
  const end = 5 + ((ext[3]! << 8) | ext[4]!);
  if (end === 5 || end > ext.length) return null;
  const name = ext.subarray(5, end);
  return name.includes(0) ? null : name;
}

/** The `n`th protocol, from 0, of an ALPN extension (RFC 7301 §3.1); null for none. */
export function protocolAt(ext: Uint8Array, n: number): Uint8Array | null {
  if (ext.length < 2 || n >= PROTOCOLS_MAX || ((ext[0]! << 8) | ext[1]!) !== ext.length - 2) return null;
  for (let at = 2; at < ext.length; n--) {
    const end = at + 1 + ext[at]!;
    if (end === at + 1 || end > ext.length) return null;
    if (n === 0) return ext.subarray(at + 1, end);
    at = end;
  }
  return null;
}

/** Version in an SSLv2 ClientHello, as major × 65536 + minor; HELLO_MORE or HELLO_NONE where there is none. */
export function sslv2Version(b: Uint8Array): number {
  if (b.length > 0 && (b[0]! & 0x80) === 0) return HELLO_NONE;
  if (b.length > 2 && b[2] !== CLIENT_HELLO) return HELLO_NONE;
  if (b.length < SSLV2_HEAD) return HELLO_MORE;
  const at = (i: number): number => (b[i]! << 8) | b[i + 1]!;
  const length = at(0) & 0x7fff;
  const ciphers = at(5);
  const challenge = at(9);
  const fits = length === SSLV2_HEAD - 2 + ciphers + at(7) + challenge;
  if (!fits || ciphers === 0 || ciphers % 3 !== 0 || challenge < 16 || challenge > 32) return HELLO_NONE;
  return b.length < length + 2 ? HELLO_MORE : b[3]! * 65536 + b[4]!;
}

/** Bytes of the request, or of the response, that no rule has let through yet. */
function bytesOf(strm: Stream, response: boolean): Uint8Array {
  const chn = response ? strm.res : strm.req;
  return bufPeek(chn.buf, strm.thr.sys.arena.u8, chn.buf.data).subarray(chn.output);
}

function undecided(smp: Sample): false {
  smp.flags |= SMP_F_MAY_CHANGE;
  return false;
}

/** Fetches through `value` from the body of the client's hello. */
function helloFetch(value: (smp: Sample, hello: ClientHello) => boolean): FetchDef['fetch'] {
  return (smp, _args, ctx) => {
    smp.flags |= SMP_F_VOLATILE;
    if (ctx.strm === null) return false;
    const message = handshakeRead(bytesOf(ctx.strm, false));
    if (message === HELLO_MORE) return undecided(smp);
    if (message === HELLO_NONE || message.type !== CLIENT_HELLO) return false;
    const hello = clientHelloRead(message.body);
    return hello !== null && value(smp, hello);
  };
}

function fetchType(response: boolean): FetchDef['fetch'] {
  return (smp, _args, ctx) => {
    smp.flags |= SMP_F_VOLATILE;
    if (ctx.strm === null) return false;
    const message = handshakeRead(bytesOf(ctx.strm, response));
    if (message === HELLO_MORE) return undecided(smp);
    return message !== HELLO_NONE && smpInt(smp, message.type);
  };
}

function fetchVersion(smp: Sample, _args: unknown, ctx: SampleContext): boolean {
  smp.flags |= SMP_F_VOLATILE;
  if (ctx.strm === null) return false;
  const b = bytesOf(ctx.strm, false);
  if (b.length > 0 && b[0] !== RECORD_HANDSHAKE) {
    const version = sslv2Version(b);
    if (version === HELLO_MORE) return undecided(smp);
    return version !== HELLO_NONE && smpInt(smp, version);
  }
  const message = handshakeRead(b);
  if (message === HELLO_MORE) return undecided(smp);
  if (message === HELLO_NONE || message.body.length < 2) return false;
  return smpInt(smp, message.body[0]! * 65536 + message.body[1]!);
}

function fetchServerName(smp: Sample, { extensions }: ClientHello): boolean {
  const ext = extensions?.get(EXT_SERVER_NAME);
  const name = ext === undefined ? null : serverName(ext);
  return name !== null && smpStr(smp, binaryOfBytes(name));
}

/** One protocol after the other: a condition looks at all of them, anything else at the first. */
function fetchAlpn(smp: Sample, { extensions }: ClientHello): boolean {
  smp.flags &= ~SMP_F_NOT_LAST;
  const ext = extensions?.get(EXT_ALPN);
  if (ext === undefined) return false;
  const name = protocolAt(ext, smp.cursor);
  if (name === null) return false;
  smp.cursor++;
  if (protocolAt(ext, smp.cursor) !== null) smp.flags |= SMP_F_NOT_LAST;
  return smpStr(smp, binaryOfBytes(name));
}

/** 0: no ticket extension, 1: an empty one, 2: with a ticket. */
function fetchTicket(smp: Sample, { extensions }: ClientHello): boolean {
  if (extensions === null) return false;
  const ext = extensions.get(EXT_SESSION_TICKET);
  return smpInt(smp, ext === undefined ? 0 : ext.length === 0 ? 1 : 2);
}

const NONE: ArgSpec = { kinds: [], min: 0 };

function fetches(words: readonly string[], outType: number, fetch: FetchDef['fetch'], use = SMP_USE_L6REQ): FetchDef[] {
  return words.map((word) => ({ words: word, args: NONE, outType, use, manual: '7.3.5', fetch }));
}

export const FETCHES_TLS_HELLO: readonly FetchDef[] = [
  ...fetches(['req.ssl_hello_type', 'req_ssl_hello_type'], SMP_T_SINT, fetchType(false)),
  ...fetches(
    ['res.ssl_hello_type', 'rep.ssl_hello_type', 'rep_ssl_hello_type'],
    SMP_T_SINT,
    fetchType(true),
    SMP_USE_L6RES,
  ),
  ...fetches(['req.ssl_sni', 'req_ssl_sni'], SMP_T_STR, helloFetch(fetchServerName)),
  ...fetches(['req.ssl_ver', 'req_ssl_ver'], SMP_T_SINT, fetchVersion),
  ...fetches(['req.ssl_alpn'], SMP_T_STR, helloFetch(fetchAlpn)),
  ...fetches(
    ['req.ssl_ec_ext'],
    SMP_T_BOOL,
    helloFetch((smp, { extensions }) => extensions?.has(EXT_SUPPORTED_GROUPS) === true && smpBool(smp, true)),
  ),
  ...fetches(['req.ssl_st_ext'], SMP_T_SINT, helloFetch(fetchTicket)),
];
