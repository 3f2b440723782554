// The variables of log formats: `%ci`, `%Tt`, … (configuration manual 8.2.6).
import { hostname } from 'node:os';
import { TICK_ETERNITY } from '../../base/ticks.js';
import { CO_ER_NONE } from '../../datapath/connection/flags.js';
import { connGetDst, connGetSrc } from '../../datapath/proto/address.js';
import type { Address } from '../../datapath/proto/types.js';
import type { Session } from '../../datapath/session/session.js';
import { SF_ERR_PRXCOND, SF_FINST_R, SF_LOG_REDISP, terminationCode } from '../../datapath/stream/flags.js';
import type { Stream } from '../../datapath/stream/stream.js';
import { CNT_SCUR } from '../../proxy/counters.js';
import { AF_UNIX } from '../../sys/constants.js';
import { logDate, logDateGmt, logDateLocal, millis } from './log-format-dates.js';
import type { SampleContext } from './types.js';

// What a variable is, which says how flags act on it.
export const LF_NUM = 0; // as it is
export const LF_STR = 1; // quoted, escaped; nothing reads `-`
export const LF_IP = 2; // as LF_STR, or in hexadecimal
export const LF_RAW = 3; // never quoted
export const LF_PORT = 4; // as it is; nothing reads `-`

// What must be asked of the connections while they are there (bits of `LogFormat.needs`).
export const LF_NEED_DST = 0x1; // address that the client came to
export const LF_NEED_BSRC = 0x2; // address that the server was asked from
export const LF_NEED_INFO = 0x4; // what the system measured on the client's connection

// From when on it has its value: a line is sent as soon as all of its variables have theirs.
export const LF_AT_ACCEPT = 0;
export const LF_AT_CONNECT = 1;
export const LF_AT_END = 2;

export interface LogAlias {
  readonly name: string;
  readonly kind: number; // LF_*
  /** LF_AT_*; LF_AT_END when left out. */
  readonly at?: number;
  /** Mode http alone. */
  readonly http?: boolean;
  readonly needs?: number;
  /** Its text, '' for none. `hex`: the flag X is set. */
  readonly value: (c: SampleContext, hex: boolean) => string;
}

function hex4(n: number): string {
  return n.toString(16).toUpperCase().padStart(4, '0');
}

function number(n: number, hex: boolean): string {
  return hex ? hex4(n) : String(n);
}

function clientAddress(sess: Session | null): Address | null {
  return sess === null ? null : connGetSrc(sess.front);
}

function frontAddress(sess: Session | null): Address | null {
  if (sess === null) return null;
  const { front, listener } = sess;
  return front.dst ?? (listener.address.family === AF_UNIX ? listener.address : connGetDst(front));
}

function host(a: Address | null, hex: boolean): string {
  if (a === null) return '';
  if (a.family === AF_UNIX) return hex ? '' : 'unix';
  return hex ? hexAddress(a.host) : a.host;
}

/** An address as digits, without separators. */
function hexAddress(text: string): string {
  if (!text.includes(':'))
    return text
      .split('.')
      .map((b) => Number(b).toString(16).padStart(2, '0'))
      .join('')
      .toUpperCase();
  const v4 = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain =
    v4 === null
      ? text
      : `${v4[1]!}${((+v4[2]! << 8) | +v4[3]!).toString(16)}:${((+v4[4]! << 8) | +v4[5]!).toString(16)}`;
  const [left = '', right] = plain.split('::');
  const words = (part: string): string[] => (part === '' ? [] : part.split(':').map((w) => w.padStart(4, '0')));
  const a = words(left);
  const b = right === undefined ? [] : words(right);
  return [...a, ...new Array<string>(8 - a.length - b.length).fill('0000'), ...b].join('').toUpperCase();
}

/** A UNIX socket has the id of its listener in the port's place. */
function port(a: Address | null, sess: Session | null, hex: boolean): string {
  if (a === null) return '';
  return number(a.family === AF_UNIX ? (sess?.listener.conf.id ?? 0) : a.port, hex);
}

/** Clients of UNIX listeners have no address: the listener's stands for it. */
function client(c: SampleContext): Address | null {
  const { sess } = c;
  return clientAddress(sess) ?? (sess?.listener.address.family === AF_UNIX ? sess.listener.address : null);
}

function serverAddress(s: Stream | null): Address | null {
  return s === null ? null : (s.backDst ?? s.server?.address ?? null);
}

/** Milliseconds from the accept to `tick`, -1 where it never came. */
function since(s: Stream, tick: number): number {
  return tick === TICK_ETERNITY ? -1 : (tick - s.sess.acceptTick) | 0;
}

/** From the accept to now. */
function total(c: SampleContext): number {
  const { sess } = c;
  return sess === null ? 0 : (sess.thr.sched.now - sess.acceptTick) | 0;
}

// A session of mode tcp has no request, and the reference's moment for that is -1: what counts from it is 1 ms longer.
function waited(s: Stream | null): number {
  const at = s === null ? -1 : since(s, s.connectTick);
  return at < 0 ? -1 : at + 1;
}

function connecting(s: Stream | null): number {
  if (s === null || s.connectedTick === TICK_ETERNITY) return -1;
  return (s.connectedTick - s.connectTick) | 0;
}

function transferring(c: SampleContext): number {
  const s = c.strm;
  return s === null || s.connectedTick === TICK_ETERNITY ? -1 : total(c) - since(s, s.connectedTick);
}

/** `+` where the line was sent before the end (option logasap). */
function plus(c: SampleContext): string {
  return c.sess?.fe.conf.options.logasap === true ? '+' : '';
}

function requestNumber(c: SampleContext): number {
  const id = c.strm?.id ?? c.sess?.host.nextStreamId?.() ?? 1;
  return id - 1; // they are numbered from 0
}

function retries(s: Stream | null): string {
  if (s === null) return '0';
  return (s.flags & SF_LOG_REDISP) !== 0 ? `+${s.retries}` : String(s.retries);
}

/** A session that ended before it had a stream was refused for what it said. */
function endOf(c: SampleContext): string {
  if (c.strm !== null) return terminationCode(c.strm.flags);
  return terminationCode((c.sess?.front.errCode ?? CO_ER_NONE) === CO_ER_NONE ? 0 : SF_ERR_PRXCOND | SF_FINST_R);
}

function http(name: string, kind: number): LogAlias {
  return { name, kind, http: true, value: () => '' };
}

const HTTP_ALIASES: readonly LogAlias[] = [
  ...['CC', 'CS', 'HM', 'HP', 'HPO', 'HQ', 'HU', 'HV', 'r'].map((name) => http(name, LF_STR)),
  ...['Ta', 'Ti', 'Tq', 'TR', 'Tr', 'tr', 'trg', 'trl'].map((name) => http(name, LF_RAW)),
];

type Captures = readonly (string | null)[] | null | undefined;

/** What would break the braces of captures, or the line, as `#XX`. */
function captured(text: string): string {
  return text.replace(/["#{|}]|[^ -~]/g, (c) => `#${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** `{first|second}`; nothing where the frontend has no slots. */
function braced(captures: Captures, slots = 0): string {
  if (slots === 0) return '';
  return `{${Array.from({ length: slots }, (_, i) => captured(captures?.[i] ?? '')).join('|')}}`;
}

/** Captures as words of their own, `-` for an empty slot. */
function listed(captures: Captures, slots = 0): string {
  return Array.from({ length: slots }, (_, i) => captured(captures?.[i] ?? '') || '-').join(' ');
}

/** All of them; the names of mode http alone are refused in mode tcp. */
export const LOG_ALIASES: readonly LogAlias[] = [
  { name: 'o', kind: LF_RAW, value: () => '' },
  { name: 'B', kind: LF_RAW, value: (c) => plus(c) + String(c.strm?.bytesOut ?? 0) },
  { name: 'H', kind: LF_STR, at: LF_AT_ACCEPT, value: () => hostname() },
  { name: 'ID', kind: LF_STR, value: () => '' },
  { name: 'ST', kind: LF_NUM, at: LF_AT_ACCEPT, value: () => '0' },
  { name: 'T', kind: LF_RAW, at: LF_AT_ACCEPT, value: (c) => logDateGmt(c.sess?.acceptMs ?? 0) },
  { name: 'Tc', kind: LF_NUM, value: (c) => String(connecting(c.strm)) },
  { name: 'Td', kind: LF_NUM, value: (c) => String(transferring(c)) },
  { name: 'Tl', kind: LF_RAW, at: LF_AT_ACCEPT, value: (c) => logDateLocal(c.sess?.acceptMs ?? 0) },
  { name: 'Th', kind: LF_NUM, value: (c) => String(c.sess?.handshakeMs ?? 0) },
  {
    name: 'Ts',
    kind: LF_NUM,
    at: LF_AT_ACCEPT,
    value: (c, hex) => number(Math.floor((c.sess?.acceptMs ?? 0) / 1000), hex),
  },
  { name: 'Tt', kind: LF_NUM, value: (c) => plus(c) + String(total(c)) },
  { name: 'Tu', kind: LF_NUM, value: (c) => plus(c) + String(total(c)) },
  { name: 'Tw', kind: LF_NUM, value: (c) => String(waited(c.strm)) },
  { name: 'U', kind: LF_NUM, value: (c) => String(c.strm?.bytesIn ?? 0) },
  { name: 'ac', kind: LF_NUM, value: (c) => String(c.sess?.host.connections ?? 0) },
  { name: 'b', kind: LF_STR, at: LF_AT_CONNECT, value: (c) => c.strm?.be.name ?? c.px.name },
  { name: 'bc', kind: LF_NUM, value: (c) => String(c.strm?.be.be.v[CNT_SCUR] ?? 0) },
  {
    name: 'bi',
    kind: LF_IP,
    at: LF_AT_CONNECT,
    needs: LF_NEED_BSRC,
    value: (c, hex) => host(c.strm?.backSrc ?? null, hex),
  },
  {
    name: 'bp',
    kind: LF_PORT,
    at: LF_AT_CONNECT,
    needs: LF_NEED_BSRC,
    value: (c, hex) => port(c.strm?.backSrc ?? null, c.sess, hex),
  },
  { name: 'bq', kind: LF_NUM, value: (c) => String(c.strm?.queuePosBe ?? 0) },
  { name: 'ci', kind: LF_IP, at: LF_AT_ACCEPT, value: (c, hex) => host(client(c), hex) },
  { name: 'cp', kind: LF_PORT, at: LF_AT_ACCEPT, value: (c, hex) => port(client(c), c.sess, hex) },
  { name: 'f', kind: LF_STR, at: LF_AT_ACCEPT, value: (c) => c.sess?.fe.name ?? c.px.name },
  { name: 'fc', kind: LF_NUM, value: (c) => String(c.sess?.fe.fe.v[CNT_SCUR] ?? 0) },
  { name: 'fi', kind: LF_IP, at: LF_AT_ACCEPT, needs: LF_NEED_DST, value: (c, hex) => host(frontAddress(c.sess), hex) },
  {
    name: 'fp',
    kind: LF_NUM,
    at: LF_AT_ACCEPT,
    needs: LF_NEED_DST,
    value: (c, hex) => port(frontAddress(c.sess), c.sess, hex),
  },
  { name: 'ft', kind: LF_STR, at: LF_AT_ACCEPT, value: (c) => c.sess?.fe.name ?? c.px.name },
  { name: 'hr', kind: LF_RAW, value: (c) => braced(c.strm?.reqCaptures, c.sess?.fe.conf.reqCaptures.length) },
  { name: 'hrl', kind: LF_RAW, value: (c) => listed(c.strm?.reqCaptures, c.sess?.fe.conf.reqCaptures.length) },
  { name: 'hs', kind: LF_RAW, value: (c) => braced(c.strm?.resCaptures, c.sess?.fe.conf.resCaptures.length) },
  { name: 'hsl', kind: LF_RAW, value: (c) => listed(c.strm?.resCaptures, c.sess?.fe.conf.resCaptures.length) },
  { name: 'lc', kind: LF_NUM, at: LF_AT_ACCEPT, value: (c, hex) => number(c.sess?.fe.logLines ?? 0, hex) },
  {
    name: 'ms',
    kind: LF_NUM,
    at: LF_AT_ACCEPT,
    value: (c, hex) => {
      const ms = c.sess?.acceptMs ?? 0;
      return hex ? Number(millis(ms)).toString(16).toUpperCase().padStart(2, '0') : millis(ms);
    },
  },
  { name: 'pid', kind: LF_NUM, at: LF_AT_ACCEPT, value: (_c, hex) => number(process.pid, hex) },
  { name: 'rc', kind: LF_NUM, value: (c) => retries(c.strm) },
  { name: 'rt', kind: LF_NUM, at: LF_AT_ACCEPT, value: (c, hex) => number(requestNumber(c), hex) },
  { name: 's', kind: LF_STR, at: LF_AT_CONNECT, value: (c) => c.strm?.server?.name ?? '<NOSRV>' },
  { name: 'sc', kind: LF_NUM, value: (c) => String(c.strm?.server?.counters.v[CNT_SCUR] ?? 0) },
  { name: 'si', kind: LF_IP, at: LF_AT_CONNECT, value: (c, hex) => host(serverAddress(c.strm), hex) },
  { name: 'sp', kind: LF_PORT, at: LF_AT_CONNECT, value: (c, hex) => port(serverAddress(c.strm), c.sess, hex) },
  { name: 'sq', kind: LF_NUM, value: (c) => String(c.strm?.queuePosSrv ?? 0) },
  { name: 'sslc', kind: LF_STR, at: LF_AT_ACCEPT, value: () => '' },
  { name: 'sslv', kind: LF_STR, at: LF_AT_ACCEPT, value: () => '' },
  { name: 't', kind: LF_RAW, at: LF_AT_ACCEPT, value: (c) => logDate(c.sess?.acceptMs ?? 0) },
  { name: 'ts', kind: LF_RAW, value: endOf },
  { name: 'tsc', kind: LF_RAW, at: LF_AT_ACCEPT, value: (c) => `${endOf(c)}--` },
  ...HTTP_ALIASES,
];

const byName = new Map(LOG_ALIASES.map((a) => [a.name, a]));

export function findLogAlias(name: string): LogAlias | undefined {
  return byName.get(name);
}
