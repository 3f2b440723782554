// The other ends of the demonstration, in a thread of their own, so that what the proxy's thread does is the proxy's alone:
// the origins (echo, and a small answer to HTTP requests), and the client that sends data through the proxy and checks it.
import { createHash, randomFillSync } from 'node:crypto';
import net from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

export interface PeersData {
  readonly origins: number;
}

/** Asks for one round of proof. */
export interface ProofRequest {
  readonly port: number;
  readonly connections: number;
  readonly bytesEach: number;
}

/** What came of it. `wrong`: connections whose data did not come back as it was sent. */
export interface ProofResult {
  readonly kind: 'proof';
  readonly sent: number;
  readonly received: number;
  readonly wrong: number;
  readonly ms: number;
  readonly error: string;
}

/** The origins listen on these ports of 127.0.0.1. */
export interface PeersReady {
  readonly kind: 'ready';
  readonly ports: readonly number[];
}

const BLOCK_BYTES = 1 << 20;

function origin(number: number): Promise<number> {
  const server = net.createServer({ allowHalfOpen: true }, (sock) => {
    sock.on('error', () => sock.destroy());
    sock.once('data', (first) => {
      if (!/^(GET|HEAD) /.test(first.toString('latin1', 0, 5))) {
        sock.write(first);
        sock.pipe(sock);
        return;
      }
      const body = `hello from origin ${number}\n`;
      sock.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
      sock.resume();
    });
    sock.on('end', () => sock.end());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', 1024, () => {
      resolve((server.address() as net.AddressInfo).port);
    });
  });
}

/** Sends random blocks, reads them back, compares checksums. Resolves to the bytes received, -1 where they differ. */
function echo(port: number, bytes: number): Promise<number> {
  const block = randomFillSync(Buffer.allocUnsafe(BLOCK_BYTES));
  const sent = createHash('sha1');
  const got = createHash('sha1');
  let received = 0;
  let left = bytes;
  const sock = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const more = (): void => {
    while (left > 0) {
      const part = block.subarray(0, Math.min(left, block.length));
      left -= part.length;
      sent.update(part);
      if (!sock.write(part)) return;
    }
    sock.end();
  };
  return new Promise((resolve, reject) => {
    sock.on('connect', more);
    sock.on('drain', more);
    sock.on('data', (chunk: Buffer) => {
      received += chunk.length;
      got.update(chunk);
    });
    sock.on('error', reject);
    sock.on('end', () => {
      resolve(received === bytes && sent.digest('hex') === got.digest('hex') ? received : -1);
    });
  });
}

async function prove(request: ProofRequest): Promise<ProofResult> {
  const started = performance.now();
  const { connections, bytesEach, port } = request;
  const sent = connections * bytesEach;
  try {
    const got = await Promise.all(Array.from({ length: connections }, () => echo(port, bytesEach)));
    const received = got.reduce((sum, n) => sum + Math.max(0, n), 0);
    const wrong = got.filter((n) => n < 0).length;
    return { kind: 'proof', sent, received, wrong, ms: performance.now() - started, error: '' };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { kind: 'proof', sent, received: 0, wrong: connections, ms: performance.now() - started, error: text };
  }
}

if (parentPort !== null) {
  const port = parentPort;
  const { origins } = workerData as PeersData;
  void Promise.all(Array.from({ length: origins }, (_, i) => origin(i + 1))).then((ports) => {
    port.postMessage({ kind: 'ready', ports } satisfies PeersReady);
  });
  port.on('message', (request: ProofRequest) => {
    void prove(request).then((result) => {
      port.postMessage(result);
    });
  });
}
