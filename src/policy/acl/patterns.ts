// Patterns of one ACL line in the making: each word, or line of a file, is read as the match method asks; `finish` gives the
// matcher. See the matrix of the configuration manual 7.1 for what may be matched against what.
import { regexCompile } from '../../base/regex.js';
import { canCast } from '../sample/casts.js';
import {
  SMP_T_ADDR,
  SMP_T_ANY,
  SMP_T_BIN,
  SMP_T_BOOL,
  SMP_T_IPV4,
  SMP_T_IPV6,
  SMP_T_METH,
  SMP_T_SINT,
  SMP_T_STR,
} from '../sample/types.js';
import { INT_OPERATORS, type IntRange, matchInt, matchLength, parseIntPattern } from './match/integers.js';
import { type Network, matchNetworks, parseNetwork } from './match/networks.js';
import { matchBin, matchBool, matchFound, matchRegex, parseHex } from './match/others.js';
import {
  matchDir,
  matchDom,
  matchExact,
  matchPrefix,
  matchSubstring,
  matchSuffix,
  type StringPattern,
} from './match/strings.js';
import type { Matcher } from './types.js';

interface Method {
  readonly name: string;
  /** What the sample is cast to. */
  readonly type: number;
  readonly patterns: 'none' | 'int' | 'dotted' | 'ip' | 'hex' | 'text' | 'regex';
  readonly make: (p: Patterns) => Matcher;
}

/** Match methods by the word after `-m`; `meth` and `dotted` have none, only defaults lead there. */
const METHODS: readonly Method[] = [
  { name: 'found', type: SMP_T_ANY, patterns: 'none', make: () => matchFound() },
  { name: 'bool', type: SMP_T_BOOL, patterns: 'none', make: () => matchBool() },
  { name: 'int', type: SMP_T_SINT, patterns: 'int', make: (p) => matchInt(p.ranges) },
  { name: 'ip', type: SMP_T_ADDR, patterns: 'ip', make: (p) => matchNetworks(p.networks) },
  { name: 'bin', type: SMP_T_BIN, patterns: 'hex', make: (p) => matchBin(p.blocks) },
  { name: 'len', type: SMP_T_STR, patterns: 'int', make: (p) => matchLength(p.ranges) },
  { name: 'str', type: SMP_T_STR, patterns: 'text', make: (p) => matchExact(p.strings) },
  { name: 'beg', type: SMP_T_STR, patterns: 'text', make: (p) => matchPrefix(p.strings) },
  { name: 'end', type: SMP_T_STR, patterns: 'text', make: (p) => matchSuffix(p.strings) },
  { name: 'sub', type: SMP_T_STR, patterns: 'text', make: (p) => matchSubstring(p.strings) },
  { name: 'dir', type: SMP_T_STR, patterns: 'text', make: (p) => matchDir(p.strings) },
  { name: 'dom', type: SMP_T_STR, patterns: 'text', make: (p) => matchDom(p.strings) },
  { name: 'reg', type: SMP_T_STR, patterns: 'regex', make: (p) => matchRegex(p.expressions) },
];
const DOTTED: Method = { name: 'dotted', type: SMP_T_SINT, patterns: 'dotted', make: (p) => matchInt(p.ranges) };

export const METHOD_WORDS: readonly string[] = METHODS.map((m) => m.name);

/** Whether method `name` may look at samples of type `type`. */
export function methodFits(name: string, type: number): boolean {
  const m = METHODS.find((x) => x.name === name);
  return m !== undefined && canCast(type, m.type);
}

/** The method of a type that has one by itself; '' for the others (binary, whatever a variable holds). */
export function defaultMethod(type: number): string {
  switch (type) {
    case SMP_T_BOOL:
      return 'bool';
    case SMP_T_SINT:
      return 'int';
    case SMP_T_ADDR:
    case SMP_T_IPV4:
    case SMP_T_IPV6:
      return 'ip';
    case SMP_T_STR:
    case SMP_T_METH:
      return 'str';
    default:
      return '';
  }
}

/** A pattern that cannot be used. `offset`, `length`: where in its word, -1 for the whole. */
export interface PatternError {
  readonly message: string;
  readonly offset: number;
}

/** Answers for host names in `ip` patterns: an IPv4 address, null where there is none. */
export type NameLookup = (name: string) => string | null;

export class Patterns {
  readonly ranges: IntRange[] = [];
  readonly networks: Network[] = [];
  readonly blocks: string[] = [];
  readonly strings: StringPattern[] = [];
  readonly expressions: RegExp[] = [];
  private readonly method: Method;
  private operator = 'eq';

  /** `name` is one of METHOD_WORDS, or 'dotted'. */
  constructor(name: string) {
    this.method = name === 'dotted' ? DOTTED : METHODS.find((m) => m.name === name)!;
  }

  /** A word of the line, binary string. Operators of integer methods are taken too. */
  add(word: string, icase: boolean, lookup: NameLookup | null): PatternError | null {
    const { patterns } = this.method;
    if ((patterns === 'int' || patterns === 'dotted') && INT_OPERATORS.includes(word)) {
      this.operator = word;
      return null;
    }
    return this.addPattern(word, icase, lookup);
  }

  /** A pattern as such: what a line of a file is. */
  addPattern(text: string, icase: boolean, lookup: NameLookup | null): PatternError | null {
    switch (this.method.patterns) {
      case 'none':
        return null;
      case 'int':
      case 'dotted': {
        const range = parseIntPattern(text, this.operator, this.method.patterns === 'dotted');
        if (typeof range === 'string') return whole(range);
        this.ranges.push(range);
        return null;
      }
      case 'ip':
        return this.addNetwork(text, lookup);
      case 'hex': {
        const { bytes, error } = parseHex(text);
        if (error !== '') return whole(error);
        this.blocks.push(bytes);
        return null;
      }
      case 'text':
        this.strings.push({ text, icase });
        return null;
      case 'regex':
        return this.addRegex(text, icase);
    }
  }

  finish(): Matcher {
    return this.method.make(this);
  }

  private addNetwork(text: string, lookup: NameLookup | null): PatternError | null {
    let net = parseNetwork(text);
    if (net === null && lookup !== null) {
      const m = /^([A-Za-z0-9_][A-Za-z0-9_.-]*[A-Za-z_][A-Za-z0-9_.-]*|[A-Za-z_])(\/.*)?$/.exec(text);
      const address = m === null ? null : lookup(m[1]!);
      if (address !== null) net = parseNetwork(address + (m![2] ?? ''));
    }
    if (net === null) return whole(`'${text}' is not a valid IPv4 or IPv6 address`);
    this.networks.push(net);
    return null;
  }

  private addRegex(text: string, icase: boolean): PatternError | null {
    const { re, error } = regexCompile(text, icase);
    if (error === null) {
      this.expressions.push(re);
      return null;
    }
    const { message, offset, refused } = error;
    if (!refused) return { message: `regex '${text}' is invalid (error=${message}, erroffset=${offset})`, offset };
    const advice = `start it with (*LIMIT_MATCH=1000) to run it on the backtracking engine`;
    return { message: `regex '${text}' is refused at offset ${offset}: ${message}; ${advice}`, offset };
  }
}

function whole(message: string): PatternError {
  return { message, offset: -1 };
}
