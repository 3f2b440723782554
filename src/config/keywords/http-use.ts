// Words that mean something in `mode http` alone. Until sluice has that mode they are read, checked as far as one line can
// be, and remembered: in a tcp proxy the reference ignores them, with a warning or in silence, and so do we; in an http one
// they are not there yet. Which of the two is known when the section ends, for `mode` may come late.

import type { Line } from '../line.js';
import type { Reports } from '../reports.js';
import { type HttpUse, type HttpUseKind, PR_CAP_BE, PR_CAP_DEF, PR_CAP_FE, type ProxyConf } from '../types.js';
import { proxyTypeName } from './sides.js';

function notYet(name: string): string {
  return `'${name}' is known to HAProxy, but not in sluice yet`;
}

/**
 * Remembers the word at `at` of the line. `name` is what the messages call it, `keyword` what people write; `caps`: the
 * sides that have it, for what a defaults section hands down.
 */
export function noteHttp(
  line: Line,
  px: ProxyConf,
  kind: HttpUseKind,
  name: string,
  keyword: string = name,
  caps: number = PR_CAP_FE | PR_CAP_BE,
): void {
  const reported = px.mode === 'http';
  const at = keyword.includes(' ') ? 0 : line.words.findIndex((w) => w.text === keyword);
  const place = Math.max(0, at);
  if (reported) line.alert(place, 'not-yet', notYet(keyword), { keyword });
  px.httpUses.push({ kind, name, keyword, caps, position: line.pos(place), reported, own: true, final: false });
}

/** `no option x`: what was said before does not count any more. */
export function forgetHttp(px: ProxyConf, keyword: string): void {
  px.httpUses = px.httpUses.filter((u) => u.keyword !== keyword);
}

/** What a proxy gets from its defaults section. */
export function inheritHttp(uses: readonly HttpUse[], caps: number): HttpUse[] {
  return uses.filter((u) => (u.caps & caps) !== 0).map((u) => ({ ...u, own: false }));
}

/** At the end of a section: in mode http its words are errors, the ones in front of the `mode` line too. */
export function httpSectionEnds(px: ProxyConf, reports: Reports): void {
  if (px.mode !== 'http') return;
  for (const u of px.httpUses) {
    if (u.reported || !u.own) continue;
    reports.add('alert', 'not-yet', notYet(u.keyword), u.position, { keyword: u.keyword });
  }
}

/** The reference's warnings for a tcp proxy, one for each word. */
export function verifyHttpUses(px: ProxyConf, reports: Reports): void {
  if (px.mode !== 'tcp' || (px.caps & PR_CAP_DEF) !== 0) return;
  const who = `${proxyTypeName(px)} '${px.name}'`;
  const said = new Set<string>();
  for (const u of px.httpUses) {
    if (u.kind === 'log') px.options.tcplog = true;
    if (u.kind === 'silent' || said.has(u.name)) continue;
    said.add(u.name);
    const extra = { form: u.kind === 'log' ? 'parsing' : 'bare', keyword: u.keyword } as const;
    reports.add('warning', 'needs-http', ignoredText(u, who), u.position, extra);
  }
}

function ignoredText(u: HttpUse, who: string): string {
  switch (u.kind) {
    case 'rules':
      return `'${u.name}' rules ignored for ${who} as they require HTTP mode.`;
    case 'mode':
      return `${u.name} will be ignored for ${who} (needs 'mode http').`;
    case 'log':
      return `'${u.name}' not usable with ${who} (needs 'mode http'). Falling back to 'option tcplog'.`;
    default:
      return `'${u.name}' ${u.kind === 'statement' ? 'statement ' : ''}ignored for ${who} as it requires HTTP mode.`;
  }
}
