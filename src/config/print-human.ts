// Reports for people: the line, a caret under what is meant, what was expected, the nearest word; and as JSON.

import { printable } from './print-haproxy.js';
import type { ParseResult, Report, Severity } from './types.js';

const NAMES: Readonly<Record<Severity, string>> = {
  alert: 'error',
  warning: 'warning',
  notice: 'notice',
  diag: 'diag',
};
const COLORS: Readonly<Record<Severity, string>> = { alert: '31', warning: '33', notice: '36', diag: '35' };

export interface HumanPrint {
  /** ANSI colours. */
  readonly color: boolean;
}

function paint(how: HumanPrint, code: string, text: string): string {
  return how.color ? `\x1b[${code}m${text}\x1b[0m` : text;
}

/** One report, several lines, no line feed at the end. */
function humanReport(r: Report, how: HumanPrint): string {
  // The nearest word stands under the caret; the message need not say it too.
  const message = r.message
    .replace(/; did you mean '[^']*' maybe \?$/, '')
    .replace(/ Did you mean '[^']*' maybe \?$/, '');
  const head = `${paint(how, `1;${COLORS[r.severity]}`, NAMES[r.severity])}: ${printable(message.trim())}`;
  const lines = [head];
  const p = r.position;
  if (p !== null) {
    const number = String(p.line);
    const margin = ' '.repeat(number.length);
    lines.push(`${margin}--> ${p.file}:${p.line}:${p.column}`);
    if (r.source !== '') {
      const from = Math.max(0, p.column - 1 - r.shift);
      const shown = printable(r.source).replaceAll('\t', ' ');
      const width = Math.max(1, Math.min(p.length, shown.length - from));
      const hint = r.nearest === '' ? '' : ` did you mean '${r.nearest}'?`;
      const caret = paint(how, COLORS[r.severity], '^'.repeat(width));
      lines.push(`${margin} |`);
      lines.push(`${number} | ${shown.trimEnd()}`);
      lines.push(`${margin} | ${' '.repeat(from)}${caret}${hint}`);
    }
    if (r.expected !== '') lines.push(`${margin} = expected ${printable(r.expected)}`);
  }
  return lines.join('\n');
}

export function humanReports(result: ParseResult, how: HumanPrint): string {
  const parts = result.reports.map((r) => humanReport(r, how));
  if (result.dropped > 0) parts.push(`… and ${result.dropped} more`);
  return parts.length === 0 ? '' : `${parts.join('\n\n')}\n`;
}

/** `1 error, 2 warnings, 3 notices`. */
export function countText(result: ParseResult): string {
  const notices = result.reports.filter((r) => r.severity === 'notice').length;
  const some = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  return [some(result.errors, 'error'), some(result.warnings, 'warning'), some(notices, 'notice')].join(', ');
}

/** The JSON form: stable names, one object. */
export function jsonReports(result: ParseResult): string {
  const reports = result.reports.map((r) => ({
    severity: NAMES[r.severity],
    code: r.code,
    message: r.message.trim(),
    file: r.position?.file ?? null,
    line: r.position?.line ?? null,
    column: r.position?.column ?? null,
    length: r.position?.length ?? null,
    keyword: r.keyword,
    expected: r.expected,
    nearest: r.nearest,
  }));
  return `${JSON.stringify({ errors: result.errors, warnings: result.warnings, dropped: result.dropped, reports }, null, 2)}\n`;
}
