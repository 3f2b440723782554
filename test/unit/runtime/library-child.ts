// Started by library.test.ts, one process for each transport: a session listener throws, the proxy goes on, and the process
// ends by itself once the proxy is closed. Prints what happened as JSON, and nothing else may be printed.
import net from 'node:net';
import { createProxy, type LibraryTransport } from '../../../src/index.js';

const [transport, origin] = process.argv.slice(2);

function echo(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const sock = net.connect(port, '127.0.0.1', () => sock.end(text));
    sock.setEncoding('utf8');
    sock.on('data', (chunk: string) => (got += chunk));
    sock.on('end', () => resolve(got));
    sock.on('error', reject);
  });
}

const config = `
  listen web
    mode tcp
    bind 127.0.0.1:0
    server one 127.0.0.1:${origin}
`;
const proxy = createProxy({ config, allowPortZero: true, transport: transport as LibraryTransport });
const caught = new Promise((resolve) => process.once('uncaughtException', (error) => resolve(error.message)));
proxy.once('session', () => {
  throw new Error('from the listener');
});
await proxy.start();
const port = proxy.addresses[0]!.port;
const first = await echo(port, 'a');
const thrown = await caught;
const second = await echo(port, 'b');
const { crashes } = proxy.stats().engine;
await proxy.close();
console.log(JSON.stringify({ first, thrown, second, crashes }));
