// Which servers take part: the usable ones; when none is, the first usable backup, or all of them with `option allbackups`.
import type { Proxy } from '../proxy.js';
import type { Server } from '../server.js';

export function lbEligible(proxy: Proxy): Server[] {
  const active = proxy.servers.filter((s) => s.usable && !s.backup);
  if (active.length > 0) return active;
  const backups = proxy.servers.filter((s) => s.usable && s.backup);
  return proxy.conf.options.allbackups ? backups : backups.slice(0, 1);
}
