// The runtime CLI against clients that mean no good, or never finish: bounded memory, an answer or an end, nothing left over.
import assert from 'node:assert/strict';
import test from 'node:test';
import { SIM_CLI, simForwarder, SimProgram } from '../../../support/sim-program.js';

const ADMIN = SIM_CLI;

const config = (servers: number): string =>
  simForwarder(
    ' stats timeout 10s\n',
    Array.from({ length: servers }, (_, i) => ` server s${i} 127.0.0.2:${9000 + (i % 1000)}\n`).join(''),
  );

const MANY = 10_000;
const BUFFERS_MAX = 4 * 16384; // what one connection may hold at a time

test('an answer for 10,000 servers is made as it is taken: who never reads it costs a buffer, until the time-out', () => {
  const p = new SimProgram(config(MANY), 'epoll');
  const lazy = p.connect(ADMIN, 0);
  lazy.send('show stat\n');
  p.advance(1000);
  assert.equal(lazy.bytes, 0);
  assert.ok(p.thr.bufs.usedBytes <= BUFFERS_MAX, `${p.thr.bufs.usedBytes} bytes of buffers`);
  // Others are served meanwhile.
  assert.match(p.ask(ADMIN, 'show servers conn'), /^# bkname/);
  p.advance(11_000);
  assert.equal(p.instance.sessions, 0, 'its time-out ended it');
  lazy.close();
  p.assertClean();
});

test('what is taken in small bites comes whole', () => {
  const p = new SimProgram(config(MANY), 'epoll');
  const c = p.connect(ADMIN, 50_000);
  c.send('show servers state be\n');
  for (let i = 0; i < 2000 && c.state === 'open'; i++) {
    p.advance(2);
    c.read();
    assert.ok(p.thr.bufs.usedBytes <= BUFFERS_MAX);
  }
  assert.equal(c.state, 'end');
  const lines = c.text.trimEnd().split('\n');
  assert.equal(lines.length, MANY + 2);
  assert.match(lines.at(-1)!, / be 10000 s9999 127\.0\.0\.2 2 0 1 1 /);
  c.close();
  p.assertClean();
});

test('who goes away in the middle of an answer leaves nothing behind', () => {
  const p = new SimProgram(config(MANY), 'epoll');
  for (const end of ['close', 'reset'] as const) {
    const c = p.connect(ADMIN, 1000);
    c.send('show stat typed\n');
    p.advance(20);
    c.read();
    assert.ok(c.bytes > 0);
    c[end]();
    p.advance(50);
    assert.equal(p.instance.sessions, 0);
  }
  p.assertClean();
});

test('thousands of commands in a line take their turns with others', () => {
  const p = new SimProgram(config(10), 'epoll');
  const flood = p.connect(ADMIN);
  flood.send(`${';'.repeat(4000)}\n`);
  const other = p.ask(ADMIN, 'show cli level');
  assert.equal(other, 'admin\n\n');
  for (let i = 0; i < 300 && flood.state === 'open'; i++) p.advance(20);
  assert.equal(flood.state, 'end');
  assert.equal(flood.text.match(/^Unknown command/gm)!.length, 4001);
  flood.close();
  p.advance(20);
  p.assertClean();
});

test('a megabyte without a newline ends with an error once a buffer is full', () => {
  const p = new SimProgram(config(1), 'epoll');
  const c = p.connect(ADMIN);
  for (let i = 0; i < 64 && c.state === 'open'; i++) {
    try {
      c.send('x'.repeat(16384));
    } catch {
      break; // the socket is closed or full
    }
    p.advance(5);
  }
  p.advance(100);
  assert.equal(c.text, 'Command line too long.\n');
  assert.notEqual(c.state, 'open');
  c.close();
  p.advance(50);
  p.assertClean();
});

test('a payload that is never finished waits until the time-out, and is dropped with its command', () => {
  const p = new SimProgram(config(1), 'epoll');
  const c = p.connect(ADMIN);
  c.send('set weight be/s0 77 <<\nhalf');
  p.advance(9000);
  assert.equal(c.bytes, 0);
  p.advance(2000);
  assert.notEqual(c.state, 'open');
  c.close();
  assert.equal(p.ask(ADMIN, 'get weight be/s0'), '1 (initial 1)\n\n');
  const d = p.connect(ADMIN);
  d.send('set weight be/s0 77 <<\nhalf');
  d.shut();
  p.advance(50);
  assert.equal(d.state, 'end');
  d.close();
  assert.equal(p.ask(ADMIN, 'get weight be/s0'), '1 (initial 1)\n\n');
  p.assertClean();
});

test('bytes of any kind end in an answer', () => {
  const p = new SimProgram(config(1), 'epoll');
  for (let b = 0; b < 256; b++) {
    if (b === 0x0a) continue;
    const c = p.connect(ADMIN);
    c.send(Buffer.from([b, b, 0x20, b, 0x0a]));
    c.shut();
    p.advance(20);
    assert.equal(c.state, 'end', `byte ${b}`);
    assert.ok(c.bytes > 0 || b === 0x3c, `byte ${b}`); // `<<` alone waits for a payload that does not come
    c.close();
    p.advance(5);
  }
  p.assertClean();
});
