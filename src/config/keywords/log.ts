// `log` lines of the global section and of proxies: read and kept as data (configuration manual 4.2, "log").

import { type AddressRules, parseAddress } from '../address.js';
import type { Line } from '../line.js';
import type { Scope } from '../scope.js';
import { nearestWord } from '../nearest.js';
import { clip } from '../reports.js';
import type { AddressConf, LogTargetConf } from '../types.js';
import { LOG_FACILITIES, LOG_FORMATS, LOG_LEVELS } from '../../observe/log/words.js';

const LOG_LENGTH_DEFAULT = 1024;
const LOG_LENGTH_MIN = 80;
const LOG_LENGTH_MAX = 65535;
/** Messages of a batch; the reference takes more, but nobody waits for the millionth line. */
const SAMPLE_MAX = 1_000_000;
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
    if (line.arg(1) !== '') {
      line.alert(1, 'extra-argument', `log : 'no log' does not expect arguments`);
      return;
    }
    list.length = 0;
    return;
  }
  if (line.arg(1) === 'global' && line.arg(2) === '') {
    if (inGlobal) {
      line.alert(1, 'bad-argument', `log : 'global' is not supported for a global syslog server`);
      return;
    }
    list.push(target(line, 'global', null, true));
    return;
  }
  if (line.arg(1) === '') {
    missing(line, inGlobal);
    return;
  }
  const address = readTarget(line, scope);
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
function readTarget(line: Line, scope: Scope): AddressConf | null | undefined {
  const text = line.arg(1);
  if (text === 'stdout' || text === 'stderr' || text.startsWith('ring@')) return null;
  const r = parseAddress(text, { ...LOG_RULES, env: scope.envOf });
  if (!r.ok) {
    line.alert(1, 'bad-address', `log : ${r.message}`);
    return undefined;
  }
  return r.parsed.address;
}

/** `len`, `format`, `sample`, each or not, in this order; the word behind them, or -1 after an error. */
function readModifiers(line: Line, t: LogTargetConf): number {
  let at = 2;
  for (const [word, read] of MODIFIERS) {
    if (line.arg(at) !== word) continue;
    if (!read(line, at + 1, t)) return -1;
    at += 2;
  }
  return at;
}

type Modifier = (line: Line, at: number, t: LogTargetConf) => boolean;

const readLength: Modifier = (line, at, t) => {
  const value = line.arg(at);
  const n = /^\d+$/.test(value) ? Number(value) : 0;
  if (n < LOG_LENGTH_MIN || n > LOG_LENGTH_MAX) {
    const text = `log : invalid log length '${clip(value)}', must be between ${LOG_LENGTH_MIN} and ${LOG_LENGTH_MAX}`;
    line.alert(at, 'bad-number', text);
    return false;
  }
  t.len = n;
  return true;
};

const readFormat: Modifier = (line, at, t) => {
  const value = line.arg(at);
  if (!LOG_FORMATS.some((f) => f === value)) {
    line.alert(at, 'unknown-word', `log : unknown log format '${clip(value)}'`, {
      nearest: nearestWord(value, LOG_FORMATS),
      expected: LOG_FORMATS.join(', '),
    });
    return false;
  }
  t.format = value;
  return true;
};

const readSample: Modifier = (line, at, t) => {
  const value = line.arg(at);
  const wrong = wrongSample(value);
  if (wrong !== '') {
    line.alert(at, 'bad-argument', `log : ${wrong}`, { expected: '<ranges>:<size>' });
    return false;
  }
  t.sample = value;
  return true;
};

const MODIFIERS: readonly (readonly [word: string, read: Modifier])[] = [
  ['len', readLength],
  ['format', readFormat],
  ['sample', readSample],
];

/** What is wrong with `<ranges>:<size>`, '' for nothing. */
function wrongSample(text: string): string {
  const colon = text.indexOf(':');
  if (colon < 0) return 'Missing sample size';
  const ranges = text.slice(0, colon);
  const size = text.slice(colon + 1);
  const seen: (readonly [low: number, high: number])[] = [];
  for (const range of ranges.split(',')) {
    if (range === '') continue;
    const m = /^(\d+)(?:-(\d+))?$/.exec(range);
    const low = Number(m?.[1] ?? 0);
    const high = Number(m?.[2] ?? low);
    if (low < 1 || high < low || high > SAMPLE_MAX) return `wrong sample range '${clip(range)}'`;
    if (seen.some(([a, b]) => low <= b && a <= high)) return 'ranges are overlapping';
    seen.push([low, high]);
  }
  if (seen.length === 0) return 'no sampling ranges given';
  const n = /^\d+$/.test(size) ? Number(size) : 0;
  if (n < 1 || n > SAMPLE_MAX) return `wrong sample size '${clip(size)}' for sample range '${clip(ranges)}'`;
  const most = Math.max(...seen.map(([, high]) => high));
  if (n < most) return `sample size ${n} should be greater or equal to ${most} the maximum of the high ranges limits`;
  return '';
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
