// `option NAME` of proxies (configuration manual 4.2).

import type { KeywordGroup, ProxyKeyword } from '../keyword.js';
import { SEC_BACK, SEC_FRONT, SEC_PROXY } from '../keyword.js';
import { noteLimited } from '../limits.js';
import type { Line } from '../line.js';
import { clip, didYouMean } from '../reports.js';
import { PR_CAP_BE, PR_CAP_FE, type ProxyConf, type ProxyOptions } from '../types.js';
import { readInt } from '../values.js';
import { httpOptionKeywords } from './http-options.js';
import { ignoredHere } from './sides.js';

type Flag = readonly [word: string, field: keyof ProxyOptions, sections: number, status?: 'notice' | 'later'];

/** Plain switches: no argument, `no` and `default` allowed. */
const FLAGS: readonly Flag[] = [
  ['abortonclose', 'abortonclose', SEC_BACK],
  ['allbackups', 'allbackups', SEC_BACK],
  ['clitcpka', 'clitcpka', SEC_FRONT],
  ['contstats', 'contstats', SEC_FRONT, 'notice'],
  ['dontlog-normal', 'dontlogNormal', SEC_FRONT],
  ['dontlognull', 'dontlognull', SEC_FRONT],
  ['independent-streams', 'independentStreams', SEC_PROXY],
  ['log-health-checks', 'logHealthChecks', SEC_BACK, 'notice'],
  ['log-separate-errors', 'logSeparateErrors', SEC_FRONT],
  ['logasap', 'logasap', SEC_FRONT],
  ['nolinger', 'nolinger', SEC_PROXY],
  ['persist', 'persist', SEC_BACK, 'notice'],
  ['socket-stats', 'socketStats', SEC_FRONT],
  ['splice-auto', 'spliceAuto', SEC_PROXY],
  ['splice-request', 'spliceRequest', SEC_PROXY],
  ['splice-response', 'spliceResponse', SEC_PROXY],
  ['srvtcpka', 'srvtcpka', SEC_BACK],
  ['tcp-smart-accept', 'tcpSmartAccept', SEC_FRONT, 'notice'],
  ['tcp-smart-connect', 'tcpSmartConnect', SEC_BACK, 'notice'],
  ['transparent', 'transparent', SEC_BACK, 'later'],
];

/** True after the warning that this side of the proxy is missing. */
function wrongSide(line: Line, px: ProxyConf, sections: number, word: string): boolean {
  if (sections === SEC_FRONT) return ignoredHere(line, px, PR_CAP_FE, word);
  if (sections === SEC_BACK) return ignoredHere(line, px, PR_CAP_BE, word);
  return false;
}

function flagKeyword([word, field, sections, status]: Flag): ProxyKeyword {
  return {
    words: `option ${word}`,
    sections,
    syntax: `option ${word}`,
    status: status ?? 'implemented',
    negatable: true,
    parse: (line, px, scope) => {
      if (line.tooMany(0, 2)) return;
      if (wrongSide(line, px, sections, word)) return;
      if (line.prefix === '') noteLimited(line, 1, word, 'option', scope);
      px.options[field] = line.prefix === '';
    },
  };
}

function parseTcpka(line: Line, px: ProxyConf): void {
  if (line.tooMany(0, 2)) return;
  px.options.tcpka = true;
  if ((px.caps & PR_CAP_FE) !== 0) px.options.clitcpka = true;
  if ((px.caps & PR_CAP_BE) !== 0) px.options.srvtcpka = true;
}

function parseRedispatch(line: Line, px: ProxyConf): void {
  if (ignoredHere(line, px, PR_CAP_BE, 'redispatch')) return;
  if (line.prefix !== '') {
    px.redispatch = { on: false, interval: 0 };
    return;
  }
  let interval = -1;
  if (line.arg(2) !== '') {
    const read = readInt(line.arg(2));
    if (!read.clean) {
      line.notice(2, 'not-a-number', `'${clip(line.arg(2))}' is not a number, read as ${read.value}`, {
        expected: 'an integer',
      });
    }
    interval = read.value;
    if (line.tooMany(1, 2)) return;
  }
  px.redispatch = { on: interval !== 0, interval };
}

const LATER: readonly (readonly [syntax: string, sections: number])[] = [
  ['external-check', SEC_BACK],
  ['httpchk [ <method> ] [ <uri> ] [ <version> ]', SEC_BACK],
  ['ldap-check', SEC_BACK],
  ['mysql-check [ user <username> [ { post-41 | pre-41 } ] ]', SEC_BACK],
  ['pgsql-check user <username>', SEC_BACK],
  ['redis-check', SEC_BACK],
  ['smtpchk [ <hello> <domain> ]', SEC_BACK],
  ['spop-check', SEC_BACK],
  ['ssl-hello-chk', SEC_BACK],
  ['tcp-check', SEC_BACK],
];

export const optionKeywords: readonly ProxyKeyword[] = [
  ...httpOptionKeywords,
  ...FLAGS.map(flagKeyword),
  { words: 'option tcpka', sections: SEC_PROXY, syntax: 'option tcpka', status: 'implemented', parse: parseTcpka },
  {
    words: 'option redispatch',
    sections: SEC_BACK,
    syntax: 'option redispatch [ <interval> ]',
    status: 'implemented',
    negatable: true,
    parse: parseRedispatch,
  },
  ...LATER.map(([syntax, sections]) => ({
    words: `option ${syntax.split(' ')[0]!}`,
    sections,
    syntax: `option ${syntax}`,
    status: 'later' as const,
    negatable: true,
    parse: null,
  })),
];

export const optionGroup: KeywordGroup = {
  word: 'option',
  unknown: (line, nearest) => {
    const word = line.arg(1);
    if (word === '') {
      line.alert(1, 'missing-argument', `'option' expects an option name.`, { form: 'tight' });
      return;
    }
    if (line.prefix !== '') {
      const text = `negation/default is not supported for option '${clip(word)}'.`;
      line.alert(1, 'unknown-keyword', text, { form: 'tight', keyword: `option ${word}`, nearest });
      return;
    }
    const text = `unknown option '${clip(word)}'${didYouMean(nearest) || '.'}`;
    line.alert(1, 'unknown-keyword', text, { keyword: `option ${word}`, nearest, expected: 'an option of proxies' });
  },
};

/** `no option x` for one that has no negation. */
export function refuseNegation(line: Line): void {
  const text = `negation/default is not supported for option '${clip(line.arg(1))}'.`;
  line.alert(1, 'no-negation', text, { form: 'tight', keyword: `option ${line.arg(1)}` });
}
