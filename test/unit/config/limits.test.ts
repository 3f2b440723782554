// Options that a transport cannot do (C31).

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { checkLimits } from '../../../src/config/limits.js';
import { parseConfiguration } from '../../../src/config/parser.js';
import { SYS_F_SOCKOPT, SYS_F_SPLICE } from '../../../src/sys/types.js';

const TEXT = `global
    tune.rcvbuf.client 65536
    maxpipes 5
listen l
    bind 127.0.0.1:80 tcp-ut 5s interface lo
    bind abns@x
    timeout client 5s
    timeout server 5s
    timeout connect 5s
    option splice-auto
    source 0.0.0.0 usesrc clientip
    server s 127.0.0.1:80 tcp-ut 5s
`;
const SOURCES = [{ name: 't.cfg', text: TEXT }];

test('C31 an option that the transport cannot do is an error that names it, with its place', () => {
  const r = parseConfiguration(SOURCES, { transport: { features: 0, name: 'js' } });
  assert.deepEqual(
    r.reports.filter((x) => x.fatal).map((x) => `${x.position?.line ?? 0}: ${x.message}`),
    [
      "2: 'tune.rcvbuf.client' cannot be done by the js transport",
      "3: 'maxpipes' cannot be done by the js transport",
      "5: 'tcp-ut' cannot be done by the js transport",
      "5: 'interface' cannot be done by the js transport",
      "6: 'abns@' cannot be done by the js transport",
      "10: 'option splice-auto' cannot be done by the js transport",
      "11: 'usesrc' cannot be done by the js transport",
      "12: 'tcp-ut' cannot be done by the js transport",
    ],
  );
});

test('C31 with the transport not known yet, the uses are kept and judged later', () => {
  const r = parseConfiguration(SOURCES);
  assert.equal(r.errors, 0);
  assert.equal(r.limited.length, 8);
  const left = checkLimits(r.limited, SYS_F_SOCKOPT | SYS_F_SPLICE, 'x').map((x) => x.keyword);
  assert.deepEqual(left, ['interface', 'abns@', 'usesrc']);
  assert.equal(checkLimits(r.limited, 0x7fffffff, 'epoll').length, 0);
});

test('C31 `no option splice-auto` asks for nothing', () => {
  const r = parseConfiguration([{ name: 't', text: 'defaults\n no option splice-auto\n' }]);
  assert.equal(r.limited.length, 0);
});
