// Finding commands by their words, and what is said when there is none: the nearest ones, or all.
import type { CliLevel } from '../../config/types.js';
import { cliErr } from './message.js';
import type { CliCommand, CliSession } from './types.js';

const RANK: Readonly<Record<CliLevel, number>> = { user: 0, operator: 1, admin: 2 };
const USAGE_WIDTH = 40; // column of the explanations
const NEAREST_MAX = 5;
/** Shown with every list. */
const ALWAYS: readonly string[] = ['help', 'prompt', 'quit'];

export const PERMISSION_DENIED = cliErr('Permission denied\n');

/** Commands that `session` gets to see: those of a mode only in that mode. */
export function visible(commands: readonly CliCommand[], session: CliSession): readonly CliCommand[] {
  return commands.filter((c) => c.hidden !== true && (c.mode === undefined || session[c.mode]));
}

/** True when a session of level `has` may do what needs `needs`. */
export function levelAllows(has: CliLevel, needs: CliLevel): boolean {
  return RANK[has] >= RANK[needs];
}

/** The command that `words` begin with; the longest name wins. */
export function findCommand(commands: readonly CliCommand[], words: readonly string[]): CliCommand | null {
  let found: CliCommand | null = null;
  let length = 0;
  for (const c of commands) {
    const name = c.name.split(' ');
    if (name.length > length && name.every((w, i) => words[i] === w)) {
      found = c;
      length = name.length;
    }
  }
  return found;
}

/** A line for each command, as `help` lists them. */
function listCommands(commands: readonly CliCommand[]): string {
  return commands.map((c) => `  ${c.usage.padEnd(USAGE_WIDTH)}: ${c.help}\n`).join('');
}

/** Text of `help WORDS…`: the commands whose first words begin as `words` do. */
export function helpText(commands: readonly CliCommand[], words: readonly string[]): string {
  const matching = commands.filter((c) => begins(c.name.split(' '), words));
  const shown =
    matching.length === 0 ? commands : commands.filter((c) => matching.includes(c) || ALWAYS.includes(c.name));
  return `The following commands are valid at this level:\n${listCommands(shown)}`;
}

/** What is said of words that are no command. */
export function unknownText(commands: readonly CliCommand[], words: readonly string[]): string {
  const near = nearest(commands, words);
  if (near.length === 0) {
    return `Unknown command. Please enter one of the following commands only:\n${listCommands(commands)}`;
  }
  const shown = commands.filter((c) => near.includes(c) || ALWAYS.includes(c.name));
  return `Unknown command, but maybe one of the following ones is a better match:\n${listCommands(shown)}`;
}

function begins(name: readonly string[], words: readonly string[]): boolean {
  return words.every((w, i) => i >= name.length || name[i]!.startsWith(w));
}

function nearest(commands: readonly CliCommand[], words: readonly string[]): readonly CliCommand[] {
  if (words.length === 0) return [];
  const prefixed = commands.filter((c) => begins(c.name.split(' '), words) && c.name.split(' ').length >= words.length);
  if (prefixed.length > 0) return prefixed;
  // All but the end is right: what begins like that.
  for (let k = words.length - 1; k >= 2; k--) {
    const matching = commands.filter(
      (c) => begins(c.name.split(' '), words.slice(0, k)) && c.name.split(' ').length > k,
    );
    if (matching.length > 0) return matching;
  }
  const scored = commands
    .filter((c) => !ALWAYS.includes(c.name))
    .map((c) => ({ c, d: distance(c.name, words) }))
    .filter(({ c, d }) => d <= Math.max(2, c.name.length / 2));
  scored.sort((a, b) => a.d - b.d);
  return scored.slice(0, NEAREST_MAX).map(({ c }) => c);
}

/** Edit distance between a command's name and as many words of the line. */
function distance(name: string, words: readonly string[]): number {
  const typed = words.slice(0, name.split(' ').length).join(' ').slice(0, 64);
  let row = Array.from({ length: typed.length + 1 }, (_, i) => i);
  for (let i = 1; i <= name.length; i++) {
    const next = [i];
    for (let j = 1; j <= typed.length; j++) {
      const swap = row[j - 1]! + (name[i - 1] === typed[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[typed.length]!;
}
