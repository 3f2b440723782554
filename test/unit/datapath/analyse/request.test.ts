// Which analysers a stream has, and in which order they run.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  AN_REQ_INSPECT_BE,
  AN_REQ_INSPECT_FE,
  AN_REQ_SWITCHING_RULES,
  AN_RES_INSPECT,
} from '../../../../src/datapath/channel/flags.js';
import { Analysed } from './analysed.js';

const BACKEND = 'backend b\n server s1 127.0.0.2:9100\n';

test('a stream without rules has none left once its backend is known', () => {
  const a = new Analysed(`frontend f\n bind 127.0.0.1:8080\n default_backend b\n${BACKEND}`);
  a.client('');
  const s = a.p.lastStream;
  assert.deepEqual([s.req.analysers, s.res.analysers], [0, 0]);
  assert.equal(s.be.name, 'b');
});

test('rules of the frontend come before the backend is chosen, those of the backend behind', () => {
  const wait = ' tcp-request inspect-delay 10s\n tcp-request content accept if { req.len gt';
  const a = new Analysed(
    `frontend f\n bind 127.0.0.1:8080\n${wait} 3 }\n default_backend b\n${BACKEND}${wait} 6 }\n tcp-response content accept if { res.len gt 0 }\n tcp-response inspect-delay 10s\n`,
  );
  const c = a.client('abc');
  const s = a.p.lastStream;
  assert.equal(s.req.analysers, AN_REQ_INSPECT_FE | AN_REQ_SWITCHING_RULES);
  assert.equal(s.be.name, 'f', 'not chosen yet');
  c.send('d');
  a.p.advance(10);
  assert.equal(s.req.analysers, AN_REQ_INSPECT_BE);
  assert.equal(s.be.name, 'b');
  assert.equal(a.reached(), null, 'no server before the rules are done');
  c.send('efg');
  a.p.advance(10);
  assert.equal(s.req.analysers, 0);
  const at = a.reached()!;
  assert.equal(at.s.text, 'abcdefg');
  assert.equal(s.res.analysers, AN_RES_INSPECT);
  at.s.send('x');
  a.p.advance(10);
  assert.equal(s.res.analysers, 0);
  assert.equal(c.text, 'x');
});

test('rules of a listen section run once, not again as those of its backend', () => {
  const a = new Analysed(
    'listen l\n bind 127.0.0.1:8080\n tcp-request content set-var(txn.v) var(txn.v),add(1)\n tcp-request content set-var(txn.v) int(1) if { var(txn.n) -m found }\n tcp-request content set-var(txn.n) int(1)\n server s1 127.0.0.2:9100\n',
  );
  const { n, line } = a.session('hi');
  assert.equal(n, 2);
  assert.match(line, /^l\/s1 -- 2\/0 -$/, 'a second run would have found txn.n');
});
