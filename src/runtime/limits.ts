// Limits that follow from the system's: connections from descriptors, pipes from connections.
import { readFileSync } from 'node:fs';
import { countListeners } from '../config/print-haproxy.js';
import type { Configuration, GlobalConf } from '../config/types.js';

const SPARE_FDS = 100; // libuv, epoll, listeners, logs, stats sockets
const BUILT_IN_MAXCONN = 2000; // where the system says nothing
const COMPUTED_MAX = 1_000_000; // descriptors may be unlimited; memory is not

/** Soft limit of open descriptors, -1 where the system does not tell (node raises it to the hard one at start). */
export function descriptorLimit(): number {
  try {
    const m = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    if (m === null) return -1;
    return m[1] === 'unlimited' ? COMPUTED_MAX : Number(m[1]);
  } catch {
    return -1;
  }
}

/** Connections at a time: as configured, else what the descriptors allow, two for each and a quarter of them for pipes. */
export function computeMaxconn(global: GlobalConf): number {
  if (global.maxconn !== 0) return global.maxconn;
  const allowed = global.ulimitN !== 0 ? global.ulimitN : descriptorLimit();
  if (allowed < 0) return BUILT_IN_MAXCONN;
  const limit = global.fdHardLimit !== 0 ? Math.min(allowed, global.fdHardLimit) : allowed;
  return Math.max(1, Math.min(COMPUTED_MAX, Math.floor((limit - SPARE_FDS) / 2)));
}

/** Pipes at most: as configured, else a quarter of the connections where splicing is asked for (manual 3.2 "maxpipes"). */
export function computeMaxpipes(config: Configuration, maxconn: number): number {
  if (config.global.maxpipes !== 0) return config.global.maxpipes;
  const wanted = config.proxies.some(
    (p) => p.options.spliceAuto || p.options.spliceRequest || p.options.spliceResponse,
  );
  return wanted ? Math.max(1, Math.floor(maxconn / 4)) : 0;
}

const OWN_FDS = 16; // as the reference counts: pollers, logs, standard input and outputs

/** Descriptors that the configuration may need at a time: two for each connection and pipe, one for each listener. */
export function descriptorsNeeded(config: Configuration): number {
  const maxconn = computeMaxconn(config.global);
  return 2 * maxconn + 2 * computeMaxpipes(config, maxconn) + countListeners({ config }) + OWN_FDS;
}
