// From the rules of the configuration to those of a live proxy.
import type { ProxyConf } from '../../config/types.js';
import type { Proxy } from '../../proxy/proxy.js';
import type { ProxyRules, Rule, TcpRules } from './types.js';

/** The rules of `px`, null where it has none. `proxyOf` gives the live proxy of a configured one; servers are there already. */
export function liveRules(px: Proxy, proxyOf: (conf: ProxyConf) => Proxy | null): ProxyRules | null {
  const { conf } = px;
  const { tcpRules: own, defaultTcpRules: first } = conf;
  const both = (which: keyof TcpRules): Rule[] => [
    ...((first?.[which] ?? []) as readonly Rule[]),
    ...(own[which] as readonly Rule[]),
  ];
  const rules: ProxyRules = {
    reqConnection: px.isFrontend ? both('reqConnection') : [],
    reqSession: px.isFrontend ? both('reqSession') : [],
    reqContent: both('reqContent'),
    resContent: px.isBackend ? both('resContent') : [],
    reqDelayMs: own.reqDelayMs,
    resDelayMs: own.resDelayMs,
    switching: conf.switching.map((r) => ({
      cond: r.cond,
      proxy: r.proxy === null ? null : proxyOf(r.proxy),
      format: r.format,
    })),
    servers: conf.serverRules.map((r) => ({
      cond: r.cond,
      server: r.format === null ? (px.servers.find((x) => x.name === r.name) ?? null) : null,
      format: r.format,
    })),
    rdpCookie: conf.rdpCookie,
    persist: conf.persistRules,
  };
  const some =
    rules.reqConnection.length > 0 ||
    rules.reqSession.length > 0 ||
    rules.reqContent.length > 0 ||
    rules.resContent.length > 0 ||
    rules.switching.length > 0 ||
    rules.servers.length > 0 ||
    rules.rdpCookie !== null ||
    rules.persist.length > 0;
  return some ? rules : null;
}
