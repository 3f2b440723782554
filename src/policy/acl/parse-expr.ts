// `criterion [flags] [operator] [patterns]`: what follows the name on an `acl` line, and what stands between braces (7.1).
import { nearestWord } from '../../base/nearest.js';
import type { Line } from '../../config/line.js';
import type { Scope } from '../../config/scope.js';
import type { ProxyConf } from '../../config/types.js';
import { binaryOf, textOf } from '../sample/binary.js';
import { isSampleError, parseSampleExpr } from '../sample/expr.js';
import {
  SMP_OPT_DIR_REQ,
  SMP_T_ANY,
  type SampleError,
  type SampleExpression,
  type Unresolved,
} from '../sample/types.js';
import { readPatternFile } from './pattern-file.js';
import { defaultMethod, METHOD_WORDS, methodFits, type PatternError, Patterns } from './patterns.js';
import type { AclExpr } from './types.js';
import { aclWord } from './words.js';

/** Words to read from: a line of the file, or the ones of a predefined ACL. */
export type LineWords = Pick<Line, 'file' | 'number' | 'count' | 'arg' | 'pos' | 'warning'>;

/** What is wrong with an ACL or a condition; the caller's message frames it. */
export interface AclError {
  readonly message: string;
  /** Word of the line, and the part of it; -1 for all of the word. */
  readonly word: number;
  readonly offset: number;
  readonly nearest: string;
  readonly expected: string;
  /** Known to the reference, not built yet: `message` says all. */
  readonly later: boolean;
}

export function aclError(message: string, word: number, more: Partial<AclError> = {}): AclError {
  return { message, word, offset: -1, nearest: '', expected: '', later: false, ...more };
}

const NEVER_MATCHES = [
  'no pattern to match against were provided, so this ACL will never match.',
  "If this is what you intended, please add '--' to get rid of this warning.",
  "If you intended to match only for existence, please use '-m found'.",
  "If you wanted to force an int to match as a bool, please use '-m bool'.",
]
  .map((l) => `\n  ${l}`)
  .join('');

const NEGATIVE = /^-\d/;

class ExprReader {
  private readonly line: LineWords;
  private readonly px: ProxyConf | null;
  private readonly scope: Scope;
  private readonly to: number;
  private at: number;
  private method = '';
  private patterns: Patterns | null = null;
  private icase = false;
  private noDns = false;
  private map = false;

  constructor(line: LineWords, from: number, to: number, px: ProxyConf | null, scope: Scope) {
    this.line = line;
    this.at = from;
    this.to = to;
    this.px = px;
    this.scope = scope;
  }

  read(): AclExpr | AclError {
    const first = this.at++;
    const text = first < this.to ? this.line.arg(first) : '';
    const parsed = this.criterion(text, first);
    if (!('expr' in parsed)) return parsed;
    const { expr } = parsed;
    this.method = parsed.method === '' ? defaultMethod(expr.outType) : parsed.method;
    const none = this.word() === '';
    const flags = this.flags(expr, text);
    if (flags !== null) return flags;
    const ready = this.ready(text, this.at - 1);
    if (ready !== null) return ready;
    for (; this.at < this.to && this.line.arg(this.at) !== ''; this.at++) {
      const bad = this.patterns!.add(binaryOf(this.line.arg(this.at)), this.icase, this.lookup);
      if (bad !== null) return this.patternError(bad, this.at);
    }
    if (none && this.method !== 'bool' && this.method !== 'found') this.neverMatches(first, text);
    const words = Array.from({ length: this.at - first }, (_, i) => this.line.arg(first + i));
    return { text: words.join(' '), sample: expr, matcher: this.patterns!.finish() };
  }

  private word(): string {
    return this.at < this.to ? this.line.arg(this.at) : '';
  }

  private readonly lookup = (name: string): string | null => {
    return this.noDns ? null : (this.scope.host.lookUpIpv4?.(name) ?? null);
  };

  /** The sample, and the method that the criterion brings with it. */
  private criterion(text: string, first: number): { expr: SampleExpression; method: string } | AclError {
    const name = /^[A-Za-z0-9._-]*/.exec(text)![0];
    const own = aclWord(name);
    const source = own === null ? text : own.fetch + text.slice(name.length);
    const position = this.line.pos(first);
    const unresolved: Unresolved[] = [];
    const parsed = parseSampleExpr(source, {
      px: this.px,
      dir: SMP_OPT_DIR_REQ,
      context: 'ACL expression',
      file: this.line.file,
      line: this.line.number,
      column: position.column,
      unresolved,
    });
    if (isSampleError(parsed))
      return this.sampleError(parsed, text, first, own === null ? 0 : name.length - own.fetch.length);
    // In ACLs the reference names the criterion so: "referenced in arg 1 of ACL keyword 'nbsrv'".
    for (const u of unresolved) {
      const where = u.where.replace(/sample fetch keyword '([^']*)' in ACL expression$/, "ACL keyword '$1'");
      this.px?.sampleArgs.push({ ...u, where });
    }
    const converted = source.includes(',', closing(source));
    return { expr: parsed.expr, method: own === null || converted ? '' : own.method };
  }

  private sampleError(e: SampleError, text: string, first: number, shift: number): AclError {
    if (e.later) return aclError(e.message, first, { later: true });
    return aclError(`${e.message} in ACL expression '${text}'`, first, {
      offset: Math.max(0, e.at + shift),
      nearest: e.nearest,
    });
  }

  private flags(expr: SampleExpression, text: string): AclError | null {
    for (; this.word().startsWith('-'); this.at++) {
      const at = this.at;
      switch (this.word()) {
        case '--':
          this.at++;
          return null;
        case '-i':
          this.icase = true;
          break;
        case '-n':
          this.noDns = true;
          break;
        case '-M':
          this.map = true;
          break;
        case '-u': {
          this.at++;
          if (!/^\d*$/.test(this.word())) return aclError('the argument of -u must be an integer', at + 1);
          break;
        }
        case '-m': {
          this.at++;
          const bad = this.chooseMethod(expr, text);
          if (bad !== null) return bad;
          break;
        }
        case '-f': {
          const ready = this.ready(text, at);
          if (ready !== null) return ready;
          this.at++;
          const bad = this.file(at + 1);
          if (bad !== null) return bad;
          break;
        }
        default: {
          const bad = `'${this.word()}' is not a valid ACL option. Please use '--' before any pattern beginning with a '-'`;
          const expected = NEGATIVE.test(this.word()) ? "'--' in front of it" : 'one of -i -f -m -n -u -M --';
          return aclError(bad, at, { expected });
        }
      }
      if (this.at >= this.to) return null;
    }
    return null;
  }

  private chooseMethod(expr: SampleExpression, text: string): AclError | null {
    const name = this.word();
    if (this.patterns !== null)
      return aclError(`'-m' must only be specified before patterns and files in parsing ACL expression`, this.at - 1);
    if (!METHOD_WORDS.includes(name)) {
      return aclError(`unknown matching method '${name}' when parsing ACL expression`, this.at, {
        nearest: nearestWord(name, METHOD_WORDS),
        expected: METHOD_WORDS.join(', '),
      });
    }
    if (expr.outType !== SMP_T_ANY && !methodFits(name, expr.outType)) {
      const keyword = /^[A-Za-z0-9._-]*/.exec(text)![0];
      return aclError(`matching method '${name}' cannot be used with fetch keyword '${keyword}'`, this.at);
    }
    this.method = name;
    return null;
  }

  /** The method is settled from here on. */
  private ready(text: string, at: number): AclError | null {
    if (this.patterns !== null) return null;
    if (this.method === '') {
      const keyword = /^[A-Za-z0-9._-]*/.exec(text)![0];
      const what = `matching method must be specified first (using '-m') when using a sample fetch of this type ('${keyword}')`;
      return aclError(what, at, { expected: `-m and one of ${METHOD_WORDS.join(', ')}` });
    }
    this.patterns = new Patterns(this.method);
    return null;
  }

  private file(at: number): AclError | null {
    const name = this.word();
    const { text, error } = this.scope.host.readFile?.(name) ?? { text: '', error: 'ENOENT' };
    if (error !== '') {
      if (error === 'EISDIR') return aclError(`error encountered while reading  <${name}> : Is a directory`, at);
      return aclError(`failed to open pattern file <${name}>`, at);
    }
    for (const p of readPatternFile(text, this.map)) {
      const bad = this.patterns!.addPattern(p.text, this.icase, this.lookup);
      if (bad !== null) return aclError(`${textOf(bad.message)} at line ${p.line} of file '${name}'`, at);
    }
    return null;
  }

  private patternError(bad: PatternError, at: number): AclError {
    return aclError(textOf(bad.message), at, { offset: bad.offset });
  }

  private neverMatches(first: number, text: string): void {
    this.line.warning(first, 'no-pattern', `parsing acl keyword '${text}' :`, {
      form: 'bare',
      tail: NEVER_MATCHES,
      expected: 'a pattern',
    });
  }
}

/** Offset behind the parentheses that follow the first word. */
function closing(text: string): number {
  const open = text.indexOf('(');
  if (open < 0 || text.slice(0, open).includes(',')) return 0;
  const close = text.indexOf(')', open);
  return close < 0 ? text.length : close;
}

/** Reads words `[from, to)` of the line. */
export function parseAclExpr(
  line: LineWords,
  from: number,
  to: number,
  px: ProxyConf | null,
  scope: Scope,
): AclExpr | AclError {
  return new ExprReader(line, from, to, px, scope).read();
}
