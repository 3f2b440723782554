// The lines that start with a dot: `.if .elif .else .endif` decide which lines count, `.notice .warning .alert .diag` say
// something (configuration manual 2.4). One instance reads one file.

import { type ConditionContext, evaluateCondition } from './conditions.js';
import type { Line } from './line.js';
import { nearestWord } from './nearest.js';
import { clip } from './reports.js';
import type { Position, Severity } from './types.js';

// What a block does with its lines.
const TAKE = 0; // the condition was true
const SKIP = 1; // false so far: an .elif or .else may still be taken
const DONE = 2; // another branch was taken, or the block around it is skipped

interface Block {
  state: number;
  elseAt: Position | null;
  readonly opened: Position;
}

/** Nested blocks at most. */
const BLOCKS_MAX = 256;

const MESSAGES: Readonly<Record<string, Severity>> = {
  '.notice': 'notice',
  '.warning': 'warning',
  '.alert': 'alert',
  '.diag': 'diag',
};
export const DIRECTIVES: readonly string[] = ['.if', '.elif', '.else', '.endif', ...Object.keys(MESSAGES)];

export class Directives {
  private readonly blocks: Block[] = [];
  private readonly ctx: ConditionContext;
  private readonly showDiag: boolean;

  constructor(ctx: ConditionContext, showDiag: boolean) {
    this.ctx = ctx;
    this.showDiag = showDiag;
  }

  /** True where lines count. */
  get taken(): boolean {
    return this.blocks.length === 0 || this.blocks[this.blocks.length - 1]!.state === TAKE;
  }

  /** Reads a line whose first word starts with a dot. */
  read(line: Line): void {
    switch (line.arg(0)) {
      case '.if': {
        this.openIf(line);
        return;
      }
      case '.elif': {
        this.elif(line);
        return;
      }
      case '.else': {
        this.elseBranch(line);
        return;
      }
      case '.endif': {
        this.endif(line);
        return;
      }
      default:
        if (this.taken) this.message(line);
    }
  }

  /** At the end of the file: blocks that are still open. */
  finish(line: Line): void {
    if (this.blocks.length === 0) return;
    const { opened } = this.blocks[this.blocks.length - 1]!;
    line.alert(0, 'open-block', `non-terminated '.if' block.`, {
      form: 'tight',
      keyword: '.if',
      expected: `'.endif' for the '.if' of line ${opened.line}`,
    });
  }

  private openIf(line: Line): void {
    if (this.blocks.length >= BLOCKS_MAX) {
      line.alert(0, 'directive', `too many nested '.if', max is ${BLOCKS_MAX}.`, { form: 'tight' });
      return;
    }
    const state = this.taken ? (this.condition(line) ? TAKE : SKIP) : DONE;
    this.blocks.push({ state, elseAt: null, opened: line.pos(0) });
  }

  private elif(line: Line): void {
    const block = this.current(line);
    if (block === null) return;
    if (block.elseAt !== null) {
      line.alert(0, 'directive', `'.elif' after '.else' is not permitted.`, { form: 'tight' });
      return;
    }
    if (block.state === SKIP) block.state = this.condition(line) ? TAKE : SKIP;
    else block.state = DONE;
  }

  private elseBranch(line: Line): void {
    const block = this.current(line);
    if (block === null || this.extra(line)) return;
    if (block.elseAt !== null) {
      line.alert(0, 'directive', `'.else' after '.else' is not permitted.`, { form: 'tight' });
      return;
    }
    block.elseAt = line.pos(0);
    block.state = block.state === SKIP ? TAKE : DONE;
  }

  private endif(line: Line): void {
    if (this.current(line) === null) return;
    this.extra(line);
    this.blocks.pop();
  }

  private current(line: Line): Block | null {
    if (this.blocks.length > 0) return this.blocks[this.blocks.length - 1]!;
    line.alert(0, 'directive', `lone '${line.arg(0)}' with no matching '.if'.`, { form: 'tight' });
    return null;
  }

  private extra(line: Line): boolean {
    if (line.arg(1) === '') return false;
    const text = `Unexpected argument '${clip(line.arg(1))}' for '${line.arg(0)}'.`;
    line.alert(1, 'extra-argument', text, { form: 'tight' });
    return true;
  }

  private condition(line: Line): boolean {
    const last = line.words[line.count - 1]!;
    const after = line.source[last.column - 1 + last.length] ?? '';
    // A blank behind the last word is part of what the reference shows.
    const text = line.count > 1 && /\s/.test(after) ? `${line.rest(1)} ` : line.rest(1);
    const result = evaluateCondition(text, this.ctx);
    if (result.ok) return result.value;
    const { message, position, nearest } = result.error;
    const name = line.arg(0);
    const shown = clip(text);
    const tail = `:\n  ${name} ${shown}\n  ${' '.repeat(Math.min(position, shown.length + 1) + name.length)}^`;
    line.reports.add(
      'alert',
      'bad-condition',
      `${clip(message)} in '${name}' at position ${position}`,
      this.place(line, position),
      {
        form: 'tight',
        tail,
        source: line.source,
        keyword: name,
        nearest,
      },
    );
    return false;
  }

  /** Where character `position` of the joined condition stands in the line. */
  private place(line: Line, position: number): Position {
    let left = position - 1;
    for (let i = 1; i < line.count; i++) {
      const w = line.words[i]!;
      if (left <= w.text.length) {
        // Inside a word that was written as it reads, the place is exact; else the word itself is it.
        if (w.text.length !== w.length) return line.pos(i);
        return { file: line.file, line: line.number, column: w.column + left, length: Math.max(0, w.length - left) };
      }
      left -= w.text.length + 1;
    }
    return line.pos(line.count);
  }

  private message(line: Line): void {
    const word = line.arg(0);
    const severity = MESSAGES[word];
    if (severity === undefined) {
      const nearest = nearestWord(word, DIRECTIVES);
      const extra = { form: 'tight', nearest, expected: DIRECTIVES.join(' ') } as const;
      line.alert(0, 'unknown-keyword', `unknown directive '${clip(word)}'.`, extra);
      return;
    }
    if (line.arg(2) !== '') {
      const text = `Unexpected argument '${clip(line.arg(2))}' for '${word}'. Use quotes if the message should contain spaces.`;
      line.alert(2, 'extra-argument', text, { form: 'tight' });
      return;
    }
    if (severity === 'diag' && !this.showDiag) return;
    line.report(severity, 0, 'directive', `'${line.arg(1)}'.`, { form: 'tight' });
  }
}
