// `balance`, `hash-type` and `hash-balance-factor`: how a backend chooses among its servers (configuration manual 4.2).

import { SMP_OPT_DIR_REQ, SMP_VAL_BE_REQ_CNT } from '../../policy/sample/types.js';
import { isSampleError, parseSampleExpr } from '../../policy/sample/expr.js';
import { type ProxyKeyword, SEC_BACK } from '../keyword.js';
import type { Line } from '../line.js';
import { nearestWord } from '../nearest.js';
import { clip } from '../reports.js';
import { type BalanceConf, HASH_FUNCTIONS, type HashFunction, PR_CAP_BE, type ProxyConf } from '../types.js';
import { readInt } from '../values.js';
import { ignoredHere, proxyTypeName } from './sides.js';

const BARE_WORDS = ['roundrobin', 'static-rr', 'leastconn', 'first', 'source'];
const WORDS = [...BARE_WORDS, 'uri', 'url_param', 'hash', 'hdr', 'random', 'rdp-cookie'];
const LIST = `'roundrobin', 'static-rr', 'leastconn', 'source', 'uri', 'url_param', 'hdr(name)' and 'rdp-cookie(name)'`;
const RDP_COOKIE_DEFAULT = 'mstshash';
const DRAWS_DEFAULT = 2;

function newBalance(algo: string): BalanceConf {
  return { algo, args: [], expr: null, draws: DRAWS_DEFAULT, cookie: '' };
}

function parseBalance(line: Line, px: ProxyConf): void {
  if (ignoredHere(line, px, PR_CAP_BE)) return;
  const word = line.arg(1);
  // As the reference reads it: what follows the bare names is not looked at.
  if (word === '' || BARE_WORDS.includes(word)) px.balance = newBalance(word === '' ? 'roundrobin' : word);
  else if (word === 'uri') parseUri(line, px);
  else if (word === 'url_param') parseUrlParam(line, px);
  else if (word === 'hash') parseHash(line, px);
  else if (word.startsWith('random')) parseRandom(line, px, word);
  else if (word.startsWith('hdr(')) parseHdr(line, px, word);
  else if (word.startsWith('rdp-cookie')) parseRdpCookie(line, px, word);
  else {
    const nearest = nearestWord(word.replace(/\(.*$/s, ''), WORDS);
    line.alert(1, 'unknown-word', `balance only supports ${LIST} options.`, { nearest, expected: LIST });
  }
}

function parseHash(line: Line, px: ProxyConf): void {
  const text = line.arg(2);
  if (text === '') {
    line.alert(2, 'missing-argument', `balance hash requires a sample expression.`, {
      expected: 'a sample expression',
    });
    return;
  }
  if (line.count > 3) {
    line.alert(3, 'extra-argument', `balance hash takes no other argument (got '${clip(line.arg(3))}').`);
    return;
  }
  const at = line.pos(2);
  const parsed = parseSampleExpr(text, {
    px,
    dir: SMP_OPT_DIR_REQ,
    context: 'balance hash expression',
    file: line.file,
    line: line.number,
    column: at.column,
  });
  const who = `proxy '${px.name}' [${px.position.file}:${px.position.line}]`;
  if (isSampleError(parsed)) {
    if (parsed.later) {
      line.alert(2, 'not-yet', parsed.message, { keyword: text });
      return;
    }
    const message = `${who}: failed to parse 'balance hash' expression '${clip(text)}' in : ${parsed.message}.`;
    line.alert(2, 'bad-argument', message, { form: 'bare', nearest: parsed.nearest, expected: 'a sample expression' });
    return;
  }
  if ((parsed.expr.use & SMP_VAL_BE_REQ_CNT) === 0) {
    const message = `${who}: error detected while parsing 'balance hash' expression '${clip(text)}' which requires information from response buffer, which is not available here.`;
    line.alert(2, 'bad-argument', message, { form: 'bare', expected: 'a sample of the request or the connection' });
    return;
  }
  px.balance = { ...newBalance('hash'), args: [text], expr: parsed.expr };
}

/** `random` or `random(draws)`. */
function parseRandom(line: Line, px: ProxyConf, word: string): void {
  const balance = newBalance('random');
  if (word.startsWith('random(')) {
    const inner = word.slice('random('.length);
    const read = /^\s*[+-]?\d*/.exec(inner)![0];
    const end = inner.slice(read.length);
    const draws = read === '' ? 0 : Number(read);
    const mistake =
      end === ''
        ? 'missing closing parenthesis'
        : end[0] !== ')'
          ? `unexpected character '${end[0]!}' after argument`
          : read !== '' && draws < 1
            ? 'number of draws must be at least 1'
            : '';
    if (mistake !== '') {
      line.alert(1, 'bad-argument', `balance random : ${mistake}.`, { expected: 'random(draws)' });
      return;
    }
    if (read !== '') balance.draws = Math.min(draws, 0x7fffffff);
  }
  px.balance = balance;
}

function parseRdpCookie(line: Line, px: ProxyConf, word: string): void {
  const name = word === 'rdp-cookie' ? RDP_COOKIE_DEFAULT : (/^rdp-cookie\(([^)]+)\)/.exec(word)?.[1] ?? '');
  if (name === '') {
    const message = `balance rdp-cookie : missing cookie name.`;
    line.alert(1, 'missing-argument', message, { expected: 'rdp-cookie(name)' });
    return;
  }
  px.balance = { ...newBalance('rdp-cookie'), args: [name], cookie: name };
}

/** The rest needs HTTP: read as the reference reads it; verification says that it falls back to round robin in mode tcp. */
function parseUri(line: Line, px: ProxyConf): void {
  for (let i = 2; i < line.count; i++) {
    const word = line.arg(i);
    if (word === 'whole' || word === 'path-only') continue;
    if (word !== 'len' && word !== 'depth') {
      const only = `balance uri only accepts parameters 'len', 'depth', 'path-only', and 'whole' (got '${clip(word)}').`;
      line.alert(i, 'unknown-word', only, { nearest: nearestWord(word, ['len', 'depth', 'path-only', 'whole']) });
      return;
    }
    const value = line.arg(++i);
    if (readInt(value).value <= 0) {
      const message = `balance uri : '${word}' expects a positive integer (got '${clip(value)}').`;
      line.alert(i, 'bad-number', message, { expected: 'a positive integer' });
      return;
    }
  }
  px.balance = { ...newBalance('uri'), args: line.words.slice(2).map((w) => w.text) };
}

function parseUrlParam(line: Line, px: ProxyConf): void {
  if (line.arg(2) === '') {
    line.alert(2, 'missing-argument', `balance url_param requires an URL parameter name.`);
    return;
  }
  px.balance = { ...newBalance('url_param'), args: line.words.slice(2).map((w) => w.text) };
}

function parseHdr(line: Line, px: ProxyConf, word: string): void {
  const name = /^hdr\(([^)]+)\)/.exec(word)?.[1] ?? '';
  if (name === '') {
    line.alert(1, 'missing-argument', `hdr requires an http header field name.`, { expected: 'hdr(name)' });
    return;
  }
  px.balance = { ...newBalance('hdr'), args: [name, ...line.words.slice(2).map((w) => w.text)] };
}

function parseHashType(line: Line, px: ProxyConf): void {
  if (ignoredHere(line, px, PR_CAP_BE)) return;
  const [method, name, modifier] = [line.arg(1), line.arg(2), line.arg(3)];
  if (method === 'avalanche') {
    const text = `experimental feature 'hash-type avalanche' is not supported anymore, please use 'hash-type map-based sdbm avalanche' instead.`;
    line.alert(1, 'removed', text);
    return;
  }
  if (method !== 'consistent' && method !== 'map-based') {
    const nearest = nearestWord(method, ['consistent', 'map-based']);
    line.alert(1, 'unknown-word', `'hash-type' only supports 'consistent' and 'map-based'.`, { nearest });
    return;
  }
  const consistent = method === 'consistent';
  if (name === '') {
    // Without a function, consistent hashing is mixed.
    px.hashType = { consistent, fn: 'sdbm', avalanche: consistent };
    return;
  }
  if (!isHashFunction(name)) {
    const text = `'hash-type' only supports 'sdbm', 'djb2', 'crc32', or 'wt6' hash functions.`;
    line.alert(2, 'unknown-word', text, { nearest: nearestWord(name, HASH_FUNCTIONS) });
    return;
  }
  if (modifier !== '' && modifier !== 'avalanche') {
    const text = `'hash-type' only supports 'avalanche' as a modifier for hash functions.`;
    line.alert(3, 'unknown-word', text, { nearest: nearestWord(modifier, ['avalanche']) });
    return;
  }
  px.hashType = { consistent, fn: name, avalanche: modifier === 'avalanche' };
}

function isHashFunction(name: string): name is HashFunction {
  return HASH_FUNCTIONS.some((f) => f === name);
}

function parseBalanceFactor(line: Line, px: ProxyConf): void {
  if (line.arg(1) === '') {
    line.alert(1, 'missing-argument', `'hash-balance-factor' expects an integer argument.`, { expected: 'an integer' });
    return;
  }
  const factor = line.int(1);
  if (factor !== 0 && factor <= 100) {
    const text = `'hash-balance-factor' must be 0 or greater than 100.`;
    line.alert(1, 'bad-number', text, { expected: '0, or more than 100' });
    return;
  }
  if ((px.caps & PR_CAP_BE) !== 0) px.hashBalanceFactor = factor;
}

/** HTTP-only algorithms in a proxy of mode tcp: the reference's warning, and round robin. */
export function verifyBalance(px: ProxyConf): string {
  const { algo } = px.balance;
  if (px.mode !== 'tcp' || (algo !== 'uri' && algo !== 'url_param' && algo !== 'hdr')) return '';
  px.balance = newBalance('roundrobin');
  return `Layer 7 hash not possible for ${proxyTypeName(px)} '${px.name}' (needs 'mode http'). Falling back to round robin.`;
}

export const balanceKeywords: readonly ProxyKeyword[] = [
  {
    words: 'balance',
    sections: SEC_BACK,
    syntax:
      'balance { roundrobin | static-rr | leastconn | first | source | random[(<draws>)] | hash <expr> | rdp-cookie[(<name>)] | uri [...] | url_param <param> | hdr(<name>) }',
    status: 'implemented',
    parse: parseBalance,
    notes: [
      'source, hash and rdp-cookie choose the same server for the same key as HAProxy, with every hash-type',
      'leastconn, first and static-rr choose in the same order as HAProxy',
      'roundrobin too, but after a change of weights or servers it is fair at once, where HAProxy may need hundreds of choices',
      'random draws numbers of its own: as fair as HAProxy, in another order',
      'uri, url_param and hdr need mode http: in a tcp proxy they fall back to roundrobin with a warning, as with HAProxy',
    ],
  },
  {
    words: 'hash-balance-factor',
    sections: SEC_BACK,
    syntax: 'hash-balance-factor <factor>',
    status: 'implemented',
    parse: parseBalanceFactor,
    notes: ['goes on to the same servers as HAProxy, in the same sequence'],
  },
  {
    words: 'hash-type',
    sections: SEC_BACK,
    syntax: 'hash-type { map-based | consistent } [ sdbm | djb2 | wt6 | crc32 ] [ avalanche ]',
    status: 'implemented',
    parse: parseHashType,
    notes: [
      'the same key goes to the same server as with HAProxy: map-based and consistent, each function, with and without avalanche',
      'map-based and sdbm without this line; consistent without a function is sdbm avalanche',
    ],
  },
];
