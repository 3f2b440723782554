// The words of syslog: facilities, levels, and the formats of lines (configuration manual 4.2, "log"). Their place is their number.

// prettier-ignore
export const LOG_FACILITIES = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'auth2', 'ftp', 'ntp', 'audit', 'alert',
  'cron2', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
] as const;
export const LOG_LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
export const LOG_FORMATS = ['local', 'rfc3164', 'rfc5424', 'priority', 'short', 'timed', 'iso', 'raw'] as const;

export const LOG_EMERG = 0;
export const LOG_ALERT = 1;
export const LOG_ERR = 3;
export const LOG_WARNING = 4;
export const LOG_NOTICE = 5;
export const LOG_INFO = 6;
export const LOG_DEBUG = 7;

/** Number of a word of one of the lists; `missing` where it is none of them. */
export function logNumber(list: readonly string[], word: string, missing: number): number {
  const n = list.indexOf(word);
  return n < 0 ? missing : n;
}
