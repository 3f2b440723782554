// The log of a proxy: which sessions have a line, when it is sent, at which level, and that there is never a second one.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { ipv4 } from '../../../../src/sys/sim/net.js';
import { type SimClient, SimProgram, type SimServer } from '../../../support/sim-program.js';

const PORT = 8080;

/** A frontend with `options` over a backend of one server; the ring has priorities and texts. */
class Logged {
  readonly p: SimProgram;
  readonly server: SimServer;

  constructor(options: string, bind = '') {
    this.p = new SimProgram(
      `ring r
 format priority
 size 65536
defaults
 mode tcp
 retries 0
 timeout client 1s
 timeout connect 1s
 timeout server 20s
frontend f
 bind 127.0.0.1:${PORT} name b1 ${bind}
 log ring@r local0
${options}
 default_backend b
backend b
 server s 127.0.0.2:9100
`,
      'epoll',
    );
    this.server = this.p.listen('127.0.0.2', 9100);
  }

  lines(): string[] {
    return this.p.logged('r');
  }

  /** A session that is connected, with what the client said. */
  session(text = ''): { c: SimClient; s: SimClient } {
    const c = this.p.connect(PORT);
    if (text !== '') c.send(text);
    this.p.advance(20);
    return { c, s: this.server.accept()! };
  }

  /** It ends as both want it. */
  finish({ c, s }: { c: SimClient; s: SimClient }): void {
    c.shut();
    s.shut();
    this.p.advance(20);
    c.close();
    s.close();
    this.p.advance(20);
  }

  /** One that the client resets. */
  abort({ c, s }: { c: SimClient; s: SimClient }): void {
    c.reset();
    this.p.advance(20);
    s.close();
    this.p.advance(20);
  }
}

test('a format without anything of the end is logged when that is known, once', () => {
  for (const [format, atBegin, atConnect] of [
    ['%ci', 1, 1],
    ['%b %s %si:%sp', 0, 1],
    ['%ts', 0, 0],
    ['%B', 0, 0],
  ] as const) {
    const l = new Logged(` log-format "${format}"`);
    l.p.sim.net.reach(ipv4('127.0.0.2', 9100), 'blackhole');
    const c = l.p.connect(PORT);
    c.send('x');
    l.p.advance(20);
    assert.equal(l.lines().length, atBegin, `${format} at the beginning`);
    c.close();
    l.p.sim.net.reach(ipv4('127.0.0.2', 9100), 'open');
    l.p.advance(3000);
    l.lines();
    const open = l.session('y');
    const early = l.lines().length;
    assert.equal(early, atConnect, `${format} when connected`);
    l.finish(open);
    assert.equal(early + l.lines().length, 1, `${format}: one line`);
  }
});

test('logasap sends the line when the server is connected, and none at the end', () => {
  const l = new Logged(' option logasap\n log-format "%B %Tt %ts"');
  const open = l.session('abc');
  assert.match(l.lines().join('|'), /^<134>\+0 \+\d+ --$/);
  open.s.send('12345');
  l.finish(open);
  assert.deepEqual(l.lines(), []);
});

test('dontlognull leaves out sessions without a byte from the client, whatever the server said', () => {
  const l = new Logged(' option dontlognull\n log-format "%U %B"');
  const silent = l.session();
  silent.s.send('banner');
  l.p.advance(10);
  l.finish(silent);
  assert.deepEqual(l.lines(), []);
  l.finish(l.session('x'));
  assert.deepEqual(l.lines(), ['<134>1 0']);
});

test('dontlognull leaves out handshakes in which nothing was said, and no others', () => {
  for (const option of ['', ' option dontlognull\n']) {
    const l = new Logged(`${option} log-format "%ts"\n error-log-format "%[fc_err] %ts"`, 'accept-proxy');
    l.p.connect(PORT).shut();
    l.p.advance(20);
    l.p.connect(PORT).reset();
    l.p.advance(20);
    l.p.connect(PORT);
    l.p.advance(1500); // time-out
    const silent = l.lines();
    assert.equal(silent.length, option === '' ? 3 : 0, silent.join());
    const bad = l.p.connect(PORT);
    bad.send('GET / HTTP/1.0\r\n\r\n');
    l.p.advance(20);
    assert.deepEqual(l.lines(), ['<134>15 PR']);
  }
});

test('a failed handshake without a format of its own names the listener and the reason', () => {
  const l = new Logged(' log-format "%ts"', 'accept-proxy');
  l.p.connect(PORT).send('GET / HTTP/1.0\r\n\r\n');
  l.p.advance(20);
  assert.match(
    l.lines().join('|'),
    /^<134>127\.0\.0\.1:\d+ \[[^\]]+\] f\/b1: Received something which does not look like a PROXY protocol header$/,
  );
});

test('without any format of sessions failed handshakes have no line', () => {
  const l = new Logged('', 'accept-proxy');
  l.p.connect(PORT).send('GET / HTTP/1.0\r\n\r\n');
  l.p.advance(20);
  assert.deepEqual(l.lines(), []);
});

test('without a format a session is told when it comes, and that is all', () => {
  const l = new Logged('');
  const open = l.session('x');
  assert.match(l.lines().join('|'), /^<134>Connect from 127\.0\.0\.1:\d+ to 127\.0\.0\.1:8080 \(f\/TCP\)$/);
  l.abort(open);
  assert.deepEqual(l.lines(), []);
});

test('dontlog-normal leaves out what went well; log-separate-errors raises the level of the rest', () => {
  const l = new Logged(' option dontlog-normal\n option log-separate-errors\n log-format "%ts"');
  l.finish(l.session('x'));
  assert.deepEqual(l.lines(), []);
  l.abort(l.session('x'));
  assert.deepEqual(l.lines(), ['<131>CD']);
  const both = new Logged(' option log-separate-errors\n log-format "%ts"');
  both.finish(both.session('x'));
  both.abort(both.session('x'));
  assert.deepEqual(both.lines(), ['<134>--', '<131>CD']);
});

test('a tag of the proxy stands in place of the program; log lines are counted', () => {
  const l = new Logged(
    ' log-tag mine\n log 127.0.0.9:514 format rfc5424 local1\n log-format "%ts"\n log-format-sd "%{+E}o[id k=\\"v\\"]"',
  );
  l.finish(l.session('x'));
  const [d] = l.p.sim.datagrams;
  assert.match(Buffer.from(d!.bytes).toString(), /^<142>1 \S+ \S+ mine \d+ - \[id k="v"\] --\n$/);
  assert.equal(l.p.instance.proxies[0]!.logLines, 1);
});

test('a session whose target loses its line goes on all the same, and the loss is counted once', () => {
  const l = new Logged(' log-format "%ts"');
  const [sink] = l.p.instance.proxies[0]!.log!.sinks;
  const { output } = sink!;
  const write = output.write.bind(output);
  output.write = () => false;
  const open = l.session('hello');
  open.s.send('answer');
  l.p.advance(10);
  assert.equal(open.c.text, 'answer');
  l.finish(open);
  assert.deepEqual([sink!.dropped, sink!.sent, l.p.instance.logs.dropped], [1, 0, 1]);
  output.write = write;
  l.finish(l.session('hello'));
  assert.deepEqual([sink!.dropped, sink!.sent], [1, 1]);
  l.p.assertClean();
});
