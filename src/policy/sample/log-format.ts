// Log formats: text, `%variables`, `%[expressions]`, each with flags (configuration manual 8.2.6). Parsed once into nodes; evaluated
// to a binary string. The same for log lines, unique ids, and rules that build text.
//
//   format = { text | '%%' | '%' [ '{' flag { ',' flag } '}' ] ( variable | '[' expression ']' ) }
//   flag   = [ '+' | '-' ] ( 'Q' | 'E' | 'X' )       on the variable `o`: for all that follow
import { useText } from './use.js';
import type { ProxyConf } from '../../config/types.js';
import { nearestWord } from '../../base/nearest.js';
import { AF_UNIX } from '../../sys/constants.js';
import { binaryOf } from './binary.js';
import { isSampleError, parseSampleExpr } from './expr.js';
import {
  findLogAlias,
  LF_AT_ACCEPT,
  LF_AT_CONNECT,
  LF_AT_END,
  LF_IP,
  LF_NEED_BSRC,
  LF_NEED_DST,
  LF_NEED_INFO,
  LF_NUM,
  LF_PORT,
  LF_RAW,
  LOG_ALIASES,
  type LogAlias,
} from './log-format-aliases.js';
import {
  type SampleContext,
  type SampleError,
  type SampleExpression,
  SMP_USE_L4CLI,
  SMP_USE_HRSHP,
  SMP_USE_HRSHV,
  SMP_USE_L4SRV,
  SMP_USE_L6RES,
  SMP_USE_TXFIN,
  type Unresolved,
} from './types.js';

// Flags of a node.
const QUOTE = 1; // in double quotes
const ESCAPE = 2; // '"', '\' and ']' behind a backslash
const HEX = 4;
const DASH = 8; // '-' for nothing: all nodes of formats of log lines

// What is not there before the response; other expressions do not hold a line back, as with the reference.
const AT_END = SMP_USE_L6RES | SMP_USE_HRSHV | SMP_USE_HRSHP | SMP_USE_TXFIN;

const FLAG_LETTERS: Readonly<Record<string, number>> = { Q: QUOTE, E: ESCAPE, X: HEX };

export interface LogFormatOptions {
  /** Proxy whose section it stands in; null outside of proxies. */
  readonly px: ProxyConf | null;
  /** SMP_OPT_DIR_* of its expressions. */
  readonly dir: number;
  /** SMP_VAL_*: where it will be evaluated, and so what its expressions may ask for. */
  readonly vals: number;
  /** Variables of mode http are allowed. */
  readonly http: boolean;
  /** It makes log lines: '-' stands where there is no value. */
  readonly dash?: boolean;
  /** For messages about names, and where the format was written. */
  readonly context?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly unresolved?: Unresolved[];
}

interface LogNode {
  /** Null: plain text, or an expression. */
  readonly alias: LogAlias | null;
  readonly expr: SampleExpression | null;
  readonly text: string;
  readonly flags: number;
}

export interface LogFormat {
  /** As written. */
  readonly text: string;
  readonly nodes: readonly LogNode[];
  /** LF_NEED_*: what must be asked of the connections while they are there. */
  readonly needs: number;
  /** SMP_USE_* of all expressions together. */
  readonly use: number;
  /** LF_AT_*: from when on every part has its value. */
  readonly at: number;
}

class Making {
  readonly nodes: LogNode[] = [];
  readonly text: string;
  readonly opts: LogFormatOptions;
  plain = '';
  flags = 0;
  needs = 0;
  use = 0;
  at = LF_AT_ACCEPT;
  error: SampleError | null = null;

  constructor(text: string, opts: LogFormatOptions) {
    this.text = text;
    this.opts = opts;
    if (opts.dash === true) this.flags = DASH;
  }

  flush(): void {
    if (this.plain !== '') this.nodes.push({ alias: null, expr: null, text: binaryOf(this.plain), flags: 0 });
    this.plain = '';
  }

  /** Notes the mistake; the end of the text, where reading stops. */
  fail(message: string, at: number, length: number, more: { nearest?: string; later?: boolean } = {}): number {
    this.error = { message, at, length, nearest: more.nearest ?? '', later: more.later ?? false };
    return this.text.length;
  }
}

export function isLogFormat(r: LogFormat | readonly SampleError[]): r is LogFormat {
  return 'nodes' in r;
}

/** Parses `text`. The first mistake ends it, as with the reference. */
export function parseLogFormat(text: string, opts: LogFormatOptions): LogFormat | SampleError[] {
  const m = new Making(text, opts);
  for (let at = 0; at < text.length;) {
    const next = text.indexOf('%', at);
    if (next < 0) {
      m.plain += text.slice(at);
      break;
    }
    m.plain += text.slice(at, next);
    at = variable(m, next);
  }
  if (m.error !== null) return [m.error];
  m.flush();
  return { text, nodes: m.nodes, needs: m.needs, use: m.use, at: m.at };
}

/** What begins with the '%' at `start`; where it ends. */
function variable(m: Making, start: number): number {
  const { text } = m;
  let at = start + 1;
  if (at === text.length) return m.fail(`truncated line after '%'`, start, 1);
  if (text[at] === '%') {
    m.plain += '%';
    return at + 1;
  }
  let flags = m.flags;
  const braced = text[at] === '{';
  if (braced) {
    const end = text.indexOf('}', at);
    if (end < 0) return m.fail(`truncated line after '${text.slice(at + 1)}'`, start, text.length - start);
    flags = readFlags(text.slice(at + 1, end), flags);
    at = end + 1;
  }
  if (text[at] === '[') return expression(m, at + 1, flags);
  const name = /^[A-Za-z][A-Za-z0-9]*/.exec(text.slice(at, at + 64))?.[0] ?? '';
  if (name !== '') return named(m, name, at, flags);
  if (braced) {
    const near = text.slice(start, at);
    return m.fail(`parse argument modifier without variable name near '${near}'`, start, near.length);
  }
  const c = text[at]!;
  if (/[\s0-9]/.test(c)) {
    const hint = `Maybe you want to write a single '%', use the syntax '%%'`;
    return m.fail(`unexpected variable name near '${c}' at position ${at} line : '${text}'. ${hint}`, start, 2);
  }
  return at; // the '%' alone is dropped
}

function readFlags(words: string, before: number): number {
  let flags = before;
  for (const word of words.split(',')) {
    let sign = '';
    for (const c of word) {
      const bit = FLAG_LETTERS[c] ?? 0;
      if (c === '+' || c === '-') sign = c;
      else if (sign === '+') flags |= bit;
      else if (sign === '-') flags &= ~bit;
    }
  }
  return flags;
}

function named(m: Making, name: string, at: number, flags: number): number {
  const alias = findLogAlias(name);
  if (alias === undefined) {
    const text = `no such format variable '${name}'. If you wanted to emit the '%' character verbatim, you need to use '%%'`;
    const nearest = nearestWord(
      name,
      LOG_ALIASES.map((a) => a.name),
    );
    return m.fail(text, at, name.length, { nearest });
  }
  if (alias.http === true) {
    if (!m.opts.http) return m.fail(`format variable '${name}' is reserved for HTTP mode`, at, name.length);
    return m.fail(`format variable '${name}'`, at, name.length, { later: true });
  }
  if (name === 'o') {
    m.flags = flags;
    return at + name.length;
  }
  m.flush();
  m.needs |= alias.needs ?? 0;
  m.at = Math.max(m.at, alias.at ?? LF_AT_END);
  m.nodes.push({ alias, expr: null, text: '', flags });
  return at + name.length;
}

/** What the reference calls the places that a sample may come from, for those that can be missing. */
function expression(m: Making, from: number, flags: number): number {
  const { opts } = m;
  const rest = m.text.slice(from);
  const parsed = parseSampleExpr(rest, {
    px: opts.px,
    dir: opts.dir,
    partial: true,
    ...(opts.context === undefined ? {} : { context: opts.context }),
    ...(opts.file === undefined ? {} : { file: opts.file }),
    ...(opts.line === undefined ? {} : { line: opts.line }),
    ...(opts.column === undefined ? {} : { column: opts.column + from }),
    ...(opts.unresolved === undefined ? {} : { unresolved: opts.unresolved }),
  });
  if (isSampleError(parsed)) {
    const { message, at, length, nearest, later } = parsed;
    if (later) return m.fail(message, from + at, length, { nearest, later });
    return m.fail(`failed to parse sample expression <${rest}> : ${message}`, from + at, length, { nearest });
  }
  const { expr, used } = parsed;
  const end = m.text[from + used];
  const read = rest.slice(0, used);
  if (end === undefined) return m.fail(`missing ']' after '${read}'`, from, used);
  if (end !== ']') return m.fail(`expected ']' after '${read}', but found '${end}'`, from + used, 1);
  if ((expr.use & opts.vals) === 0) {
    const text = `sample fetch <${rest}> may not be reliably used here because it needs '${useText(expr.use)}' which is not available here`;
    return m.fail(text, from, used);
  }
  m.flush();
  m.use |= expr.use;
  if ((expr.use & SMP_USE_L4CLI) !== 0) m.needs |= LF_NEED_DST;
  if ((expr.use & SMP_USE_L4SRV) !== 0) m.needs |= LF_NEED_BSRC;
  if (expr.measures === true) m.needs |= LF_NEED_INFO;
  m.at = Math.max(m.at, (expr.use & AT_END) !== 0 ? LF_AT_END : LF_AT_CONNECT);
  m.nodes.push({ alias: null, expr, text: '', flags });
  return from + used + 1;
}

/** The text that `fmt` makes of `ctx`, a binary string. */
export function logFormatStr(fmt: LogFormat, ctx: SampleContext): string {
  let out = '';
  for (const node of fmt.nodes) {
    const { alias, expr, flags } = node;
    if (alias !== null) out += aliasText(alias, flags, ctx);
    else if (expr !== null) out += dressed(expr.evalStr(ctx) ?? '', flags);
    else out += node.text;
  }
  return out;
}

/** What `unique-id-format` of the frontend makes of the stream, once for its life; null without a format or a stream. */
export function uniqueIdOf(ctx: SampleContext): string | null {
  const { strm } = ctx;
  const format = ctx.sess?.fe.conf.uniqueIdFormat?.ready ?? null;
  if (strm === null || format === null) return null;
  if (strm.uniqueId === null) {
    strm.uniqueId = ''; // the format may ask for itself
    strm.uniqueId = logFormatStr(format, ctx);
  }
  return strm.uniqueId;
}

function aliasText(alias: LogAlias, flags: number, ctx: SampleContext): string {
  const { kind } = alias;
  const hex = (flags & HEX) !== 0;
  const text = alias.name === 'ID' ? (uniqueIdOf(ctx) ?? '') : alias.value(ctx, hex);
  if (kind === LF_NUM || kind === LF_RAW) return text;
  if (kind === LF_PORT) return text === '' && (flags & DASH) !== 0 ? '-' : text;
  if (kind === LF_IP && hex && (text !== '' || ctx.sess?.listener.address.family === AF_UNIX)) return text;
  return dressed(text, flags);
}

/** A string with its quotes and escapes; it ends at a NUL, as everything that goes through C strings. */
function dressed(value: string, flags: number): string {
  const nul = value.indexOf('\0');
  let text = nul < 0 ? value : value.slice(0, nul);
  if ((flags & ESCAPE) !== 0) text = text.replace(/["\\\]]/g, '\\$&');
  if ((flags & QUOTE) !== 0) return `"${text}"`;
  return text === '' && (flags & DASH) !== 0 ? '-' : text;
}
