// What can be told of rules once all are read: the ones that are never reached, and ACLs that nobody names. Notices of ours.

import { isUnconditionalEnd } from '../policy/rules/parse-rule.js';
import type { Rule } from '../policy/rules/types.js';
import { proxyTypeName } from './keywords/sides.js';
import type { Reports } from './reports.js';
import type { ProxyConf } from './types.js';

export function verifyRules(px: ProxyConf, reports: Reports): void {
  const { tcpRules } = px;
  for (const { action } of tcpRules.reqDelayMs === 0 ? tcpRules.reqContent : []) {
    if (action.needsContents !== true) continue;
    const what = `a 'tcp-request ${action.name}' rule explicitly depending on request contents without any 'tcp-request inspect-delay' setting`;
    const text = `${proxyTypeName(px)} '${px.name}' : ${what}. This means that this rule will randomly find its contents. This can be fixed by setting the tcp-request inspect-delay.`;
    reports.add('warning', 'no-delay', text, px.position, { form: 'bare', keyword: 'tcp-request content' });
    break;
  }
  unreached(tcpRules.reqConnection, 'tcp-request connection', reports);
  unreached(tcpRules.reqSession, 'tcp-request session', reports);
  unreached(tcpRules.reqContent, 'tcp-request content', reports);
  unreached(tcpRules.resContent, 'tcp-response content', reports);
  const end = px.switching.findIndex((r) => r.cond === null);
  if (end >= 0 && end + 1 < px.switching.length) {
    const text = `never reached: the 'use_backend' at line ${px.switching[end]!.position.line} always applies`;
    reports.add('notice', 'unreachable', text, px.switching[end + 1]!.position, { keyword: 'use_backend' });
  }
  for (const acl of px.acls.values()) {
    if (acl.used) continue;
    reports.add('notice', 'unused', `acl '${acl.name}' is used by no rule`, acl.position, { keyword: 'acl' });
  }
}

function unreached(rules: readonly Rule[], words: string, reports: Reports): void {
  const end = rules.findIndex(isUnconditionalEnd);
  const next = rules[end + 1];
  if (end < 0 || next === undefined) return;
  const { action, position } = rules[end]!;
  const text = `never reached: the '${words} ${action.name}' at line ${position.line} always applies`;
  reports.add('notice', 'unreachable', text, next.position, { keyword: words });
}
