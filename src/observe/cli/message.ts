// Messages of the runtime CLI and their severities (management manual 9.3 "set severity-output").
import type { CliAnswer, CliMessage, SeverityOutput } from './types.js';

const SEV_ERR = 3;
const SEV_WARNING = 4;
const SEV_INFO = 6;
const SEVERITY_NAMES: readonly string[] = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

export const cliErr = (text: string): CliMessage => ({ severity: SEV_ERR, text });
export const cliWarning = (text: string): CliMessage => ({ severity: SEV_WARNING, text });
export const cliInfo = (text: string): CliMessage => ({ severity: SEV_INFO, text });

/** Nothing to say: all went well. */
export const DONE = '';

export function isMessage(answer: CliAnswer | object): answer is CliMessage {
  return typeof answer === 'object' && 'severity' in answer;
}

/** A message as the client wants it. */
export function messageText(message: CliMessage, how: SeverityOutput): string {
  if (how === 'none') return message.text;
  const severity = how === 'number' ? String(message.severity) : SEVERITY_NAMES[message.severity]!;
  return `[${severity}]: ${message.text}`;
}
