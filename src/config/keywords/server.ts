// `server` and `default-server` lines.

import { type AddressRules, parseAddress } from '../address.js';
import { newServer } from '../defaults.js';
import { noteLimited } from '../limits.js';
import type { Line } from '../line.js';
import { nearestWord } from '../nearest.js';
import { clip, didYouMean } from '../reports.js';
import type { Scope } from '../scope.js';
import type { ProxyConf, ServerConf } from '../types.js';
import { PR_CAP_BE, PR_CAP_DEF, notAllowed } from './sides.js';
import { statusOf } from './status.js';

const SERVER_RULES: AddressRules = {
  port: 'optional',
  range: false,
  offset: true,
  fd: false,
  type: 'stream',
  preferred: 'stream',
};

/** First character that names of proxies and servers may not have, '' for none. */
export function badNameCharacter(name: string): string {
  return /[^A-Za-z0-9_.:-]/u.exec(name)?.[0] ?? '';
}

export function parseServer(line: Line, px: ProxyConf, scope: Scope): void {
  if (notAllowed(line, px, PR_CAP_BE, 'bracket')) return;
  if (line.arg(1) === '' || line.arg(2) === '') {
    const text = `'server' expects <name> and <addr>[:<port>] as arguments.`;
    line.alert(line.count, 'missing-argument', text, { form: 'bracket' });
    return;
  }
  const name = line.arg(1);
  const bad = badNameCharacter(name);
  if (bad !== '') {
    const text = `character '${bad}' is not permitted in server name '${clip(name)}'.`;
    line.alert(1, 'bad-name', text, { form: 'bracket' });
    return;
  }
  const server = readServer(line, px, name, 2, scope);
  if (server === null) return;
  if (server.id !== 0) {
    const other = px.servers.find((s) => s.id === server.id);
    if (other !== undefined) {
      const at = line.words.findIndex((w, i) => i >= 3 && w.text === 'id');
      const where = `${other.position.file}:${other.position.line} ('server ${other.name}')`;
      const text = `'server ${px.name}/${name}' : 'id' : custom id ${server.id} already used at ${where}.`;
      line.alert(at, 'duplicate-id', text, { form: 'bracket', keyword: 'id' });
      return;
    }
  }
  px.servers.push(server);
}

/** A server of `px` with the address at word `at` and the options behind it; null when something is wrong. */
export function readServer(line: Line, px: ProxyConf, name: string, at: number, scope: Scope): ServerConf | null {
  const model = px.defaultServer;
  const server: ServerConf = model === null ? newServer(name, line.pos(0)) : { ...model, name, position: line.pos(0) };
  const lead = `'server ${px.name}/${name}'`;
  const addressed = readServerAddress(line, at, server, lead, scope);
  return readServerOptions(line, at + 1, server, lead, scope) && addressed ? server : null;
}

function readServerAddress(line: Line, at: number, server: ServerConf, lead: string, scope: Scope): boolean {
  const r = parseAddress(line.arg(at), { ...SERVER_RULES, env: scope.envOf });
  if (!r.ok) {
    line.alert(at, r.code === 'port' ? 'bad-port' : 'bad-address', `${lead} : ${r.message}`, {
      form: 'bracket',
      expected: 'an address, with a port or without',
    });
    return false;
  }
  const { address, offset, isOffset, hasPort, ignored } = r.parsed;
  if (address.family === 'sockpair') {
    line.alert(at, 'not-yet', `'sockpair@' is known to HAProxy, but not in sluice yet`, { keyword: 'sockpair@' });
    return false;
  }
  if (address.family === 'abns') noteLimited(line, at, 'abns@', 'server', scope);
  if (ignored !== '') line.notice(at, 'ignored-characters', `'${clip(ignored)}' after the port number is ignored`);
  server.address = address;
  server.portOffset = offset;
  // No port, or an offset: the port the client came to counts.
  server.mapPorts =
    (address.family === 'ipv4' || address.family === 'ipv6') && (isOffset || !hasPort || address.port === 0);
  return true;
}

function readServerOptions(line: Line, from: number, server: ServerConf, lead: string, scope: Scope): boolean {
  const table = scope.index.server;
  const isDefault = line.arg(0) === 'default-server';
  const prefix = lead === '' ? '' : `${lead} : `;
  let good = true;
  for (let i = from; i < line.count;) {
    const word = line.arg(i);
    const entry = table.find(word, '');
    if (entry === undefined) {
      const nearest = nearestWord(word, table.firstWords());
      const end =
        nearest === ''
          ? isDefault && i === from && /[.:]/.test(word)
            ? '. Hint: no address was expected for this server.'
            : '.'
          : didYouMean(nearest);
      line.alert(i, 'unknown-option', `${prefix}unknown keyword '${clip(word)}'${end}`, {
        form: 'bracket',
        keyword: word,
        nearest,
        expected: 'an option of server lines',
      });
      return false;
    }
    if (isDefault && word === 'id') {
      line.alert(i, 'bad-option', `'id' option is not accepted in default-server sections`, {
        form: 'bracket',
        keyword: word,
      });
      good = false;
    }
    noteLimited(line, i, word, 'server', scope);
    const words = entry.args >= 0 ? entry.args : (entry.count?.(line, i) ?? 0);
    const mistake = entry.status === 'later' ? '' : (entry.parse?.(line, i, server, scope) ?? '');
    if (mistake !== '') {
      line.alert(i, 'bad-option', `${prefix}${mistake}.`, { form: 'bracket', keyword: word, expected: entry.syntax });
      good = false;
    } else if (!statusOf(line, i, entry, word, scope)) good = false;
    i += 1 + words;
  }
  return good;
}

export function parseDefaultServer(line: Line, px: ProxyConf, scope: Scope): void {
  if ((px.caps & PR_CAP_DEF) === 0 && notAllowed(line, px, PR_CAP_BE, 'bracket')) return;
  const model = px.defaultServer === null ? newServer('', line.pos(0)) : { ...px.defaultServer };
  if (readServerOptions(line, 1, model, '', scope)) px.defaultServer = model;
}
