// Cuts one line into words by HAProxy's rules (configuration manual 2.2, 2.3): backslash escapes, weak and strong quotes,
// environment variables inside double quotes, comments. A backslash at the end of a line continues nothing: it is a
// character of the word, as with the reference.

/** Words kept of a line, the keyword included; the reference's limit. */
export const WORDS_MAX = 64;

export interface Word {
  readonly text: string;
  /** Where it starts in the line, from 1. */
  readonly column: number;
  /** Its length in the line: more than the text's where quotes or escapes were resolved. */
  readonly length: number;
}

export type LexErrorCode = 'quote' | 'brace' | 'env-name' | 'expansion' | 'hex' | 'too-many';

export interface LexError {
  readonly code: LexErrorCode;
  readonly message: string;
  /** From 1. */
  readonly column: number;
}

export interface Lexed {
  readonly words: Word[];
  readonly error: LexError | null;
}

/** Value of a variable (pseudo-variables start with a dot), undefined where there is none. */
export type EnvLookup = (name: string) => string | undefined;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const PSEUDO = new Set(['.FILE', '.LINE', '.SECTION']);

/**
 * Words of `line` (no line feed in it). A carriage return is blank between words and ends the line elsewhere. On an error the
 * words before it are still there, but the line means nothing. `comments` false: a hash is a character like others (conditions of -cc).
 */
export function lexLine(line: string, env: EnvLookup, comments = true): Lexed {
  const lexer = new Lexer(line, env, comments);
  lexer.run();
  return { words: lexer.words, error: lexer.error };
}

function isBlank(c: string): boolean {
  return c === ' ' || c === '\t' || c === '\r' || c === '\n' || c === '\v' || c === '\f';
}

function isNameStart(c: string): boolean {
  return /^[A-Za-z_]$/.test(c);
}

function isNameChar(c: string): boolean {
  return /^[A-Za-z0-9_]$/.test(c);
}

class Lexer {
  readonly words: Word[] = [];
  error: LexError | null = null;
  private readonly line: string;
  private readonly env: EnvLookup;
  private readonly comments: boolean;
  private pos = 0;
  private text = '';
  private start = -1; // of the word being read; -1 between words

  constructor(line: string, env: EnvLookup, comments: boolean) {
    this.line = line;
    this.env = env;
    this.comments = comments;
  }

  run(): void {
    const line = this.line;
    while (this.pos < line.length && this.error === null) {
      const c = line[this.pos]!;
      if ((c === '#' && this.comments) || (c === '\r' && this.start >= 0)) break;
      if (isBlank(c)) {
        this.endWord(this.pos);
        this.pos++;
        continue;
      }
      if (this.start < 0) this.start = this.pos;
      if (c === '"') this.weak();
      else if (c === "'") this.strong();
      else if (c === '\\') this.escape(false);
      else this.plain();
    }
    if (this.error === null) this.endWord(this.pos);
  }

  /** A run of characters that mean themselves. */
  private plain(): void {
    const from = this.pos;
    const line = this.line;
    while (this.pos < line.length) {
      const c = line[this.pos]!;
      if ((c === '#' && this.comments) || c === '"' || c === "'" || c === '\\' || isBlank(c)) break;
      this.pos++;
    }
    this.text += line.slice(from, this.pos);
  }

  private strong(): void {
    const end = this.line.indexOf("'", this.pos + 1);
    if (end < 0 || this.line.slice(this.pos, end).includes('\r')) {
      this.fail('quote', 'unmatched quote', this.pos);
      return;
    }
    this.text += this.line.slice(this.pos + 1, end);
    this.pos = end + 1;
  }

  private weak(): void {
    const open = this.pos++;
    const line = this.line;
    while (this.pos < line.length) {
      const c = line[this.pos]!;
      if (c === '\r') break;
      if (c === '"') {
        this.pos++;
        return;
      }
      // Blanks at the end of an expanded list ended the word: only what follows starts another.
      if (this.start < 0) this.start = this.pos;
      if (c === '\\') this.escape(true);
      else if (c === '$') this.variable();
      else {
        const from = this.pos;
        while (this.pos < line.length && !'"\\$\r'.includes(line[this.pos]!)) this.pos++;
        this.text += line.slice(from, this.pos);
      }
      if (this.error !== null) return;
    }
    this.fail('quote', 'unmatched quote', open);
  }

  /** At a backslash. In weak quotes `\'` and `\#` keep nothing special, and `\$` is a dollar. */
  private escape(weak: boolean): void {
    const line = this.line;
    const next = line[this.pos + 1];
    if (next === undefined) {
      // The last character of the line: stands for itself, and for nothing inside quotes (they are unmatched then).
      this.text += '\\';
      this.pos++;
      return;
    }
    const named = ESCAPES[next];
    if (named !== undefined) {
      this.text += named;
      this.pos += 2;
    } else if (next === 'x') {
      const hex = line.slice(this.pos + 2, this.pos + 4);
      if (!/^[0-9A-Fa-f]{2}$/.test(hex)) {
        this.fail('hex', 'truncated or invalid hexadecimal sequence', this.pos);
        return;
      }
      const byte = parseInt(hex, 16);
      // A byte that is no ASCII is no character either: it stands as a lone surrogate (policy/sample/binary.ts).
      this.text += String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
      this.pos += 4;
    } else if (
      next === '\\' ||
      next === ' ' ||
      next === '"' ||
      next === "'" ||
      next === '#' ||
      (next === '$' && weak) ||
      next === '\t'
    ) {
      if (weak && next === "'") this.text += "'";
      else this.text += next;
      this.pos += 2;
    } else {
      this.text += `\\${next}`; // unknown escapes stay as they are
      this.pos += 2;
    }
  }

  /** At a dollar inside double quotes. */
  private variable(): void {
    const line = this.line;
    const dollar = this.pos++;
    const braced = line[this.pos] === '{';
    const brace = this.pos;
    if (braced) this.pos++;
    const nameAt = this.pos;
    const pseudo = line[this.pos] === '.';
    if (pseudo) this.pos++;
    if (pseudo || isNameStart(line[this.pos] ?? '')) {
      while (this.pos < line.length && isNameChar(line[this.pos]!)) this.pos++;
    }
    const name = line.slice(nameAt, this.pos);
    if (name === '' || name === '.' || (pseudo && !PSEUDO.has(name))) {
      this.fail('env-name', 'forbidden first char in environment variable name', nameAt);
      return;
    }
    let fallback: string | undefined;
    let expand = false;
    if (braced) {
      if (line.startsWith('[*]', this.pos)) {
        expand = true;
        this.pos += 3;
      } else if (line[this.pos] === '[') {
        this.fail('expansion', 'truncated or invalid word expansion sequence', this.pos);
        return;
      }
      if (line[this.pos] === '-') {
        const end = line.indexOf('}', this.pos);
        if (end < 0) {
          this.fail('brace', 'unmatched brace in environment variable name', brace);
          return;
        }
        fallback = line.slice(this.pos + 1, end);
        this.pos = end;
      }
      if (line[this.pos] !== '}') {
        this.fail('brace', 'unmatched brace in environment variable name', brace);
        return;
      }
      this.pos++;
    }
    const value = this.env(name) ?? fallback ?? '';
    if (expand) this.expand(value, dollar);
    else this.text += value;
  }

  /** `${NAME[*]}`: each run of blanks in the value ends a word. */
  private expand(value: string, dollar: number): void {
    const parts = value.split(/[ \t\r\n\v\f]+/);
    this.text += parts[0]!;
    for (let i = 1; i < parts.length && this.error === null; i++) {
      const part = parts[i]!;
      this.push(this.text, this.start, this.pos - this.start);
      if (part === '' && i === parts.length - 1) {
        this.start = -1;
        this.text = '';
        return;
      }
      this.start = dollar;
      this.text = part;
    }
  }

  private endWord(end: number): void {
    if (this.start < 0) return;
    this.push(this.text, this.start, end - this.start);
    this.start = -1;
    this.text = '';
  }

  private push(text: string, start: number, length: number): void {
    if (this.words.length >= WORDS_MAX) {
      // The reference names the last word that it kept, and counts from the first character that is not blank.
      const last = this.words[WORDS_MAX - 1]!;
      const at = last.column - this.words[0]!.column + 1;
      this.error ??= {
        code: 'too-many',
        message: `too many words, truncating after word ${WORDS_MAX}, position ${at}: <${last.text}>.`,
        column: start + 1,
      };
      return;
    }
    // A NUL (`\x00`) ends a word, as in C.
    const nul = text.indexOf('\0');
    this.words.push({ text: nul < 0 ? text : text.slice(0, nul), column: start + 1, length });
  }

  private fail(code: LexErrorCode, message: string, at: number): void {
    this.error = { code, message, column: at + 1 };
    this.pos = this.line.length;
  }
}
