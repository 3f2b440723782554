// The logs of an instance: targets that are one place have one output.
import assert from 'node:assert/strict';
import test from 'node:test';
import { LOG_NOTICE } from '../../../../src/observe/log/words.js';
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

const RING = 'ring r\n format timed\n size 16384\n';

test('a proxy has the targets of global where it says so, its own beside them, and no log without any', () => {
  const p = new SimProgram(
    `global\n log ring@r local0\n log 127.0.0.1:514 local1\n${RING}defaults\n mode tcp\n timeout client 1s\n` +
      'frontend both\n bind 127.0.0.1:9100\n log global\n log [::1]:515 local2\n' +
      'frontend own\n bind 127.0.0.1:9101\n log 127.0.0.9 local2\n' +
      'frontend none\n bind 127.0.0.1:9102\n',
    'epoll',
  );
  const names = p.instance.proxies.map((px) => px.log?.sinks.map((s) => s.name) ?? null);
  assert.deepEqual(names, [['ring@r', '127.0.0.1:514', '[::1]:515'], ['127.0.0.9'], null]);
});

test('a ring keeps its own format whatever the log line says; port 514 is the default', () => {
  const p = new SimProgram(
    `${RING}defaults\n mode tcp\n timeout client 1s\nfrontend f\n bind 127.0.0.1:9100\n log ring@r format raw local0\n log 127.0.0.9 format raw local0\n`,
    'epoll',
  );
  p.logged('r');
  p.instance.proxies[0]!.log!.say(LOG_NOTICE, 'hello');
  assert.match(p.logged('r').join(), /^<5>\d{4}-\d\d-\d\dT\S+ hello$/);
  const d = p.sim.datagrams.at(-1)!;
  assert.equal(Buffer.from(d.bytes).toString(), 'hello\n');
  assert.equal((d.to[2]! << 8) | d.to[3]!, 514);
});

test('lost lines of all targets are one number, which show info tells; the sessions they were of go on', () => {
  const cli = 9000;
  const p = new SimProgram(
    `global\n stats socket ipv4@127.0.0.1:${cli} level admin\n${RING} server s 127.0.0.9:514\ndefaults\n mode tcp\n timeout client 1s\n` +
      `frontend f\n bind 127.0.0.1:9100\n log ring@r local0\n log-format "%ci ${'x'.repeat(900)}"\n`,
    'epoll',
  );
  const sessions = 40; // more than the ring has room for, and nobody takes a line from it
  for (let i = 0; i < sessions; i++) {
    const c = p.connect(9100);
    p.advance(10);
    assert.equal(c.state, 'end', 'answered as ever');
    c.close();
  }
  const { logs } = p.instance;
  assert.ok(logs.dropped > 10 && logs.dropped < sessions, `${logs.dropped} lost`);
  assert.match(p.ask(cli, 'show info'), new RegExp(`^DroppedLogs: ${logs.dropped}$`, 'm'));
  assert.equal(logs.sinks[0]!.sent + logs.sinks[0]!.dropped, sessions);
  p.assertClean();
});

test('close gives descriptors and memory back, and later lines are lost in silence', () => {
  const p = new SimProgram(
    `defaults\n mode tcp\n timeout client 1s\nfrontend f\n bind 127.0.0.1:9100\n log 127.0.0.1:514 local0\n`,
    'epoll',
  );
  const fds = p.sim.openFds();
  const { log } = p.instance.proxies[0]!;
  log!.say(LOG_NOTICE, 'opens its socket');
  assert.equal(p.sim.openFds(), fds + 1);
  p.instance.logs.close();
  assert.equal(p.sim.openFds(), fds);
});
