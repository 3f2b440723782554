// Names in rules: backends of `use_backend`, servers of `use-server`.

import { nearestWord } from '../base/nearest.js';
import { proxyTypeName } from './keywords/sides.js';
import type { Reports } from './reports.js';
import type { ProxyConf } from './types.js';

/** Names beyond which nobody searches for one that is near. */
const NEAREST_MAX = 2000;

export function resolveRules(px: ProxyConf, backends: ReadonlyMap<string, ProxyConf>, reports: Reports): void {
  for (const rule of px.switching) {
    if (rule.format !== null) continue;
    const target = backends.get(rule.name);
    if (target !== undefined && target !== px) {
      rule.proxy = target;
      continue;
    }
    const text =
      target === px
        ? `Proxy '${px.name}': loop detected for use_backend: '${rule.name}'.`
        : `Proxy '${px.name}': unable to find required use_backend: '${rule.name}'.`;
    reports.add('alert', target === px ? 'backend-loop' : 'unknown-backend', text, rule.position, {
      form: 'bare',
      keyword: 'use_backend',
      nearest: nearestWord(rule.name, backends.size <= NEAREST_MAX ? backends.keys() : []),
      expected: 'a backend or listen section',
    });
  }
  for (const rule of px.serverRules) {
    if (rule.format !== null || px.servers.some((s) => s.name === rule.name)) continue;
    const text = `${proxyTypeName(px)} '${px.name}' : unable to find server '${rule.name}' referenced in a 'use-server' rule.`;
    const names = px.servers.length <= NEAREST_MAX ? px.servers.map((s) => s.name) : [];
    reports.add('alert', 'unknown-server', text, rule.position, {
      form: 'bare',
      keyword: 'use-server',
      nearest: nearestWord(rule.name, names),
      expected: 'a server of this section',
    });
  }
}
