// `tcp-request connection|session|content|inspect-delay`, `tcp-response content|inspect-delay` (configuration manual 4.2).

import { parseRule } from '../../policy/rules/parse-rule.js';
import {
  type ActionPlace,
  type Rule,
  RULE_TCP_REQ_CONN,
  RULE_TCP_REQ_CONT,
  RULE_TCP_REQ_SESS,
  RULE_TCP_RES_CONT,
  type TcpRules,
} from '../../policy/rules/types.js';
import { type KeywordGroup, type ProxyKeyword, SEC_BACK, SEC_FRONT, SEC_PROXY } from '../keyword.js';
import type { Line } from '../line.js';
import { clip } from '../reports.js';
import type { Scope } from '../scope.js';
import { PR_CAP_BE, PR_CAP_DEF, PR_CAP_FE, type ProxyConf } from '../types.js';
import { overflowText, readTime } from '../values.js';
import { proxyTypeName } from './sides.js';

type RuleList = 'reqConnection' | 'reqSession' | 'reqContent' | 'resContent';

interface Ruleset {
  readonly words: string;
  readonly rule: number;
  readonly list: RuleList;
  readonly sections: number;
}

const RULESETS: readonly Ruleset[] = [
  { words: 'tcp-request connection', rule: RULE_TCP_REQ_CONN, list: 'reqConnection', sections: SEC_FRONT },
  { words: 'tcp-request session', rule: RULE_TCP_REQ_SESS, list: 'reqSession', sections: SEC_FRONT },
  { words: 'tcp-request content', rule: RULE_TCP_REQ_CONT, list: 'reqContent', sections: SEC_PROXY },
  { words: 'tcp-response content', rule: RULE_TCP_RES_CONT, list: 'resContent', sections: SEC_BACK },
];

/** `frontend 'fe'`, `defaults 'd'`: as the messages of these rules name the section. */
function whoOf(px: ProxyConf): string {
  return `${proxyTypeName(px)} '${px.name}'`;
}

/** True after the error that `words` cannot stand in this section. */
function misplaced(line: Line, px: ProxyConf, words: string): boolean {
  const anonymous = (px.caps & PR_CAP_DEF) !== 0 && px.name === '';
  const expected = 'a name for the defaults section';
  if (words.startsWith('tcp-response')) {
    if (!anonymous && (px.caps & PR_CAP_BE) !== 0) return false;
    const text = `${words} is only allowed in 'backend' sections or 'defaults' section with a name`;
    line.alert(0, 'wrong-section', text, anonymous ? { expected } : {});
    return true;
  }
  if (anonymous) {
    line.alert(0, 'wrong-section', `${words} is not allowed in anonymous 'defaults' sections`, { expected });
    return true;
  }
  if ((words.endsWith('connection') || words.endsWith('session')) && (px.caps & PR_CAP_FE) === 0) {
    const text = `${words} is not allowed because ${proxyTypeName(px)} ${px.name} is not a frontend`;
    line.alert(0, 'wrong-section', text);
    return true;
  }
  return false;
}

/** What of `px` is evaluated later than `list`, though it stands in front; '' for nothing. */
function evaluatedLater(px: ProxyConf, list: RuleList): string {
  const { tcpRules } = px;
  if (list === 'resContent') return '';
  if (list === 'reqConnection' && tcpRules.reqSession.length > 0) return 'tcp-request session';
  if (list !== 'reqContent' && tcpRules.reqContent.length > 0) return 'tcp-request content';
  const http = px.httpUses.find((u) => u.own && u.kind === 'rules' && /^(?:http-request|redirect)$/.test(u.name));
  if (http !== undefined) return http.name;
  if (px.switching.length > 0) return 'use_backend';
  return px.serverRules.length > 0 ? 'use-server' : '';
}

function parseTcpRule(set: Ruleset, line: Line, px: ProxyConf, scope: Scope): void {
  if (misplaced(line, px, set.words)) return;
  const late = evaluatedLater(px, set.list);
  if (late !== '') {
    const text = `a 'tcp-request' rule placed after a '${late}' rule will still be processed before.`;
    line.warning(0, 'order', text, { keyword: set.words });
  }
  const place: ActionPlace = { line, px, scope, rule: set.rule, who: whoOf(px), ruleset: set.words };
  const rule: Rule | null = parseRule(place, 2);
  if (rule !== null) px.tcpRules[set.list].push(rule);
}

function parseDelay(line: Line, px: ProxyConf, field: 'reqDelayMs' | ('resDelayMs' & keyof TcpRules)): void {
  const words = `${line.arg(0)} inspect-delay`;
  if (misplaced(line, px, words)) return;
  const text = line.arg(2);
  const t = readTime(text);
  const lead = `'${words}' expects a positive delay in milliseconds, in ${whoOf(px)}`;
  if (text === '') {
    line.alert(2, 'missing-argument', lead, { expected: 'a time' });
    return;
  }
  if (!t.ok) {
    const why = t.why === 'overflow' ? overflowText(clip(text), words) : `unexpected character '${t.character}'`;
    line.alert(2, 'bad-time', `${lead} (${why})`, {
      expected: 'a number, with us, ms, s, m, h or d behind it or in ms',
    });
    return;
  }
  if (t.rest !== '') {
    line.alert(2, 'bad-time', `${lead} (unexpected character '${t.rest}')`, { expected: 'a time' });
    return;
  }
  if (px.tcpRules[field] !== 0) {
    // Also where the first one is that of the defaults section.
    line.warning(0, 'twice', `ignoring ${words} (was already defined) in ${whoOf(px)}`, { keyword: words });
    return;
  }
  px.tcpRules[field] = t.ms;
}

export const tcpRuleKeywords: readonly ProxyKeyword[] = [
  ...RULESETS.map((set) => ({
    words: set.words,
    sections: set.sections,
    syntax: `${set.words} <action> [ { if | unless } <condition> ]`,
    status: 'implemented' as const,
    parse: (line: Line, px: ProxyConf, scope: Scope): void => parseTcpRule(set, line, px, scope),
  })),
  {
    words: 'tcp-request inspect-delay',
    sections: SEC_PROXY,
    syntax: 'tcp-request inspect-delay <timeout>',
    status: 'implemented',
    parse: (line, px) => parseDelay(line, px, 'reqDelayMs'),
  },
  {
    words: 'tcp-response inspect-delay',
    sections: SEC_BACK,
    syntax: 'tcp-response inspect-delay <timeout>',
    status: 'implemented',
    parse: (line, px) => parseDelay(line, px, 'resDelayMs'),
  },
];

function group(word: string, list: string): KeywordGroup {
  return {
    word,
    unknown: (line, nearest, px) => {
      const got = clip(line.arg(1));
      const where = px === null || (px.caps & PR_CAP_DEF) !== 0 ? 'defaults section' : whoOf(px);
      if (got === '') {
        line.alert(1, 'missing-argument', `missing argument for '${word}' in ${where}`, { expected: list });
        return;
      }
      line.alert(1, 'unknown-keyword', `'${word}' expects ${list} in ${where} (got '${got}')`, {
        nearest,
        expected: list,
      });
    },
  };
}

export const tcpRuleGroups: readonly KeywordGroup[] = [
  group('tcp-request', `'inspect-delay', 'connection', or 'content'`),
  group('tcp-response', `'inspect-delay' or 'content'`),
];
