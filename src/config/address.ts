// Addresses as bind, server, source and log lines write them (configuration manual, section 11): prefixes, hosts, ports,
// port ranges and offsets. Pure: names stay names (`ip` null) until hosts.ts resolves them.

import { isIPv4, isIPv6 } from 'node:net';
import type { AddressConf, AddressFamily } from './types.js';

/** Longest socket path: room is left for the suffix of the name that it is bound under at first. */
export const SOCKET_PATH_MAX = 97;

export interface AddressRules {
  /** 'required': bind lines; 'optional': servers, sources, logs. */
  readonly port: 'required' | 'optional';
  /** Port 0 is taken too: the system chooses (the library's `allowPortZero`). */
  readonly zero?: boolean;
  /** `80-90` is allowed. */
  readonly range: boolean;
  /** `+10`, `-10` are allowed. */
  readonly offset: boolean;
  /** fd@N is allowed. */
  readonly fd: boolean;
  readonly type: 'stream' | 'datagram' | 'any';
  /** Unless a prefix says otherwise. */
  readonly preferred: 'stream' | 'datagram';
  /** `unix-bind prefix`. */
  readonly pathPrefix?: string;
  /** Variables of the environment: they may stand in an address without quotes (manual 11). Left out: `$` is a character. */
  readonly env?: (name: string) => string | undefined;
}

export interface ParsedAddress {
  readonly address: AddressConf;
  /** Inclusive; both `address.port` for a single port. */
  readonly portLow: number;
  readonly portHigh: number;
  /** A port was written. */
  readonly hasPort: boolean;
  /** 0 unless the port was an offset. */
  readonly offset: number;
  readonly isOffset: boolean;
  /** What was tolerated: characters after the port number, '' for nothing. */
  readonly ignored: string;
}

export type AddressResult =
  | { readonly ok: true; readonly parsed: ParsedAddress }
  | { readonly ok: false; readonly code: string; readonly message: string };

function no(code: string, message: string): AddressResult {
  return { ok: false, code, message };
}

interface Prefix {
  readonly kind: 'ip' | 'ipv4' | 'ipv6' | 'unix' | 'abns' | 'fd' | 'sockpair';
  readonly type?: 'stream' | 'datagram';
  readonly quic?: boolean;
}

const PREFIXES: Readonly<Record<string, Prefix>> = {
  unix: { kind: 'unix' },
  uxst: { kind: 'unix', type: 'stream' },
  uxdg: { kind: 'unix', type: 'datagram' },
  abns: { kind: 'abns' },
  ip: { kind: 'ip' },
  ipv4: { kind: 'ipv4' },
  ipv6: { kind: 'ipv6' },
  tcp: { kind: 'ip', type: 'stream' },
  tcp4: { kind: 'ipv4', type: 'stream' },
  tcp6: { kind: 'ipv6', type: 'stream' },
  udp: { kind: 'ip', type: 'datagram' },
  udp4: { kind: 'ipv4', type: 'datagram' },
  udp6: { kind: 'ipv6', type: 'datagram' },
  quic4: { kind: 'ipv4', type: 'datagram', quic: true },
  quic6: { kind: 'ipv6', type: 'datagram', quic: true },
  fd: { kind: 'fd' },
  sockpair: { kind: 'sockpair' },
};

export function emptyAddress(family: AddressFamily): AddressConf {
  return { family, ip: null, host: '', port: 0, path: '', fd: -1, type: 'stream' };
}

/** One address, without commas. */
export function parseAddress(text: string, rules: AddressRules): AddressResult {
  let rest = rules.env === undefined ? text : expandVariables(text, rules.env);
  if (rest === '') return no('address', `'${text}' resolves to an empty address (environment variable missing?)`);
  let type: 'stream' | 'datagram' = rules.preferred;
  const sock = /^(stream|dgram)\+/.exec(rest);
  if (sock !== null) {
    type = sock[1] === 'stream' ? 'stream' : 'datagram';
    rest = rest.slice(sock[0].length);
  }
  let prefix: Prefix | undefined;
  const at = rest.indexOf('@');
  if (at > 0) {
    const word = rest.slice(0, at);
    prefix = Object.hasOwn(PREFIXES, word) ? PREFIXES[word] : undefined;
    if (prefix !== undefined) rest = rest.slice(at + 1);
  }
  prefix ??= rest.startsWith('/') ? { kind: 'unix' } : { kind: 'ip' };
  if (prefix.quic === true) {
    const family = prefix.kind === 'ipv4' ? 2 : 10;
    return no(
      'address',
      `unsupported stream protocol for datagram family ${family} address '${text}'; QUIC is not compiled in if this is what you were looking for.`,
    );
  }
  type = prefix.type ?? type;
  if (rules.type !== 'any' && type !== rules.type) {
    return no('address', `${type === 'datagram' ? 'dgram' : 'stream'}-type address not acceptable in '${text}'`);
  }
  switch (prefix.kind) {
    case 'fd':
    case 'sockpair':
      return parseFd(text, rest, prefix.kind, rules, type);
    case 'unix':
    case 'abns':
      return parsePath(rest, prefix.kind, rules, type);
    default:
      return parseIp(text, rest, prefix.kind, rules, type);
  }
}

/** `$NAME` and `${NAME}`; a variable that is not there is nothing, as is a `$` without a name. */
function expandVariables(text: string, env: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text;
  return text.replace(
    /\$(?:\{(\w*)\}?|(\w*))/g,
    (_all, braced?: string, plain?: string) => env(braced ?? plain ?? '') ?? '',
  );
}

function parseFd(
  text: string,
  rest: string,
  kind: 'fd' | 'sockpair',
  rules: AddressRules,
  type: 'stream' | 'datagram',
): AddressResult {
  if (!/^\d+$/.test(rest)) return no('address', `file descriptor '${rest}' is not a valid integer in '${text}'`);
  if (kind === 'fd' && !rules.fd) return no('address', `a file descriptor is not acceptable here in '${text}'`);
  return one({ ...emptyAddress(kind), fd: Math.min(Number(rest), 0x7fffffff), host: text, type });
}

function parsePath(
  rest: string,
  kind: 'unix' | 'abns',
  rules: AddressRules,
  type: 'stream' | 'datagram',
): AddressResult {
  const path = kind === 'unix' ? `${rules.pathPrefix ?? ''}${rest}` : rest;
  if (Buffer.byteLength(path) > SOCKET_PATH_MAX) {
    return no('address', `socket path '${path}' too long (max ${SOCKET_PATH_MAX})`);
  }
  return one({ ...emptyAddress(kind), path, host: rest, type });
}

function one(address: AddressConf): AddressResult {
  const parsed = { address, portLow: 0, portHigh: 0, hasPort: false, offset: 0, isOffset: false, ignored: '' };
  return { ok: true, parsed };
}

function parseIp(
  text: string,
  rest: string,
  kind: 'ip' | 'ipv4' | 'ipv6',
  rules: AddressRules,
  type: 'stream' | 'datagram',
): AddressResult {
  // The port follows the last colon; brackets protect an IPv6 address that has none.
  let host = rest;
  let port: string | null = null;
  const colon = rest.lastIndexOf(':');
  if (colon >= 0 && !rest.endsWith(']')) {
    host = rest.slice(0, colon);
    port = rest.slice(colon + 1);
  }
  if (host.startsWith('[') && host.endsWith(']')) host = host.slice(1, -1);
  const address = parseHost(host, kind);
  if (address === null) return no('address', `invalid address: '${host}' in '${text}'`);
  address.type = type;
  if (port === null || (port === '' && rules.port === 'required')) {
    if (rules.port === 'required') return no('port', `missing port specification in '${text}'`);
    return one(address);
  }
  return parsePort(text, port, address, rules);
}

function parsePort(text: string, port: string, address: AddressConf, rules: AddressRules): AddressResult {
  if (/^[+-]/.test(port)) {
    if (!rules.offset) return no('port', `port offset not permitted here in '${text}'`);
    const offset = Number(/^[+-]\d*/.exec(port)![0].replace(/^[+-]$/, '0'));
    const parsed = {
      address,
      portLow: 0,
      portHigh: 0,
      hasPort: true,
      offset: offset === 0 ? 0 : offset,
      isOffset: true,
      ignored: '',
    };
    return { ok: true, parsed };
  }
  if (port !== '' && !/^\d/.test(port)) {
    return no('port', `invalid character '${port[0]!}' in port number '${port}' in '${text}'`);
  }
  const m = /^(\d*)(?:-(\d*))?(.*)$/s.exec(port)!;
  const low = Number(m[1]);
  const zeroOk = rules.zero === true && m[1] !== '' && m[2] === undefined;
  if (low > 65535 || (rules.port === 'required' && low === 0 && !zeroOk)) return no('port', `invalid port '${m[1]!}'`);
  let high = low;
  if (m[2] !== undefined) {
    if (!rules.range) return no('port', `port range not permitted here in '${text}'`);
    high = Number(m[2]);
    if (high > 65535 || (rules.port === 'required' && high === 0)) return no('port', `invalid port '${m[2]}'`);
    if (high < low) return no('port', `invalid port range '${m[1]!}-${m[2]}'`);
  }
  address.port = low;
  const hasPort = port !== '';
  const parsed = { address, portLow: low, portHigh: high, hasPort, offset: 0, isOffset: false, ignored: m[3]! };
  return { ok: true, parsed };
}

/** Null when it can be neither an address nor a name. */
function parseHost(host: string, kind: 'ip' | 'ipv4' | 'ipv6'): AddressConf | null {
  if (host === '' || host === '*') {
    const family = kind === 'ipv6' ? 'ipv6' : 'ipv4';
    return { ...emptyAddress(family), ip: new Uint8Array(family === 'ipv6' ? 16 : 4), host: host === '' ? '*' : host };
  }
  if (kind !== 'ipv6' && isIPv4(host)) return { ...emptyAddress('ipv4'), ip: ipv4Bytes(host), host };
  if (kind !== 'ipv4' && isIPv6(host) && !host.includes('%')) {
    return { ...emptyAddress('ipv6'), ip: ipv6Bytes(host), host };
  }
  if (host.includes(':')) return null;
  return { ...emptyAddress(kind === 'ipv6' ? 'ipv6' : 'ipv4'), host };
}

/** Bytes in network order of a dotted quad that node:net accepts. */
export function ipv4Bytes(text: string): Uint8Array {
  return Uint8Array.from(text.split('.'), Number);
}

/** 16 bytes of an IPv6 address that node:net accepts (no zone). */
export function ipv6Bytes(text: string): Uint8Array {
  const [head, tail] = text.split('::') as [string, string | undefined];
  const front = ipv6Groups(head);
  const back = tail === undefined ? [] : ipv6Groups(tail);
  const groups =
    tail === undefined ? front : [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
  const bytes = new Uint8Array(16);
  groups.forEach((g, i) => {
    bytes[2 * i] = g >>> 8;
    bytes[2 * i + 1] = g & 255;
  });
  return bytes;
}

function ipv6Groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [parseInt(part, 16)];
    const b = ipv4Bytes(part);
    return [(b[0]! << 8) | b[1]!, (b[2]! << 8) | b[3]!];
  });
}
