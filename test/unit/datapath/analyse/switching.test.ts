// Which backend a stream gets, and what it takes over from it.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { CF_KERN_SPLICING } from '../../../../src/datapath/channel/flags.js';
import { CNT_SCUR, CNT_STOT } from '../../../../src/proxy/counters.js';
import { Analysed } from './analysed.js';

const BACKENDS = [2, 3, 4].map((n) => `backend b${n}\n server s${n} 127.0.0.${n}:9100\n`).join('');
const WAIT = ' tcp-request inspect-delay 1s\n tcp-request content accept if { req.len gt 1 }\n';

function front(rules: string, more = ''): Analysed {
  return new Analysed(`frontend f\n bind 127.0.0.1:8080\n${WAIT}${rules}${more}${BACKENDS}`);
}

test('the first rule that holds counts, then default_backend', () => {
  const a = front(
    ' use_backend b3 if { req.payload(0,1) -m str 3 4 }\n use_backend b4 if { req.payload(0,1) -m str 4 5 }\n default_backend b2\n',
  );
  assert.deepEqual(
    ['3x', '4x', '5x', '6x'].map((text) => a.session(text).n),
    [3, 3, 4, 2],
  );
});

test('a name can be made of samples; one that no backend has leads to default_backend, whatever rule is behind', () => {
  const a = front(' use_backend b%[req.payload(0,1)]\n use_backend b3 if TRUE\n default_backend b2\n');
  assert.deepEqual(
    ['4x', '9x', '3x'].map((text) => a.session(text).n),
    [4, 2, 3],
  );
});

test('without any rule that holds and without default_backend there is no server', () => {
  const a = front(' use_backend b3 if { req.payload(0,1) -m str 3 }\n');
  assert.deepEqual(a.session('xx'), { n: 0, line: 'f/<NOSRV> SC 2/0 -' });
  assert.equal(a.session('3x').n, 3);
});

test('a listen section that branches leaves its own servers alone', () => {
  const a = new Analysed(
    `listen l\n bind 127.0.0.1:8080\n${WAIT} use_backend b3 if { req.payload(0,1) -m str 3 }\n server own 127.0.0.2:9100\n${BACKENDS}`,
  );
  assert.deepEqual(a.session('3x'), { n: 3, line: 'b3/s3 -- 2/0 -' });
  assert.deepEqual(a.session('xx'), { n: 2, line: 'l/own -- 2/0 -' });
});

test('the backend counts the session from the choice to its end, others do not', () => {
  const a = front(' default_backend b2\n');
  const [, b2, b3] = a.p.instance.proxies;
  const c = a.client('xx');
  assert.deepEqual([b2!.be.v[CNT_SCUR], b2!.be.v[CNT_STOT], b3!.be.v[CNT_STOT]], [1, 1, 0]);
  const { s } = a.reached()!;
  for (const x of [c, s]) x.shut();
  a.p.advance(50);
  assert.deepEqual([b2!.be.v[CNT_SCUR], b2!.be.v[CNT_STOT]], [0, 1]);
});

test('splicing options of the backend are those of the stream too', () => {
  for (const [option, req, res] of [
    ['splice-request', true, false],
    ['splice-response', false, true],
    ['splice-auto', true, true],
  ] as const) {
    const a = new Analysed(
      `frontend f\n bind 127.0.0.1:8080\n default_backend b\nbackend b\n option ${option}\n server s2 127.0.0.2:9100\n`,
    );
    a.client('x');
    const s = a.p.lastStream;
    assert.deepEqual(
      [(s.req.flags & CF_KERN_SPLICING) !== 0, (s.res.flags & CF_KERN_SPLICING) !== 0],
      [req, res],
      option,
    );
  }
});

test('nolinger of the backend ends its servers with a reset', () => {
  for (const option of ['', ' option nolinger\n']) {
    const a = new Analysed(
      `frontend f\n bind 127.0.0.1:8080\n default_backend b\nbackend b\n${option} server s2 127.0.0.2:9100\n`,
    );
    const c = a.client('x');
    const { s } = a.reached()!;
    c.shut();
    a.p.advance(50);
    assert.equal(s.state, option === '' ? 'end' : '-104', 'ECONNRESET where it does not linger');
    s.close();
    c.close();
  }
});
