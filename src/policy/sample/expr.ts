// Sample expressions (configuration manual 7.3): `fetch(args),conv(args),...`, parsed once, evaluated often.
import { nearestWord } from '../../base/nearest.js';
import { type ArgError, parseArgs } from './args.js';
import { canCast, smpCast } from './casts.js';
import { SampleValue, smpReset } from './sample.js';
import { findConverter, findFetch, isLaterConverter, isLaterFetch, converterWords, fetchWords } from './tables.js';
import {
  ARG_BE,
  ARG_FE,
  ARG_REGEX,
  ARG_SINK,
  ARG_SRV,
  ARG_TABLE,
  ARG_USERLIST,
  type Arg,
  type ConverterDef,
  type FetchDef,
  SMP_T_STR,
  type Sample,
  type SampleContext,
  type SampleError,
  type SampleExpression,
  type Unresolved,
} from './types.js';
import type { ProxyConf } from '../../config/types.js';

export interface ExprOptions {
  /** Proxy whose section it stands in; null in the global section and the CLI. */
  readonly px: ProxyConf | null;
  /** SMP_OPT_DIR_*: what `payload` and its like are about. */
  readonly dir: number;
  /** Where it stands, for messages about names: 'ACL' (for those in conditions), 'tcp-request content expression'. */
  readonly context?: string;
  readonly file?: string;
  readonly line?: number;
  /** Column of the expression's first character. */
  readonly column?: number;
  /** It ends where it cannot go on, instead of that being an error (log-format: before `]`). */
  readonly partial?: boolean;
  /** Takes the arguments that need the whole configuration; without one `px.sampleArgs` does. */
  readonly unresolved?: Unresolved[];
}

export interface ParsedExpr {
  readonly expr: SampleExpression;
  /** Units of the text that belong to it. */
  readonly used: number;
}

export function isSampleError(r: ParsedExpr | ParsedWords | SampleError): r is SampleError {
  return 'message' in r;
}

interface Step {
  readonly def: ConverterDef;
  readonly args: readonly Arg[];
}

class Expression implements SampleExpression {
  readonly text: string;
  readonly outType: number;
  readonly use: number;
  readonly measures: boolean;
  private readonly def: FetchDef;
  private readonly args: readonly Arg[];
  private readonly steps: readonly Step[];

  constructor(text: string, def: FetchDef, args: readonly Arg[], steps: readonly Step[], outType: number) {
    this.text = text;
    this.def = def;
    this.args = args;
    this.steps = steps;
    this.use = def.use;
    this.measures = def.measures ?? false;
    this.outType = outType;
  }

  eval(ctx: SampleContext, smp: Sample): boolean {
    smpReset(smp);
    return this.next(ctx, smp);
  }

  next(ctx: SampleContext, smp: Sample): boolean {
    if (!this.def.fetch(smp, this.args, ctx)) return false;
    for (const step of this.steps) {
      if (!smpCast(smp, step.def.inType)) return false;
      if (!step.def.conv(smp, step.args, ctx)) return false;
    }
    return true;
  }

  evalStr(ctx: SampleContext): string | null {
    const smp = new SampleValue();
    if (!this.next(ctx, smp) || !smpCast(smp, SMP_T_STR)) return null;
    return smp.str;
  }
}

const WORD_END = /[^A-Za-z0-9._:+-]/;

function wordEnd(text: string, from: number): number {
  const m = WORD_END.exec(text.slice(from, from + 200));
  return m === null ? Math.min(text.length, from + 200) : from + m.index;
}

/** An expression in the making: what the words so far gave. */
interface Making {
  readonly fetch: FetchDef;
  readonly fetchArgs: readonly Arg[];
  readonly steps: Step[];
  readonly pending: Unresolved[];
  type: number;
}

/** Parses the expression at the start of `text`. */
export function parseSampleExpr(text: string, opts: ExprOptions): ParsedExpr | SampleError {
  const start = parseFetch(text, opts);
  if ('message' in start) return start;
  const end = parseConverters(start.making, text, start.end, opts, `fetch keyword '${start.making.fetch.words}'`);
  if (typeof end !== 'number') return end;
  return { expr: finish(start.making, text.slice(0, end), opts), used: end };
}

export interface ParsedWords {
  readonly expr: SampleExpression;
  /** Words that belong to it. */
  readonly words: number;
}

/**
 * Parses an expression that may go on over blanks: words behind the first that begin with a converter are part of it (`src ipmask(24)`
 * is `src,ipmask(24)`). In errors, `at` counts from the start of word `word`.
 */
export function parseSampleWords(
  words: readonly string[],
  opts: ExprOptions,
): ParsedWords | (SampleError & { readonly word: number }) {
  const text = words[0] ?? '';
  const start = parseFetch(text, opts);
  if ('message' in start) return { ...start, word: 0 };
  const { making } = start;
  const first = parseConverters(making, text, start.end, opts, `fetch keyword '${making.fetch.words}'`);
  if (typeof first !== 'number') return { ...first, word: 0 };
  let n = 1;
  for (; n < words.length; n++) {
    const word = words[n]!;
    const name = word.slice(0, wordEnd(word, 0));
    if (findConverter(name) === undefined && !isLaterConverter(name)) break;
    const end = parseConverters(making, word, 0, opts, '');
    if (typeof end !== 'number') return { ...end, word: n };
  }
  return { expr: finish(making, words.slice(0, n).join(' '), opts), words: n };
}

function finish(making: Making, text: string, opts: ExprOptions): SampleExpression {
  const list = opts.unresolved ?? opts.px?.sampleArgs;
  if (list !== undefined) list.push(...making.pending);
  return new Expression(text, making.fetch, making.fetchArgs, making.steps, making.type);
}

function parseFetch(text: string, opts: ExprOptions): { making: Making; end: number } | SampleError {
  const end = wordEnd(text, 0);
  const name = text.slice(0, end);
  if (name === '') return mistake('missing fetch method', 0, 0);
  const fetch = findFetch(name);
  if (fetch === undefined) {
    if (isLaterFetch(name)) return later(`sample fetch '${name}'`, 0, end);
    return mistake(`unknown fetch method '${name}'`, 0, end, nearestWord(name, fetchWords()));
  }
  const parsed = parseArgs(text, end, fetch.args);
  if (parsed.error !== null) {
    const { message, at, length } = parsed.error;
    return mistake(`fetch method '${name}' : ${message}`, at, length);
  }
  const wrong = fetch.check?.(parsed.args) ?? '';
  if (wrong !== '') return mistake(`invalid args in fetch method '${name}' : ${wrong}`, end, parsed.end - end);
  const pending: Unresolved[] = [];
  note(pending, parsed.args, keywordText(name, opts), opts, 0, parsed.end, fetch.ignoresArgs);
  return {
    making: { fetch, fetchArgs: parsed.args, steps: [], pending, type: fetch.outType },
    end: parsed.end,
  };
}

/** Converters from `from` on, where a comma is due (or, with an empty `before`, a word); the offset behind the last, or the mistake. */
function parseConverters(
  making: Making,
  text: string,
  from: number,
  opts: ExprOptions,
  before: string,
): number | SampleError {
  let pos = from;
  let last = before;
  let comma = before !== '';
  for (;;) {
    const there = pos;
    if (comma) {
      while (text[pos] === ',') pos++;
      if (pos === there) {
        if (pos >= text.length || opts.partial === true) return pos;
        return mistake(`missing comma after ${last}`, pos, text.length - pos);
      }
      if (pos >= text.length) return pos;
    }
    comma = true;
    const end = wordEnd(text, pos);
    const name = text.slice(pos, end);
    const def = findConverter(name);
    if (def === undefined) {
      if (isLaterConverter(name)) return later(`converter '${name}'`, pos, end - pos);
      return mistake(`unknown converter '${name}'`, pos, end - pos, nearestWord(name, converterWords()));
    }
    if (!canCast(making.type, def.inType)) return mistake(`converter '${name}' cannot be applied`, pos, end - pos);
    const parsed = parseArgs(text, end, def.args);
    if (parsed.error !== null) return argMistake(name, parsed.error);
    const wrong = def.check?.(parsed.args) ?? '';
    if (wrong !== '') return mistake(`invalid args in converter '${name}' : ${wrong}`, end, parsed.end - end);
    const where = `conversion keyword '${name}' for ${keywordText(making.fetch.words, opts)}`;
    note(making.pending, parsed.args, where, opts, pos, parsed.end - pos);
    making.steps.push({ def, args: parsed.args });
    making.type = def.outType;
    last = `converter '${name}'`;
    pos = parsed.end;
  }
}

function argMistake(name: string, e: ArgError): SampleError {
  return mistake(`invalid arg ${e.arg} in converter '${name}' : ${e.message}`, e.at, e.length);
}

function keywordText(fetch: string, opts: ExprOptions): string {
  return `${opts.context === 'ACL' ? 'ACL keyword' : 'sample fetch keyword'} '${fetch}'`;
}

const NEEDS_ALL = new Set([ARG_FE, ARG_BE, ARG_SRV, ARG_TABLE, ARG_USERLIST, ARG_REGEX, ARG_SINK]);

/** Remembers the arguments that only the whole configuration can answer. */
function note(
  list: Unresolved[],
  args: readonly Arg[],
  keyword: string,
  opts: ExprOptions,
  at: number,
  length: number,
  warning = '',
): void {
  for (const [i, arg] of args.entries()) {
    if (!NEEDS_ALL.has(arg.kind) && warning === '') continue;
    const where = `arg ${i + 1} of ${keyword}${opts.context === 'ACL' ? '' : ` in ${opts.context ?? 'sample expression'}`}`;
    list.push({
      arg,
      warning,
      px: opts.px,
      where,
      file: opts.file ?? '',
      line: opts.line ?? 0,
      column: (opts.column ?? 1) + at,
      length,
    });
  }
}

function mistake(message: string, at: number, length: number, nearest = ''): SampleError {
  return { message, at, length, nearest, later: false };
}

function later(what: string, at: number, length: number): SampleError {
  return { message: `${what} is known to HAProxy, but not in sluice yet`, at, length, nearest: '', later: true };
}
