// `fullconn` of backends that don't say it (configuration manual 4.2): a tenth of what the frontends let in that lead there.
import type { Proxy } from './proxy.js';

const PART = 10;

/** Fills `fullconn` of every backend where it is not set. `targets`: the backends that a frontend may branch to. */
export function setFullconn(proxies: readonly Proxy[], targets: (fe: Proxy) => Iterable<Proxy>): void {
  const sums = new Map<Proxy, number>();
  for (const fe of proxies) {
    if (!fe.isFrontend || fe.disabled) continue;
    for (const be of new Set(targets(fe))) sums.set(be, (sums.get(be) ?? 0) + fe.limit.max);
  }
  for (const px of proxies) {
    if (px.isBackend && px.conf.fullconn === 0) px.fullconn = Math.max(1, Math.ceil((sums.get(px) ?? 0) / PART));
  }
}
