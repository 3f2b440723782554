// References between sections, and the numbers that are given out: what needs the whole configuration.

import { proxyTypeName } from './keywords/sides.js';
import { nearestWord } from './nearest.js';
import { resolveSampleArgs } from '../policy/sample/resolve-args.js';
import type { Reports } from './reports.js';
import { resolveRules } from './resolve-rules.js';
import { type Configuration, PR_CAP_BE, PR_CAP_FE, type ProxyConf } from './types.js';

/** Number of the first proxy: the process itself is 1 in the statistics. */
const FIRST_PROXY_ID = 2;

export function resolveConfiguration(config: Configuration, reports: Reports): void {
  giveIds(config.proxies, FIRST_PROXY_ID);
  const backends = new Map<string, ProxyConf>();
  for (const px of config.proxies) {
    giveIds(px.binds, 1);
    giveIds(px.servers, 1);
    if ((px.caps & PR_CAP_BE) !== 0 && !backends.has(px.name)) backends.set(px.name, px);
  }
  resolveArguments(config, backends, reports);
  for (const px of config.proxies) {
    checkServerNames(px, reports);
    if (px.disabled) continue;
    if ((px.caps & PR_CAP_FE) !== 0) resolveDefaultBackend(px, backends, reports);
    resolveRules(px, backends, reports);
  }
}

/** As the reference counts: each place uses up a number, taken ones are stepped over. */
function giveIds(list: readonly { id: number }[], first: number): void {
  const used = new Set<number>();
  for (const x of list) if (x.id !== 0) used.add(x.id);
  let next = first;
  for (const x of list) {
    if (x.id === 0) {
      while (used.has(next)) next++;
      x.id = next;
      used.add(next);
    }
    next++;
  }
}

/** Names and regular expressions in the arguments of sample expressions. */
function resolveArguments(config: Configuration, backends: ReadonlyMap<string, ProxyConf>, reports: Reports): void {
  const frontends = new Map<string, ProxyConf>();
  for (const px of config.proxies) {
    if ((px.caps & PR_CAP_FE) !== 0 && !frontends.has(px.name)) frontends.set(px.name, px);
  }
  const rings = new Set(config.rings.map((r) => r.name));
  for (const { sampleArgs } of [config.global, ...config.proxies]) {
    resolveSampleArgs(sampleArgs, { frontends, backends, rings }, (u, code, message, nearest, kind) => {
      const position = { file: u.file, line: u.line, column: u.column, length: u.length };
      if (kind === 'warning') reports.add('warning', code, message, position, { form: 'bare' });
      else reports.add('alert', code, message, position, { form: kind === 'keyword' ? 'parsing' : 'tight', nearest });
    });
  }
}

function checkServerNames(px: ProxyConf, reports: Reports): void {
  const byName = new Map<string, number>();
  for (const s of px.servers) {
    const line = byName.get(s.name);
    if (line === undefined) {
      byName.set(s.name, s.position.line);
      continue;
    }
    const text = `${proxyTypeName(px)} '${px.name}', another server named '${s.name}' was already defined at line ${line}, please use distinct names.`;
    reports.add('alert', 'duplicate-name', text, s.position, { keyword: 'server' });
  }
}

function resolveDefaultBackend(px: ProxyConf, backends: ReadonlyMap<string, ProxyConf>, reports: Reports): void {
  const wanted = px.defaultBackend;
  if (wanted === null) return;
  const report = (code: string, message: string, nearest = ''): void => {
    reports.add('alert', code, message, wanted.position, {
      form: 'bare',
      keyword: 'default_backend',
      nearest,
      expected: 'a backend or listen section',
    });
  };
  const target = backends.get(wanted.name);
  if (target === undefined) {
    const nearest = nearestWord(wanted.name, backends.size <= 2000 ? backends.keys() : []);
    report(
      'unknown-backend',
      `Proxy '${px.name}': unable to find required default_backend: '${wanted.name}'.`,
      nearest,
    );
    return;
  }
  if (target === px) {
    report('backend-loop', `Proxy '${px.name}': loop detected for default_backend: '${wanted.name}'.`);
    return;
  }
  if (target.mode !== px.mode) {
    const at = (p: ProxyConf): string => `(${p.position.file}:${p.position.line})`;
    const back = `incompatible ${target.mode} ${proxyTypeName(target)} '${target.name}' ${at(target)}`;
    const text = `${px.mode} ${proxyTypeName(px)} '${px.name}' ${at(px)} tries to use ${back} as its default backend (see 'mode').`;
    report('mode-mismatch', text);
    return;
  }
  wanted.proxy = target;
}
