// `timeout NAME TIME` of proxies (configuration manual 4.2).

import type { KeywordGroup, ProxyKeyword } from '../keyword.js';
import { SEC_BACK, SEC_FRONT, SEC_PROXY } from '../keyword.js';
import type { Line } from '../line.js';
import { clip } from '../reports.js';
import { PR_CAP_BE, PR_CAP_FE, type ProxyConf, type TimeoutsConf } from '../types.js';
import { overflowText, readTime } from '../values.js';
import { uselessHere } from './sides.js';

const TIMEOUTS: readonly (readonly [name: string, field: keyof TimeoutsConf, sections: number])[] = [
  ['client', 'client', SEC_FRONT],
  ['server', 'server', SEC_BACK],
  ['connect', 'connect', SEC_BACK],
  ['check', 'check', SEC_BACK],
  ['queue', 'queue', SEC_BACK],
  ['http-keep-alive', 'httpKeepAlive', SEC_PROXY],
  ['http-request', 'httpRequest', SEC_PROXY],
  ['tunnel', 'tunnel', SEC_BACK],
  ['tarpit', 'tarpit', SEC_PROXY],
  ['client-fin', 'clientFin', SEC_FRONT],
  ['server-fin', 'serverFin', SEC_BACK],
];

const NAMES = TIMEOUTS.map(([name]) => `'${name}'`);
const NAMES_TEXT = `${NAMES.slice(0, -1).join(', ')} and ${NAMES.at(-1)!}`;

/** A plain number below this is probably meant as seconds: `timeout client 5` waits for 5 ms. */
const SUSPICIOUS_MS = 100;

function readTimeout(line: Line, px: ProxyConf, name: string, field: keyof TimeoutsConf, sections: number): void {
  const what = `timeout ${name}`;
  if (line.prefix !== '') return;
  const text = line.arg(2);
  if (text === '') {
    line.alert(2, 'missing-argument', `'${what}' expects an integer value (in milliseconds)`, {
      expected: 'a time',
    });
    return;
  }
  const t = readTime(text);
  if (!t.ok) {
    const message =
      t.why === 'overflow' ? overflowText(clip(text), what) : `unexpected character '${t.character}' in '${what}'`;
    line.alert(2, 'bad-time', message, { expected: 'a number, with us, ms, s, m, h or d behind it or in ms' });
    return;
  }
  if (t.rest !== '') {
    const units = '(us=microseconds,ms=milliseconds,s=seconds,m=minutes,h=hours,d=days)';
    const message = `unexpected character '${t.rest}' after the timer value '${clip(text)}', only ${units} are supported. This will be reported as an error in next versions.`;
    line.warning(2, 'bad-time', message, { form: 'bare' });
  }
  if (line.count > 3) {
    const message = `'${what}' : unexpected extra argument '${clip(line.arg(3))}' after value '${clip(text)}'.`;
    line.alert(3, 'extra-argument', message);
    return;
  }
  if (sections === SEC_FRONT) uselessHere(line, px, PR_CAP_FE, `'${what}'`);
  if (sections === SEC_BACK) uselessHere(line, px, PR_CAP_BE, `'${what}'`);
  if (/^\d+$/.test(text) && t.ms > 0 && t.ms < SUSPICIOUS_MS) {
    line.notice(2, 'short-timeout', `'${what} ${text}' is ${t.ms} milliseconds`, {
      expected: `${text}s, if seconds were meant`,
    });
  }
  px.timeouts[field] = t.ms;
}

/** Of checks and of mode http: nothing waits for them in mode tcp. */
const UNUSED: ReadonlySet<string> = new Set(['check', 'http-keep-alive', 'http-request', 'tarpit']);

export const timeoutKeywords: readonly ProxyKeyword[] = TIMEOUTS.map(([name, field, sections]) => ({
  words: `timeout ${name}`,
  sections,
  syntax: `timeout ${name} <timeout>`,
  status: UNUSED.has(name) ? ('notice' as const) : ('implemented' as const),
  parse: (line: Line, px: ProxyConf): void => readTimeout(line, px, name, field, sections),
}));

export const timeoutGroup: KeywordGroup = {
  word: 'timeout',
  unknown: (line, nearest) => {
    const got = clip(line.arg(1));
    line.alert(1, 'unknown-keyword', `'timeout' supports ${NAMES_TEXT} (got '${got}')`, {
      keyword: got,
      nearest,
      expected: `one of ${NAMES_TEXT}`,
    });
  },
};
