// Reports are collected, never thrown: all mistakes of all files come out of one run. The list is bounded, so that a file
// of 20,000 bad lines costs the memory of the first ones alone; the counts go on.

import type { Position, Report, ReportForm, Severity } from './types.js';

/** Reports kept; later ones are only counted. */
export const REPORTS_MAX = 1000;
/** Characters of a source line that are kept around the column. */
export const SOURCE_MAX = 240;
/** Characters of a word that a message quotes. */
export const QUOTED_MAX = 200;

export interface ReportExtra {
  readonly form?: ReportForm;
  readonly fatal?: boolean;
  readonly tail?: string;
  readonly source?: string;
  readonly keyword?: string;
  readonly expected?: string;
  readonly nearest?: string;
}

export class Reports {
  readonly list: Report[] = [];
  /** Fatal alerts, the ones that were not kept included. */
  errors = 0;
  warnings = 0;
  /** Reports that were counted but not kept. */
  dropped = 0;

  /** Later ones are only counted: no need to look for the nearest word. */
  get full(): boolean {
    return this.list.length >= REPORTS_MAX;
  }

  add(severity: Severity, code: string, message: string, position: Position | null, extra: ReportExtra = {}): void {
    const fatal = extra.fatal ?? severity === 'alert';
    if (fatal) this.errors++;
    if (severity === 'warning') this.warnings++;
    if (this.full) {
      this.dropped++;
      return;
    }
    const around = sourceAround(extra.source ?? '', position?.column ?? 1);
    this.list.push({
      severity,
      fatal,
      form: extra.form ?? (position === null ? 'bare' : 'parsing'),
      code,
      message,
      tail: extra.tail ?? '',
      position,
      source: around.text,
      shift: around.shift,
      keyword: clip(extra.keyword ?? ''),
      expected: extra.expected ?? '',
      nearest: extra.nearest ?? '',
    });
  }
}

/** A word as a message may quote it: at most QUOTED_MAX characters. */
export function clip(word: string): string {
  return word.length <= QUOTED_MAX ? word : `${word.slice(0, QUOTED_MAX)}…`;
}

/** `; did you mean 'x' maybe ?`, the reference's way to say it; '' without a word. */
export function didYouMean(nearest: string): string {
  return nearest === '' ? '' : `; did you mean '${nearest}' maybe ?`;
}

/** What is kept of a physical line: all of it, or SOURCE_MAX characters around the column; `shift` was cut in front. */
export function sourceAround(line: string, column: number): { text: string; shift: number } {
  if (line.length <= SOURCE_MAX) return { text: line, shift: 0 };
  const shift = Math.max(0, Math.min(column - 1 - SOURCE_MAX / 2, line.length - SOURCE_MAX));
  return { text: line.slice(shift, shift + SOURCE_MAX), shift };
}
