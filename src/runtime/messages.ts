// What the HAProxy command line says on stderr: labelled lines, and before the first alert or warning of a start who speaks.
import { resolve } from 'node:path';
import { haproxyLine } from '../config/print-haproxy.js';
import type { Severity } from '../config/types.js';
import { bytesOf, binaryOf } from '../policy/sample/binary.js';
import { programVersion } from './version.js';

let headed = false;

/** One line. Bytes of the configuration that are no UTF-8 go out as they came in. */
function sayLine(line: string): void {
  process.stderr.write(bytesOf(`${binaryOf(line)}\n`));
}

/** The lines of a report, which has its own head where it needs one. */
export function sayReport(lines: readonly string[]): void {
  for (const line of lines) sayLine(line);
  headed ||= lines.some((l) => l.startsWith('[ALERT]') || l.startsWith('[WARNING]'));
}

/** A message while nothing else goes on. */
export function say(severity: Severity, text: string): void {
  sayLine(haproxyLine(severity, process.pid, text));
}

/** Why the program does not start. */
export function sayStart(severity: 'alert' | 'warning', text: string): void {
  if (!headed) {
    headed = true;
    say('notice', `haproxy version is ${programVersion()}`);
    say('notice', `path to executable is ${executable()}`);
  }
  say(severity, text);
}

export function executable(): string {
  return resolve(process.argv[1] ?? 'sluice');
}
