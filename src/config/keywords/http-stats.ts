// `stats …` of proxies: the statistics page, which `mode http` serves (configuration manual 4.2).

import { type KeywordGroup, type ProxyKeyword, SEC_BACKEND, SEC_FRONTEND, SEC_LISTEN, SEC_PROXY } from '../keyword.js';
import type { Line } from '../line.js';
import { clip } from '../reports.js';
import { PR_CAP_DEF, type ProxyConf } from '../types.js';
import { readTime } from '../values.js';
import { badHttpAction } from './http-rules.js';
import { noteHttp } from './http-use.js';

const SEC_BODY = SEC_FRONTEND | SEC_LISTEN | SEC_BACKEND;

type Check = (line: Line, px: ProxyConf) => boolean;

const any: Check = () => true;

const argument = (missing: string): Check => {
  return (line) => {
    if (line.arg(2) !== '') return true;
    line.alert(2, 'missing-argument', missing);
    return false;
  };
};

const notInDefaults = (name: string, then: Check): Check => {
  return (line, px) => {
    if ((px.caps & PR_CAP_DEF) === 0) return then(line, px);
    line.alert(0, 'wrong-section', `'${name}' not allowed in 'defaults' section.`, { form: 'tight' });
    return false;
  };
};

const refresh: Check = (line) => {
  const t = readTime(line.arg(2) === '' ? '0' : line.arg(2), 's');
  if (t.ok) return true;
  const why =
    t.why === 'overflow'
      ? `timer overflow in argument '${clip(line.arg(2))}' to stats refresh interval (maximum value is 2147483647 ms or ~24.8 days)`
      : `unexpected character '${t.character}' in argument to stats refresh interval.`;
  line.alert(2, 'bad-time', why, { form: 'tight', expected: 'a time' });
  return false;
};

const condition: Check = (line) => {
  if (line.arg(2) === 'if' || line.arg(2) === 'unless') return true;
  const text = `'stats admin' requires either 'if' or 'unless' followed by a condition.`;
  line.alert(2, 'missing-condition', text);
  return false;
};

const WORDS: readonly (readonly [syntax: string, sections: number, check: Check])[] = [
  ['stats admin { if | unless } <cond>', SEC_BODY, notInDefaults('stats admin', condition)],
  ['stats auth <user>:<passwd>', SEC_PROXY, argument(`'auth' needs a user:password account.`)],
  ['stats enable', SEC_PROXY, any],
  ['stats hide-version', SEC_PROXY, any],
  [
    'stats http-request { allow | deny | auth [realm <realm>] } [ { if | unless } <condition> ]',
    SEC_BODY,
    notInDefaults('stats', (line) => !badHttpAction(line, 2, 'http-request')),
  ],
  ['stats realm <realm>', SEC_PROXY, argument(`'realm' needs an realm name.`)],
  ['stats refresh <delay>', SEC_PROXY, refresh],
  ['stats scope { <name> | "." }', SEC_PROXY, argument(`'scope' needs a proxy name.`)],
  ['stats show-desc [ <desc> ]', SEC_PROXY, any],
  ['stats show-legends', SEC_PROXY, any],
  ['stats show-modules', SEC_PROXY, any],
  ['stats show-node [ <name> ]', SEC_PROXY, any],
  ['stats uri <prefix>', SEC_PROXY, argument(`'uri' needs an URI prefix.`)],
];

export const httpStatsKeywords: readonly ProxyKeyword[] = WORDS.map(([syntax, sections, check]) => ({
  words: syntax.split(' ').slice(0, 2).join(' '),
  sections,
  syntax,
  status: 'http' as const,
  parse: (line: Line, px: ProxyConf): void => {
    if (check(line, px)) noteHttp(line, px, 'statement', 'stats');
  },
}));

export const proxyStatsGroup: KeywordGroup = {
  word: 'stats',
  unknown: (line, nearest) => {
    const list = `'admin', 'uri', 'realm', 'auth', 'scope', 'enable', 'hide-version', 'show-node', 'show-desc' or 'show-legends'`;
    const word = line.arg(1);
    const text =
      word === ''
        ? `missing keyword in 'stats', expects ${list}.`
        : `unknown stats parameter '${clip(word)}', expects ${list}.`;
    line.alert(1, 'unknown-keyword', text, { form: 'tight', keyword: `stats ${word}`, nearest, expected: list });
  },
};
