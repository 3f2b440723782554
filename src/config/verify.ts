// What is checked once everything is known: the reference's warnings about what is missing, and what cannot work together.

import { addressText } from './keywords/bind.js';
import { verifyHttpUses } from './keywords/http-use.js';
import { verifyBalance } from './keywords/balance.js';
import { verifyServersHttp } from './keywords/server-http.js';
import { proxyTypeName } from './keywords/sides.js';
import type { Reports } from './reports.js';
import { verifyRules } from './verify-rules.js';
import { type Configuration, PR_CAP_BE, PR_CAP_FE, type Position, type ProxyConf, type ProtoName } from './types.js';

const TIMEOUT_ADVICE = [
  'While not properly invalid, you will certainly encounter various problems',
  'with such a configuration. To fix this, please ensure that all following',
  `timeouts are set to a non-zero value: 'client', 'connect', 'server'.`,
]
  .map((l) => `\n   | ${l}`)
  .join('');

export function verifyConfiguration(config: Configuration, reports: Reports): void {
  const used = new Set<ProxyConf>();
  for (const px of config.proxies) {
    if (px.defaultBackend?.proxy) used.add(px.defaultBackend.proxy);
    for (const r of px.switching) if (r.proxy !== null) used.add(r.proxy);
  }
  // A name that is made at run time may be any.
  const made = config.proxies.some((px) => px.switching.some((r) => r.format !== null));
  for (const px of config.proxies) {
    if (px.disabled) continue;
    verifyProtos(px, reports);
    const balance = verifyBalance(px);
    if (balance !== '')
      reports.add('warning', 'needs-http', balance, px.position, { form: 'bare', keyword: 'balance' });
    verifyHttpUses(px, reports);
    verifyServersHttp(px, reports);
    verifyListeners(px, reports);
    verifyFastOpen(px, reports);
    verifyLogs(px, config, reports);
    verifyTimeouts(px, reports);
    verifyRules(px, reports);
    if (px.kind === 'backend' && !made && !used.has(px)) {
      const text = `backend '${px.name}' is used by no frontend`;
      reports.add('notice', 'unused', text, px.position, { keyword: 'backend' });
    }
  }
  for (const ring of config.rings) {
    if (ring.maxlen > ring.sizeBytes) {
      const text = `ring '${ring.name}' event max length '${ring.maxlen}' exceeds size, forced to size '${ring.sizeBytes}'.`;
      reports.add('warning', 'bad-number', text, ring.position, { form: 'bare', keyword: 'maxlen' });
      ring.maxlen = ring.sizeBytes;
    }
    if (ring.px.servers.length > 0) verifyTimeouts(ring.px, reports);
  }
  const { tune } = config.global;
  // As the reference does it: more than half of a buffer is never kept free.
  if (tune.maxrewrite >= tune.bufsize / 2) tune.maxrewrite = Math.floor(tune.bufsize / 2);
}

function verifyProtos(px: ProxyConf, reports: Reports): void {
  const usable = (proto: ProtoName): boolean => proto === '' || (proto === 'none') === (px.mode === 'tcp');
  const report = (proto: ProtoName, what: string, position: Position): void => {
    const where = `[${position.file}:${position.line}]`;
    const text = `${proxyTypeName(px)} '${px.name}' : MUX protocol '${proto}' is not usable for ${what} at ${where}.`;
    reports.add('alert', 'bad-proto', text, position, { form: 'bare', keyword: 'proto' });
  };
  for (const b of px.binds) {
    if (!usable(b.proto)) report(b.proto, `'bind ${addressText(b.address)}'`, b.position);
  }
  for (const s of px.servers) {
    if (!usable(s.proto)) report(s.proto, `server '${s.name}'`, s.position);
  }
}

function verifyListeners(px: ProxyConf, reports: Reports): void {
  if ((px.caps & PR_CAP_FE) === 0 || px.binds.length > 0) return;
  const who = `${proxyTypeName(px)} '${px.name}'`;
  const text = `${who} has no 'bind' directive. Please declare it as a backend if this was intended.`;
  reports.add('warning', 'no-bind', text, px.position, { form: 'bare', keyword: px.kind });
}

/** Data that went with a SYN are not sent again by themselves: `retry-on`, which would, is of mode http. */
function verifyFastOpen(px: ProxyConf, reports: Reports): void {
  for (const s of px.servers) {
    if (!s.tfo) continue;
    const why = `or we wouldn't be able to retry the connection on failure.`;
    const text = `'server ${px.name}/${s.name}' : server has tfo activated, the backend should be configured with at least 'conn-failure', 'empty-response' and 'response-timeout' ${why}`;
    reports.add('warning', 'tfo', text, s.position, { form: 'bracket', keyword: 'tfo' });
  }
}

function verifyLogs(px: ProxyConf, config: Configuration, reports: Reports): void {
  if ((px.caps & PR_CAP_FE) === 0 || (px.logFormat === null && px.logFormatSd === null && !px.options.tcplog)) return;
  if (px.logs.some((l) => !l.global || config.global.logs.length > 0)) return;
  const text = `log format ignored for ${proxyTypeName(px)} '${px.name}' since it has no log address.`;
  reports.add('warning', 'no-log-target', text, px.position, {
    form: 'bare',
    keyword: 'log-format',
    expected: "a 'log' line",
  });
}

function verifyTimeouts(px: ProxyConf, reports: Reports): void {
  const t = px.timeouts;
  const missing: string[] = [];
  if ((px.caps & PR_CAP_FE) !== 0 && t.client === 0) missing.push("'timeout client'");
  if ((px.caps & PR_CAP_BE) !== 0 && px.servers.length > 0) {
    if (t.connect === 0) missing.push("'timeout connect'");
    if (t.server === 0) missing.push("'timeout server'");
  }
  if (missing.length === 0) return;
  reports.add('warning', 'missing-timeout', `missing timeouts for ${proxyTypeName(px)} '${px.name}'.`, px.position, {
    form: 'bare',
    tail: TIMEOUT_ADVICE,
    keyword: 'timeout',
    expected: missing.join(', '),
  });
}
