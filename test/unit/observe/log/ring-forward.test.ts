// A ring's forwarder to a syslog server: framing, order, what a slow or a dead server costs, and that nobody waits for it.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import type { LogRing } from '../../../../src/observe/log/ring.js';
import { ipv4 } from '../../../../src/sys/sim/net.js';
import { type SimClient, SimProgram, type SimServer } from '../../../support/sim-program.js';

const RING_BYTES = 16_384; // no less than a buffer
const RETRY_MS = 1000;
const TIMEOUT_MS = 500;

interface Forwarded {
  readonly p: SimProgram;
  readonly ring: LogRing;
}

function start(options = '', manner: 'epoll' | 'uring' | 'kqueue' = 'epoll'): Forwarded {
  const p = new SimProgram(
    `global
 log ring@r local0
ring r
 size ${RING_BYTES}
 timeout connect ${TIMEOUT_MS}ms
 server s 127.0.0.9:514 ${options}
defaults
 mode tcp
 timeout client 10s
listen l
 bind 127.0.0.1:8080
`,
    manner,
  );
  return { p, ring: p.instance.logs.rings.get('r')! };
}

/** The connection that comes within a while. */
function accepted(f: Forwarded, server: SimServer): SimClient {
  for (let i = 0; i < 40; i++) {
    f.p.advance(100);
    const c = server.accept();
    if (c !== null) return c;
  }
  return assert.fail('nobody came');
}

const lines = (from: number, n: number, text = ''): string[] =>
  Array.from({ length: n }, (_, i) => `${from + i}${text}`);

test('lines go out in their order, each before a line feed, those from before the connection too', () => {
  for (const manner of ['epoll', 'uring', 'kqueue'] as const) {
    const f = start('', manner);
    for (const l of lines(0, 3)) f.ring.write(`${l}\n`);
    const c = accepted(f, f.p.listen('127.0.0.9', 514));
    f.p.advance(10);
    assert.equal(c.text, '0\n1\n2\n');
    f.ring.write('3\n');
    f.p.advance(10);
    assert.equal(c.text, '0\n1\n2\n3\n');
  }
});

test('with octet-count the length in bytes stands before each line', () => {
  const f = start('log-proto octet-count');
  f.ring.write('abc\n');
  f.ring.write(`${Buffer.from('é', 'utf8').toString('latin1')}\n`);
  f.ring.write('\n');
  const c = accepted(f, f.p.listen('127.0.0.9', 514));
  f.p.advance(10);
  assert.equal(c.text, '3 abc2 é0 ');
});

test('a line longer than a buffer arrives whole', () => {
  const f = start();
  const long = 'x'.repeat(RING_BYTES - 10);
  f.ring.write(`${long}\n`);
  f.ring.write('y\n');
  const c = accepted(f, f.p.listen('127.0.0.9', 514));
  f.p.advance(50);
  assert.ok(c.text === `${long}\n` || c.text === `${long}\ny\n`);
});

test('a server that reads slowly loses nothing as long as the ring has room; then the newest lines, and they are counted', () => {
  const f = start();
  const server = f.p.listen('127.0.0.9', 514);
  const c = accepted(f, server);
  c.appetite = 0; // it does not read
  let taken = 0;
  const line = 'z'.repeat(1000);
  while (f.ring.dropped === 0) {
    assert.ok(taken < 10_000, 'memory is bounded');
    if (f.ring.write(`${taken} ${line}\n`)) taken++;
    f.p.advance(1);
  }
  assert.equal(f.ring.write(`lost ${line}\n`), false);
  assert.equal(f.ring.dropped, 2);
  c.appetite = 1 << 20;
  for (let i = 0; i < 50; i++) {
    c.read();
    f.p.advance(10);
  }
  assert.deepEqual(
    c.text
      .trimEnd()
      .split('\n')
      .map((l) => Number(l.split(' ')[0])),
    lines(0, taken).map(Number),
  );
  assert.equal(f.ring.write('again\n'), true);
});

test('a server that is not there is tried again after a second, for ever, and sessions do not notice', () => {
  const f = start();
  const before = f.p.sim.calls['connect'] ?? 0;
  const seconds = 5;
  f.p.advance(seconds * RETRY_MS);
  const tries = (f.p.sim.calls['connect'] ?? 0) - before;
  assert.ok(tries >= seconds - 1 && tries <= seconds + 1, `${tries} tries`);
  const client = f.p.connect(8080);
  f.p.advance(20);
  assert.equal(client.state, 'end', 'no server in the farm: answered at once');
  f.ring.write('kept\n');
  const c = accepted(f, f.p.listen('127.0.0.9', 514));
  f.p.advance(10);
  assert.match(c.text, /kept\n$/);
});

test('a connection that is never answered is given up after timeout connect', () => {
  const f = start();
  const server = f.p.listen('127.0.0.9', 514);
  accepted(f, server).reset();
  f.p.sim.net.reach(ipv4('127.0.0.9', 514), 'blackhole');
  const before = f.p.sim.calls['connect'] ?? 0;
  f.p.advance(4 * (RETRY_MS + TIMEOUT_MS));
  const tries = (f.p.sim.calls['connect'] ?? 0) - before;
  assert.ok(tries >= 3 && tries <= 5, `${tries} tries`);
});

test('when the server ends or resets, lines go on over the next connection; one that was sent in part is not repeated', () => {
  for (const how of ['end', 'reset'] as const) {
    const f = start();
    const server = f.p.listen('127.0.0.9', 514);
    const first = accepted(f, server);
    f.ring.write('one\n');
    f.p.advance(10);
    assert.equal(first.text, 'one\n');
    if (how === 'end') first.close();
    else first.reset();
    f.p.advance(10);
    f.ring.write('two\n');
    f.ring.write('three\n');
    const second = accepted(f, server);
    f.p.advance(10);
    assert.equal(second.text, 'two\nthree\n', how);
  }
});

test('a connection that ends in the middle of a line: the next one begins with a whole line', () => {
  const f = start();
  const server = f.p.listen('127.0.0.9', 514);
  const first = accepted(f, server);
  first.appetite = 0;
  for (let i = 0; f.ring.dropped === 0; i++) {
    f.ring.write(`${i} ${'z'.repeat(999)}\n`); // no divisor of a buffer
    f.p.advance(1);
  }
  first.reset();
  const second = accepted(f, server);
  f.p.advance(100);
  const got = second.text.trimEnd().split('\n');
  assert.ok(got.length > 5);
  assert.deepEqual(
    got.filter((l) => !/^\d+ z{999}$/.test(l)),
    [],
  );
});

test('what the server says is thrown away', () => {
  const f = start();
  const c = accepted(f, f.p.listen('127.0.0.9', 514));
  c.send('x'.repeat(50_000));
  f.p.advance(50);
  f.ring.write('still here\n');
  f.p.advance(10);
  assert.equal(c.text, 'still here\n');
  assert.equal(f.p.thr.bufs.usedBytes, 0);
});

test('closing the logs ends the connection and gives everything back', () => {
  const f = start();
  const c = accepted(f, f.p.listen('127.0.0.9', 514));
  c.appetite = 0;
  for (let i = 0; i < 200; i++) f.ring.write(`${'x'.repeat(1000)}\n`);
  f.p.advance(50);
  f.p.instance.stopListening();
  f.p.instance.release();
  f.p.advance(50);
  assert.equal(f.p.thr.bufs.usedBytes, 0);
  assert.equal(f.p.thr.counters.connections, 0);
  f.ring.write('nobody\n');
  f.p.advance(3000);
  assert.equal(f.p.thr.counters.connections, 0, 'and it does not come back');
});
