// Looking into JSON texts by path, and writing strings for them: what `json_query` and `json` need. The reader takes what the
// reference's takes: it stops at what it looked for, so what follows may be anything.

/** A value found in a JSON text. */
export type JsonFound =
  | { readonly kind: 'number'; /** As written. */ readonly text: string }
  | { readonly kind: 'string'; /** Unescaped; null where that fails. */ readonly text: string | null }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'other' };

/** One step of a path: a member of an object, or the place in an array. */
export type JsonStep = string | number;

const NAME_END = /[.[]/;

/** Steps of `$.a.b[1]`; a backslash in a name makes the next character part of it. Null where it is no path. */
export function jsonPath(text: string): JsonStep[] | null {
  if (!text.startsWith('$')) return null;
  const steps: JsonStep[] = [];
  let at = 1;
  while (at < text.length) {
    if (text[at] === '[') {
      const m = /^\[(\d{1,9})\]/.exec(text.slice(at));
      if (m === null) return null;
      steps.push(Number(m[1]));
      at += m[0].length;
      continue;
    }
    if (text[at] !== '.') return null;
    at++;
    let name = '';
    while (at < text.length && !NAME_END.test(text[at]!)) {
      if (text[at] === '\\' && at + 1 < text.length) at++;
      name += text[at]!;
      at++;
    }
    steps.push(name);
  }
  return steps;
}

const DEPTH_MAX = 20;

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The value at the end of `steps`; undefined where there is none, null where the text is no JSON before it is found. */
  find(steps: readonly JsonStep[], from = 0, depth = 0): JsonFound | undefined | null {
    if (depth > DEPTH_MAX) return null;
    this.blank();
    const c = this.text[this.at];
    const step = steps[from];
    if (c === '{' || c === '[') {
      if (depth === DEPTH_MAX) return null;
      return this.container(c === '{', steps, from, depth, step);
    }
    const value = this.scalar();
    if (value === null) return null;
    return from === steps.length ? value : undefined;
  }

  private container(
    object: boolean,
    steps: readonly JsonStep[],
    from: number,
    depth: number,
    step: JsonStep | undefined,
  ): JsonFound | undefined | null {
    const close = object ? '}' : ']';
    this.at++;
    this.blank();
    if (this.text[this.at] === close) {
      this.at++;
      return step === undefined && from === steps.length ? { kind: 'other' } : undefined;
    }
    for (let index = 0; ; index++) {
      let name: JsonStep = index;
      if (object) {
        this.blank();
        const key = this.string();
        this.blank();
        if (key === null || this.text[this.at] !== ':') return null;
        this.at++;
        name = key;
      }
      // Member names are compared as written, escapes and all.
      const wanted = from < steps.length && name === step;
      const found = this.find(wanted ? steps : NOWHERE, wanted ? from + 1 : 1, depth + 1);
      if (found === null || (wanted && found !== undefined)) return found;
      this.blank();
      const c = this.text[this.at];
      this.at++;
      if (c === close) return step === undefined && from === steps.length ? { kind: 'other' } : undefined;
      if (c !== ',') return null;
    }
  }

  private blank(): void {
    while (this.at < this.text.length && ' \t\r\n'.includes(this.text[this.at]!)) this.at++;
  }

  /** Raw text of a string, escapes as written. */
  private string(): string | null {
    if (this.text[this.at] !== '"') return null;
    const from = this.at + 1;
    for (let i = from; i < this.text.length; i++) {
      const c = this.text[i];
      if (c === '\\') {
        const e = this.text[i + 1];
        if (e === undefined || !'bfnrtu"\\'.includes(e)) return null;
        i += e === 'u' ? 5 : 1;
      } else if (c === '"') {
        this.at = i + 1;
        return this.text.slice(from, i);
      }
    }
    return null;
  }

  private scalar(): JsonFound | null {
    const rest = this.text.slice(this.at, this.at + 400);
    if (rest.startsWith('"')) {
      const raw = this.string();
      return raw === null ? null : { kind: 'string', text: unescape(raw) };
    }
    for (const [word, value] of WORDS) {
      if (!rest.startsWith(word)) continue;
      this.at += word.length;
      return value;
    }
    const m = /^-?[0-9]*(\.[0-9]*)?([eE][+-]?[0-9]*)?/.exec(rest)!;
    if (!/^-|^[0-9]/.test(m[0])) return null;
    this.at += m[0].length;
    return { kind: 'number', text: m[0] };
  }
}

const NOWHERE: readonly JsonStep[] = [];
const WORDS: readonly (readonly [string, JsonFound])[] = [
  ['true', { kind: 'bool', value: true }],
  ['false', { kind: 'bool', value: false }],
  ['null', { kind: 'other' }],
];

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

/** Escapes resolved; null for a character that is no byte. */
function unescape(raw: string): string | null {
  let out = '';
  for (let i = 0; i < raw.length; i++) {
    const c = raw[i]!;
    if (c !== '\\') {
      out += c;
      continue;
    }
    i++;
    if (raw[i] === 'u') {
      const hex = raw.slice(i + 1, i + 5);
      if (!/^00[0-9a-fA-F]{2}$/.test(hex)) return null;
      out += String.fromCharCode(parseInt(hex, 16));
      i += 4;
    } else {
      out += ESCAPES[raw[i]!]!;
    }
  }
  return out;
}

/** The value that `steps` lead to; null where there is none. */
export function jsonFind(text: string, steps: readonly JsonStep[]): JsonFound | null {
  return new Reader(text).find(steps) ?? null;
}

/** A number as C's `%g` prints it. */
export function formatG(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const exponent = Number(value.toExponential(5).split('e')[1]);
  if (exponent < -4 || exponent >= 6) {
    const [digits, e] = value.toExponential(5).split('e') as [string, string];
    const sign = e.startsWith('-') ? '-' : '+';
    return `${strip(digits)}e${sign}${e.replace(/^[+-]/, '').padStart(2, '0')}`;
  }
  return strip(value.toFixed(5 - exponent));
}

function strip(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}

// -- writing -------------------------------------------------------------------------------------------------------

/** `json`: what the input is, and what becomes of mistakes in it. */
export interface JsonCoding {
  readonly utf8: boolean;
  /** Overlong sequences are taken. */
  readonly permissive: boolean;
  /** Mistakes are left out. */
  readonly silent: boolean;
}

export const JSON_CODINGS: Readonly<Record<string, JsonCoding>> = {
  '': { utf8: false, permissive: false, silent: false },
  ascii: { utf8: false, permissive: false, silent: false },
  utf8: { utf8: true, permissive: false, silent: false },
  utf8s: { utf8: true, permissive: false, silent: true },
  utf8p: { utf8: true, permissive: true, silent: false },
  utf8ps: { utf8: true, permissive: true, silent: true },
};

const SHORT: Readonly<Record<number, string>> = {
  8: '\\b',
  9: '\\t',
  10: '\\n',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  47: '\\/',
  92: '\\\\',
};

function escapeCode(code: number): string {
  const short = SHORT[code];
  if (short !== undefined) return short;
  if (code >= 0x20 && code < 0x7f) return String.fromCharCode(code);
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

const MINIMUM = [0, 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000];

/** Length that the first byte of a sequence announces; 0 for a continuation, 1 for what starts nothing. */
function announced(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc0) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  if (first < 0xf8) return 4;
  if (first < 0xfc) return 5;
  return first < 0xfe ? 6 : 0;
}

/** `s` (bytes) as the inside of a JSON string of ASCII alone; null for a mistake that is not left out. */
export function jsonEscape(s: string, how: JsonCoding): string | null {
  let out = '';
  for (let i = 0; i < s.length;) {
    const first = s.charCodeAt(i);
    if (!how.utf8 || first < 0x80) {
      out += escapeCode(first);
      i++;
      continue;
    }
    const n = announced(first);
    let code = n === 0 ? 0 : first & (0x7f >> n);
    let k = 1;
    for (; k < n && i + k < s.length; k++) {
      const c = s.charCodeAt(i + k);
      if ((c & 0xc0) !== 0x80) break;
      code = code * 64 + (c & 0x3f);
    }
    const bad = n === 0 || k < n;
    const overlong = !bad && code < MINIMUM[n]!;
    const forbidden = (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff || code > 0xffff;
    if (bad || forbidden || (overlong && !how.permissive)) {
      if (!how.silent) return null;
    } else {
      out += escapeCode(code);
    }
    i += k;
  }
  return out;
}
