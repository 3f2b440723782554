// tcp-request and tcp-response content: when they wait, what is final, what a verdict does to the two sides and the counters.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { TICK_ETERNITY } from '../../../../src/base/ticks.js';
import { CNT_DREQ, CNT_DRESP } from '../../../../src/proxy/counters.js';
import { RESERVE } from '../../../../src/datapath/stream-interface/si-conn.js';
import { Analysed } from './analysed.js';

const FRONT = 'frontend f\n bind 127.0.0.1:8080\n default_backend b\n';
const BACK = 'backend b\n server s1 127.0.0.2:9100\n';
const DELAY_MS = 2000;
const WAIT = ` tcp-request inspect-delay ${DELAY_MS}ms\n tcp-request content accept if { req.len ge 4 }\n tcp-request content reject\n`;

test('rules wait for more as long as they cannot know, and no server is asked before', () => {
  const a = new Analysed(FRONT + WAIT + BACK);
  const c = a.client('a');
  for (const byte of 'bc') {
    assert.notEqual(a.p.lastStream.req.analyseExp, TICK_ETERNITY);
    assert.equal(a.reached(), null);
    c.send(byte);
    a.p.advance(100);
  }
  c.send('d');
  a.p.advance(10);
  assert.equal(a.reached()!.s.text, 'abcd');
  assert.equal(a.p.lastStream.req.analyseExp, TICK_ETERNITY);
});

test('when the delay has passed what is there is final: the next rule decides', () => {
  const a = new Analysed(FRONT + WAIT + BACK);
  const c = a.client('abc');
  a.p.advance(DELAY_MS - 200);
  assert.equal(c.state, 'open');
  a.p.advance(400);
  assert.notEqual(c.state, 'open');
  assert.deepEqual(a.p.logged('r'), ['f/<NOSRV> PR 3/0 -']);
  c.close();
  a.p.assertClean();
});

test('the delay counts from the first wait: bytes that come do not begin it anew', () => {
  const a = new Analysed(FRONT + WAIT.replace('ge 4', 'ge 400') + BACK);
  const c = a.client('a');
  for (let passed = 0; passed < DELAY_MS + 200; passed += 100) {
    if (c.state === 'open') c.send('b');
    a.p.advance(100);
  }
  assert.notEqual(c.state, 'open');
});

test('the end of the input and a full buffer are final too, long before the delay', () => {
  const a = new Analysed(FRONT + WAIT.replace('ge 4', 'ge 400000') + BACK);
  const ended = a.client('abc');
  ended.shut();
  a.p.advance(10);
  assert.notEqual(ended.state, 'open');
  const filled = a.client('');
  const room = a.p.thr.bufs.sizes[0]! - RESERVE;
  filled.send('x'.repeat(room - 1));
  a.p.advance(50);
  assert.equal(filled.state, 'open', 'one byte of room is left');
  filled.send('x');
  a.p.advance(50);
  assert.notEqual(filled.state, 'open');
  assert.deepEqual(a.p.logged('r'), ['f/<NOSRV> PR 3/0 -', `f/<NOSRV> PR ${room}/0 -`]);
});

test('a rejected request counts with the frontend and its listener, and nobody else', () => {
  const a = new Analysed(
    `${FRONT} tcp-request content reject if { req.len gt 0 }\n tcp-request inspect-delay 1s\n${BACK}`,
  );
  const { n, line } = a.session('evil');
  assert.deepEqual([n, line], [0, 'f/<NOSRV> PR 4/0 -']);
  const [f, b] = a.p.instance.proxies;
  assert.equal(f!.fe.v[CNT_DREQ], 1);
  assert.equal(f!.listeners[0]!.counters.v[CNT_DREQ], 1);
  assert.deepEqual([b!.be.v[CNT_DREQ], b!.be.v[CNT_DRESP]], [0, 0]);
});

test('a rejected response is not passed on, and counts with all who served it', () => {
  const a = new Analysed(
    `${FRONT}${BACK} tcp-response inspect-delay 1s\n tcp-response content reject if { res.payload(0,3) -m str BAD }\n`,
  );
  const c = a.client('hi');
  const { s } = a.reached()!;
  s.send('BAD things');
  a.p.advance(20);
  assert.notEqual(c.state, 'open');
  assert.notEqual(s.state, 'open');
  assert.equal(c.bytes, 0);
  const [f, b] = a.p.instance.proxies;
  for (const v of [f!.fe.v, f!.listeners[0]!.counters.v, b!.be.v, b!.servers[0]!.counters.v]) {
    assert.deepEqual([v[CNT_DREQ], v[CNT_DRESP]], [0, 1]);
  }
  assert.match(a.p.logged('r').join(), /^b\/s1 PD 2\/\d+ -$/);
  for (const x of [c, s]) x.close();
  a.p.assertClean();
});

test('tcp-response content close ends the server; what it said is passed on', () => {
  const a = new Analysed(
    `${FRONT}${BACK} tcp-response inspect-delay 1s\n tcp-response content close if { res.len ge 3 }\n`,
  );
  const c = a.client('hi');
  const { s } = a.reached()!;
  s.send('abc');
  a.p.advance(50);
  assert.notEqual(s.state, 'open');
  assert.equal(c.text, 'abc');
  assert.equal(c.state, 'end');
});

test('a client that resets while rules wait ends its session, and leaves nothing', () => {
  for (const manner of ['epoll', 'uring', 'kqueue'] as const) {
    const a = new Analysed(FRONT + WAIT.replace(' tcp-request content reject\n', '') + BACK, manner);
    const c = a.client('a');
    c.reset();
    a.p.advance(50);
    assert.deepEqual(a.p.logged('r'), ['b/<NOSRV> CR 1/0 -']);
    a.p.assertClean();
  }
});
