// Notices about rules: what is never reached, and ACLs that nobody names.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { parseConfiguration } from '../../../src/config/parser.js';

function notices(body: string): string[] {
  const text = `defaults\n timeout client 1s\n timeout server 1s\n timeout connect 1s\nfrontend fe\n bind :8080\n${body}backend be\n server s :1\n`;
  const { reports, errors } = parseConfiguration([{ name: 'f', text }]);
  assert.equal(errors, 0, reports.map((r) => r.message).join('\n'));
  return reports
    .filter((r) => r.severity === 'notice' && /unreachable|unused/.test(r.code))
    .map((r) => `${r.position?.line ?? 0}: ${r.message}`);
}

test('rules behind one that always applies are told of, once for each ruleset', () => {
  assert.deepEqual(
    notices(
      ' tcp-request connection accept\n tcp-request connection reject\n tcp-request connection reject\n default_backend be\n',
    ),
    ["8: never reached: the 'tcp-request connection accept' at line 7 always applies"],
  );
  assert.deepEqual(notices(' use_backend be\n use_backend be if TRUE\n'), [
    "8: never reached: the 'use_backend' at line 7 always applies",
  ]);
  assert.deepEqual(
    notices(' tcp-request content accept if TRUE\n tcp-request content reject\n default_backend be\n'),
    [],
  );
});

test('an ACL that no rule names is told of', () => {
  assert.deepEqual(notices(' acl used src 1.2.3.4\n acl idle src 1.2.3.4\n use_backend be if used\n'), [
    "8: acl 'idle' is used by no rule",
  ]);
});

test('a backend that a rule names is in use, and with names made at run time any may be', () => {
  assert.deepEqual(notices(' use_backend be if TRUE\n'), []);
  assert.deepEqual(notices(' use_backend %[src]\n'), []);
  assert.equal(notices('').length, 1);
});
