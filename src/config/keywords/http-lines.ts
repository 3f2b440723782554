// Lines of proxies that mean something in `mode http` alone, rules, `stats` and options apart (configuration manual 4.2).

import {
  type KeywordGroup,
  type ProxyKeyword,
  SEC_BACK,
  SEC_FRONT,
  SEC_FRONTEND,
  SEC_LISTEN,
  SEC_PROXY,
} from '../keyword.js';
import type { Line } from '../line.js';
import { nearestWord } from '../nearest.js';
import { clip } from '../reports.js';
import type { Scope } from '../scope.js';
import { PR_CAP_BE, PR_CAP_DEF, PR_CAP_FE, type ProxyConf } from '../types.js';
import { readInt } from '../values.js';
import { noteHttp } from './http-use.js';
import { ignoredHere, uselessHere } from './sides.js';

const COOKIE_FLAGS = [
  'rewrite',
  'insert',
  'prefix',
  'indirect',
  'nocache',
  'postonly',
  'preserve',
  'httponly',
  'secure',
];
const COOKIE_VALUES = ['domain', 'maxidle', 'maxlife', 'attr'];
const COOKIE_LIST = `'rewrite', 'insert', 'prefix', 'indirect', 'nocache', 'postonly', 'domain', 'maxidle', 'dynamic', 'maxlife' and 'attr'`;

function parseCookie(line: Line, px: ProxyConf): void {
  ignoredHere(line, px, PR_CAP_BE);
  if (line.arg(1) === '') {
    line.alert(1, 'missing-argument', `'cookie' expects <cookie_name> as argument.`);
    return;
  }
  for (let i = 2; i < line.count; i++) {
    const word = line.arg(i);
    if (COOKIE_VALUES.includes(word)) {
      i++;
      continue;
    }
    if (COOKIE_FLAGS.includes(word) || word === 'dynamic') continue;
    const nearest = nearestWord(word, [...COOKIE_FLAGS, ...COOKIE_VALUES, 'dynamic']);
    line.alert(i, 'unknown-option', `'cookie' supports ${COOKIE_LIST} options.`, { nearest, expected: COOKIE_LIST });
    return;
  }
  noteHttp(line, px, 'mode', 'cookie', 'cookie', PR_CAP_BE);
}

function parseCapture(line: Line, px: ProxyConf): void {
  if (ignoredHere(line, px, PR_CAP_FE)) {
    if (line.arg(1) === 'cookie') noteHttp(line, px, 'statement', 'capture');
    return;
  }
  const kind = line.arg(1);
  if ((px.caps & PR_CAP_DEF) !== 0) {
    line.alert(0, 'wrong-section', `'capture ${kind}' not allowed in 'defaults' section.`);
    return;
  }
  const at = kind === 'cookie' ? 2 : 3;
  const good = kind === 'cookie' || line.arg(2) === 'header';
  if (!good || line.arg(at) === '' || line.arg(at + 1) !== 'len' || line.arg(at + 2) === '') {
    const text =
      kind === 'cookie'
        ? `'capture' expects 'cookie' <cookie_name> 'len' <len>.`
        : `'capture ${kind}' expects 'header' <header_name> 'len' <len>.`;
    line.alert(Math.min(line.count, at), 'bad-argument', text);
    return;
  }
  if (line.tooMany(at + 2)) return;
  noteHttp(line, px, kind === 'cookie' ? 'statement' : 'silent', 'capture');
}

function parseMonitor(line: Line, px: ProxyConf): void {
  if ((px.caps & PR_CAP_DEF) !== 0) {
    line.alert(0, 'wrong-section', `'monitor' not allowed in 'defaults' section.`);
    return;
  }
  if (ignoredHere(line, px, PR_CAP_FE)) return;
  if (line.arg(2) !== 'if' && line.arg(2) !== 'unless') {
    const text = `'monitor fail' requires either 'if' or 'unless' followed by a condition.`;
    line.alert(2, 'missing-condition', text);
    return;
  }
  noteHttp(line, px, 'silent', 'monitor fail', 'monitor fail', PR_CAP_FE);
}

function parseMonitorUri(line: Line, px: ProxyConf): void {
  ignoredHere(line, px, PR_CAP_FE);
  if (line.arg(1) === '') {
    line.alert(1, 'missing-argument', `'monitor-uri' expects an URI.`);
    return;
  }
  if (!line.tooMany(1)) noteHttp(line, px, 'mode', 'monitor-uri', 'monitor-uri', PR_CAP_FE);
}

const ALGORITHMS = ['identity', 'deflate', 'raw-deflate', 'gzip'];

function parseCompression(line: Line, px: ProxyConf): void {
  const kind = line.arg(1);
  if (kind !== 'algo' && kind !== 'type' && kind !== 'offload') {
    const text = `'compression' expects 'algo', 'type' or 'offload'`;
    line.alert(1, 'unknown-word', text, { nearest: nearestWord(kind, ['algo', 'type', 'offload']) });
    return;
  }
  if (kind === 'offload' && (px.caps & PR_CAP_DEF) !== 0) {
    line.warning(0, 'wrong-section', `'compression' : 'offload' ignored in 'defaults' section.`);
    return;
  }
  if (kind !== 'offload' && line.arg(2) === '') {
    const what = kind === 'algo' ? '<algorithm>' : '<type>';
    const place = `parsing [${line.file}:${line.number}] : `;
    line.alert(2, 'missing-argument', `${place}'compression' expects ${what}.`);
    return;
  }
  if (kind === 'algo') {
    const at = line.words.findIndex((w, i) => i >= 2 && !ALGORITHMS.includes(w.text));
    if (at > 0) {
      const nearest = nearestWord(line.arg(at), ALGORITHMS);
      const text = `'compression' : '${clip(line.arg(at))}' is not a supported algorithm.`;
      line.alert(at, 'unknown-word', text, { nearest, expected: ALGORITHMS.join(', ') });
      return;
    }
  }
  noteHttp(line, px, 'silent', 'compression', `compression`);
}

const CODES = [200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 421, 422, 425, 429, 500, 501, 502, 503, 504];

/** True after the error that word `at` is no status code with a page of its own. */
function badCode(line: Line, at: number): boolean {
  if (CODES.includes(readInt(line.arg(at)).value)) return false;
  const text = `${line.arg(0)} : status code '${clip(line.arg(at))}' not handled.`;
  line.alert(at, 'bad-number', text, { expected: `one of ${CODES.join(', ')}` });
  return true;
}

function parseErrorPage(line: Line, px: ProxyConf, scope: Scope): void {
  const word = line.arg(0);
  const isFile = word === 'errorfile';
  if (line.arg(1) === '' || line.arg(2) === '') {
    const what = isFile ? '<file>' : '<url>';
    line.alert(line.count, 'missing-argument', `${word} : expects <status_code> and ${what} as arguments.`);
    return;
  }
  if (badCode(line, 1)) return;
  const why = isFile ? (scope.host.checkFile?.(line.arg(2)) ?? '') : '';
  if (why !== '') {
    const what = why === 'open' ? 'opening' : 'reading';
    line.alert(2, 'unreadable', `errorfile : error ${what} file '${clip(line.arg(2))}'.`);
    return;
  }
  noteHttp(line, px, 'silent', word);
}

function parseHttpError(line: Line, px: ProxyConf): void {
  if (line.arg(1) !== 'status' || line.arg(2) === '') {
    line.alert(1, 'missing-argument', `http-error : expects at least a <status> as arguments.`);
    return;
  }
  if (!CODES.includes(readInt(line.arg(2)).value)) {
    const text = `http-error : Unexpected status code '${clip(line.arg(2))}'`;
    line.alert(2, 'bad-number', text, { expected: `one of ${CODES.join(', ')}` });
    return;
  }
  noteHttp(line, px, 'silent', 'http-error');
}

const REUSE = ['never', 'safe', 'aggressive', 'always'];

function parseReuse(line: Line, px: ProxyConf): void {
  if (ignoredHere(line, px, PR_CAP_BE)) return;
  if (!REUSE.includes(line.arg(1))) {
    const list = REUSE.map((w) => `'${w}'`).join(', ');
    const nearest = nearestWord(line.arg(1), REUSE);
    line.alert(1, 'unknown-word', `'http-reuse' only supports ${list}.`, { nearest, expected: list });
    return;
  }
  if (!line.tooMany(1)) noteHttp(line, px, 'silent', 'http-reuse', 'http-reuse', PR_CAP_BE);
}

/** A back-side word with one argument that must be there. */
function oneBack(words: string, syntax: string, missing: string): ProxyKeyword {
  return {
    words,
    sections: SEC_BACK,
    syntax,
    status: 'http',
    parse: (line, px) => {
      if (ignoredHere(line, px, PR_CAP_BE)) return;
      if (line.arg(1) === '') {
        line.alert(1, 'missing-argument', missing);
        return;
      }
      noteHttp(line, px, 'silent', words, words, PR_CAP_BE);
    },
  };
}

function parseKeepAliveQueue(line: Line, px: ProxyConf): void {
  const text = line.arg(1);
  if (text === '') {
    const missing = `'max-keep-alive-queue' expects expects an integer value (or -1 to disable)`;
    line.alert(1, 'missing-argument', missing);
    return;
  }
  uselessHere(line, px, PR_CAP_BE, 'max-keep-alive-queue');
  const { clean } = readInt(text);
  if (!clean) {
    const bad = /[^0-9+-]/.exec(text)?.[0] ?? '';
    const message = `'max-keep-alive-queue' : unexpected character '${bad}' in integer value '${clip(text)}'`;
    line.alert(1, 'bad-number', message, { expected: 'an integer' });
    return;
  }
  noteHttp(line, px, 'silent', 'max-keep-alive-queue', 'max-keep-alive-queue', PR_CAP_BE);
}

function line(syntax: string, n: 1 | 2, sections: number, parse: NonNullable<ProxyKeyword['parse']>): ProxyKeyword {
  const words = syntax.split(' ').slice(0, n).join(' ');
  return { words, sections, syntax, status: 'http', parse };
}

const SEC_BODY_FRONT = SEC_FRONTEND | SEC_LISTEN;

export const httpLineKeywords: readonly ProxyKeyword[] = [
  line('capture cookie <name> len <length>', 2, SEC_BODY_FRONT, parseCapture),
  line('capture request header <name> len <length>', 2, SEC_BODY_FRONT, parseCapture),
  line('capture response header <name> len <length>', 2, SEC_BODY_FRONT, parseCapture),
  line('compression { algo <algorithm> ... | type <mime type> ... | offload }', 1, SEC_PROXY, parseCompression),
  line('cookie <name> [ rewrite | insert | prefix ] [ <options> ... ]', 1, SEC_BACK, parseCookie),
  oneBack(
    'dynamic-cookie-key',
    'dynamic-cookie-key <string>',
    `'dynamic-cookie-key' expects <secret_key> as argument.`,
  ),
  line('errorfile <code> <file>', 1, SEC_PROXY, parseErrorPage),
  line('errorloc <code> <url>', 1, SEC_PROXY, parseErrorPage),
  line('errorloc302 <code> <url>', 1, SEC_PROXY, parseErrorPage),
  line('errorloc303 <code> <url>', 1, SEC_PROXY, parseErrorPage),
  line(
    'http-error status <code> [content-type <type>] [ { default-errorfiles | errorfile <file> | errorfiles <name> | file <file> | lf-file <file> | string <str> | lf-string <fmt> } ] [ hdr <name> <fmt> ]*',
    1,
    SEC_PROXY,
    parseHttpError,
  ),
  line('http-reuse { never | safe | aggressive | always }', 1, SEC_BACK, parseReuse),
  oneBack(
    'http-send-name-header',
    'http-send-name-header [<header>]',
    `'http-send-name-header' requires a header string.`,
  ),
  line('max-keep-alive-queue <value>', 1, SEC_BACK, parseKeepAliveQueue),
  line('monitor fail { if | unless } <condition>', 2, SEC_BODY_FRONT, parseMonitor),
  line('monitor-uri <uri>', 1, SEC_FRONT, parseMonitorUri),
];

/** `capture` and `monitor` with a second word that is none of theirs. */
export const httpLineGroups: readonly KeywordGroup[] = [
  {
    word: 'capture',
    unknown: (line, nearest) => {
      const list = `'cookie' or 'request header' or 'response header'`;
      line.alert(1, 'unknown-keyword', `'capture' expects ${list}.`, { nearest, expected: list });
    },
  },
  {
    word: 'monitor',
    unknown: (line, nearest) => {
      line.alert(1, 'unknown-keyword', `'monitor' only supports 'fail'.`, { nearest, expected: "'fail'" });
    },
  },
];
