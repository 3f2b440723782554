// Arguments that only the whole configuration can answer: names of proxies and servers, regular expressions. The messages are the
// reference's.
import { nearestWord } from '../../base/nearest.js';
import { regexCompile } from '../../base/regex.js';
import type { ProxyConf } from '../../config/types.js';
import { textOf } from './binary.js';
import type { RegexArg } from './conv-regex.js';
import { ARG_BE, ARG_FE, ARG_REGEX, ARG_SINK, ARG_SRV, ARG_TABLE, ARG_USERLIST, type Unresolved } from './types.js';

/** Frontends and backends of the configuration by name (the first of a name), and the rings. */
export interface ProxyNames {
  readonly frontends: ReadonlyMap<string, ProxyConf>;
  readonly backends: ReadonlyMap<string, ProxyConf>;
  readonly rings: ReadonlySet<string>;
}

/** Sinks that are there without a `ring` section. */
const OWN_SINKS: readonly string[] = ['stdout', 'stderr', 'buf0'];

/** How a report differs from a mistake of a name: it is a warning; it is one of the keyword with this argument. */
export type ArgReportKind = 'warning' | 'keyword';

/** A mistake, or something to be warned of: kind, text, nearest name. */
export type ArgReport = (u: Unresolved, code: string, message: string, nearest: string, kind?: ArgReportKind) => void;

const NAMES_MAX = 2000; // beyond that no nearest name is looked for

export function resolveSampleArgs(list: readonly Unresolved[], names: ProxyNames, report: ArgReport): void {
  for (const u of list) {
    const { kind } = u.arg;
    if (u.warning !== '') report(u, 'unused-argument', u.warning, '', 'warning');
    if (kind === ARG_FE) resolveProxy(u, 'frontend', names.frontends, report);
    else if (kind === ARG_BE) resolveProxy(u, 'backend', names.backends, report);
    else if (kind === ARG_SRV) resolveServer(u, names, report);
    else if (kind === ARG_REGEX) resolveRegex(u, report);
    else if (kind === ARG_TABLE) unknown(u, 'table', report);
    else if (kind === ARG_USERLIST) unknown(u, 'userlist', report);
    else if (kind === ARG_SINK) resolveSink(u, names, report);
  }
}

function inProxy(u: Unresolved): string {
  return `${u.where} in proxy '${u.px?.name ?? 'CFG'}'`;
}

function nearest(name: string, known: ReadonlyMap<string, unknown>): string {
  return nearestWord(name, known.size <= NAMES_MAX ? known.keys() : []);
}

function unknown(u: Unresolved, what: string, report: ArgReport): void {
  report(u, `unknown-${what}`, `unable to find ${what} '${textOf(u.arg.str)}' referenced in ${inProxy(u)}.`, '');
}

function resolveProxy(
  u: Unresolved,
  what: 'frontend' | 'backend',
  known: ReadonlyMap<string, ProxyConf>,
  report: ArgReport,
): void {
  const name = textOf(u.arg.str);
  if (name !== '') {
    u.arg.proxy = known.get(name) ?? null;
    if (u.arg.proxy !== null) return;
    const text = `unable to find ${what} '${name}' referenced in ${inProxy(u)}.`;
    report(u, `unknown-${what}`, text, nearest(name, known));
    return;
  }
  const own = u.px?.name ?? 'CFG';
  if (u.px !== null && known.get(own) === u.px) {
    u.arg.proxy = u.px;
    return;
  }
  report(u, 'no-capability', `proxy '${own}', referenced in ${inProxy(u)}, has not ${what} capability.`, '');
}

function resolveServer(u: Unresolved, names: ProxyNames, report: ArgReport): void {
  const text = textOf(u.arg.str);
  if (text === '') {
    report(u, 'missing-server', `missing server name in ${inProxy(u)}.`, '');
    return;
  }
  const slash = text.indexOf('/');
  let px = u.px;
  if (slash >= 0) {
    const name = text.slice(0, slash);
    px = names.backends.get(name) ?? null;
    if (px === null) {
      const message = `unable to find proxy '${name}' referenced in ${inProxy(u)}.`;
      report(u, 'unknown-backend', message, nearest(name, names.backends));
      return;
    }
  }
  const name = text.slice(slash + 1);
  const server = px?.servers.find((s) => s.name === name) ?? null;
  if (server !== null) {
    u.arg.proxy = px;
    u.arg.server = server;
    return;
  }
  const servers = px === null || px.servers.length > NAMES_MAX ? [] : px.servers.map((s) => s.name);
  const message = `unable to find server '${name}' in proxy '${px?.name ?? 'CFG'}', referenced in ${inProxy(u)}.`;
  report(u, 'unknown-server', message, nearestWord(name, servers));
}

function resolveSink(u: Unresolved, { rings }: ProxyNames, report: ArgReport): void {
  const name = textOf(u.arg.str);
  if (rings.has(name) || OWN_SINKS.includes(name)) return;
  const text = `invalid args in converter 'debug' : No such sink '${name}'`;
  report(u, 'unknown-sink', text, nearestWord(name, [...rings, ...OWN_SINKS]), 'keyword');
}

function resolveRegex(u: Unresolved, report: ArgReport): void {
  const source = u.arg.str;
  if (source === '') {
    report(u, 'missing-regex', `missing regex in ${inProxy(u)}.`, '');
    return;
  }
  const ready = u.arg.ready as RegexArg;
  const compiled = regexCompile(source, ready.icase, true);
  if (compiled.re !== null) {
    const { re } = compiled;
    ready.re = ready.global ? new RegExp(re.source, `${re.flags}g`) : re;
    return;
  }
  const { message, offset, refused } = compiled.error;
  const text = textOf(source);
  const what = refused
    ? `regex '${text}' is refused at offset ${offset}: ${message}; start it with (*LIMIT_MATCH=1000) to run it on the backtracking engine`
    : `regex '${text}' is invalid (error=${message}, erroffset=${offset})`;
  const code = refused ? 'regex-refused' : 'bad-regex';
  report(u, code, `error in regex '${text}' in ${inProxy(u)} : ${what}.`, '');
}
