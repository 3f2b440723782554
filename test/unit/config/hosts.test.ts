// Host names become addresses.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { type HostLookup, resolveHosts } from '../../../src/config/hosts.js';
import { parseConfiguration } from '../../../src/config/parser.js';

const HOSTS: Readonly<Record<string, string>> = { one: '10.0.0.1', six: 'fd00::6' };

test('names are asked once each, filled in, and all that fail are reported together', async () => {
  const asked: string[] = [];
  const ask: HostLookup = (name, family) => {
    asked.push(`${name}/${family}`);
    const address = HOSTS[name];
    if (address === undefined) return Promise.reject(new Error('no such name'));
    return Promise.resolve({ address, family: address.includes(':') ? 6 : 4 });
  };
  const text = `listen l
    bind one:80
    bind nowhere:81
    bind 127.0.0.1:82
    source one
    server a one:1
    server b six:1
    server c ipv6@six:1
    server d gone:1
    server e /tmp/s
backend off
    disabled
    server f never-asked:1
`;
  const r = parseConfiguration([{ name: 't.cfg', text }]);
  const reports = await resolveHosts(r.config, ask);
  assert.deepEqual(asked.sort(), ['gone/0', 'nowhere/0', 'one/0', 'six/0', 'six/6']);
  assert.deepEqual(
    reports.map((x) => `${x.position?.line ?? 0} ${x.form} ${x.message}`),
    [
      "3 parsing 'bind' : invalid address: 'nowhere' in 'nowhere:81'",
      "9 bracket 'server l/d' : could not resolve address 'gone'.",
    ],
  );
  const [l] = r.config.proxies;
  assert.deepEqual([...l!.binds[0]!.address.ip!], [10, 0, 0, 1]);
  assert.deepEqual([...l!.source!.address.ip!], [10, 0, 0, 1]);
  const [a, b, c] = l!.servers.map((s) => s.address);
  assert.deepEqual([a!.family, [...a!.ip!]], ['ipv4', [10, 0, 0, 1]]);
  assert.deepEqual([b!.family, b!.ip!.length, c!.family, c!.ip![15]], ['ipv6', 16, 'ipv6', 6]);
});
