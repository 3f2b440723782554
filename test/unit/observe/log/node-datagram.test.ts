// Datagrams over node's sockets, for the transport that has none: lines arrive, and none that cannot go is waited for.
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import test from 'node:test';
import { NodeDatagramOutput } from '../../../../src/observe/log/node-datagram.js';
import { addressInet } from '../../../../src/datapath/proto/address.js';
import type { Address } from '../../../../src/datapath/proto/types.js';
import { AF_INET, AF_INET6, AF_UNIX } from '../../../../src/sys/constants.js';
import { until } from '../../../support/wait.js';

const hasIp6 = Object.values(networkInterfaces()).some((list) => list!.some((a) => a.address === '::1'));

interface Receiver {
  readonly port: number;
  readonly lines: string[];
  close(): void;
}

async function receiver(type: 'udp4' | 'udp6', host: string): Promise<Receiver> {
  const socket: Socket = createSocket(type);
  const lines: string[] = [];
  socket.on('message', (m) => lines.push(m.toString('latin1')));
  socket.unref(); // a test that fails does not keep the process
  socket.bind(0, host);
  await once(socket, 'listening');
  return { port: socket.address().port, lines, close: () => void socket.close() };
}

test('each line is a datagram, bytes as they are; IPv6 too', async () => {
  for (const [type, host, family] of [
    ['udp4', '127.0.0.1', AF_INET],
    ['udp6', '::1', AF_INET6],
  ] as const) {
    if (family === AF_INET6 && !hasIp6) continue;
    const r = await receiver(type, host);
    const out = new NodeDatagramOutput({ ...addressInet('127.0.0.1', r.port), family, host });
    assert.equal(out.write('<134>one\n'), true);
    assert.equal(out.write('<134>\xe9\xff\n'), true);
    await until('both lines', () => (r.lines.length === 2 ? true : undefined));
    assert.deepEqual(r.lines.sort(), ['<134>one\n', '<134>\xe9\xff\n']);
    out.close();
    assert.equal(out.write('late\n'), false, 'nothing after the end');
    r.close();
  }
});

test('nobody there costs nothing: lines go out as datagrams do, and nothing throws', async () => {
  const r = await receiver('udp4', '127.0.0.1');
  const { port } = r;
  r.close();
  const out = new NodeDatagramOutput(addressInet('127.0.0.1', port));
  for (let i = 0; i < 50; i++) out.write(`${i}\n`);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(typeof out.write('again\n'), 'boolean');
  out.close();
});

test('a UNIX socket takes nothing, so that the loss is counted', () => {
  const unix: Address = { ...addressInet('127.0.0.1', 0), family: AF_UNIX, host: '/dev/log', port: 0 };
  const out = new NodeDatagramOutput(unix);
  assert.equal(out.write('x\n'), false);
  out.close();
});

test('what waits for the socket is bounded: a megabyte, then lines are lost until it went out', async () => {
  const r = await receiver('udp4', '127.0.0.1');
  const out = new NodeDatagramOutput(addressInet('127.0.0.1', r.port));
  const line = 'x'.repeat(8000);
  // Before its first send node binds the socket, which takes a turn: nothing leaves meanwhile.
  const taken = Array.from({ length: 2000 }, () => out.write(line));
  const first = taken.indexOf(false);
  if (first !== -1) assert.ok(first * line.length >= 1 << 20, `lost from line ${first} on`);
  await until('room again', () => (out.write('more\n') ? true : undefined));
  out.close();
  r.close();
});
