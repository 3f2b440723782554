// A configuration back as text, in one normal form: what was read, with quotes, escapes, variables and conditions resolved, comments
// gone, several files joined. The text parses to the same configuration (with `statements` kept, see ParseOptions).

import type { Configuration, Statement } from './types.js';

/** Words of these characters mean themselves wherever they stand. */
const PLAIN = /^[A-Za-z0-9_.,:;@%/+*=<>()[\]{}!?&|^~-]+$/;

/** Control characters have escapes or hexadecimal numbers, and need double quotes. */
const CONTROL = /[\0-\x1f\x7f]/;

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A word written so that the lexer reads it back, in the way that is easiest to read. */
export function quoteWord(word: string): string {
  if (PLAIN.test(word)) return word;
  if (!CONTROL.test(word) && !/["\\$]/.test(word)) return `"${word}"`;
  if (!CONTROL.test(word) && !word.includes("'")) return `'${word}'`;
  const escaped = word.replace(/["\\$\0-\x1f\x7f]/g, (c) => {
    if (c === '"' || c === '\\' || c === '$') return `\\${c}`;
    return ESCAPES[c] ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}

function statementText({ opens, prefix, words }: Statement): string {
  const lead = opens ? '' : '    ';
  const text = words.map(quoteWord).join(' ');
  return `${lead}${prefix === '' ? '' : `${prefix} `}${text}\n`;
}

/** The whole; '' where no line was kept. */
export function printConfiguration(config: Pick<Configuration, 'statements'>): string {
  return config.statements.map((s, i) => (s.opens && i > 0 ? `\n${statementText(s)}` : statementText(s))).join('');
}
