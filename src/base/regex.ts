// Regular expressions as the configuration writes them (PCRE), run by V8's linear engine: no pattern can hang the process.
//
// Subjects are binary strings (a UTF-16 unit for each byte). The pattern is translated: classes mean what PCRE means on bytes,
// case folding becomes classes, counted repeats are written out, since the engine takes neither the flag `i` nor long repeats.
// What it cannot run (lookaround, backreferences, atomic groups) is refused with its position, unless the pattern opts in by
// starting with `(*LIMIT_MATCH=n)`, which PCRE knows too: it then runs on the backtracking engine.
import { setFlagsFromString } from 'node:v8';
import { RegexTranslator } from './regex-translate.js';

export interface RegexError {
  /** PCRE's words where it has them. */
  readonly message: string;
  /** Characters into the pattern. */
  readonly offset: number;
  /** A good pattern, but one that the linear engine cannot run. */
  readonly refused: boolean;
}

export type RegexResult =
  { readonly re: RegExp; readonly error: null } | { readonly re: null; readonly error: RegexError };

const OPT_IN = /^\(\*LIMIT_MATCH=\d+\)/;

/** Compiles `pattern` (binary string). `icase` ignores the case of ASCII letters; `captures` keeps groups for replacements. */
export function regexCompile(pattern: string, icase: boolean, captures = false): RegexResult {
  const opted = OPT_IN.exec(pattern)?.[0] ?? '';
  const body = pattern.slice(opted.length);
  const tr = new RegexTranslator(body, icase, opted !== '', captures);
  const source = tr.run();
  if (tr.error !== null) {
    const { message, offset, refused } = tr.error;
    return { re: null, error: { message, offset: offset + opted.length, refused } };
  }
  try {
    return { re: new RegExp(source, opted !== '' ? '' : linearFlag()), error: null };
  } catch (e) {
    const text = e instanceof Error ? e.message.replace(/^.*: /s, '') : '';
    return { re: null, error: { message: text, offset: body.length, refused: true } };
  }
}

let linearKnown = false;

/** The flag of the linear engine; asking V8 for it changes nothing for expressions that do not have it. */
function linearFlag(): string {
  if (!linearKnown) {
    setFlagsFromString('--enable-experimental-regexp-engine');
    linearKnown = true;
  }
  return 'l';
}
