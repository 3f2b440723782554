// From PCRE's syntax to JavaScript's, for subjects of bytes. One pass, recursive over groups; see regex.ts.

interface TranslateError {
  readonly message: string;
  readonly offset: number;
  readonly refused: boolean;
}

interface Mode {
  icase: boolean;
  dotAll: boolean;
  multi: boolean;
  extended: boolean;
}

/** A translated item that a quantifier may follow. */
interface Atom {
  readonly text: string;
  readonly captures: boolean;
  readonly repeatable: boolean;
}

const REPEAT_MAX = 65535; // PCRE's own limit
const ENGINE_REPEAT = 16; // above this the linear engine refuses counted repeats: they are written out
const SIZE_MAX = 20000; // characters of the translation
const DEPTH_MAX = 200;

const POSIX: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\t-\\r ',
  blank: '\\t ',
  punct: '!-\\/:-@\\[-`{-~',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9a-fA-F',
  word: 'a-zA-Z0-9_',
  ascii: '\\x00-\\x7f',
};
/** Escapes that stand for sets: what is inside the brackets. */
const SETS: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'a-zA-Z0-9_',
  s: '\\t-\\r ',
  h: '\\t \\xa0',
  v: '\\n-\\r\\x85',
};
const CHARS: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

export class RegexTranslator {
  error: TranslateError | null = null;
  private readonly src: string;
  private readonly backtracks: boolean;
  private readonly keepCaptures: boolean;
  private readonly first: Mode;
  private pos = 0;
  private depth = 0;
  private size = 0;

  constructor(src: string, icase: boolean, backtracks: boolean, captures: boolean) {
    this.src = src;
    this.backtracks = backtracks;
    this.keepCaptures = captures || backtracks;
    this.first = { icase, dotAll: false, multi: false, extended: false };
  }

  /** The JavaScript source; meaningless once `error` is set. */
  run(): string {
    const { text } = this.alternatives({ ...this.first });
    if (this.error === null && this.pos < this.src.length) this.fail('unmatched closing parenthesis', this.pos);
    return text;
  }

  private fail(message: string, offset: number, refused = false): Atom {
    this.error ??= { message, offset, refused };
    this.pos = this.src.length;
    return { text: '', captures: false, repeatable: false };
  }

  private refuse(what: string, offset: number): Atom {
    return this.fail(`${what} cannot be matched in linear time`, offset, true);
  }

  /** Up to the closing parenthesis or the end. */
  private alternatives(mode: Mode): { text: string; captures: boolean } {
    let text = '';
    let captures = false;
    if (++this.depth > DEPTH_MAX) this.fail('parentheses are too deeply nested', this.pos);
    while (this.pos < this.src.length) {
      const c = this.src[this.pos]!;
      if (c === ')') break;
      if (c === '|') {
        this.pos++;
        text += '|';
        continue;
      }
      const atom = this.atom(mode);
      if (this.error !== null) break;
      text += this.quantified(atom, mode);
      captures ||= atom.captures;
      this.size = Math.max(this.size, text.length);
      if (this.size > SIZE_MAX) this.refuse('an expression of this size', this.pos);
    }
    this.depth--;
    return { text, captures };
  }

  private atom(mode: Mode): Atom {
    const { src } = this;
    const at = this.pos;
    const c = src[this.pos++]!;
    const one = (text: string): Atom => ({ text, captures: false, repeatable: true });
    const zero = (text: string): Atom => ({ text, captures: false, repeatable: false });
    switch (c) {
      case '(':
        return this.group(mode, at);
      case '[':
        return one(this.charClass(mode, at));
      case '\\':
        return this.escape(mode, at);
      case '.':
        return one(mode.dotAll ? '[^]' : '[^\\n]');
      case '^':
        return zero(mode.multi ? '(?:^|\\n)' : '^');
      case '$':
        return zero(mode.multi ? '(?:\\n|$)' : '\\n?$');
      case '*':
      case '+':
      case '?':
        return this.fail('quantifier does not follow a repeatable item', at);
      case '{':
        if (this.counted(at) !== null) return this.fail('quantifier does not follow a repeatable item', at);
        break;
      default:
        break;
    }
    if (mode.extended) {
      if (/[\s]/.test(c)) return zero('');
      if (c === '#') {
        const end = src.indexOf('\n', this.pos);
        this.pos = end < 0 ? src.length : end + 1;
        return zero('');
      }
    }
    return one(literal(c.charCodeAt(0), mode.icase));
  }

  /** `{n}`, `{n,}`, `{n,m}` at `at`: its numbers and end; null where the brace is a character. */
  private counted(at: number): { min: number; max: number; end: number } | null {
    const m = /^\{(\d+)(,(\d*))?\}/.exec(this.src.slice(at, at + 24));
    if (m === null) return null;
    const min = Number(m[1]);
    const max = m[2] === undefined ? min : m[3] === '' ? Infinity : Number(m[3]);
    return { min, max, end: at + m[0].length };
  }

  private quantified(atom: Atom, mode: Mode): string {
    const { src } = this;
    const at = this.pos;
    let c = src[at];
    if (mode.extended && c !== undefined && /\s/.test(c)) c = undefined;
    let min: number;
    let max: number;
    if (c === '*') [min, max] = [0, Infinity];
    else if (c === '+') [min, max] = [1, Infinity];
    else if (c === '?') [min, max] = [0, 1];
    else {
      const counted = c === '{' ? this.counted(at) : null;
      if (counted === null) return atom.text;
      ({ min, max } = counted);
      this.pos = counted.end - 1;
      if (min > REPEAT_MAX || (max !== Infinity && max > REPEAT_MAX)) {
        this.fail('number too big in {} quantifier', at + 1 + String(min > REPEAT_MAX ? min : max).length);
        return '';
      }
      if (max < min) {
        this.fail('numbers out of order in {} quantifier', counted.end - 1);
        return '';
      }
    }
    if (!atom.repeatable) {
      this.fail('quantifier does not follow a repeatable item', at);
      return '';
    }
    this.pos++;
    let lazy = '';
    if (src[this.pos] === '?') {
      lazy = '?';
      this.pos++;
    } else if (src[this.pos] === '+') {
      this.refuse('a possessive quantifier', this.pos);
      return '';
    }
    const next = src[this.pos];
    if (next === '*' || next === '+' || next === '?' || (next === '{' && this.counted(this.pos) !== null)) {
      this.fail('quantifier does not follow a repeatable item', this.pos);
      return '';
    }
    return this.repeat(atom, min, max, lazy, at);
  }

  private repeat(atom: Atom, min: number, max: number, lazy: string, at: number): string {
    const { text } = atom;
    if (min === 0 && max === Infinity) return `${text}*${lazy}`;
    if (min === 1 && max === Infinity) return `${text}+${lazy}`;
    if (min === 0 && max === 1) return `${text}?${lazy}`;
    if (max === 0) return '(?:)';
    const count = max === Infinity ? min + 1 : max;
    if (this.backtracks || (count <= 1 && max !== Infinity))
      return `${text}{${min}${max === min ? '' : `,${max === Infinity ? '' : max}`}}${lazy}`;
    if (text.length * count > SIZE_MAX) return this.refuse('a repeat of this size', at).text;
    if (atom.captures && this.keepCaptures) {
      if (count > ENGINE_REPEAT) return this.refuse('a repeat of this size', at).text;
      return `${text}{${min}${max === min ? '' : `,${max === Infinity ? '' : max}`}}${lazy}`;
    }
    let out = text.repeat(min);
    if (max === Infinity) out += `${text}*${lazy}`;
    else if (max > min) {
      // x{0,3} is x?x?x? for what is matched; nested it stays linear in size too.
      out += `(?:${text}`.repeat(max - min) + `)?${lazy}`.repeat(max - min);
    }
    return `(?:${out})`;
  }

  private group(mode: Mode, at: number): Atom {
    const { src } = this;
    const inner = { ...mode };
    let open = this.keepCaptures ? '(' : '(?:';
    let captures = true;
    let repeatable = true;
    if (src[this.pos] === '*') return this.refuse(`the verb '${/^\(\*[^)]*\)?/.exec(src.slice(at, at + 32))![0]}'`, at);
    if (src[this.pos] === '?') {
      const rest = src.slice(this.pos + 1, this.pos + 40);
      const named = /^(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/.exec(rest);
      const flags = /^([imsxnUJ]*)(?:-([imsx]*))?([:)])/.exec(rest);
      if (rest.startsWith('#')) {
        const end = src.indexOf(')', this.pos);
        if (end < 0) return this.fail('missing ) after (?# comment', src.length);
        this.pos = end + 1;
        return { text: '', captures: false, repeatable: false };
      }
      if (named !== null) {
        this.pos += 1 + named[0].length;
      } else if (/^(?:[=!]|<[=!])/.test(rest)) {
        if (!this.backtracks) return this.refuse('a lookaround', at);
        const look = /^(?:[=!]|<[=!])/.exec(rest)![0];
        open = `(?${look}`;
        captures = false;
        repeatable = false;
        this.pos += 1 + look.length;
      } else if (rest.startsWith('>')) return this.refuse('an atomic group', at);
      else if (rest.startsWith('|')) return this.refuse('a branch reset group', at);
      else if (/^(?:R|[+-]?\d|&|P[>=]|\()/.test(rest)) return this.refuse('a recursion or a conditional group', at);
      else if (flags !== null) {
        setModes(inner, flags[1]!, true);
        setModes(inner, flags[2] ?? '', false);
        this.pos += 1 + flags[0].length;
        if (flags[3] === ')') {
          Object.assign(mode, inner); // for the rest of the group that it stands in
          return { text: '', captures: false, repeatable: false };
        }
        open = '(?:';
        captures = false;
      } else return this.fail('unrecognized character after (? or (?-', this.pos + 1);
    }
    const body = this.alternatives(inner);
    if (this.error !== null) return { text: '', captures: false, repeatable: false };
    if (src[this.pos] !== ')') return this.fail('missing closing parenthesis', src.length);
    this.pos++;
    return { text: `${open}${body.text})`, captures: captures || body.captures, repeatable };
  }

  /** At the character behind a backslash. */
  private escape(mode: Mode, at: number): Atom {
    const { src } = this;
    const c = src[this.pos];
    if (c === undefined) return this.fail('\\ at end of pattern', src.length);
    const one = (text: string): Atom => ({ text, captures: false, repeatable: true });
    const zero = (text: string): Atom => ({ text, captures: false, repeatable: false });
    const set = SETS[c.toLowerCase()];
    if (set !== undefined) {
      this.pos++;
      return one(c === c.toLowerCase() ? `[${set}]` : `[^${set}]`);
    }
    if (c === 'Q') return this.quoted(mode);
    const simple: Readonly<Record<string, Atom>> = {
      b: zero('\\b'),
      B: zero('\\B'),
      A: zero('^'),
      z: zero('$'),
      Z: zero('\\n?$'),
      R: one('(?:\\r\\n|[\\n-\\r\\x85])'),
      N: one('[^\\n]'),
      E: zero(''),
    };
    const known = simple[c];
    if (known !== undefined) {
      this.pos++;
      return known;
    }
    // Two octal digits and more are a byte: nobody refers to a tenth group here.
    const octal = /^[1-7][0-7]{1,2}/.exec(src.slice(this.pos, this.pos + 3))?.[0];
    if (octal !== undefined) {
      this.pos += octal.length;
      return one(literal(parseInt(octal, 8) & 255, mode.icase));
    }
    if (/[1-9]/.test(c) || c === 'g' || c === 'k') {
      if (!this.backtracks || !/[1-9]/.test(c)) return this.refuse('a backreference', at);
      this.pos++;
      return one(`\\${c}`);
    }
    if (/[KGXCpPuUlL]/.test(c)) return this.refuse(`'\\${c}'`, at);
    const code = this.escapedChar(at);
    return one(code < 0 ? '' : literal(code, mode.icase));
  }

  /** `\Q...\E`. */
  private quoted(mode: Mode): Atom {
    this.pos++;
    const end = this.src.indexOf('\\E', this.pos);
    const text = this.src.slice(this.pos, end < 0 ? this.src.length : end);
    this.pos = end < 0 ? this.src.length : end + 2;
    const out = Array.from(text, (x) => literal(x.charCodeAt(0), mode.icase));
    // A quantifier behind it is for the last character.
    const last = out.pop() ?? '';
    if (out.length === 0) return { text: last, captures: false, repeatable: last !== '' };
    return {
      text: `${out.join('')}${this.quantified({ text: last, captures: false, repeatable: true }, mode)}`,
      captures: false,
      repeatable: false,
    };
  }

  /** The byte that an escape stands for, position behind it; -1 after a mistake. */
  private escapedChar(at: number): number {
    const { src } = this;
    const c = src[this.pos++]!;
    const code = CHARS[c];
    if (code !== undefined) return code;
    const rest = src.slice(this.pos, this.pos + 12);
    if (c === 'x') {
      const m = /^(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{0,2}))/.exec(rest)!;
      this.pos += m[0].length;
      const value = parseInt(m[1] ?? (m[2] === '' ? '0' : m[2]!), 16);
      if (value > 255) {
        this.fail('character code point value in \\x{} or \\o{} is too large', this.pos - 1);
        return -1;
      }
      return value;
    }
    if (c === '0' || c === 'o') {
      const m = /^(?:\{([0-7]+)\}|([0-7]{0,2}))/.exec(rest)!;
      this.pos += m[0].length;
      return parseInt(m[1] ?? (m[2] === '' ? '0' : m[2]!), 8) & 255;
    }
    if (c === 'c') {
      const next = src[this.pos++];
      if (next === undefined) {
        this.fail('\\c at end of pattern', src.length);
        return -1;
      }
      return next.toUpperCase().charCodeAt(0) ^ 64;
    }
    if (/[a-zA-Z0-9]/.test(c)) {
      this.fail('unrecognized character follows \\', at + 1);
      return -1;
    }
    return c.charCodeAt(0);
  }

  private charClass(mode: Mode, at: number): string {
    const { src } = this;
    let negated = false;
    if (src[this.pos] === '^') {
      negated = true;
      this.pos++;
    }
    let out = '';
    for (let n = 0; ; n++) {
      const c = src[this.pos];
      if (c === undefined) return this.fail('missing terminating ] for character class', src.length).text;
      if (c === ']' && n > 0) break;
      const item = this.classItem(c);
      if (this.error !== null) return '';
      if (typeof item === 'string') {
        out += item;
        continue;
      }
      if (src[this.pos] === '-' && src[this.pos + 1] !== ']' && src[this.pos + 1] !== undefined) {
        const dash = this.pos++;
        const to = this.classItem(src[this.pos]!);
        if (typeof to === 'string') return this.fail('invalid range in character class', dash).text;
        if (to < item) return this.fail('range out of order in character class', this.pos - 1).text;
        out += classRange(item, to, mode.icase);
      } else out += classRange(item, item, mode.icase);
    }
    this.pos++;
    if (out === '') return this.fail('missing terminating ] for character class', at).text;
    return `[${negated ? '^' : ''}${out}]`;
  }

  /** A byte, or the inside of a set. */
  private classItem(c: string): number | string {
    const { src } = this;
    if (c === '[') {
      const m = /^\[:(\^?)([a-z]+):\]/.exec(src.slice(this.pos, this.pos + 16));
      if (m !== null) {
        const set = POSIX[m[2]!];
        if (set === undefined) return this.fail('unknown POSIX class name', this.pos).text;
        this.pos += m[0].length;
        return m[1] === '^' ? complement(set) : set;
      }
      this.pos++;
      return 91;
    }
    if (c !== '\\') {
      this.pos++;
      return c.charCodeAt(0);
    }
    const at = this.pos++;
    const e = src[this.pos];
    if (e === undefined) return this.fail('\\ at end of pattern', src.length).text;
    const set = SETS[e.toLowerCase()];
    if (set !== undefined) {
      this.pos++;
      return e === e.toLowerCase() ? set : complement(set);
    }
    if (e === 'b') {
      this.pos++;
      return 8;
    }
    if (/[1-7]/.test(e)) {
      const m = /^[0-7]{1,3}/.exec(src.slice(this.pos, this.pos + 3))![0];
      this.pos += m.length;
      return parseInt(m, 8) & 255;
    }
    return this.escapedChar(at);
  }
}

function setModes(mode: Mode, letters: string, on: boolean): void {
  for (const c of letters) {
    if (c === 'i') mode.icase = on;
    else if (c === 's') mode.dotAll = on;
    else if (c === 'm') mode.multi = on;
    else if (c === 'x') mode.extended = on;
  }
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** A byte outside of brackets. */
function literal(code: number, icase: boolean): string {
  if (icase && isLetter(code)) {
    const c = String.fromCharCode(code);
    return `[${c.toLowerCase()}${c.toUpperCase()}]`;
  }
  return quote(code);
}

function quote(code: number): string {
  const c = String.fromCharCode(code);
  if (/[A-Za-z0-9_]/.test(c)) return c;
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** A range inside brackets, with the letters of the other case where that is asked for. */
function classRange(from: number, to: number, icase: boolean): string {
  const plain = from === to ? quote(from) : `${quote(from)}-${quote(to)}`;
  if (!icase) return plain;
  let extra = '';
  for (const [lo, hi, shift] of [
    [65, 90, 32],
    [97, 122, -32],
  ] as const) {
    const a = Math.max(lo, from);
    const b = Math.min(hi, to);
    if (a <= b) extra += a === b ? quote(a + shift) : `${quote(a + shift)}-${quote(b + shift)}`;
  }
  return plain + extra;
}

/** All bytes that are not in `set`, as the inside of brackets. */
function complement(set: string): string {
  const re = new RegExp(`[${set}]`);
  let out = '';
  for (let a = 0; a < 256; a++) {
    if (re.test(String.fromCharCode(a))) continue;
    let b = a;
    while (b < 255 && !re.test(String.fromCharCode(b + 1))) b++;
    out += a === b ? quote(a) : `${quote(a)}-${quote(b)}`;
    a = b;
  }
  return out;
}
