// `bind` lines and `stats socket`: the addresses, then options. Each address and port becomes a listener of its own.

import { type AddressRules, type ParsedAddress, parseAddress } from '../address.js';
import { newBind } from '../defaults.js';
import { noteLimited } from '../limits.js';
import type { Line } from '../line.js';
import { nearestWord } from '../nearest.js';
import { clip, didYouMean } from '../reports.js';
import type { Scope } from '../scope.js';
import type { AddressConf, BindConf, GlobalConf, ProxyConf } from '../types.js';
import { readTime } from '../values.js';
import { statusOf } from './status.js';
import { PR_CAP_DEF, PR_CAP_FE, ignoredHere } from './sides.js';

export const BIND_RULES: AddressRules = {
  port: 'required',
  range: true,
  offset: false,
  fd: true,
  type: 'stream',
  preferred: 'stream',
};

/** Listeners of the address list at word `at`; reports what is wrong with it (`lead` goes in front of the text). */
function readAddresses(line: Line, at: number, lead: string, scope: Scope): ParsedAddress[] | null {
  const text = line.arg(at);
  const { prefix } = scope.config.global.unixBind;
  const rules = { ...BIND_RULES, zero: scope.portZero, pathPrefix: prefix, env: scope.envOf };
  const found: ParsedAddress[] = [];
  const parts = text.split(',');
  // A comma at the end is taken, an empty address elsewhere is not.
  if (parts.length > 1 && parts[parts.length - 1] === '' && parts[0] !== '') parts.pop();
  for (const one of parts) {
    const r = parseAddress(one, rules);
    if (!r.ok) {
      line.alert(at, r.code === 'port' ? 'bad-port' : 'bad-address', `'${lead}' : ${r.message}`, {
        expected: 'an address with a port, a path, or fd@N',
      });
      return null;
    }
    const a = r.parsed.address;
    if (a.family === 'fd' || a.family === 'sockpair') {
      const why = scope.host.checkFd(a.fd);
      if (why !== '') {
        line.alert(at, 'bad-descriptor', `'${lead}' : cannot use file descriptor '${a.fd}' : ${why}.`);
        return null;
      }
    }
    if (a.family === 'sockpair') {
      line.alert(at, 'not-yet', `'sockpair@' is known to HAProxy, but not in sluice yet`, { keyword: 'sockpair@' });
      return null;
    }
    if (a.family === 'fd' || a.family === 'abns') noteLimited(line, at, `${a.family}@`, 'bind', scope);
    if (r.parsed.ignored !== '') {
      line.notice(at, 'ignored-characters', `'${clip(r.parsed.ignored)}' after the port number is ignored`);
    }
    found.push(r.parsed);
  }
  return found;
}

export interface BindWording {
  /** In front of an option's mistake, ends in the separator. */
  readonly mistake: (text: string) => string;
  readonly unknown: (word: string, nearest: string) => string;
}

/** Reads options from word `from` on into `bind`. False when there was a mistake. */
function readOptions(line: Line, from: number, bind: BindConf, scope: Scope, wording: BindWording): boolean {
  const table = scope.index.bind;
  let good = true;
  for (let i = from; i < line.count;) {
    const word = line.arg(i);
    const entry = table.find(word, '');
    if (entry === undefined) {
      const nearest = nearestWord(word, table.firstWords());
      line.alert(i, 'unknown-option', wording.unknown(clip(word), nearest), {
        keyword: word,
        nearest,
        expected: 'an option of bind lines',
      });
      return false;
    }
    noteLimited(line, i, word, 'bind', scope);
    const mistake = entry.status === 'later' ? '' : (entry.parse?.(line, i, bind, scope) ?? '');
    if (mistake !== '')
      line.alert(i, 'bad-option', wording.mistake(mistake), { keyword: word, expected: entry.syntax });
    if (mistake !== '' || !statusOf(line, i, entry, word, scope)) good = false;
    i += 1 + entry.args;
  }
  return good;
}

export function parseBind(line: Line, px: ProxyConf, scope: Scope): void {
  if ((px.caps & PR_CAP_DEF) !== 0) {
    line.alert(0, 'wrong-section', `'bind' not allowed in 'defaults' section.`);
    return;
  }
  if (ignoredHere(line, px, PR_CAP_FE)) return;
  if (line.arg(1) === '') {
    const text = `'bind' expects {<path>|[addr1]:port1[-end1]}{,[addr]:port[-end]}... as arguments.`;
    line.alert(1, 'missing-argument', text);
    return;
  }
  const addresses = readAddresses(line, 1, 'bind', scope);
  const lead = `'bind ${clip(line.arg(1))}' in section '${px.kind}'`;
  const wording: BindWording = {
    mistake: (text) => `${lead} : ${text}`,
    unknown: (word, nearest) => `${lead}: unknown keyword '${word}'${didYouMean(nearest) || '.'}`,
  };
  const model = newBind(line.pos(0));
  applyUnixBind(model, addresses, scope.config.global);
  const good = readOptions(line, 2, model, scope, wording);
  if (addresses === null || !good) return;
  const sockets = addresses.reduce((n, a) => n + a.portHigh - a.portLow + 1, 0);
  if (model.id !== 0) {
    if (sockets > 1) {
      const at = line.words.findIndex((w, i) => i >= 2 && w.text === 'id');
      line.alert(at, 'bad-option', wording.mistake(`'id' can only be used with a single socket`), {
        keyword: 'id',
      });
      return;
    }
    const other = px.binds.find((b) => b.id === model.id);
    if (other !== undefined) {
      const at = line.words.findIndex((w, i) => i >= 2 && w.text === 'id');
      const where = `${other.position.file}:${other.position.line} ('bind ${addressText(other.address)}')`;
      const text = wording.mistake(`'id' : custom id ${model.id} already used at ${where}`);
      line.alert(at, 'duplicate-id', text, { keyword: 'id' });
      return;
    }
  }
  expand(model, addresses, (b) => px.binds.push(b));
}

/** `unix-bind` of the global section, for UNIX sockets. */
function applyUnixBind(model: BindConf, addresses: ParsedAddress[] | null, global: GlobalConf): void {
  if (addresses === null || addresses.every((a) => a.address.family !== 'unix')) return;
  const { mode, user, group, uid, gid } = global.unixBind;
  Object.assign(model, { mode, user, group, uid, gid });
}

function expand(model: BindConf, addresses: readonly ParsedAddress[], put: (b: BindConf) => void): void {
  for (const a of addresses) {
    for (let port = a.portLow; port <= a.portHigh; port++) put({ ...model, address: { ...a.address, port } });
  }
}

/** An address as one would write it. */
export function addressText(a: AddressConf): string {
  switch (a.family) {
    case 'unix':
      return a.path;
    case 'abns':
      return `abns@${a.path}`;
    case 'fd':
      return `fd@${a.fd}`;
    case 'sockpair':
      return `sockpair@${a.fd}`;
    default: {
      const host = a.host === '*' ? '' : a.host;
      return host.includes(':') && a.port === 0 ? `[${host}]` : a.port === 0 ? host : `${host}:${a.port}`;
    }
  }
}

export function parseStatsSocket(line: Line, global: GlobalConf, scope: Scope): void {
  if (line.arg(2) === '') {
    const text = `'stats socket' in global section expects an address or a path to a UNIX socket`;
    line.alert(2, 'missing-argument', text);
    return;
  }
  const addresses = readAddresses(line, 2, 'stats socket', scope);
  const model = newBind(line.pos(0));
  applyUnixBind(model, addresses, global);
  const good = readOptions(line, 3, model, scope, {
    mistake: (text) => `'stats socket' : '${text}'`,
    unknown: (word, nearest) =>
      `'stats socket' : unknown keyword '${word}'.${nearest === '' ? '' : ` Did you mean '${nearest}' maybe ?`}`,
  });
  if (addresses === null || !good) return;
  expand(model, addresses, (bind) => global.statsSockets.push({ bind, position: bind.position }));
}

export function parseStatsTimeout(line: Line, global: GlobalConf): void {
  const t = readTime(line.arg(2));
  if (!t.ok) {
    const overflow = `timer overflow in argument '${clip(line.arg(2))}' to 'stats timeout' (maximum value is 2147483647 ms or ~24.8 days)`;
    const text = t.why === 'overflow' ? overflow : `'stats timeout' : unexpected character '${t.character}'`;
    line.alert(2, 'bad-time', text, { expected: 'a time' });
    return;
  }
  if (t.ms === 0) {
    line.alert(2, 'bad-time', `'stats timeout' expects a positive value`);
    return;
  }
  global.statsTimeoutMs = t.ms;
}

export function parseStatsMaxconn(line: Line, global: GlobalConf): void {
  const n = /^\d+/.test(line.arg(2)) ? line.int(2) : 0;
  if (n <= 0) {
    line.alert(2, 'bad-number', `'stats maxconn' expects a positive value`);
    return;
  }
  global.statsMaxconn = n;
}
