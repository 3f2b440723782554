// What stands before the text of a line, for each format (configuration manual 4.2, "log"; RFC 3164 §4.1, RFC 5424 §6).
import { logDate3164, logDateIso } from '../../policy/sample/log-format-dates.js';

/** What a header is made of. */
export interface LogHead {
  /** Facility × 8 + level. */
  readonly priority: number;
  /** Wall clock, ms since 1970. */
  readonly ms: number;
  /** `log-send-hostname`, '' for none. */
  readonly host: string;
  readonly tag: string;
  readonly pid: number;
  /** `log-format-sd`, '' for none. */
  readonly sd: string;
}

type HeaderOf = (h: LogHead) => string;

const HEADERS: Readonly<Record<string, HeaderOf>> = {
  local: (h) => `<${h.priority}>${logDate3164(h.ms)} ${h.tag}[${h.pid}]: `,
  rfc3164: (h) => `<${h.priority}>${logDate3164(h.ms)} ${h.host || 'localhost'} ${h.tag}[${h.pid}]: `,
  rfc5424: (h) => `<${h.priority}>1 ${logDateIso(h.ms)} ${h.host || '-'} ${h.tag || '-'} ${h.pid} - ${h.sd || '-'} `,
  priority: (h) => `<${h.priority}>`,
  short: (h) => `<${h.priority & 7}>`,
  timed: (h) => `<${h.priority & 7}>${logDateIso(h.ms)} `,
  iso: (h) => `${logDateIso(h.ms)} `,
  raw: () => '',
};

/** The header's maker for a format of LOG_FORMATS; '' is `local`, or rfc3164 where a host name is sent. */
export function headerOf(format: string, host: string): HeaderOf {
  return HEADERS[format] ?? HEADERS[host === '' ? 'local' : 'rfc3164']!;
}

type EventHeaderOf = (ms: number) => string;

const EVENT_HEADERS: Readonly<Record<string, EventHeaderOf>> = {
  local: (ms) => `<0>${logDate3164(ms)} `,
  rfc3164: (ms) => `<0>${logDate3164(ms)} localhost `,
  rfc5424: (ms) => `<0>1 ${logDateIso(ms)} - - - - - `,
  priority: () => '<0>',
  short: () => '<0>',
  timed: (ms) => `<0>${logDateIso(ms)} `,
  iso: (ms) => `${logDateIso(ms)} `,
};

/** As `headerOf`, of a message that no proxy sends: without priority, host, tag and process. '' is `raw`. */
export function eventHeaderOf(format: string): EventHeaderOf {
  return EVENT_HEADERS[format] ?? (() => '');
}
