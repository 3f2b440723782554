// `option …` that means something in `mode http` alone (configuration manual 4.2).

import { type ProxyKeyword, SEC_BACK, SEC_FRONT, SEC_PROXY } from '../keyword.js';
import type { Line } from '../line.js';
import { clip } from '../reports.js';
import { type HttpUseKind, PR_CAP_BE, PR_CAP_DEF, PR_CAP_FE, type ProxyConf } from '../types.js';
import { forgetHttp, noteHttp } from './http-use.js';
import { ignoredHere } from './sides.js';

/** Switches; those that only choose how connections are kept are dropped in silence by a tcp proxy. */
const SWITCHES: readonly (readonly [word: string, sections: number, kind: HttpUseKind])[] = [
  ['accept-invalid-http-request', SEC_FRONT, 'option'],
  ['accept-invalid-http-response', SEC_BACK, 'option'],
  ['checkcache', SEC_BACK, 'option'],
  ['disable-h2-upgrade', SEC_FRONT, 'option'],
  ['h1-case-adjust-bogus-client', SEC_FRONT, 'silent'],
  ['h1-case-adjust-bogus-server', SEC_BACK, 'silent'],
  ['http-buffer-request', SEC_PROXY, 'option'],
  ['http-ignore-probes', SEC_FRONT, 'option'],
  ['http-keep-alive', SEC_PROXY, 'silent'],
  ['http-no-delay', SEC_PROXY, 'option'],
  ['http-pretend-keepalive', SEC_BACK, 'option'],
  ['http-server-close', SEC_PROXY, 'silent'],
  ['http-use-proxy-header', SEC_FRONT, 'option'],
  ['httpclose', SEC_PROXY, 'silent'],
  ['idle-close-on-response', SEC_FRONT, 'option'],
  ['prefer-last-server', SEC_BACK, 'option'],
];

function capsOf(sections: number): number {
  return sections === SEC_FRONT ? PR_CAP_FE : sections === SEC_BACK ? PR_CAP_BE : PR_CAP_FE | PR_CAP_BE;
}

function parseSwitch(line: Line, px: ProxyConf, word: string, sections: number, kind: HttpUseKind): void {
  if (line.tooMany(0, 2)) return;
  const caps = capsOf(sections);
  if (sections !== SEC_PROXY && ignoredHere(line, px, caps, word)) return;
  const name = `option ${word}`;
  if (line.prefix === '') noteHttp(line, px, kind, name, name, caps);
  else forgetHttp(px, name);
}

const HEADER_OPTIONS: Readonly<Record<string, string>> = { except: '<address>[/mask]', header: '<header_name>' };

/** `option forwardfor` and `option originalto`. */
function parseAddressHeader(line: Line, px: ProxyConf, flags: readonly string[], list: string): void {
  const name = `option ${line.arg(1)}`;
  for (let i = 2; i < line.count; i++) {
    const word = line.arg(i);
    if (flags.includes(word)) continue;
    const wants = HEADER_OPTIONS[word];
    if (wants === undefined) {
      line.alert(i, 'unknown-option', `'${name}' only supports optional values: ${list}.`, {
        keyword: name,
        expected: list,
      });
      return;
    }
    if (line.arg(i + 1) === '') {
      line.alert(i + 1, 'missing-argument', `'${name} ${word}' expects ${wants} as argument.`, { keyword: name });
      return;
    }
    i++;
  }
  noteHttp(line, px, 'option', name);
}

const HEADER_NAMES = ['preserve', 'reject', 'delete'];

function parseRestrictNames(line: Line, px: ProxyConf): void {
  const name = 'option http-restrict-req-hdr-names';
  const word = line.arg(2);
  if (!HEADER_NAMES.includes(word)) {
    const expects = `option 'http-restrict-req-hdr-names' expects 'preserve', 'reject' or 'delete' option.`;
    const what = word === '' ? 'missing parameter' : `invalid parameter '${clip(word)}'`;
    line.alert(2, 'unknown-word', `${what}. ${expects}`, { keyword: name });
    return;
  }
  if (!line.tooMany(1, 2)) noteHttp(line, px, 'silent', name);
}

function parseHttplog(line: Line, px: ProxyConf): void {
  const word = line.arg(1);
  const name = `option ${word}`;
  if ((px.caps & (PR_CAP_FE | PR_CAP_DEF)) === 0) {
    line.warning(1, 'wrong-section', `backend '${px.name}' : '${name}' directive is ignored in backends.`);
  }
  if (word === 'httplog' && line.arg(2) !== '' && line.arg(2) !== 'clf') {
    line.alert(2, 'unknown-option', `keyword 'httplog' only supports option 'clf'.`, { keyword: name });
    return;
  }
  if (word === 'httplog' && line.tooMany(1, 2)) return;
  noteHttp(line, px, 'log', name, name, PR_CAP_FE);
}

function entry(
  syntax: string,
  sections: number,
  parse: NonNullable<ProxyKeyword['parse']>,
  negatable = false,
): ProxyKeyword {
  const words = `option ${syntax.split(' ')[0]!}`;
  return { words, sections, syntax: `option ${syntax}`, status: 'http', negatable, parse };
}

export const httpOptionKeywords: readonly ProxyKeyword[] = [
  ...SWITCHES.map(([word, sections, kind]) =>
    entry(word, sections, (line, px) => parseSwitch(line, px, word, sections, kind), true),
  ),
  entry('forwardfor [ except <network> ] [ header <name> ] [ if-none ]', SEC_PROXY, (line, px) =>
    parseAddressHeader(line, px, ['if-none'], `'except', 'header' and 'if-none'`),
  ),
  entry('originalto [ except <network> ] [ header <name> ]', SEC_PROXY, (line, px) =>
    parseAddressHeader(line, px, [], `'except' and 'header'`),
  ),
  entry('http-restrict-req-hdr-names { preserve | delete | reject }', SEC_PROXY, parseRestrictNames),
  entry('httplog [ clf ]', SEC_FRONT, parseHttplog),
  entry('httpslog', SEC_FRONT, parseHttplog),
];
