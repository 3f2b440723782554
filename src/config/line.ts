// One line of a section, cut into words, and what the reading of it reports. Word 0 is the keyword.

import type { Word } from './lexer.js';
import { type ReportExtra, type Reports, clip } from './reports.js';
import type { Position, Severity } from './types.js';
import { readInt } from './values.js';

export type LinePrefix = '' | 'no' | 'default';

export class Line {
  readonly file: string;
  readonly number: number;
  /** The physical line. */
  readonly source: string;
  readonly words: readonly Word[];
  readonly prefix: LinePrefix;
  readonly reports: Reports;

  constructor(
    file: string,
    number: number,
    source: string,
    words: readonly Word[],
    prefix: LinePrefix,
    reports: Reports,
  ) {
    this.file = file;
    this.number = number;
    this.source = source;
    this.words = words;
    this.prefix = prefix;
    this.reports = reports;
  }

  /** Text of word `i`, '' beyond the end (an empty word reads the same, as with the reference). */
  arg(i: number): string {
    return this.words[i]?.text ?? '';
  }

  get count(): number {
    return this.words.length;
  }

  /** Where word `i` stands; just behind the last word when there is no such word. */
  pos(i: number): Position {
    const w = this.words[i];
    if (w !== undefined) return { file: this.file, line: this.number, column: w.column, length: w.length };
    const last = this.words[this.words.length - 1];
    const column = last === undefined ? 1 : last.column + last.length;
    return { file: this.file, line: this.number, column, length: 0 };
  }

  /** Words from `i` to the end, joined by blanks. */
  rest(i: number): string {
    return this.words
      .slice(i)
      .map((w) => w.text)
      .join(' ');
  }

  report(severity: Severity, i: number, code: string, message: string, extra: ReportExtra = {}): void {
    const position = this.pos(i);
    const keyword = extra.keyword ?? this.arg(0);
    this.reports.add(severity, code, message, position, { source: this.source, ...extra, keyword });
  }

  alert(i: number, code: string, message: string, extra?: ReportExtra): void {
    this.report('alert', i, code, message, extra);
  }

  warning(i: number, code: string, message: string, extra?: ReportExtra): void {
    this.report('warning', i, code, message, extra);
  }

  notice(i: number, code: string, message: string, extra?: ReportExtra): void {
    this.report('notice', i, code, message, extra);
  }

  /**
   * Reports words beyond the `max`-th argument; true when there are any. `named`: words that name the keyword. An empty word
   * counts as none, as with the reference.
   */
  tooMany(max: number, named = 1): boolean {
    if (this.arg(max + named) === '') return false;
    const name = this.words
      .slice(0, named)
      .map((w) => w.text)
      .join(' ');
    const extra = this.arg(max + named);
    this.alert(max + named, 'extra-argument', `'${name}' cannot handle unexpected argument '${clip(extra)}'.`);
    return true;
  }

  /** Reads word `i` as the reference's atol does; trailing characters, or no number at all, are a notice. */
  int(i: number): number {
    const read = readInt(this.arg(i));
    if (!read.clean) {
      const text = clip(this.arg(i));
      this.notice(i, 'not-a-number', `'${text}' is not a number, read as ${read.value}`, { expected: 'an integer' });
    }
    return read.value;
  }
}
