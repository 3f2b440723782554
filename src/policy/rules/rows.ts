// Rows of the action table: their word is what their syntax starts with.
import type { ActionDef, ActionParser } from './types.js';

function wordOf(syntax: string): string {
  return /^[^ (]+/.exec(syntax)![0];
}

/** An action that may stand in `rules` (RULE_*). */
export function built(syntax: string, rules: number, parse: ActionParser): ActionDef {
  const word = wordOf(syntax);
  return { word, parens: syntax.startsWith(`${word}(`), rules, syntax, status: 'implemented', parse };
}

/** One that the reference has, and sluice not yet. */
export function later(syntax: string, rules: number): ActionDef {
  const word = wordOf(syntax);
  return { word, parens: syntax.startsWith(`${word}(`), rules, syntax, status: 'later', parse: null };
}
