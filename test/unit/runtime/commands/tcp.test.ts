// `sluice tcp`: what it makes of its arguments, and one run of the built program over each transport.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { listenAddress, serverAddress, tcpConfig } from '../../../../src/runtime/commands/tcp.js';
import { parseConfiguration } from '../../../../src/config/parser.js';
import { connectPeer } from '../../../support/peers.js';
import { freePort } from '../../../support/ports.js';
import { track } from '../../../support/program.js';
import { programPath } from '../../../support/target.js';
import { until, within } from '../../../support/wait.js';

test('listen addresses: a port alone, IPv4, IPv6, UNIX and abstract ones', () => {
  assert.equal(listenAddress('8080'), ':8080');
  for (const same of ['127.0.0.1:8080', '[::1]:80', 'unix@/run/x', 'abns@name', '*:1', 'localhost:65535']) {
    assert.equal(listenAddress(same), same);
  }
  for (const bad of ['0', '65536', '127.0.0.1', 'host:', 'host:80x', '[::1]']) {
    assert.throws(() => listenAddress(bad), { message: /a port is a number from 1 to 65535|after the port/ }, bad);
  }
  for (const bad of ["a'b:1", 'a b:1', 'a\n:1', '"x":1', 'x\\:1', ''])
    assert.throws(() => listenAddress(bad), Error, bad);
});

test('server addresses: a port alone is on this machine; ranges and offsets are no servers', () => {
  assert.equal(serverAddress('9090'), '127.0.0.1:9090');
  assert.equal(serverAddress('db1:5432'), 'db1:5432');
  assert.equal(serverAddress('unix@/run/x'), 'unix@/run/x');
  for (const bad of ['db1', 'db1:0', 'db1:+10', 'db1:80-90', 'db1:'])
    assert.throws(() => serverAddress(bad), Error, bad);
});

test('the configuration that is run has no mistake, and splices where the system can', () => {
  const text = tcpConfig(':8080', ['localhost:9090', '[::1]:2'], true);
  for (const splices of [true, false]) {
    const parsed = parseConfiguration([{ name: 'tcp', text }], { conditions: { feature: () => splices } });
    assert.equal(parsed.errors, 0);
    const [px] = parsed.config.proxies;
    assert.equal(px?.options.spliceAuto, splices);
    assert.equal(px.servers.length, 2);
    assert.equal(parsed.config.global.noReuseport, true);
  }
  assert.ok(!tcpConfig(':1', ['x:1'], false).includes('splice'));
});

interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
}

function sluice(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const child = spawn(programPath('sluice'), args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  track(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return { child, out: () => out, err: () => err };
}

async function endOf({ child }: Run): Promise<number | null> {
  const [code] = (await within('the end of the program', once(child, 'close'), 30_000)) as [number | null];
  return code;
}

for (const transport of ['epoll', 'uring', 'js'] as const) {
  test(`${transport}: forwards, tells each session, refuses a taken port, ends on Ctrl-C`, async () => {
    const origin = net.createServer({ allowHalfOpen: true }, (sock) => {
      sock.on('error', () => sock.destroy()); // the idle session's end may be a reset
      sock.pipe(sock);
    });
    origin.listen(0, '127.0.0.1');
    await once(origin, 'listening');
    const { port: originPort } = origin.address() as net.AddressInfo;
    const port = await freePort();
    const args = ['tcp', '-v', '--transport', transport, `127.0.0.1:${port}`, `localhost:${originPort}`];
    const run = sluice(args);
    await until('its line', () => (run.out().includes('\n') ? true : undefined), 30_000);
    assert.match(
      run.out(),
      new RegExp(`^sluice: 127\\.0\\.0\\.1:${port} -> localhost:${originPort} \\(transport ${transport}`),
    );
    const peer = await connectPeer(port);
    await peer.write('hello');
    await peer.shut();
    assert.equal(await within('the echo', peer.ended), 'FIN');
    assert.equal(peer.data().toString(), 'hello');
    await until('the session line', () => (/-> s1 {2}5 B up, 5 B down, \d+ ms, --/.test(run.out()) ? true : undefined));

    const second = sluice(args);
    assert.equal(await endOf(second), 1);
    assert.equal(second.err(), `sluice tcp: cannot listen on 127.0.0.1:${port}: Address already in use\n`);

    const idle = await connectPeer(port);
    await idle.write('x');
    await idle.receivedAtLeast(1);
    run.child.kill('SIGINT');
    assert.equal(await endOf(run), 0);
    await within('the end of the session', idle.ended);
    assert.equal(run.err(), '');
    origin.close();
  });
}

test('a UNIX socket is made, used and removed at the end', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'slt-'));
  const file = path.join(dir, 's');
  const run = sluice(['tcp', `unix@${file}`, '9']);
  await until('its line', () => (run.out().includes('\n') ? true : undefined), 30_000);
  assert.ok(existsSync(file));
  run.child.kill('SIGTERM');
  assert.equal(await endOf(run), 0);
  assert.ok(!existsSync(file));
  rmSync(dir, { recursive: true });
});

test('mistakes end with status 1 and one line that says what to do', async () => {
  const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [[], /which server\? For example: sluice tcp 8080 localhost:9090/],
    [['8080', 'no-such-host.invalid:1'], /^sluice tcp: unknown host 'no-such-host\.invalid'$/m],
    [['8080', 'localhost'], /server 'localhost': a port is a number from 1 to 65535/],
    [['--transport', 'pigeon', '1', '2'], /--transport is one of epoll, kqueue, uring, js, not 'pigeon'/],
    [['--bogus', '1', '2'], /Unknown option '--bogus'/],
  ];
  for (const [args, message] of cases) {
    const run = sluice(['tcp', ...args]);
    assert.equal(await endOf(run), 1, args.join(' '));
    assert.match(run.err(), message);
    assert.equal(run.out(), '');
  }
});
