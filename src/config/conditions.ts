// Conditions of `.if`, `.elif` and `-cc` (configuration manual 2.4). Every part is parsed, also where its value no longer
// matters, so a mistake never hides behind `1 ||`.

import { type EnvLookup, lexLine } from './lexer.js';
import { nearestWord } from './nearest.js';

/** What predicates ask. Everything is given, nothing is looked up: the same text gives the same answer. */
export interface ConditionContext {
  defined(name: string): boolean;
  /** Build features, without the sign: 'EPOLL'. */
  feature(name: string): boolean;
  /** Run-time switches of -d options and keywords: 'SPLICE', 'EPOLL', ... */
  enabled(name: string): boolean;
  /** Version that version_atleast() and version_before() compare with: '2.6'. */
  readonly version: string;
  /** Version of the TLS library: '3.0.15'; '' for none. */
  readonly sslVersion: string;
  /** Name of the TLS library: 'OpenSSL'. */
  readonly sslName: string;
}

export interface ConditionError {
  readonly message: string;
  /** From 1, in the text. */
  readonly position: number;
  readonly nearest: string;
}

export type ConditionResult =
  { readonly ok: true; readonly value: boolean } | { readonly ok: false; readonly error: ConditionError };

type Predicate = readonly [args: number, test: (args: readonly string[], ctx: ConditionContext) => Value];

const PREDICATES: ReadonlyMap<string, Predicate> = new Map<string, Predicate>([
  ['defined', [0, ([name], ctx) => ctx.defined(name ?? '')]],
  ['feature', [0, ([name], ctx) => name === undefined || name === '' || ctx.feature(name)]],
  ['streq', [2, ([a, b]) => a === b]],
  ['strneq', [2, ([a, b]) => a !== b]],
  ['strstr', [2, ([a, b]) => a!.includes(b!)]],
  ['version_atleast', [0, ([v], ctx) => compareVersions(ctx.version, v ?? '') >= 0]],
  ['version_before', [0, ([v], ctx) => compareVersions(ctx.version, v ?? '') < 0]],
  ['openssl_version_atleast', [0, ([v], ctx) => compareSsl(ctx, v ?? '', (d) => d >= 0)]],
  ['openssl_version_before', [0, ([v], ctx) => compareSsl(ctx, v ?? '', (d) => d < 0)]],
  ['ssllib_name_startswith', [0, ([name], ctx) => ctx.sslName.startsWith(name ?? '')]],
  ['awslc_api_atleast', [0, () => false]],
  ['awslc_api_before', [0, () => false]],
  ['enabled', [0, ([name], ctx) => ctx.enabled(name ?? '')]],
  ['fips_mode', [0, () => false]],
]);

export const PREDICATE_NAMES: readonly string[] = [...PREDICATES.keys()];

/** `2.4-dev19` < `2.4` < `2.4.1`; a leading v is tolerated, what cannot be read is 0. Negative, 0 or positive. */
export function compareVersions(a: string, b: string): number {
  const x = versionParts(a);
  const y = versionParts(b);
  for (let i = 0; i < x.length; i++) {
    if (x[i] !== y[i]) return x[i]! - y[i]!;
  }
  return 0;
}

/** Versions of OpenSSL have three numbers and maybe a letter: 1.1.1w. */
function compareSsl(ctx: ConditionContext, wanted: string, test: (difference: number) => boolean): boolean | null {
  const parts = (text: string): number[] | null => {
    const m = /^(\d+)\.(\d+)\.(\d+)([a-z]?)/.exec(text);
    return m === null ? null : [Number(m[1]), Number(m[2]), Number(m[3]), m[4] === '' ? 0 : m[4]!.charCodeAt(0)];
  };
  const b = parts(wanted);
  if (b === null) return null;
  const a = parts(ctx.sslVersion);
  if (a === null) return false;
  const i = a.findIndex((n, k) => n !== b[k]);
  return test(i < 0 ? 0 : a[i]! - b[i]!);
}

const STAGES: Readonly<Record<string, number>> = { dev: -3, pre: -2, rc: -1 };

function versionParts(text: string): number[] {
  const m = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-(dev|pre|rc)(\d*))?/.exec(text);
  if (m === null) return [0, 0, 0, 0, 0];
  const stage = m[4] === undefined ? 0 : STAGES[m[4]]!;
  return [Number(m[1]), Number(m[2] ?? 0), Number(m[3] ?? 0), stage, Number(m[5] ?? 0)];
}

/**
 * `-cc TEXT`: quotes and variables as in a file, then the condition. Status 0 true, 1 false, 2 with a message where it
 * cannot be read.
 */
export function conditionStatus(
  text: string,
  env: EnvLookup,
  ctx: ConditionContext,
): { readonly status: 0 | 1 | 2; readonly message: string } {
  const { words, error } = lexLine(text, env, false);
  if (error !== null) {
    const what = error.message.slice(0, 1).toUpperCase() + error.message.slice(1);
    return { status: 2, message: `config : Syntax Error in condition: ${what}.` };
  }
  if (words.length === 0 && text !== '') {
    const message = `config : Failed to evaluate condition: unparsable conditional sub-expression ' '`;
    return { status: 2, message };
  }
  const blank = (at: number): string => (/^\s$/.test(text.slice(at, at + 1)) ? ' ' : '');
  const last = words[words.length - 1];
  const end = last === undefined ? 0 : last.column - 1 + last.length;
  const joined = `${blank(0)}${words.map((w) => w.text).join(' ')}${blank(end)}`;
  const result = evaluateCondition(joined, ctx);
  if (result.ok) return { status: result.value ? 0 : 1, message: '' };
  return { status: 2, message: `config : Failed to evaluate condition: ${result.error.message}` };
}

/** Nesting of parentheses and negations at most: the recursion is bounded. */
const DEPTH_MAX = 200;

/** Evaluates a condition whose quotes and variables were resolved by the lexer. The empty text is false. */
export function evaluateCondition(text: string, ctx: ConditionContext): ConditionResult {
  const reader = new ConditionReader(text, ctx);
  return reader.run();
}

/** Null: not known, for an argument means nothing. */
type Value = boolean | null;

class ConditionReader {
  private readonly text: string;
  private readonly ctx: ConditionContext;
  private pos = 0;
  private depth = 0;
  private error: ConditionError | null = null;
  /** The first argument that means nothing: a mistake only where its value counts. */
  private unknown: ConditionError | null = null;

  constructor(text: string, ctx: ConditionContext) {
    this.text = text;
    this.ctx = ctx;
  }

  run(): ConditionResult {
    if (this.text.trim() === '') return { ok: true, value: false };
    const value = this.or();
    if (this.error === null && this.pos < this.text.length) {
      const c = this.text[this.pos]!;
      this.fail(`unexpected character '${c}' at the end of conditional expression '${this.text}'`, this.pos);
    }
    const error = this.error ?? (value === null ? this.unknown : null);
    return error === null ? { ok: true, value: value === true } : { ok: false, error };
  }

  private or(): Value {
    const start = this.pos;
    let value = this.and();
    while (this.operator('||', start)) {
      const right = this.and();
      if (value === false) value = right;
    }
    return value;
  }

  private and(): Value {
    let value = this.term(this.pos);
    while (this.operator('&&', -1)) {
      const right = this.term(this.pos);
      if (value === true) value = right;
    }
    return value;
  }

  /** Steps over the operator. Nothing behind it is an error, shown from `from` on, -1: from the operator itself. */
  private operator(op: string, from: number): boolean {
    if (this.error !== null) return false;
    this.blanks();
    if (!this.text.startsWith(op, this.pos)) return false;
    const at = this.pos;
    this.pos += op.length;
    this.blanks();
    if (this.pos === this.text.length) this.unparsable(from < 0 ? at : from);
    return !this.failed();
  }

  /** `shown`: where the text of a mistake starts; a mistake behind a sign is shown with it. */
  private term(shown: number): Value {
    if (this.error !== null) return false;
    this.blanks();
    if (this.depth >= DEPTH_MAX) return this.fail(`conditional expression is nested too deeply`, this.pos);
    this.depth++;
    const value = this.termAt(this.pos, shown);
    this.depth--;
    return value;
  }

  private termAt(start: number, shown: number): Value {
    const c = this.text[start];
    if (c === '!') {
      this.pos++;
      const value = this.term(shown);
      return value === null ? null : !value;
    }
    if (c === '(') {
      this.pos++;
      this.blanks();
      if (this.pos === this.text.length) return this.unparsable(shown);
      const value = this.or();
      this.blanks();
      if (this.error !== null) return false;
      if (this.text[this.pos] !== ')') {
        return this.fail(`expected ')' after conditional expression '${this.text.slice(shown)}'`, shown);
      }
      this.pos++;
      return value;
    }
    const int = /^[+-]?(?:0[xX][0-9a-fA-F]+|\d+)/.exec(this.text.slice(start, start + 32));
    if (int !== null) {
      this.pos += int[0].length;
      return Number(int[0].replace(/^[+-]/, '')) !== 0;
    }
    const name = this.predicateName();
    if (name === '') return this.unparsable(shown);
    this.pos += name.length;
    return this.predicate(name);
  }

  /** Name of the predicate that stands here, to a parenthesis, a blank or the end; '' for none. */
  private predicateName(): string {
    const word = /^[^\s(]+/.exec(this.text.slice(this.pos, this.pos + 40))?.[0] ?? '';
    return PREDICATES.has(word) ? word : '';
  }

  private predicate(name: string): Value {
    const [wanted, test] = PREDICATES.get(name)!;
    const args: string[] = [];
    const where = (i: number): string => `in argument ${i} of predicate '${name}' used in conditional expression`;
    if (this.text[this.pos] === '(') {
      this.pos++;
      const most = Math.max(wanted, 1);
      for (;;) {
        args.push(this.argument());
        if (this.text[this.pos] === ',' && args.length < most) {
          this.pos++;
          continue;
        }
        break;
      }
      if (wanted > args.length) return this.missing(args.length, wanted, name);
      if (this.text[this.pos] !== ')') {
        const rest = this.text.slice(this.pos);
        const before = rest === '' ? '' : ` before '${rest}'`;
        return this.fail(`expected ')'${before} ${where(Math.max(1, args.length - 1))}`, this.pos);
      }
      this.pos++;
    } else if (wanted > 0) {
      return this.missing(1, wanted, name);
    }
    const value = test(args, this.ctx);
    if (value !== null) return value;
    const what = `'${args[0] ?? ''}' is not a version of the library`;
    const message = `${what} in argument 1 of predicate '${name}' used in conditional expression`;
    this.unknown ??= { message, position: this.pos + 1, nearest: '' };
    return null;
  }

  private missing(got: number, wanted: number, name: string): boolean {
    const what = `missing arguments (got ${got}/${wanted}), type 'string' expected`;
    return this.fail(`${what} in argument 1 of predicate '${name}' used in conditional expression`, this.pos);
  }

  /** One argument: to the comma or parenthesis, with quotes and escapes of its own (manual 2.2, end). */
  private argument(): string {
    let out = '';
    while (this.pos < this.text.length) {
      const c = this.text[this.pos]!;
      if (c === ',' || c === ')') break;
      if (c === '"' || c === "'") {
        out += this.quoted(c);
      } else if (c === '\\' && /^[nrt\\"' ]/.test(this.text.slice(this.pos + 1, this.pos + 2))) {
        out += this.escaped();
      } else {
        out += c;
        this.pos++;
      }
    }
    return out;
  }

  private quoted(quote: string): string {
    this.pos++;
    let out = '';
    // One that is never closed takes the rest, and the parenthesis is missed then.
    while (this.pos < this.text.length && this.text[this.pos] !== quote) {
      if (quote === '"' && this.text[this.pos] === '\\' && this.pos + 1 < this.text.length) out += this.escaped();
      else out += this.text[this.pos++]!;
    }
    if (this.pos < this.text.length) this.pos++;
    return out;
  }

  private escaped(): string {
    const c = this.text[this.pos + 1]!;
    this.pos += 2;
    if (c === 'n') return '\n';
    if (c === 'r') return '\r';
    if (c === 't') return '\t';
    return /[\\"' ]/.test(c) ? c : `\\${c}`;
  }

  private failed(): boolean {
    return this.error !== null;
  }

  private blanks(): void {
    while (this.text[this.pos] === ' ' || this.text[this.pos] === '\t') this.pos++;
  }

  private unparsable(at: number): false {
    const word = /^!?\s*([A-Za-z_]+)/.exec(this.text.slice(at, at + 60))?.[1] ?? '';
    const nearest = nearestWord(word, PREDICATE_NAMES);
    return this.fail(`unparsable conditional expression '${this.text.slice(at)}'`, at, nearest);
  }

  private fail(message: string, at: number, nearest = ''): false {
    this.error ??= { message, position: at + 1, nearest };
    return false;
  }
}
