// `ring` sections: what a forwarder does not say to its server is refused, not left out.
import assert from 'node:assert/strict';
import test from 'node:test';
import { parseConfiguration } from '../../../../src/config/parser.js';

test('handshakes on the server line of a ring are refused by name, at their column', () => {
  const text = 'ring r\n server a 127.0.0.1:99\n server b 127.0.0.1:99 send-proxy\n';
  const { reports } = parseConfiguration([{ name: 'x', text }]);
  const found = reports.filter((r) => r.code === 'not-yet');
  assert.deepEqual(
    found.map((r) => [r.position?.line, r.position?.column, r.keyword]),
    [[3, 24, 'send-proxy in a ring']],
  );
});
