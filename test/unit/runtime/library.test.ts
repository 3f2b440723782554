// The library face over each transport: life from start to close, events, statistics, errors. Real sockets on loopback.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  ConfigError,
  createProxy,
  EngineStartError,
  type LogLine,
  type SessionReport,
  type SluiceProxy,
  type SluiceTextOptions,
  TransportError,
} from '../../../src/index.js';
import { connectPeer } from '../../support/peers.js';
import { until, within } from '../../support/wait.js';

const run = promisify(execFile);
const TRANSPORTS = ['epoll', 'uring', 'js'] as const;

let origin: net.Server;
let originPort = 0;
const held = new Set<net.Socket>();

before(async () => {
  origin = net.createServer({ allowHalfOpen: true }, (sock) => {
    held.add(sock);
    sock.on('close', () => held.delete(sock));
    sock.on('error', () => sock.destroy());
    sock.pipe(sock);
  });
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  originPort = (origin.address() as net.AddressInfo).port;
});

after(() => {
  for (const sock of held) sock.destroy();
  origin.close();
});

function listenConfig(more = '', name = 'web'): string {
  return `
    listen ${name}
      mode tcp
      bind 127.0.0.1:0
      timeout connect 5s
      timeout client 30s
      timeout server 30s
      ${more}
      server one 127.0.0.1:${originPort}
  `;
}

type Common = Omit<SluiceTextOptions, 'config' | 'file'>;

/** A started proxy in front of the echo origin. */
function started(options: Common = {}, config = listenConfig()): Promise<SluiceProxy> {
  return createProxy({ config, allowPortZero: true, ...options }).start();
}

function portOf(proxy: SluiceProxy): number {
  const port = proxy.addresses[0]?.port ?? 0;
  assert.ok(port > 0, 'the proxy has a port');
  return port;
}

/** Sends `text` through, shuts, reads to the end. */
async function echo(port: number, text: string): Promise<string> {
  const peer = await connectPeer(port);
  await peer.write(text);
  await peer.shut();
  assert.equal(await within('the end of the echo', peer.ended), 'FIN');
  return peer.data().toString();
}

async function refused(port: number): Promise<void> {
  await assert.rejects(connectPeer(port), { code: 'ECONNREFUSED' });
}

for (const transport of TRANSPORTS) {
  test(`${transport}: a session goes through, is told of and is counted`, async () => {
    const log: LogLine[] = [];
    const proxy = createProxy({
      config: listenConfig(),
      allowPortZero: true,
      transport,
      onLog: (line) => log.push(line),
    });
    const told: string[] = [];
    proxy.on('listening', (addresses) => told.push(`listening ${addresses.length}`));
    proxy.on('close', () => told.push('close'));
    const reports: SessionReport[] = [];
    proxy.on('session', (report) => {
      told.push('session');
      reports.push(report);
    });
    assert.equal(proxy.state, 'new');
    assert.equal(await proxy.start(), proxy);
    assert.equal(proxy.state, 'open');
    const [address] = proxy.addresses;
    assert.ok(address !== undefined);
    assert.deepEqual(
      { ...address, port: 0 },
      { proxy: 'web', listener: 'sock-1', family: 'ipv4', host: '127.0.0.1', port: 0, path: '' },
    );

    const text = 'x'.repeat(100_000);
    assert.equal(await echo(address.port, text), text);
    await until('the report', () => reports[0]);
    const report = reports[0]!;
    assert.equal(report.frontend, 'web');
    assert.equal(report.server, 'one');
    assert.equal(report.client?.host, '127.0.0.1');
    assert.equal(report.bytesIn, text.length);
    assert.equal(report.bytesOut, text.length);
    assert.equal(report.termination, '--');
    assert.ok(report.durationMs >= 0 && report.acceptMs <= Date.now());

    const stats = proxy.stats();
    assert.equal(stats.engine.transport, transport);
    assert.equal(stats.engine.sessions, 0);
    assert.equal(stats.engine.sessionsTotal, 1);
    assert.equal(stats.engine.bytesIn, text.length);
    assert.equal(stats.engine.crashes, 0);
    const [web] = stats.proxies;
    assert.ok(web !== undefined);
    assert.deepEqual([web.name, web.kind, web.frontend?.sessionsTotal], ['web', 'listen', 1]);
    assert.equal(web.servers[0]?.sessionsTotal, 1);
    assert.equal(web.servers[0].bytesOut, text.length);
    assert.equal(web.listeners[0]?.state, 'READY');
    assert.deepEqual(structuredClone(stats), stats);

    await proxy.close();
    assert.equal(proxy.state, 'closed');
    assert.deepEqual(told, ['listening 1', 'session', 'close']);
    assert.equal(proxy.stats().engine.sessionsTotal, 1);
    await refused(address.port);
    assert.deepEqual(log, []);
  });

  test(`${transport}: close ends the sessions, with drain it waits for them`, async () => {
    const killed = await started({ transport });
    const peer = await connectPeer(portOf(killed));
    await peer.write('a');
    await peer.receivedAtLeast(1);
    await within('close', killed.close());
    await within('the end of the session', peer.ended);

    const proxy = await started({ transport });
    const port = portOf(proxy);
    const last = await connectPeer(port);
    await last.write('b');
    await last.receivedAtLeast(1);
    const reports: SessionReport[] = [];
    proxy.on('session', (report) => reports.push(report));
    const closing = proxy.close({ drain: true });
    await until('the listener to close', () => refused(port).then(() => true));
    assert.equal(proxy.state, 'closing');
    await last.write('c');
    await last.receivedAtLeast(2);
    await last.shut();
    await within('the drain', closing);
    assert.equal(last.data().toString(), 'bc');
    assert.equal(reports[0]?.termination, '--');
  });

  test(`${transport}: a drain that takes too long is cut, by its limit and by a second close`, async () => {
    const limited = await started({ transport });
    const first = await connectPeer(portOf(limited));
    await first.write('a');
    await first.receivedAtLeast(1);
    await within('the limit', limited.close({ drain: true, timeoutMs: 50 }));
    await within('the end of the session', first.ended);

    const hurried = await started({ transport });
    const second = await connectPeer(portOf(hurried));
    await second.write('a');
    await second.receivedAtLeast(1);
    const draining = hurried.close({ drain: true });
    await within('the second close', hurried.close());
    await within('the first close', draining);
    await within('the end of the session', second.ended);
  });

  test(`${transport}: two proxies in one process live and end apart`, async () => {
    const one = await started({ transport }, listenConfig('', 'one'));
    const two = await started({ transport }, listenConfig('', 'two'));
    const peer = await connectPeer(portOf(two));
    await peer.write('still ');
    await peer.receivedAtLeast(6);
    assert.equal(await echo(portOf(one), 'one'), 'one');
    await one.close();
    await peer.write('there');
    await peer.receivedAtLeast(11);
    assert.equal(await echo(portOf(two), 'two'), 'two');
    assert.equal(one.stats().engine.sessionsTotal, 1);
    assert.equal(two.stats().engine.sessionsTotal, 2);
    await two.close();
  });

  test(`${transport}: an aborted signal closes it`, async () => {
    const control = new AbortController();
    const proxy = await started({ transport, signal: control.signal });
    const peer = await connectPeer(portOf(proxy));
    await peer.write('a');
    await peer.receivedAtLeast(1);
    const closed = once(proxy, 'close');
    control.abort();
    await within('close', closed);
    await within('the end of the session', peer.ended);
    assert.equal(proxy.state, 'closed');
  });

  test(`${transport}: what a listener throws is the embedder's; nothing is printed; the process ends by itself`, async () => {
    const child = fileURLToPath(new URL('./library-child.ts', import.meta.url));
    const args = ['--import', 'tsx', child, transport, String(originPort)];
    const { stdout, stderr } = await within('the child', run(process.execPath, args), 60_000);
    assert.deepEqual(JSON.parse(stdout), { first: 'a', thrown: 'from the listener', second: 'b', crashes: 0 });
    assert.equal(stderr, '');
  });
}

test('timers, promises and files of the process go on beside the proxy', async () => {
  const proxy = await started();
  const order: string[] = [];
  await new Promise((resolve) => setTimeout(resolve, 5)).then(() => order.push('timer'));
  await new Promise((resolve) => setImmediate(resolve)).then(() => order.push('immediate'));
  await import('node:fs/promises').then((fs) => fs.stat('.')).then(() => order.push('file'));
  assert.deepEqual(order, ['timer', 'immediate', 'file']);
  await proxy.close();
});

test('await using closes it: Symbol.asyncDispose', async () => {
  const proxy = await started();
  const port = portOf(proxy);
  await proxy[Symbol.asyncDispose]();
  assert.equal(proxy.state, 'closed');
  await refused(port);
});

test('start and close may be called in any order and more than once', async () => {
  const never = createProxy({ config: listenConfig(), allowPortZero: true });
  let closes = 0;
  never.on('close', () => closes++);
  assert.throws(() => never.stats(), /not been started/);
  await never.close();
  await never.close();
  assert.equal(closes, 1);
  await assert.rejects(never.start(), /closed before it was started/);

  const early = createProxy({ config: listenConfig(), allowPortZero: true });
  const starting = early.start();
  assert.equal(early.start(), starting);
  const closing = early.close();
  await assert.rejects(starting, /closed while it was starting/);
  await closing;
  assert.equal(early.state, 'closed');
  assert.deepEqual(early.addresses, []);

  const aborted = createProxy({ config: listenConfig(), allowPortZero: true, signal: AbortSignal.abort() });
  await assert.rejects(aborted.start(), { name: 'AbortError' });
  assert.equal(aborted.state, 'closed');
});

test('port 0 is an error unless it is allowed', async () => {
  await assert.rejects(createProxy({ config: listenConfig() }).start(), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /invalid port '0'/);
    return true;
  });
  const ranges = createProxy({ config: listenConfig('bind 127.0.0.1:0-3'), allowPortZero: true });
  await assert.rejects(ranges.start(), ConfigError);
});

test('a bad configuration rejects with every report, its place and the nearest word', async () => {
  const config = `listen a\n  mode tcp\n  bnid 127.0.0.1:1\n  balance rondrobin\n`;
  await assert.rejects(createProxy({ config }).start(), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, 'SLUICE_CONFIG');
    assert.deepEqual([error.file, error.line, error.column, error.nearest], ['config', 3, 3, 'bind']);
    assert.ok(error.reports.filter((r) => r.fatal).length >= 2);
    return true;
  });
});

test('what belongs to the process is refused by name', async () => {
  const words = [
    'chroot /tmp',
    'user nobody',
    'group nogroup',
    'uid 1',
    'gid 1',
    'daemon',
    'pidfile /tmp/x',
    'ulimit-n 9',
  ];
  for (const line of words) {
    const config = `global\n  ${line}\n${listenConfig()}`;
    await assert.rejects(createProxy({ config, allowPortZero: true }).start(), (error) => {
      assert.ok(error instanceof ConfigError, line);
      assert.equal(error.reports.filter((r) => r.fatal).length, 1, line);
      assert.deepEqual([error.line, error.keyword], [2, line.split(' ')[0]]);
      assert.match(error.message, /not allowed in library mode/);
      return true;
    });
  }
});

test('options that cannot be meant are refused at once', () => {
  const none: unknown = {};
  const both: unknown = { config: '', file: 'x' };
  assert.throws(() => createProxy(none as SluiceTextOptions), TypeError);
  assert.throws(() => createProxy(both as SluiceTextOptions), TypeError);
});

test('an address that somebody has rejects and leaves nothing open', async () => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as net.AddressInfo;
  const config = `global\n noreuseport\nlisten a\n mode tcp\n bind 127.0.0.1:0\n bind 127.0.0.1:${port}\n`;
  const proxy = createProxy({ config, allowPortZero: true });
  await assert.rejects(proxy.start(), (error) => {
    assert.ok(error instanceof EngineStartError);
    assert.deepEqual(
      error.errors.map((e) => [e.proxy, e.address, e.message]),
      [['a', `127.0.0.1:${port}`, 'cannot bind socket (Address already in use)']],
    );
    return true;
  });
  assert.equal(proxy.state, 'closed');
  taken.close();
  const next = await started();
  assert.equal(await echo(portOf(next), 'after'), 'after');
  await next.close();
});

test('SLUICE_TRANSPORT of the given environment goes before the option', async () => {
  const proxy = await started({ transport: 'epoll', env: { SLUICE_TRANSPORT: 'js' } });
  assert.equal(proxy.stats().engine.transport, 'js');
  await proxy.close();
  const unknown = createProxy({ config: listenConfig(), allowPortZero: true, env: { SLUICE_TRANSPORT: 'pigeon' } });
  await assert.rejects(unknown.start(), TransportError);
});

test('C31 a transport that is forced and missing rejects, one that is wished for gives way and says so', async () => {
  const forced = createProxy({
    config: listenConfig(),
    allowPortZero: true,
    env: { SLUICE_TRANSPORT: 'uring', SLUICE_NATIVE: '0' },
  });
  await assert.rejects(forced.start(), TransportError);
  const log: LogLine[] = [];
  const proxy = await started({ transport: 'uring', env: { SLUICE_NATIVE: '0' }, onLog: (line) => log.push(line) });
  assert.equal(proxy.stats().engine.transport, 'js');
  assert.deepEqual(
    log.map((line) => line.level),
    ['notice'],
  );
  assert.match(log[0]!.message, /SLUICE_NATIVE=0/);
  await proxy.close();
});

test('warnings of the configuration go to onLog, with their place', async () => {
  const log: LogLine[] = [];
  const config = `listen a\n mode tcp\n bind 127.0.0.1:0\n server one 127.0.0.1:${originPort}\n`;
  const proxy = await started({ onLog: (line) => log.push(line) }, config);
  await proxy.close();
  assert.equal(log[0]?.level, 'warning');
  assert.match(log[0].message, /missing timeouts/);
});

test('a configuration comes from files and directories, and env fills its variables', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'slt-'));
  try {
    writeFileSync(
      path.join(dir, '1.cfg'),
      'defaults\n mode tcp\n timeout connect 1s\n timeout client 9s\n timeout server 9s\n',
    );
    const text = 'listen a\n bind 127.0.0.1:0\n server one "127.0.0.1:${ORIGIN}"\n';
    writeFileSync(path.join(dir, '2.cfg'), text);
    const env = { ORIGIN: String(originPort) };
    const proxy = await createProxy({ file: dir, env, allowPortZero: true }).start();
    assert.equal(await echo(portOf(proxy), 'from a file'), 'from a file');
    await proxy.close();
    const missing = createProxy({ file: [path.join(dir, 'none.cfg')] });
    await assert.rejects(missing.start(), /No such file or directory/);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('UNIX listeners are told with their path', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'slt-'));
  const file = path.join(dir, 's');
  const proxy = await started({}, listenConfig().replace('127.0.0.1:0', `unix@${file} name here`));
  assert.deepEqual(proxy.addresses, [
    { proxy: 'web', listener: 'here', family: 'unix', host: '', port: 0, path: file },
  ]);
  await proxy.close();
  rmSync(dir, { recursive: true, force: true });
});
