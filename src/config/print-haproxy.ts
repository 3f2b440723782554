// Reports as the HAProxy command line prints them: `[ALERT]    (PID) : config : parsing [FILE:LINE] : …`.

import type { ParseResult, Report, ReportForm, Severity } from './types.js';

export interface HaproxyPrint {
  readonly pid: number;
  /** As `-v` says it. */
  readonly version: string;
  /** Path of the program. */
  readonly executable: string;
  /** `-dW`, `zero-warning`. */
  readonly zeroWarning: boolean;
  /** Every notice too, as `sluice check` shows them; left out, the program's choice. */
  readonly notices?: boolean;
  /** -c with a good file: nothing listens means exit status 2 there, as 2.6 does it. */
  readonly listeners: number;
}

const LABELS: Readonly<Record<Severity, string>> = {
  alert: '[ALERT]   ',
  warning: '[WARNING] ',
  notice: '[NOTICE]  ',
  diag: '[DIAG]    ',
};

/** One message of the process, labelled: `haproxyLine('alert', 7, 'config : x')`. */
export function haproxyLine(severity: Severity, pid: number, text: string): string {
  return `${LABELS[severity]} (${pid}) : ${text}`;
}

function lead(form: ReportForm, r: Report): string {
  if (r.position === null) return '';
  const at = `[${r.position.file}:${r.position.line}]`;
  switch (form) {
    case 'parsing':
      return `parsing ${at} : `;
    case 'tight':
      return `parsing ${at}: `;
    case 'capital':
      return `Parsing ${at}: `;
    case 'bracket':
      return `${at} : `;
    case 'bare':
      return '';
  }
}

/** Control characters of the file must not reach a terminal; line feeds and tabs of the message may. */
export function printable(text: string): string {
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '?');
}

/** Notices of ours that the HAProxy command line does not show; `sluice check` does. */
function isShown(r: Report): boolean {
  return r.severity !== 'notice' || r.code === 'directive' || r.code === 'no-effect';
}

/** Everything that goes to stderr, in order; nothing for a clean file. */
export function haproxyReport(result: ParseResult, how: HaproxyPrint): string[] {
  const lines: string[] = [];
  let headed = false;
  for (const r of result.reports) {
    if (how.notices !== true && !isShown(r)) continue;
    if (!headed && (r.severity === 'alert' || r.severity === 'warning')) {
      lines.push(haproxyLine('notice', how.pid, `haproxy version is ${how.version}`));
      lines.push(haproxyLine('notice', how.pid, `path to executable is ${how.executable}`));
      headed = true;
    }
    lines.push(haproxyLine(r.severity, how.pid, printable(`config : ${lead(r.form, r)}${r.message}${r.tail}`)));
  }
  if (result.dropped > 0) {
    lines.push(haproxyLine('alert', how.pid, `config : too many messages, ${result.dropped} more are not shown.`));
  }
  for (const file of result.badFiles) {
    lines.push(haproxyLine('alert', how.pid, `config : Error(s) found in configuration file : ${file}`));
  }
  if (result.errors > 0) lines.push(haproxyLine('alert', how.pid, 'config : Fatal errors found in configuration.'));
  else if (how.zeroWarning && result.warnings > 0) {
    lines.push(haproxyLine('alert', how.pid, `config : Some warnings were found and 'zero-warning' is set. Aborting.`));
  }
  return lines;
}

export interface Verdict {
  /** Exit status of -c; for a start, 0 means go on. */
  readonly status: 0 | 1 | 2;
  /** What -c prints to stdout. */
  readonly stdout: string;
}

export function haproxyVerdict(result: ParseResult, how: Pick<HaproxyPrint, 'zeroWarning' | 'listeners'>): Verdict {
  if (result.errors > 0 || (how.zeroWarning && result.warnings > 0)) return { status: 1, stdout: '' };
  const warned = result.warnings > 0 ? 'Warnings were found.\n' : '';
  if (how.listeners > 0) return { status: 0, stdout: `${warned}Configuration file is valid\n` };
  return {
    status: 2,
    stdout: `${warned}Configuration file has no error but will not start (no listener) => exit(2).\n`,
  };
}

/** Listeners of proxies that are not disabled. */
export function countListeners(result: Pick<ParseResult, 'config'>): number {
  const { proxies, global } = result.config;
  return proxies.reduce((n, px) => (px.disabled ? n : n + px.binds.length), global.statsSockets.length);
}
