// Which rule ended the evaluation of a stream's rules last (configuration manual 7.3.2, `last_rule_file`). Remembered beside
// the stream, and only in processes whose configuration asks: the others pay one test for each verdict.
import type { Position } from '../../config/types.js';
import type { Stream } from '../../datapath/stream/stream.js';

const lastRules = new WeakMap<Stream, Position>();
let wanted = false;

/** Some expression asks for it. */
export function lastRuleWanted(): void {
  wanted = true;
}

/** The rule at `position` decided about `s`. */
export function lastRuleNote(s: Stream, position: Position): void {
  if (wanted) lastRules.set(s, position);
}

/** Null where no rule has decided. */
export function lastRuleOf(s: Stream): Position | null {
  return lastRules.get(s) ?? null;
}
