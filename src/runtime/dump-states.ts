// SIGHUP: the states of all servers and proxies, to their logs and to stderr (management manual 4).
import { LOG_NOTICE } from '../observe/log/words.js';
import { CNT_QCUR, CNT_SCUR, CNT_STOT } from '../proxy/counters.js';
import type { Proxy } from '../proxy/proxy.js';
import type { Instance } from './instance.js';

function conns(px: Proxy): string {
  const fe = px.fe.v;
  const be = px.be.v;
  const waiting = be[CNT_QCUR]! + px.servers.reduce((n, s) => n + s.queue.length, 0);
  const active = `${fe[CNT_SCUR]!}+${be[CNT_SCUR]!}, ${waiting} pend (${be[CNT_QCUR]!} unass)`;
  return `Conn: act(FE+BE): ${active}, tot(FE+BE): ${fe[CNT_STOT]!}+${be[CNT_STOT]!}.`;
}

function proxyText(px: Proxy): string {
  const active = px.servers.filter((s) => s.usable && !s.backup).length;
  const backup = px.servers.filter((s) => s.usable && s.backup).length;
  const who = `SIGHUP: Proxy ${px.name}`;
  if (px.servers.length === 0) return `${who} has no servers. ${conns(px)}`;
  if (active + backup === 0) return `${who} has no server available ! ${conns(px)}`;
  if (active === 0) return `${who} is running on backup servers ! ${conns(px)}`;
  return `${who} has ${active} active servers and ${backup} backup servers available. ${conns(px)}`;
}

/** Sends the lines to the logs; returns those of stderr. */
export function dumpStates(instance: Instance): string[] {
  const lines = ['SIGHUP received, dumping servers states.'];
  for (const px of instance.proxies) {
    const own = px.servers.map((s) => {
      const v = s.counters.v;
      const state = `Conn: ${v[CNT_SCUR]!} act, ${s.queue.length} pend, ${v[CNT_STOT]!} tot.`;
      return `SIGHUP: Server ${px.name}/${s.name} is ${s.inMaint ? 'DOWN' : 'UP'}. ${state}`;
    });
    own.push(proxyText(px));
    px.log?.say(LOG_NOTICE, `SIGHUP received, dumping servers states for proxy ${px.name}.`);
    for (const text of own) px.log?.say(LOG_NOTICE, text);
    lines.push(...own);
  }
  return lines;
}
