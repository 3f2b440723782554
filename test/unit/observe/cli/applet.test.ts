// The runtime CLI over simulated connections: lines, prompt, levels, payloads, limits, time-outs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { SIM_CLI, simForwarder, SimProgram } from '../../../support/sim-program.js';

const CONFIG = simForwarder(
  ' node sim-node\n stats socket ipv4@127.0.0.1:9001 level user\n stats socket ipv4@127.0.0.1:9002\n stats timeout 10s\n stats maxconn 3\n',
);
const ADMIN = SIM_CLI;
const USER = 9001;
const OPERATOR = 9002;

const program = (): SimProgram => new SimProgram(CONFIG, 'epoll');
const VERSION = /^2\.6-sluice[^\n]*\n\n/;

test('one command, one answer that ends with an empty line, then the end', () => {
  const p = program();
  assert.match(p.ask(ADMIN, 'show version'), /^2\.6-sluice[^\n]*\n\n$/);
  assert.equal(p.ask(ADMIN, 'show version;show cli level').split('\n')[2], 'admin');
  assert.match(p.ask(ADMIN, 'xyzzy'), /^Unknown command/);
  assert.match(p.ask(ADMIN, ''), /^Unknown command\. Please enter/);
  assert.equal(p.ask(ADMIN, 'show version;quit;show version').match(/sluice/g)!.length, 1);
  p.assertClean();
});

test('without half-close it answers what came in one piece and closes', () => {
  const p = program();
  const c = p.connect(ADMIN);
  c.send('show version\nshow version\n');
  p.advance(20);
  assert.equal(c.state, 'end');
  assert.equal(c.text.match(/sluice/g)!.length, 2);
  c.close();
  p.assertClean();
});

test('a command that comes byte by byte is run when its newline is there', () => {
  const p = program();
  const c = p.connect(ADMIN);
  for (const b of 'show version') {
    c.send(b);
    p.advance(2);
  }
  assert.equal(c.bytes, 0);
  c.send('\n');
  p.advance(10);
  assert.match(c.text, VERSION);
  assert.equal(c.state, 'end');
  c.close();
  p.assertClean();
});

test('a line without newline is not run', () => {
  const p = program();
  const c = p.connect(ADMIN);
  c.send('show version');
  c.shut();
  p.advance(20);
  assert.equal(c.text, '');
  assert.equal(c.state, 'end');
  c.close();
  p.assertClean();
});

test('prompt: interactive until it is toggled again', () => {
  const p = program();
  const c = p.connect(ADMIN);
  c.send('prompt\n');
  p.advance(10);
  assert.equal(c.text, '\n> ');
  c.send('show cli level\n');
  p.advance(10);
  assert.equal(c.text, '\n> admin\n\n> ');
  c.send('operator;show cli level\n');
  p.advance(10);
  assert.equal(c.text, '\n> admin\n\n> \n> operator\n\n> ');
  c.send('quit\n');
  p.advance(10);
  assert.equal(c.state, 'end');
  c.close();
  p.assertClean();
});

test('levels: what is above the level of the socket, or of the session, is refused', () => {
  const p = program();
  const refused = 'Permission denied\n\n';
  for (const command of [
    'show sess',
    'show fd',
    'show env',
    'show errors',
    'clear counters',
    'shutdown session 0x1',
    'operator',
  ]) {
    assert.equal(p.ask(USER, command), refused, command);
  }
  assert.equal(p.ask(OPERATOR, 'clear counters all'), refused);
  assert.equal(p.ask(OPERATOR, 'clear counters'), '\n');
  assert.equal(p.ask(OPERATOR, 'shutdown session 0x1'), refused);
  assert.equal(p.ask(ADMIN, 'user;show sess'), `\n${refused}`);
  assert.equal(p.ask(ADMIN, 'shutdown session 0x1'), `No such session (use 'show sess').\n\n`);
  assert.match(p.ask(USER, 'show stat'), /^# pxname/);
  p.assertClean();
});

test('addresses and algorithms are shown from level operator on', () => {
  const p = program();
  assert.ok(p.ask(ADMIN, 'show stat').includes('127.0.0.2:9100'));
  assert.ok(!p.ask(USER, 'show stat').includes('127.0.0.2:9100'));
  assert.ok(!p.ask(USER, 'show stat').includes('roundrobin'));
});

test('a line as long as a buffer is run, a longer one is an error and the end', () => {
  const p = program();
  const line = (length: number): string => `show version ${'x'.repeat(length - 14)}\n`;
  assert.match(p.ask(ADMIN, line(16384).slice(0, -1)), VERSION);
  const c = p.connect(ADMIN);
  c.send(line(16385));
  c.shut();
  p.advance(50);
  assert.equal(c.text, 'Command line too long.\n');
  assert.equal(c.state, 'end');
  c.close();
  p.assertClean();
});

test('hostile bytes end in an answer or an end, never in more', () => {
  const p = program();
  for (const data of [Buffer.alloc(5000), Buffer.alloc(60_000, 0xff), Buffer.from([0xff, 0xfe, 0, 10, 0xc0, 10])]) {
    const c = p.connect(ADMIN);
    c.send(data);
    c.shut();
    p.advance(100);
    assert.notEqual(c.state, 'open');
    assert.ok(c.bytes < 10_000);
    c.close();
  }
  p.assertClean();
});

test('payload: lines up to the empty one belong to the command', () => {
  const p = program();
  const c = p.connect(ADMIN);
  c.send('show version <<\nsome\nlines\n');
  p.advance(20);
  assert.equal(c.bytes, 0);
  c.send('\n');
  p.advance(20);
  assert.match(c.text, VERSION);
  assert.equal(c.state, 'end');
  c.close();
  p.assertClean();
});

test('a payload larger than a buffer is an error and the end', () => {
  const p = program();
  const c = p.connect(ADMIN);
  c.send('show version <<\n');
  for (let i = 0; i < 40 && c.state === 'open'; i++) {
    c.send(`${'x'.repeat(999)}\n`);
    p.advance(5);
  }
  assert.equal(c.text, 'Command line too long.\n');
  assert.notEqual(c.state, 'open');
  c.close();
  p.advance(20);
  p.assertClean();
});

test('stats timeout closes an idle connection, set timeout cli changes it', () => {
  const p = program();
  const c = p.connect(ADMIN);
  c.send('prompt\n');
  p.advance(9000);
  assert.equal(c.state, 'open');
  p.advance(2000);
  assert.notEqual(c.state, 'open');
  c.close();
  const d = p.connect(ADMIN);
  d.send('prompt;set timeout cli 30\n');
  p.advance(25_000);
  assert.equal(d.state, 'open');
  d.send('show cli level\n');
  p.advance(25_000);
  assert.equal(d.state, 'open');
  p.advance(10_000);
  assert.notEqual(d.state, 'open');
  d.close();
  assert.equal(p.ask(ADMIN, 'set timeout cli x'), 'Invalid timeout value.\n\n');
  assert.equal(p.ask(ADMIN, 'set timeout'), `'set timeout' only supports 'cli'.\n\n`);
  p.assertClean();
});

test('stats maxconn: one more connection waits until one of the others ends', () => {
  const p = program();
  const first = [1, 2, 3].map(() => p.connect(ADMIN));
  for (const c of first) c.send('prompt\n');
  p.advance(10);
  for (const c of first) assert.equal(c.text, '\n> ');
  const more = p.connect(USER);
  more.send('show version\n');
  p.advance(100);
  assert.equal(more.bytes, 0);
  first[0]!.send('quit\n');
  p.advance(20);
  assert.match(more.text, VERSION);
  for (const c of [...first, more]) c.close();
  p.advance(50);
  p.assertClean();
});

test('the CLI counts among connections and jobs, not among those of the limit or of any proxy', () => {
  const p = program();
  const info = (): Map<string, string> =>
    new Map(
      p
        .ask(ADMIN, 'show info')
        .split('\n')
        .map((l) => l.split(': ') as [string, string]),
    );
  const one = info();
  assert.equal(one.get('CurrConns'), '0');
  assert.equal(one.get('CumConns'), '1');
  assert.equal(one.get('ConnRate'), '0');
  assert.equal(one.get('Listeners'), '4');
  assert.equal(one.get('Jobs'), '5');
  assert.equal(one.get('Maxconn'), '50');
  assert.equal(one.get('node'), 'sim-node');
  assert.equal(one.get('Transport'), 'sim');
  assert.equal(info().get('CumConns'), '2');
  assert.match(p.ask(ADMIN, 'show stat fe 1 -1'), /\nfe,FRONTEND,,,0,0,50,0,0,0,/);
  p.assertClean();
});

test('a close without drain ends CLI sessions, a soft stop closes their sockets', () => {
  const p = program();
  const c = p.connect(ADMIN);
  c.send('prompt\n');
  p.advance(10);
  p.instance.stopListening();
  p.advance(10);
  assert.equal(c.state, 'open');
  c.send('show info\n');
  p.advance(20);
  assert.match(c.text, /\nStopping: 1\nJobs: 1\n/);
  p.instance.killSessions();
  p.advance(20);
  assert.notEqual(c.state, 'open');
  assert.equal(p.instance.sessions, 0);
});

test('an answer that follows a ring waits for messages; input, the end, the time-out and the close each end it', () => {
  const p = new SimProgram(`ring r1\n description "a ring"\n${CONFIG}`, 'epoll');
  const ring = p.instance.logs.rings.get('r1')!;
  ring.write('one\n');
  const c = p.connect(ADMIN);
  c.send('prompt\nshow events r1 -w\n');
  p.advance(20);
  assert.equal(c.text, '\n> one\n');
  ring.write('two\n');
  p.advance(20);
  assert.equal(c.text, '\n> one\ntwo\n');
  c.send('show version\n');
  p.advance(20);
  assert.equal(c.text, '\n> one\ntwo\n\n> ', 'what was entered is thrown away');
  ring.write('three\n');
  c.send('show events r1 -nw\n');
  p.advance(20);
  assert.equal(c.text, '\n> one\ntwo\n\n> ');
  c.reset();
  p.advance(20);
  ring.write('nobody is there\n');
  c.close();

  const idle = p.connect(ADMIN);
  idle.send('show events r1 -nw\n');
  p.advance(9000);
  assert.equal(idle.state, 'open');
  ring.write('four\n');
  p.advance(9000);
  assert.equal(idle.text, 'four\n');
  p.advance(2000);
  assert.equal(idle.state, 'end', '`stats timeout` counts from the last message');
  idle.close();
  p.advance(20);
  ring.write('nobody is there\n');
  p.assertClean();
});

test('a client that follows a ring and does not read holds nothing: it misses what was overwritten', () => {
  const p = new SimProgram(`ring r1\n size 20000\n${CONFIG}`, 'epoll');
  const ring = p.instance.logs.rings.get('r1')!;
  const c = p.connect(ADMIN, 0);
  c.send('show events r1 -w\n');
  p.advance(20);
  for (let i = 0; i < 2000; i++) {
    ring.write(`${String(i).padStart(4, '0')} ${'x'.repeat(495)}\n`);
    if (i % 50 === 0) p.advance(2);
  }
  p.advance(20);
  c.appetite = 1 << 20;
  for (let i = 0; i < 100; i++) {
    c.read();
    p.advance(2);
  }
  const numbers = c.text.split('\n').map((l) => l.slice(0, 4));
  assert.equal(numbers[0], '0000');
  assert.ok(numbers.includes('1999'));
  assert.ok(numbers.length < 1500);
  c.close();
  p.assertClean();
});
