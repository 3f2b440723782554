// Arguments in parentheses: cut by the second level of quoting (configuration manual 2.2), then read by kind.
import { binaryOf } from './binary.js';
import { ipMask, readIpv4, readIpv6 } from './ip.js';
import { leadingInt } from './sample.js';
import {
  ARG_BE,
  ARG_FE,
  ARG_IPV4,
  ARG_IPV6,
  ARG_MASK4,
  ARG_MASK6,
  ARG_PBUF,
  ARG_REGEX,
  ARG_SINK,
  ARG_SINT,
  ARG_SRV,
  ARG_STR,
  ARG_TABLE,
  ARG_USERLIST,
  type Arg,
  type ArgSpec,
} from './types.js';

/** Kinds by name, as messages and `sluice doc` write them. */
const ARG_NAMES: Readonly<Record<number, string>> = {
  [ARG_STR]: 'string',
  [ARG_SINT]: 'integer',
  [ARG_IPV4]: 'IPv4 address',
  [ARG_MASK4]: 'IPv4 mask',
  [ARG_IPV6]: 'IPv6 address',
  [ARG_MASK6]: 'IPv6 mask',
  [ARG_FE]: 'frontend',
  [ARG_BE]: 'backend',
  [ARG_SRV]: 'server',
  [ARG_TABLE]: 'table',
  [ARG_REGEX]: 'regex',
  [ARG_PBUF]: 'Protocol buffers field number',
  [ARG_USERLIST]: 'user list',
  [ARG_SINK]: 'string',
};

/** Kinds that may be empty: for names that means the current one. */
const MAY_BE_EMPTY = new Set([ARG_STR, ARG_REGEX, ARG_FE, ARG_BE, ARG_SRV, ARG_TABLE, ARG_USERLIST, ARG_SINK]);

export interface ParsedArgs {
  readonly args: Arg[];
  /** Offset behind the closing parenthesis. */
  readonly end: number;
  readonly error: ArgError | null;
}

export interface ArgError {
  readonly message: string;
  readonly at: number;
  readonly length: number;
  /** Number of the argument it is about, from 1. */
  readonly arg: number;
}

/** Reads the arguments of a keyword that ends at `at`; there are none unless a parenthesis opens there. */
export function parseArgs(text: string, at: number, spec: ArgSpec): ParsedArgs {
  const args: Arg[] = [];
  const open = text[at] === '(';
  if (!open && spec.min === 0) return { args: [], end: at, error: null };
  let pos = open ? at + 1 : at;
  const fail = (message: string, from: number, length: number): ParsedArgs => ({
    args,
    end: pos,
    error: { message, at: from, length, arg: args.length + 1 },
  });
  let empty = false;
  const count = spec.kinds.length;
  while (args.length < count) {
    const kind = spec.kinds[args.length]!;
    const word = open ? cutWord(text, pos) : { value: '', end: pos, dangling: -1 };
    if (word.dangling >= 0) {
      const what = `failed to parse '\\' after '${word.value}' as type '${ARG_NAMES[kind]!}'`;
      return fail(`${what} at position ${args.length + 1}`, word.dangling, 1);
    }
    if (word.value === '' && !MAY_BE_EMPTY.has(kind)) {
      empty = true;
      if (args.length > 0 && args.length >= spec.min) args.push(newArg(kind, '')); // after a comma: zero
      break;
    }
    const arg = readArg(kind, word.value);
    if (arg === null) {
      const what = `failed to parse '${word.value}' as type '${ARG_NAMES[kind]!}' at position ${args.length + 1}`;
      return fail(what, pos, word.end - pos);
    }
    args.push(arg);
    pos = word.end;
    if (!open || text[pos] !== ',' || args.length === count) break;
    pos++;
  }
  if (args.length < spec.min) {
    const kind = ARG_NAMES[spec.kinds[args.length]!]!;
    if (empty) return fail(`expected type '${kind}' at position ${args.length + 1}, but got nothing`, pos, 0);
    return fail(`missing arguments (got ${args.length}/${spec.min}), type '${kind}' expected`, pos, 0);
  }
  if (!open) return { args, end: pos, error: null };
  if (text[pos] === ')') return { args, end: pos + 1, error: null };
  const before = pos < text.length ? ` before '${text.slice(pos)}'` : '';
  const arg = Math.max(args.length, Math.min(args.length + 1, 2)); // the reference counts the second one twice
  return { args, end: pos, error: { message: `expected ')'${before}`, at: pos, length: text.length - pos, arg } };
}

interface CutWord {
  readonly value: string;
  /** Offset of the delimiter, or the end of the text: also where a quote is not closed. */
  readonly end: number;
  /** Offset of a backslash that is the last character, -1. */
  readonly dangling: number;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/** One argument: up to a comma or a closing parenthesis outside quotes. Unknown escapes stay as they are. */
function cutWord(text: string, from: number): CutWord {
  let value = '';
  let quote = '';
  let pos = from;
  while (pos < text.length) {
    const c = text[pos]!;
    if (quote === "'") {
      if (c === "'") quote = '';
      else value += c;
      pos++;
      continue;
    }
    if (c === '\\') {
      if (pos + 1 >= text.length) return { value, end: pos, dangling: pos };
      const escaped = ESCAPES[text[pos + 1]!];
      value += escaped ?? c;
      pos += escaped === undefined ? 1 : 2;
      continue;
    }
    if (c === '"') quote = quote === '' ? '"' : '';
    else if (c === "'" && quote === '') quote = "'";
    else if (quote === '' && (c === ',' || c === ')')) break;
    else value += c;
    pos++;
  }
  return { value, end: pos, dangling: -1 };
}

/** An argument of nothing yet. */
function newArg(kind: number, str: string): Arg {
  return { kind, str, int: 0, big: 0n, ip: null, proxy: null, server: null, ready: null };
}

/** The argument of `kind` that `text` is, null where it is none. */
function readArg(kind: number, text: string): Arg | null {
  const arg = newArg(kind, binaryOf(text));
  switch (kind) {
    case ARG_SINT:
      if (!/^[+-]?[0-9]*$/.test(text)) return null;
      arg.big = leadingInt(text);
      arg.int = Number(arg.big);
      return arg;
    case ARG_IPV4:
      arg.ip = readIpv4(text);
      return arg.ip === null ? null : arg;
    case ARG_IPV6:
      arg.ip = readIpv6(text);
      return arg.ip === null ? null : arg;
    case ARG_MASK4:
      arg.ip = readMask(text, 4);
      return arg.ip === null ? null : arg;
    case ARG_MASK6:
      arg.ip = readMask(text, 16);
      return arg.ip === null ? null : arg;
    case ARG_PBUF:
      return /^[0-9]+(\.[0-9]+)*$/.test(text) ? arg : null;
    default:
      return arg;
  }
}

/** A mask as a number of bits or written out. */
function readMask(text: string, bytes: 4 | 16): Uint8Array | null {
  if (/^[0-9]+$/.test(text)) return Number(text) <= 8 * bytes ? ipMask(Number(text), bytes) : null;
  return bytes === 4 ? readIpv4(text) : readIpv6(text);
}
