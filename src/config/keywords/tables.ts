// The keyword tables of the parser, in one place: what `sluice doc` and the reference pages are made of.

import type { KeywordTables } from '../keyword.js';
import { bindKeywords } from './bind-options.js';
import { globalKeywords, statsGroup } from './global.js';
import { httpLineGroups } from './http-lines.js';
import { proxyStatsGroup } from './http-stats.js';
import { optionGroup } from './options.js';
import { declareGroup } from './capture.js';
import { proxyKeywords } from './proxy.js';
import { rateLimitGroup } from './switching.js';
import { tcpRuleGroups } from './tcp-rules.js';
import { serverKeywords } from './server-options.js';
import { timeoutGroup } from './timeouts.js';

export const keywordTables: KeywordTables = {
  global: globalKeywords,
  proxy: proxyKeywords,
  globalGroups: [statsGroup],
  proxyGroups: [
    timeoutGroup,
    optionGroup,
    rateLimitGroup,
    declareGroup,
    ...tcpRuleGroups,
    proxyStatsGroup,
    ...httpLineGroups,
  ],
  bind: bindKeywords,
  server: serverKeywords,
  laterSections: [
    'cache',
    'fcgi-app',
    'http-errors',
    'log-forward',
    'mailers',
    'namespace_list',
    'peers',
    'program',
    'resolvers',
    'userlist',
  ],
};

/** The tables of a program that stays in the foreground (`-d`, `-db`): `daemon` is accepted, for it has no effect then. */
export const foregroundTables: KeywordTables = {
  ...keywordTables,
  global: keywordTables.global.map((k) => (k.words === 'daemon' ? { ...k, status: 'implemented' } : k)),
};
