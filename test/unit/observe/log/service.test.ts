// The logs of an instance: targets that are one place have one output.
import assert from 'node:assert/strict';
import test from 'node:test';
import { SimProgram } from '../../../support/sim-program.js';

const proxies = Array.from({ length: 20 }, (_, i) => `frontend f${i}\n bind 127.0.0.1:${9100 + i}\n`).join('');

test('a target that each proxy has from its defaults section is opened once', () => {
  const p = new SimProgram(
    `defaults\n mode tcp\n timeout client 1s\n log 127.0.0.1:514 local0\n log 127.0.0.1 local1 notice\n log stdout local0\n` +
      ` log /dev/log local0\n log [::1]:514 local0\n${proxies}`,
    'epoll',
  );
  const { sinks } = p.instance.logs;
  assert.equal(sinks.length, 100, 'each line has its own level, format and counters');
  assert.equal(new Set(sinks.map((s) => s.output)).size, 4);
  p.assertClean();
});
