// Arguments of global keywords that have no effect here: checked in the reference's words all the same, so that a mistake is found
// where it was made.

import type { Line } from '../line.js';
import { nearestWord } from '../nearest.js';
import { clip } from '../reports.js';
import { overflowText, readInt, readTime } from '../values.js';

/** What is wrong with the arguments; '' for nothing. `at`: the word that has the mistake. */
interface Mistake {
  readonly at: number;
  readonly text: string;
  readonly expected?: string;
  readonly nearest?: string;
}

type Check = (line: Line) => Mistake | null;

const some =
  (text: string): Check =>
  (line) =>
    line.arg(1) === '' ? { at: 1, text } : null;

const integer = (word: string): Check => some(`'${word}' expects an integer argument.`);

/** A number in a range; nothing at all is 0, as with atol. */
function range(min: number, max: number, text: string, missing = ''): Check {
  return (line) => {
    if (missing !== '' && line.arg(1) === '') return { at: 1, text: missing };
    const { value } = readInt(line.arg(1));
    return value < min || value > max ? { at: 1, text, expected: `${min} to ${max}` } : null;
  };
}

const positive = (word: string, missing = ''): Check =>
  range(0, Number.MAX_SAFE_INTEGER, `'${word}' expects a positive numeric value.`, missing);

const choice =
  (text: (got: string) => string, ...values: readonly string[]): Check =>
  (line) => {
    const got = line.arg(1);
    if (values.includes(got)) return null;
    return { at: 1, text: text(clip(got)), expected: values.join(', '), nearest: nearestWord(got, values) };
  };

const onOff = (word: string): Check =>
  choice((got) => `'${word}' expects either 'on' or 'off' but got '${got}'.`, 'on', 'off');

const time =
  (word: string, missing: string): Check =>
  (line) => {
    if (line.arg(1) === '') return { at: 1, text: missing };
    const t = readTime(line.arg(1));
    if (t.ok) return null;
    const text =
      t.why === 'overflow'
        ? overflowText(clip(line.arg(1)), word)
        : `unexpected character '${t.character}' in argument to <${word}>.`;
    return { at: 1, text, expected: 'a time' };
  };

const LOADED = `'ssl-load-extra-files' expects one or multiple arguments (none, all, bundle, sctl, ocsp, issuer).`;
const EXTRA_FILES = ['none', 'all', 'bundle', 'sctl', 'ocsp', 'issuer', 'key'];
const SSL_OPTIONS = [
  ...['no-sslv3', 'no-tlsv10', 'no-tlsv11', 'no-tlsv12', 'no-tlsv13', 'no-tls-tickets', 'prefer-client-ciphers'],
  ...['force-sslv3', 'force-tlsv10', 'force-tlsv11', 'force-tlsv12', 'force-tlsv13', 'strict-sni', 'allow-0rtt'],
  ...['ssl-min-ver', 'ssl-max-ver', 'curves', 'no-ca-names', 'tls-tickets'],
];

const sslOptions =
  (word: string): Check =>
  (line) => {
    if (line.arg(1) === '') return { at: 1, text: `global statement '${word}' expects an option as an argument.` };
    for (let i = 1; i < line.count; i++) {
      const option = line.arg(i);
      if (!SSL_OPTIONS.includes(option)) {
        const text = `unknown option '${clip(option)}' on global statement '${word}'.`;
        return { at: i, text, expected: SSL_OPTIONS.join(', '), nearest: nearestWord(option, SSL_OPTIONS) };
      }
      if (/^ssl-m|^curves$/.test(option)) i++;
    }
    return null;
  };

const suite = (word: string): Check => some(`global statement '${word}' expects a cipher suite as an argument.`);
const folder = (word: string): Check => some(`global statement '${word}' expects a directory path as an argument.`);

const THREADS_MAX = 64;

/** `N`, `N-M`, 'all', 'odd', 'even'. */
function badRange(text: string, line: Line, at: number): Mistake | null {
  if (['all', 'odd', 'even'].includes(text)) return null;
  const m = /^(\d+)(?:-(\d+)?)?$/.exec(text);
  if (m === null) return { at, text: `cpu-map : '${clip(text)}' is not a valid number/range.` };
  for (const n of [m[1], m[2]]) {
    if (n === undefined || (Number(n) >= 1 && Number(n) <= THREADS_MAX)) continue;
    const limits = `It supports numbers from 1 to ${THREADS_MAX}.`;
    return {
      at,
      text: `cpu-map : '${clip(line.arg(at).replace(/^.*\//, ''))}' is not a valid number/range. ${limits}`,
    };
  }
  return null;
}

const cpuMap: Check = (line) => {
  if (line.arg(1) === '' || line.arg(2) === '') {
    const who = `('all', 'odd', 'even', a number from 1 to ${THREADS_MAX} or a range)`;
    const text = `cpu-map expects a process number  ${who},  followed by a list of CPU ranges with numbers from 0 to 63.`;
    return { at: line.count, text };
  }
  for (const part of line
    .arg(1)
    .replace(/^auto:/, '')
    .split('/')) {
    const bad = badRange(part, line, 1);
    if (bad !== null) return bad;
  }
  for (let i = 2; i < line.count; i++) {
    if (
      line
        .arg(i)
        .split(',')
        .every((p) => /^\d+(-\d+)?$/.test(p))
    )
      continue;
    return {
      at: i,
      text: `cpu-map : '${clip(line.arg(i))}' is not a CPU range.`,
      expected: 'numbers and ranges of CPUs',
    };
  }
  return null;
};

const threadGroups: Check = (line) => {
  const { value, clean } = readInt(line.arg(1));
  if (line.arg(1) === '' || !clean) {
    return { at: 1, text: `'thread-groups' passed a missing or unparsable integer value in '${clip(line.arg(1))}'` };
  }
  return value === 1 ? null : { at: 1, text: `'thread-groups' value must be between 1 and 1 (was ${value})` };
};

const threadGroup: Check = (line) => {
  const { value, clean } = readInt(line.arg(1));
  if (line.arg(1) === '' || !clean) {
    return { at: 1, text: `'thread-group' passed a missing or unparsable integer value in '${clip(line.arg(1))}'` };
  }
  if (value !== 1) return { at: 1, text: `'thread-group' thread-group number must be between 1 and 1 (was ${value})` };
  for (let i = 2; i < line.count; i++) {
    const ends = /^(\d+)(?:-(\d+))?$/.exec(line.arg(i));
    const good =
      ends !== null && [ends[1], ends[2]].every((n) => n === undefined || (Number(n) >= 1 && Number(n) <= THREADS_MAX));
    if (good) continue;
    const what = `passed an unparsable or invalid thread number '${clip(line.arg(i))}' (valid range is 1 to ${THREADS_MAX})`;
    return { at: i, text: `'thread-group ${value}' ${what}` };
  }
  return null;
};

function lua(word: string): Check {
  return (line) => (readTime(line.arg(1)).ok ? null : { at: 1, text: `${word}: invalid timeout`, expected: 'a time' });
}

/** Words that take no argument. */
const ALONE = [
  ...['busy-polling', 'h2-workaround-bogus-websocket-clients', 'insecure-fork-wanted', 'insecure-setuid-wanted'],
  ...['no-memory-trimming', 'noevports', 'pp2-never-send-local', 'set-dumpable', 'tune.ssl.force-private-cache'],
];

/** Words with at most one. */
const ONE = [
  ...['ca-base', 'crt-base', 'issuers-chain-path', 'max-spread-checks', 'ssl-default-bind-ciphers', 'thread-groups'],
  ...['ssl-default-bind-ciphersuites', 'ssl-default-server-ciphers', 'ssl-default-server-ciphersuites'],
];

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['ca-base', folder('ca-base')],
  ['close-spread-time', time('close-spread-time', `'close-spread-time' expects <time> as argument.`)],
  ['cpu-map', cpuMap],
  ['crt-base', folder('crt-base')],
  ['issuers-chain-path', folder('issuers-chain-path')],
  [
    'maxcompcpuusage',
    range(
      0,
      100,
      `'maxcompcpuusage' expects an integer argument between 0 and 100.`,
      `'maxcompcpuusage' expects an integer argument between 0 and 100.`,
    ),
  ],
  ['maxcomprate', some(`'maxcomprate' expects an integer argument in kb/s.`)],
  ['maxsslconn', integer('maxsslconn')],
  ['maxsslrate', integer('maxsslrate')],
  ['maxzlibmem', integer('maxzlibmem')],
  [
    'profiling.tasks',
    choice((got) => `'profiling.tasks' expects either 'on', 'auto', or 'off' but got '${got}'.`, 'on', 'auto', 'off'),
  ],
  ['server-state-base', some(`'server-state-base' expects one argument: a directory path.`)],
  ['server-state-file', some(`'server-state-file' expect one argument: a file path.`)],
  ['ssl-default-bind-ciphers', suite('ssl-default-bind-ciphers')],
  ['ssl-default-bind-ciphersuites', suite('ssl-default-bind-ciphersuites')],
  [
    'ssl-default-bind-curves',
    some(`global statement 'ssl-default-bind-curves' expects a curves suite as an arguments.`),
  ],
  ['ssl-default-bind-options', sslOptions('ssl-default-bind-options')],
  ['ssl-default-server-ciphers', suite('ssl-default-server-ciphers')],
  ['ssl-default-server-ciphersuites', suite('ssl-default-server-ciphersuites')],
  ['ssl-default-server-options', sslOptions('ssl-default-server-options')],
  ['ssl-dh-param-file', some(`'ssl-dh-param-file' expects a file path as an argument.`)],
  [
    'ssl-load-extra-files',
    (line) => {
      const at = line.words.findIndex((w, i) => i > 0 && !EXTRA_FILES.includes(w.text));
      return line.arg(1) === '' || at > 0 ? { at: Math.max(1, at), text: LOADED } : null;
    },
  ],
  ['ssl-propquery', some(`global statement 'ssl-propquery' expects a property string as an argument.`)],
  ['ssl-provider', some(`global statement 'ssl-provider' expects a valid engine provider name as an argument.`)],
  ['ssl-provider-path', folder('ssl-provider-path')],
  [
    'ssl-server-verify',
    (line) => {
      if (line.arg(1) === '') return { at: 1, text: `'ssl-server-verify' expects an integer argument.` };
      return choice(() => `'ssl-server-verify' expects 'none' or 'required' as argument.`, 'none', 'required')(line);
    },
  ],
  ['thread-group', threadGroup],
  ['thread-groups', threadGroups],
  ['tune.comp.maxlevel', range(1, 9, `'tune.comp.maxlevel' expects a numeric value between 1 and 9`)],
  ['tune.fail-alloc', range(0, 100, `'tune.fail-alloc' expects a numeric value between 0 and 100.`)],
  [
    'tune.h2.header-table-size',
    range(4096, 65536, `'tune.h2.header-table-size' expects a numeric value between 4096 and 65536.`),
  ],
  ['tune.h2.initial-window-size', positive('tune.h2.initial-window-size')],
  ['tune.h2.max-concurrent-streams', positive('tune.h2.max-concurrent-streams')],
  [
    'tune.h2.max-frame-size',
    range(16384, 16777215, `'tune.h2.max-frame-size' expects a numeric value between 16384 and 16777215.`),
  ],
  ['tune.http.cookielen', integer('tune.http.cookielen')],
  ['tune.http.logurilen', integer('tune.http.logurilen')],
  [
    'tune.http.maxhdr',
    range(
      1,
      32767,
      `'tune.http.maxhdr' expects a numeric value between 1 and 32767`,
      `'tune.http.maxhdr' expects an integer argument.`,
    ),
  ],
  ['tune.idle-pool.shared', onOff('tune.idle-pool.shared')],
  ['tune.listener.multi-queue', onOff('tune.listener.multi-queue')],
  ['tune.lua.maxmem', some(`'tune.lua.maxmem' expects an integer argument (Lua memory size in MB).`)],
  ['tune.lua.service-timeout', lua('tune.lua.service-timeout')],
  ['tune.lua.session-timeout', lua('tune.lua.session-timeout')],
  ['tune.lua.task-timeout', lua('tune.lua.task-timeout')],
  [
    'tune.pattern.cache-size',
    range(
      0,
      Number.MAX_SAFE_INTEGER,
      `'tune.pattern.cache-size' expects a positive numeric value`,
      `'tune.pattern.cache-size' expects a positive numeric value`,
    ),
  ],
  [
    'tune.peers.max-updates-at-once',
    range(1, Number.MAX_SAFE_INTEGER, `'tune.peers.max-updates-at-once' expects an integer argument greater than 0.`),
  ],
  [
    'tune.pool-high-fd-ratio',
    range(
      0,
      100,
      `'tune.pool-high-fd-ratio' expects an integer argument between 0 and 100.`,
      `'tune.pool-high-fd-ratio' expects an integer argument between 0 and 100.`,
    ),
  ],
  [
    'tune.pool-low-fd-ratio',
    range(
      0,
      100,
      `'tune.pool-low-fd-ratio' expects an integer argument between 0 and 100.`,
      `'tune.pool-low-fd-ratio' expects an integer argument between 0 and 100.`,
    ),
  ],
  ['tune.sched.low-latency', onOff('tune.sched.low-latency')],
  ['tune.ssl.cachesize', positive('tune.ssl.cachesize', `'tune.ssl.cachesize' expects an integer argument.`)],
  [
    'tune.ssl.capture-buffer-size',
    positive('tune.ssl.capture-buffer-size', `'tune.ssl.capture-buffer-size' expects an integer argument.`),
  ],
  [
    'tune.ssl.default-dh-param',
    range(
      1024,
      Number.MAX_SAFE_INTEGER,
      `'tune.ssl.default-dh-param' expects a value >= 1024.`,
      `'tune.ssl.default-dh-param' expects an integer argument.`,
    ),
  ],
  [
    'tune.ssl.hard-maxrecord',
    positive('tune.ssl.hard-maxrecord', `'tune.ssl.hard-maxrecord' expects an integer argument.`),
  ],
  ['tune.ssl.keylog', onOff('tune.ssl.keylog')],
  [
    'tune.ssl.lifetime',
    time('tune.ssl.lifetime', `'tune.ssl.lifetime' expects ssl sessions <lifetime> in seconds as argument.`),
  ],
  ['tune.ssl.maxrecord', positive('tune.ssl.maxrecord', `'tune.ssl.maxrecord' expects an integer argument.`)],
  [
    'tune.ssl.ssl-ctx-cache-size',
    positive('tune.ssl.ssl-ctx-cache-size', `'tune.ssl.ssl-ctx-cache-size' expects an integer argument.`),
  ],
]);

/** True after the error that the arguments of the line are no good. */
export function badGlobalArguments(line: Line): boolean {
  const word = line.arg(0);
  if (ALONE.includes(word)) return line.tooMany(0);
  const mistake = CHECKS.get(word)?.(line) ?? null;
  if (mistake === null) return ONE.includes(word) && line.tooMany(1);
  const { at, text, expected = '', nearest = '' } = mistake;
  line.alert(at, line.arg(at) === '' ? 'missing-argument' : 'bad-argument', text, { expected, nearest });
  return true;
}

/** Those with a check of their own say themselves what is missing. */
export function hasCheck(word: string): boolean {
  return CHECKS.has(word);
}
