// Host names become addresses before the start, as the reference resolves them: all names, once, errors together.

import { lookup } from 'node:dns/promises';
import { ipv4Bytes, ipv6Bytes } from './address.js';
import { addressText } from './keywords/bind.js';
import { Reports } from './reports.js';
import { asksResolver, initAddress } from './init-addr.js';
import type { AddressConf, Configuration, Position, ProxyConf, Report, ServerConf, SourceConf } from './types.js';

/** Address text of a name (any family unless 4 or 6 is asked for); rejects when there is none. */
export type HostLookup = (name: string, family: 0 | 4 | 6) => Promise<{ address: string; family: number }>;

const systemLookup: HostLookup = (name, family) => lookup(name, { family });

interface Wanted {
  readonly address: AddressConf;
  readonly position: Position;
  readonly failed: (reports: Reports) => void;
}

/** Questions asked at the same time. */
const AT_ONCE = 16;

/**
 * Fills in `ip` (and the family) of all addresses that are names, in place. Disabled proxies are left out. IPv4 is
 * preferred where a name has both, as the system's resolver orders them. Returns the reports of what failed.
 */
export async function resolveHosts(config: Configuration, ask: HostLookup = systemLookup): Promise<readonly Report[]> {
  const reports = new Reports();
  const wanted = collect(config, reports);
  const names = new Map<string, Promise<{ address: string; family: number } | null>>();
  const keys = [...new Set(wanted.map((w) => keyOf(w.address)))];
  for (let i = 0; i < keys.length; i += AT_ONCE) {
    const part = keys.slice(i, i + AT_ONCE);
    for (const key of part) {
      const [family, name] = [Number(key.slice(0, 1)), key.slice(2)];
      names.set(
        key,
        ask(name, family === 6 ? 6 : 0).catch(() => null),
      );
    }
    for (const key of part) await names.get(key);
  }
  for (const w of wanted) {
    const found = (await names.get(keyOf(w.address))) ?? null;
    if (found === null) {
      w.failed(reports);
      continue;
    }
    w.address.family = found.family === 6 ? 'ipv6' : 'ipv4';
    w.address.ip = found.family === 6 ? ipv6Bytes(found.address) : ipv4Bytes(found.address);
  }
  return reports.list;
}

function keyOf(a: AddressConf): string {
  return `${a.family === 'ipv6' ? 6 : 0} ${a.host}`;
}

function isName(a: AddressConf): boolean {
  return (a.family === 'ipv4' || a.family === 'ipv6') && a.ip === null;
}

/** What the resolver is asked; `early` takes the reports of those that can be told without. */
function collect(config: Configuration, early: Reports): Wanted[] {
  const list: Wanted[] = [];
  const want = (address: AddressConf, position: Position, failed: Wanted['failed']): void => {
    if (isName(address)) list.push({ address, position, failed });
  };
  const invalid = (what: string, address: AddressConf, position: Position): Wanted['failed'] => {
    const text = `${what} : invalid address: '${address.host}' in '${addressText(address)}'`;
    return (reports) => {
      reports.add('alert', 'unresolved', text, position, { keyword: what });
    };
  };
  const wantServer = (px: ProxyConf, s: ServerConf): void => {
    const lead = `'server ${px.name}/${s.name}' : could not resolve address '${s.address.host}'`;
    const settle = (reports: Reports, failed: boolean): void => {
      const found = initAddress(s, failed);
      s.unresolved = found === 'none';
      const report = { form: 'bracket', keyword: 'server' } as const;
      if (found === 'fail') reports.add('alert', 'unresolved', `${lead}.`, s.position, report);
      else if (found === 'address' && failed) {
        reports.add('warning', 'unresolved', `${lead}, falling back to configured address.`, s.position, report);
      }
    };
    if (asksResolver(s)) list.push({ address: s.address, position: s.position, failed: (r) => settle(r, true) });
    else settle(early, false);
  };
  const source = (s: SourceConf | null): void => {
    if (s === null) return;
    want(s.address, s.position, invalid(`'source ${s.address.host}'`, s.address, s.position));
    if (s.usesrcAddress !== null) {
      want(s.usesrcAddress, s.position, invalid(`'usesrc ${s.usesrcAddress.host}'`, s.usesrcAddress, s.position));
    }
  };
  for (const s of config.global.statsSockets) {
    want(s.bind.address, s.position, invalid(`'stats socket'`, s.bind.address, s.position));
  }
  for (const log of [...config.global.logs, ...config.proxies.flatMap((px) => px.logs)]) {
    if (log.address !== null) want(log.address, log.position, invalid('log', log.address, log.position));
  }
  for (const r of config.rings) for (const s of r.px.servers) if (isName(s.address)) wantServer(r.px, s);
  for (const px of config.proxies) {
    if (px.disabled) continue;
    for (const b of px.binds) want(b.address, b.position, invalid(`'bind'`, b.address, b.position));
    source(px.source);
    for (const s of px.servers) {
      source(s.source);
      if (s.socks4 !== null) {
        const { host } = s.socks4;
        want(s.socks4, s.position, invalid(`'server ${px.name}/${s.name}' : 'socks4 ${host}'`, s.socks4, s.position));
      }
      if (isName(s.address)) wantServer(px, s);
    }
  }
  return list;
}
