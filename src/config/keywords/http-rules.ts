// Rules of `mode http` (configuration manual 4.2): `http-request`, `http-response`, `http-after-response`, `redirect`. Their
// action is checked; arguments and conditions wait for HTTP.

import { type ProxyKeyword, SEC_BACKEND, SEC_FRONTEND, SEC_LISTEN, SEC_PROXY } from '../keyword.js';
import type { Line } from '../line.js';
import { nearestWord } from '../nearest.js';
import { clip } from '../reports.js';
import { PR_CAP_DEF, type ProxyConf } from '../types.js';
import { noteHttp } from './http-use.js';

const MARKS = 'ot-group set-log-level set-nice';
const COUNTERS = 'sc-inc-gpc(*) sc-inc-gpc0(*) sc-inc-gpc1(*) sc-set-gpt(*) sc-set-gpt0(*) send-spoe-group';
const VARIABLES = 'set-var-fmt(*) set-var(*) unset-var(*)';

/** Actions of each ruleset in the order in which the reference lists them; `(*)`: what follows the name belongs to it. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'http-request': [
    `wait-for-handshake ${MARKS} use-service ${COUNTERS} do-resolve(*) cache-use add-acl(*) add-header allow auth capture`,
    `del-acl(*) del-header del-map(*) deny disable-l7-retry early-hint normalize-uri redirect reject replace-header`,
    `replace-path replace-pathq replace-uri replace-value return set-header set-map(*) set-method set-path set-pathq`,
    `set-query set-uri strict-mode tarpit track-sc(*) set-timeout wait-for-body ${VARIABLES} set-dst set-dst-port set-mark`,
    `set-src set-src-port set-tos silent-drop set-priority-class set-priority-offset`,
  ]
    .join(' ')
    .split(' '),
  'http-response': [
    `${MARKS} ${COUNTERS} cache-store add-acl(*) add-header allow capture del-acl(*) del-header del-map(*) deny redirect`,
    `replace-header replace-value return set-header set-map(*) set-status strict-mode track-sc(*) wait-for-body ${VARIABLES}`,
    `set-mark set-tos silent-drop`,
  ]
    .join(' ')
    .split(' '),
  'http-after-response':
    `ot-group add-header allow capture del-header replace-header replace-value set-header set-status strict-mode ${VARIABLES}`.split(
      ' ',
    ),
};

/** Nothing after them is looked at. */
const FINAL = new Set(['allow', 'auth', 'deny', 'redirect', 'return', 'tarpit']);

function isAction(word: string, actions: readonly string[]): boolean {
  return actions.some((a) => (a.endsWith('(*)') ? word.startsWith(a.slice(0, -3)) : a === word));
}

/** True after the error that word `at` is no action of the ruleset. */
export function badHttpAction(line: Line, at: number, ruleset: string): boolean {
  const actions = ACTIONS[ruleset]!;
  const word = line.arg(at);
  if (isAction(word, actions)) return false;
  const list = actions.map((a) => `'${a}'`).join(', ');
  const nearest = nearestWord(
    word,
    actions.map((a) => a.replace('(*)', '')),
  );
  const missing = word === '' ? ' (missing argument)' : '';
  line.alert(at, 'unknown-action', `'${ruleset}' expects ${list}, but got '${clip(word)}'${missing}.`, {
    form: 'tight',
    keyword: ruleset,
    nearest,
    expected: 'an action',
  });
  return true;
}

function parseRuleset(line: Line, px: ProxyConf): void {
  const ruleset = line.arg(0);
  if ((px.caps & PR_CAP_DEF) !== 0 && px.name === '') {
    const text = `'${ruleset}' not allowed in anonymous 'defaults' section.`;
    line.alert(0, 'wrong-section', text, { expected: 'a name for the defaults section' });
    return;
  }
  if (badHttpAction(line, 1, ruleset)) return;
  if (px.httpUses.findLast((u) => u.name === ruleset && u.own)?.final === true) {
    const text = `previous '${ruleset}' action is final and has no condition attached, further entries are NOOP.`;
    line.warning(0, 'unreachable', text, { form: 'tight', keyword: ruleset });
  }
  noteHttp(line, px, 'rules', ruleset);
  const bare = line.words.every((w) => w.text !== 'if' && w.text !== 'unless');
  px.httpUses.at(-1)!.final = bare && FINAL.has(line.arg(1));
}

const REDIRECT_TYPES = ['prefix', 'location', 'scheme'];
const REDIRECT_VALUES = [...REDIRECT_TYPES, 'code', 'set-cookie', 'clear-cookie'];
const REDIRECT_FLAGS = ['drop-query', 'ignore-empty', 'append-slash'];

/** The mistake of a redirect rule from word `from` on, with the word that has it; '' for none. */
function redirectMistake(line: Line, from: number): readonly [at: number, text: string] {
  let typed = false;
  for (let i = from; i < line.count; i++) {
    const word = line.arg(i);
    if (word === 'if' || word === 'unless') break;
    if (REDIRECT_VALUES.includes(word)) {
      if (line.arg(i + 1) === '') return [i, `missing argument for '${word}'.`];
      if (REDIRECT_TYPES.includes(word)) typed = true;
      else if (word === 'code' && !/^30[12378]$/.test(line.arg(i + 1))) {
        return [
          i + 1,
          `'code': unsupported HTTP code '${clip(line.arg(i + 1))}' (must be one of 301, 302, 303, 307 or 308)`,
        ];
      }
      i++;
    } else if (!REDIRECT_FLAGS.includes(word)) {
      const list = `'code', 'prefix', 'location', 'scheme', 'set-cookie', 'clear-cookie', 'drop-query', 'ignore-empty' or 'append-slash'`;
      return [i, `expects ${list} (was '${clip(word)}').`];
    }
  }
  return typed ? [0, ''] : [from, `redirection type expected ('prefix', 'location', or 'scheme').`];
}

function parseRedirect(line: Line, px: ProxyConf): void {
  if ((px.caps & PR_CAP_DEF) !== 0) {
    line.alert(0, 'wrong-section', `'redirect' not allowed in 'defaults' section.`);
    return;
  }
  const [at, text] = redirectMistake(line, 1);
  if (text !== '') {
    const where = `error detected in proxy '${px.name}' while parsing redirect rule`;
    line.alert(at, 'bad-argument', `${where} : ${text}`);
    return;
  }
  noteHttp(line, px, 'rules', 'redirect');
}

export const httpRuleKeywords: readonly ProxyKeyword[] = [
  ...Object.keys(ACTIONS).map((words) => ({
    words,
    sections: SEC_PROXY,
    syntax: `${words} <action> [options...] [ { if | unless } <condition> ]`,
    status: 'http' as const,
    parse: parseRuleset,
  })),
  {
    words: 'redirect',
    sections: SEC_FRONTEND | SEC_LISTEN | SEC_BACKEND,
    syntax:
      'redirect { location <loc> | prefix <pfx> | scheme <sch> } [code <code>] [<option>] [{if | unless} <condition>]',
    status: 'http',
    parse: parseRedirect,
  },
];
