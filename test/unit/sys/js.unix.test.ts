// The js transport: UNIX sockets, abstract names, IPv6, and descriptors that another process handed down.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AF_INET, AF_INET6, AF_UNIX, SOCK_STREAM } from '../../../src/sys/constants.js';
import * as C from '../../../src/sys/constants.js';
import { EADDRINUSE, EBADF, ECONNREFUSED, EINPROGRESS, EINVAL, ENOENT } from '../../../src/sys/errno.js';
import { SYS_F_ABSTRACT, SYS_F_INHERIT, SYS_POLL_ERR, SYS_POLL_OUT } from '../../../src/sys/types.js';
import { readAddr } from '../../../src/sys/js/address.js';
import { ADDR, type Bench, check, until, yes, bench } from './js-bench.js';

const LIMIT = { timeout: 30_000 };
const ENOTSOCK = 88;
const CHILD = fileURLToPath(new URL('./js-child.ts', import.meta.url));

function room(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'js-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

async function roundTrip(b: Bench, lfd: number, cfd: number): Promise<void> {
  check(b.sys.pollAdd(cfd, 1));
  await b.event(cfd, SYS_POLL_OUT);
  const fd = await b.accept(lfd);
  assert.equal(b.send(cfd, 'ping'), 4);
  assert.equal(await b.recvWhenReady(fd), 'ping');
  assert.equal(b.send(fd, 'pong'), 4);
  assert.equal(await b.recvWhenReady(cfd), 'pong');
  b.sys.close(fd);
  assert.equal(await b.recvWhenReady(cfd), 0);
  b.sys.close(cfd);
}

test(
  'UNIX: bind makes the path, listen serves it, both ends know their names, close takes it away',
  LIMIT,
  async (t) => {
    const b = bench(t);
    const path = join(room(t), 'a.sock');
    const lfd = check(b.sys.socket(AF_UNIX, SOCK_STREAM));
    assert.equal(b.sys.bind(lfd, ADDR, b.unix(path)), 0);
    yes(existsSync(path));
    assert.equal(b.sys.listen(lfd, 10), 0);
    yes(b.sys.getsockname(lfd, ADDR) > 2);
    assert.equal(readAddr(b.sys.arena.u8, ADDR, 110)!.path, path);
    const cfd = check(b.sys.socket(AF_UNIX, SOCK_STREAM));
    assert.equal(b.sys.connect(cfd, ADDR, b.unix(path)), -EINPROGRESS);
    await roundTrip(b, lfd, cfd);
    b.sys.close(lfd);
    await until(() => !existsSync(path));
  },
);

test(
  'UNIX: a path in use is -EADDRINUSE from bind; a missing one or one without listener fails the connection',
  LIMIT,
  async (t) => {
    const b = bench(t);
    const dir = room(t);
    const path = join(dir, 'a.sock');
    const lfd = check(b.sys.socket(AF_UNIX, SOCK_STREAM));
    check(b.sys.bind(lfd, ADDR, b.unix(path)));
    const again = check(b.sys.socket(AF_UNIX, SOCK_STREAM));
    assert.equal(b.sys.bind(again, ADDR, b.unix(path)), -EADDRINUSE);
    assert.equal(b.sys.listen(again, 1), -EINVAL);
    yes(existsSync(path));
    const cfd = check(b.sys.socket(AF_UNIX, SOCK_STREAM));
    assert.equal(b.sys.connect(cfd, ADDR, b.unix(join(dir, 'missing'))), -EINPROGRESS);
    check(b.sys.pollAdd(cfd, 1));
    await b.event(cfd, SYS_POLL_ERR);
    assert.equal(b.sys.sockError(cfd), ENOENT);
  },
);

test('UNIX: abstract names, the whole sun_path as HAProxy binds them', LIMIT, async (t) => {
  const b = bench(t);
  assert.notEqual(b.sys.features & SYS_F_ABSTRACT, 0);
  const name = `\0js-test-${process.pid}`.padEnd(108, '\0');
  const lfd = check(b.sys.socket(AF_UNIX, SOCK_STREAM));
  const len = b.unix(name);
  assert.equal(len, 110);
  assert.equal(b.sys.bind(lfd, ADDR, len), 0);
  assert.equal(b.sys.listen(lfd, 10), 0);
  const shown = readFileSync('/proc/net/unix', 'latin1');
  yes(shown.includes(`@js-test-${process.pid}${'@'.repeat(108 - name.trimEnd().indexOf('\0', 1))}\n`));
  const cfd = check(b.sys.socket(AF_UNIX, SOCK_STREAM));
  assert.equal(b.sys.connect(cfd, ADDR, b.unix(name)), -EINPROGRESS);
  await roundTrip(b, lfd, cfd);
  b.sys.close(lfd);
  await until(() => !readFileSync('/proc/net/unix', 'latin1').includes(`@js-test-${process.pid}`));
  const late = check(b.sys.socket(AF_UNIX, SOCK_STREAM));
  assert.equal(b.sys.connect(late, ADDR, b.unix(name)), -EINPROGRESS);
  check(b.sys.pollAdd(late, 1));
  await b.event(late, SYS_POLL_ERR);
  assert.equal(b.sys.sockError(late), ECONNREFUSED);
});

test('IPv6: ::1 both ways; a dual-stack listener shows IPv4 peers as mapped, v6only refuses them', LIMIT, async (t) => {
  const b = bench(t);
  const v6 = (host: string, port: number): number => b.put({ family: AF_INET6, host, port, path: '' });
  const portOf = (fd: number): number => {
    check(b.sys.getsockname(fd, ADDR));
    return readAddr(b.sys.arena.u8, ADDR, 28)!.port;
  };
  const lfd = check(b.sys.socket(AF_INET6, SOCK_STREAM));
  check(b.sys.bind(lfd, ADDR, v6('::', 0)));
  check(b.sys.listen(lfd, 10));
  const cfd = check(b.sys.socket(AF_INET6, SOCK_STREAM));
  assert.equal(b.sys.connect(cfd, ADDR, v6('::1', portOf(lfd))), -EINPROGRESS);
  await roundTrip(b, lfd, cfd);
  const four = check(b.sys.socket(AF_INET, SOCK_STREAM));
  assert.equal(b.sys.connect(four, ADDR, b.inet(portOf(lfd))), -EINPROGRESS);
  await b.accept(lfd);
  assert.equal(readAddr(b.sys.arena.u8, ADDR, 28)!.host, '0:0:0:0:0:ffff:7f00:1');
  const only = check(b.sys.socket(AF_INET6, SOCK_STREAM));
  check(b.sys.setsockopt(only, C.IPPROTO_IPV6, C.IPV6_V6ONLY, 1));
  check(b.sys.bind(only, ADDR, v6('::', 0)));
  check(b.sys.listen(only, 10));
  const refused = check(b.sys.socket(AF_INET, SOCK_STREAM));
  assert.equal(b.sys.connect(refused, ADDR, b.inet(portOf(only))), -EINPROGRESS);
  check(b.sys.pollAdd(refused, 1));
  await b.event(refused, SYS_POLL_ERR);
  assert.equal(b.sys.sockError(refused), ECONNREFUSED);
});

/** Runs test/unit/sys/js-child.ts with `handle` as its descriptor 3. */
function child(t: TestContext, role: string, held: net.Server | net.Socket): ChildProcess {
  const at = held as unknown as { _handle: { fd: number } };
  const proc = spawn(process.execPath, ['--import', 'tsx', CHILD, role], {
    stdio: ['ignore', 'pipe', 'inherit', at._handle.fd],
  });
  t.after(() => proc.kill('SIGKILL'));
  return proc;
}

test(
  'adopt: an inherited listening descriptor accepts, connections from before the start included',
  LIMIT,
  async (t) => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const proc = child(t, 'listener', server);
    await once(proc, 'spawn');
    server.close(); // the child holds it now: this process accepts nothing
    const peer = net.connect(port, '127.0.0.1');
    t.after(() => peer.destroy());
    peer.end('hello');
    let got = '';
    peer.on('data', (d: Buffer) => (got += d.toString()));
    await once(peer, 'end');
    assert.equal(got, `listener on ${port} got hello`);
    const [code] = (await once(proc, 'exit')) as [number];
    assert.equal(code, 0);
  },
);

test('adopt: an inherited UNIX listener works the same', LIMIT, async (t) => {
  const dir = room(t);
  const server = net.createServer();
  server.listen(join(dir, 'a.sock'));
  await once(server, 'listening');
  linkSync(join(dir, 'a.sock'), join(dir, 'b.sock')); // node takes a.sock away when it closes
  const proc = child(t, 'listener', server);
  await once(proc, 'spawn');
  server.close();
  const peer = net.connect({ path: join(dir, 'b.sock'), allowHalfOpen: true });
  t.after(() => peer.destroy());
  peer.end('hello');
  let got = '';
  peer.on('data', (d: Buffer) => (got += d.toString()));
  await once(peer, 'end');
  assert.equal(got, 'listener on 0 got hello');
});

test('adopt: an inherited connection is taken as one, not closed by trying to listen on it', LIMIT, async (t) => {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const peer = net.connect({ port: (server.address() as net.AddressInfo).port, allowHalfOpen: true });
  t.after(() => peer.destroy());
  const [accepted] = (await once(server, 'connection')) as [net.Socket];
  const port = accepted.remotePort;
  const proc = child(t, 'connection', accepted);
  await once(proc, 'spawn');
  accepted.destroy();
  peer.end('hello');
  let got = '';
  peer.on('data', (d: Buffer) => (got += d.toString()));
  await once(peer, 'end');
  assert.equal(got, `connection of ${String(port)} got hello`);
});

test('adopt: what is no socket is refused', (t) => {
  const b = bench(t);
  assert.notEqual(b.sys.features & SYS_F_INHERIT, 0);
  assert.equal(b.sys.adopt(openSync('/dev/null', 'r')), -ENOTSOCK);
  assert.equal(b.sys.adopt(1_000_000), -EBADF);
  assert.equal(b.sys.open, 0);
});
