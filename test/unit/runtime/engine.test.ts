// A running engine: an exception in a handler ends the stream it served, and nothing else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import test from 'node:test';
import { compile } from '../../../src/runtime/compile.js';
import { Engine } from '../../../src/runtime/engine.js';
import { freePort } from '../../support/ports.js';

test('a handler that throws ends its own stream; another goes on', async () => {
  const origin = net.createServer((sock) => sock.on('error', () => sock.destroy()).pipe(sock));
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  const port = await freePort();
  const text = `listen l
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    bind 127.0.0.1:${port}
    server s1 127.0.0.1:${(origin.address() as net.AddressInfo).port}
`;
  const { config } = await compile([{ name: 'test', text }], { env: process.env, transport: '' });
  const crashes: unknown[] = [];
  const engine = Engine.start(config, { transport: '', env: process.env, onCrash: (error) => crashes.push(error) });
  const connect = async (): Promise<net.Socket> => {
    const sock = net.connect(port, '127.0.0.1').on('error', () => undefined);
    sock.write('one');
    await once(sock, 'data');
    return sock;
  };
  const broken = await connect();
  const [stream] = engine.instance.streams;
  const good = await connect();
  stream!.sif.waitEvent!.tasklet.process = () => {
    throw new Error('planted');
  };
  const gone = new Promise((resolve) => broken.once('close', resolve)); // by a reset
  broken.write('two');
  await gone;
  assert.deepEqual(
    crashes.map((c) => (c as Error).message),
    ['planted'],
  );
  assert.equal(engine.thr.counters.crashes, 1);
  assert.equal(engine.instance.streams.size, 1);
  good.write('two');
  const [echo] = (await once(good, 'data')) as [Buffer];
  assert.equal(echo.toString(), 'two');
  good.destroy();
  await engine.close();
  origin.close();
});
