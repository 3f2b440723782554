// init-addr: which method gives a server its address, and what happens when none does.
import assert from 'node:assert/strict';
import test from 'node:test';
import { newServer } from '../../../src/config/defaults.js';
import { type HostLookup, resolveHosts } from '../../../src/config/hosts.js';
import { asksResolver, initAddrMistake, initAddress } from '../../../src/config/init-addr.js';
import { parseConfiguration } from '../../../src/config/parser.js';

const HERE = { file: 'x.cfg', line: 1, column: 1, length: 1 };

function server(methods: string | null) {
  const s = newServer('s', HERE);
  s.address.host = 'name.invalid';
  s.initAddr = methods === null ? null : methods.split(',');
  return s;
}

test('methods are tried in turn: before the resolver, the resolver, and after it', () => {
  const rows = [
    null,
    'libc',
    'last',
    'none',
    'last,none,libc',
    'libc,none',
    '192.0.2.1,libc',
    'libc,192.0.2.1',
    ',libc',
  ];
  const got = rows.map((m) => {
    const s = server(m);
    const asks = asksResolver(s);
    return `${m}: ${asks ? 'asks, ' : ''}${initAddress(s, asks)} ${s.address.ip?.join('.') ?? '-'}`;
  });
  assert.deepEqual(got, [
    'null: asks, fail -',
    'libc: asks, fail -',
    'last: fail -',
    'none: none -',
    'last,none,libc: none -',
    'libc,none: asks, none -',
    '192.0.2.1,libc: address 192.0.2.1',
    'libc,192.0.2.1: asks, address 192.0.2.1',
    ',libc: asks, fail -',
  ]);
});

test('what is no method is told in the words of the reference', () => {
  assert.equal(initAddrMistake(['last', '', 'libc', 'none', '::1']), '');
  assert.match(initAddrMistake(['last', 'foo']), /^'init-addr' : unknown init-addr method 'foo', supported/);
  assert.match(
    initAddrMistake(['1.2.3.4', '::1']),
    /^'init-addr' : initial address already specified, cannot add '::1'/,
  );
});

test('a name that nobody knows: an error, a warning, or a server that starts without address', async () => {
  const text = `backend b
    server s1 no.invalid:80
    server s2 no.invalid:80 init-addr libc,192.0.2.7
    server s3 no.invalid:80 init-addr none
    server s4 yes.example:80
    server s5 yes.example:80 init-addr 2001:db8::1
`;
  const { config } = parseConfiguration([{ name: 'x.cfg', text }]);
  const asked: string[] = [];
  const ask: HostLookup = (name) => {
    asked.push(name);
    return name === 'no.invalid'
      ? Promise.reject(new Error('no'))
      : Promise.resolve({ address: '192.0.2.9', family: 4 });
  };
  const reports = await resolveHosts(config, ask);
  assert.deepEqual(
    reports.map((r) => `${r.severity} ${r.position?.line}: ${r.message}`),
    [
      `alert 2: 'server b/s1' : could not resolve address 'no.invalid'.`,
      `warning 3: 'server b/s2' : could not resolve address 'no.invalid', falling back to configured address.`,
    ],
  );
  const servers = config.proxies[0]!.servers;
  assert.deepEqual(
    servers.map((s) => [s.unresolved, s.address.ip?.length ?? 0, s.address.family]),
    [
      [false, 0, 'ipv4'],
      [false, 4, 'ipv4'],
      [true, 0, 'ipv4'],
      [false, 4, 'ipv4'],
      [false, 16, 'ipv6'],
    ],
  );
  assert.deepEqual(asked.sort(), ['no.invalid', 'yes.example'], 'each name once');
});
