// `log` lines of the global section and of proxies: read and kept as data (configuration manual 4.2, "log").

import { type AddressRules, parseAddress } from '../address.js';
import type { Line } from '../line.js';
import { nearestWord } from '../nearest.js';
import { clip } from '../reports.js';
import type { Scope } from '../scope.js';
import type { AddressConf, LogTargetConf } from '../types.js';
import { noEffect } from './status.js';

// prettier-ignore
export const LOG_FACILITIES = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'auth2', 'ftp', 'ntp', 'audit', 'alert',
  'cron2', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
] as const;
export const LOG_LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
export const LOG_FORMATS = ['local', 'rfc3164', 'rfc5424', 'priority', 'short', 'timed', 'iso', 'raw'] as const;

const LOG_LENGTH_DEFAULT = 1024;
const LOG_RULES: AddressRules = {
  port: 'optional',
  range: false,
  offset: false,
  fd: true,
  type: 'any',
  preferred: 'datagram',
};

/** Reads the line into a list of targets. `inGlobal`: no `log global` there. */
export function parseLog(line: Line, list: LogTargetConf[], inGlobal: boolean, scope: Scope): void {
  if (line.prefix === 'no') {
    if (line.tooMany(0)) return;
    list.length = 0;
    return;
  }
  if (line.arg(1) === 'global') {
    if (inGlobal) {
      line.alert(1, 'bad-argument', `log : 'global' is not supported for a global syslog server`);
      return;
    }
    if (line.arg(2) !== '') {
      extraArgument(line, 2);
      return;
    }
    list.push(target(line, 'global', null, true));
    noEffect(line, 0, 'log', scope, 'read, but log lines are not sent yet');
    return;
  }
  if (line.arg(1) === '') {
    missing(line, inGlobal);
    return;
  }
  const address = readTarget(line);
  if (address === undefined) return;
  const t = target(line, line.arg(1), address, false);
  const at = readModifiers(line, t);
  if (at < 0) return;
  if (line.arg(at) === '') {
    missing(line, inGlobal);
    return;
  }
  if (!readLevels(line, at, t)) return;
  list.push(t);
  noEffect(line, 0, 'log', scope, 'read, but log lines are not sent yet');
}

function missing(line: Line, inGlobal: boolean): void {
  const text = `log : expects <address> and <facility> ${inGlobal ? '' : 'or global'} as arguments`;
  line.alert(line.count, 'missing-argument', text, {
    expected: 'log <address> [len <length>] [format <format>] <facility> [<level>]',
  });
}

function extraArgument(line: Line, at: number): void {
  line.alert(at, 'extra-argument', `log : cannot handle unexpected argument '${clip(line.arg(at))}'`);
}

function target(line: Line, text: string, address: AddressConf | null, global: boolean): LogTargetConf {
  return {
    target: text,
    address,
    global,
    len: LOG_LENGTH_DEFAULT,
    format: '',
    facility: '',
    level: '',
    minLevel: '',
    sample: '',
    position: line.pos(0),
  };
}

/** Null for targets without an address; undefined after an error. */
function readTarget(line: Line): AddressConf | null | undefined {
  const text = line.arg(1);
  if (text === 'stdout' || text === 'stderr' || text.startsWith('ring@')) return null;
  const r = parseAddress(text, LOG_RULES);
  if (!r.ok) {
    line.alert(1, 'bad-address', `log : ${r.message}`);
    return undefined;
  }
  return r.parsed.address;
}

/** len, format, sample in any order; the word behind them, or -1 after an error. */
function readModifiers(line: Line, t: LogTargetConf): number {
  let at = 2;
  for (;;) {
    const word = line.arg(at);
    const value = line.arg(at + 1);
    if (word === 'len') {
      const n = /^\d+$/.test(value) ? Number(value) : 0;
      if (n < 80 || n > 65535) {
        line.alert(at + 1, 'bad-number', `log : invalid log length '${clip(value)}', must be between 80 and 65535`);
        return -1;
      }
      t.len = n;
    } else if (word === 'format') {
      if (!LOG_FORMATS.some((f) => f === value)) {
        const nearest = nearestWord(value, LOG_FORMATS);
        line.alert(at + 1, 'unknown-word', `log : unknown log format '${clip(value)}'`, {
          nearest,
          expected: LOG_FORMATS.join(', '),
        });
        return -1;
      }
      t.format = value;
    } else if (word === 'sample') {
      if (!/^\d+(-\d+)?(,\d+(-\d+)?)*:\d+$/.test(value)) {
        const text = value.includes(':') ? `log : invalid sample '${clip(value)}'` : `log : Missing sample size`;
        line.alert(at + 1, 'bad-argument', text, { expected: '<ranges>:<size>' });
        return -1;
      }
      t.sample = value;
    } else {
      return at;
    }
    at += 2;
  }
}

function readLevels(line: Line, at: number, t: LogTargetConf): boolean {
  t.facility = line.arg(at);
  if (!LOG_FACILITIES.some((f) => f === t.facility)) {
    const nearest = nearestWord(t.facility, LOG_FACILITIES);
    line.alert(at, 'unknown-word', `log : unknown log facility '${clip(t.facility)}'`, {
      nearest,
      expected: LOG_FACILITIES.join(', '),
    });
    return false;
  }
  for (let i = 1; i <= 2; i++) {
    const level = line.arg(at + i);
    if (level === '') return true;
    if (!LOG_LEVELS.some((l) => l === level)) {
      const nearest = nearestWord(level, LOG_LEVELS);
      const which = i === 1 ? 'log level' : 'minimum log level';
      line.alert(at + i, 'unknown-word', `log : unknown optional ${which} '${clip(level)}'`, {
        nearest,
        expected: LOG_LEVELS.join(', '),
      });
      return false;
    }
    if (i === 1) t.level = level;
    else t.minLevel = level;
  }
  if (line.arg(at + 3) !== '') {
    extraArgument(line, at + 3);
    return false;
  }
  return true;
}
