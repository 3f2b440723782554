// What a keyword's status means for the line that has it.

import type { KeywordStatus } from '../keyword.js';
import type { Line } from '../line.js';
import type { Scope } from '../scope.js';

/** Words that place threads. */
const THREADS = new Set(['cpu-map', 'numa-cpu-mapping', 'shards', 'thread', 'thread-group', 'thread-groups']);

/** Reports by status. True when the word may stand (with a notice or without). `name`: the words that the user knows. */
export function statusOf(
  line: Line,
  at: number,
  entry: { readonly status: KeywordStatus },
  name: string,
  scope: Scope,
): boolean {
  if (entry.status === 'implemented' || entry.status === 'http') return true;
  if (entry.status === 'notice') {
    const threads = THREADS.has(name);
    noEffect(
      line,
      at,
      name,
      scope,
      `accepted, but ${threads ? 'one thread runs for now' : 'without effect in sluice'}`,
    );
    return true;
  }
  line.alert(at, 'not-yet', `'${name}' is known to HAProxy, but not in sluice yet`, { keyword: name });
  return false;
}

/** A notice that is given once for each keyword of a run. */
export function noEffect(line: Line, at: number, name: string, scope: Scope, text: string): void {
  const key = `notice ${name}`;
  if (scope.seen.has(key)) return;
  scope.seen.set(key, line.pos(at));
  line.notice(at, 'no-effect', `'${name}' is ${text}`, { keyword: name });
}
