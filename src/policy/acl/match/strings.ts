// String match methods (configuration manual 7.1.3): exact, prefix, suffix, substring, subdir, domain. Binary strings; a NUL in
// a pattern cannot occur. Exact patterns are looked up, the others tried in their order.
import type { Sample } from '../../sample/types.js';
import { SMP_T_STR } from '../../sample/types.js';
import type { Matcher } from '../types.js';

/** One pattern as parsed: `-i` applies to those that follow it. */
export interface StringPattern {
  readonly text: string;
  readonly icase: boolean;
}

/** ASCII letters alone fold; bytes above 127 mean nothing in themselves. */
function foldCase(text: string): string {
  return text.replace(/[A-Z]+/g, (s) => s.toLowerCase());
}

interface Split {
  /** Case matters. */
  readonly exact: string[];
  /** Folded already. */
  readonly folded: string[];
}

function split(patterns: readonly StringPattern[]): Split {
  const exact: string[] = [];
  const folded: string[] = [];
  for (const p of patterns) (p.icase ? folded : exact).push(p.icase ? foldCase(p.text) : p.text);
  return { exact, folded };
}

/** A matcher out of a test of (contents, pattern). */
function each(
  method: string,
  patterns: readonly StringPattern[],
  test: (text: string, pattern: string) => boolean,
): Matcher {
  const { exact, folded } = split(patterns);
  return {
    method,
    type: SMP_T_STR,
    count: patterns.length,
    match: (smp: Sample) => {
      const text = smp.str;
      for (const p of exact) if (test(text, p)) return true;
      if (folded.length === 0) return false;
      const low = foldCase(text);
      for (const p of folded) if (test(low, p)) return true;
      return false;
    },
  };
}

export function matchExact(patterns: readonly StringPattern[]): Matcher {
  const { exact, folded } = split(patterns);
  const exactSet = new Set(exact);
  const foldedSet = new Set(folded);
  return {
    method: 'str',
    type: SMP_T_STR,
    count: patterns.length,
    match: (smp) => exactSet.has(smp.str) || (foldedSet.size !== 0 && foldedSet.has(foldCase(smp.str))),
  };
}

/** Lengths of the patterns that occur, so that a look-up in a set replaces the loop. */
function byLength(
  method: string,
  patterns: readonly StringPattern[],
  cut: (text: string, length: number) => string,
): Matcher {
  const { exact, folded } = split(patterns);
  const lengths = (list: readonly string[]): number[] => [...new Set(list.map((p) => p.length))].sort((a, b) => a - b);
  const exactSet = new Set(exact);
  const foldedSet = new Set(folded);
  const exactLengths = lengths(exact);
  const foldedLengths = lengths(folded);
  const any = (text: string, set: ReadonlySet<string>, sizes: readonly number[]): boolean => {
    for (const n of sizes) {
      if (n > text.length) return false;
      if (set.has(cut(text, n))) return true;
    }
    return false;
  };
  return {
    method,
    type: SMP_T_STR,
    count: patterns.length,
    match: (smp) =>
      any(smp.str, exactSet, exactLengths) ||
      (foldedLengths.length !== 0 && any(foldCase(smp.str), foldedSet, foldedLengths)),
  };
}

export function matchPrefix(patterns: readonly StringPattern[]): Matcher {
  return byLength('beg', patterns, (text, n) => text.slice(0, n));
}

export function matchSuffix(patterns: readonly StringPattern[]): Matcher {
  return byLength('end', patterns, (text, n) => text.slice(text.length - n));
}

export function matchSubstring(patterns: readonly StringPattern[]): Matcher {
  return each('sub', patterns, (text, p) => text.includes(p));
}

const DIR_DELIMITERS = '/?';
const DOM_DELIMITERS = '/?.:';

/** `pattern` without the delimiters around it. */
function trim(pattern: string, delimiters: string): string {
  let from = 0;
  let to = pattern.length;
  while (from < to && delimiters.includes(pattern[from]!)) from++;
  while (to > from && delimiters.includes(pattern[to - 1]!)) to--;
  return pattern.slice(from, to);
}

/** Whether `pattern` stands in `text` between delimiters or ends. */
function between(text: string, pattern: string, delimiters: string): boolean {
  if (pattern === '') return false;
  for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1)) {
    const end = at + pattern.length;
    if (at > 0 && !delimiters.includes(text[at - 1]!)) continue;
    if (end === text.length || delimiters.includes(text[end]!)) return true;
  }
  return false;
}

export function matchDir(patterns: readonly StringPattern[]): Matcher {
  const trimmed = patterns.map((p) => ({ text: trim(p.text, DIR_DELIMITERS), icase: p.icase }));
  return each('dir', trimmed, (text, p) => between(text, p, DIR_DELIMITERS));
}

export function matchDom(patterns: readonly StringPattern[]): Matcher {
  const trimmed = patterns.map((p) => ({ text: trim(p.text, DOM_DELIMITERS), icase: p.icase }));
  return each('dom', trimmed, (text, p) => between(text, p, DOM_DELIMITERS));
}
