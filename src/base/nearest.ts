// The nearest known word: edit distance with transpositions (optimal string alignment), small and bounded.

/** Words longer than this are never a typing mistake of a keyword. */
const LENGTH_MAX = 48;

/** Edits (insert, delete, replace, swap of neighbours) from `a` to `b`; `limit` + 1 once it is certain to be more. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let prev: number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row: number[] = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let d = Math.min(prev[j]! + 1, row[j - 1]! + 1, prev[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, before[j - 2]! + 1);
      row.push(d);
      if (d < best) best = d;
    }
    if (best > limit) return limit + 1;
    before = prev;
    prev = row;
  }
  return prev[b.length]!;
}

/**
 * The word of `known` that `word` was most likely meant to be, '' for none: at most one edit in three letters, never
 * more than half of the word; the first of equals wins, so put the likely ones first.
 */
export function nearestWord(word: string, known: Iterable<string>): string {
  if (word.length === 0 || word.length > LENGTH_MAX) return '';
  const lower = word.toLowerCase();
  let limit = Math.max(1, Math.floor(word.length / 3));
  if (word.length <= 2) limit = 1;
  let best = '';
  let bestEdits = limit + 1;
  for (const candidate of known) {
    if (candidate === word) continue;
    const d = editDistance(lower, candidate.toLowerCase(), bestEdits - 1);
    if (d < bestEdits && d * 2 <= Math.max(word.length, candidate.length)) {
      best = candidate;
      bestEdits = d;
      if (d === 0) break;
    }
  }
  return best;
}
