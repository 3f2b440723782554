// Raw socket peers for both ends of a proxied connection. A Peer keeps what it saw (bytes, FIN or error) in the order
// of arrival, so that a test can ask for it afterwards; half-open by default, nothing is closed behind the test's back.

import net from 'node:net';

import { within } from './wait.js';

/** How the other side's direction ended: 'FIN', or an error code such as ECONNRESET. */
export type PeerEnd = string;

export class Peer {
  readonly sock: net.Socket;
  readonly chunks: Buffer[] = [];
  received = 0;
  end: PeerEnd | null = null;
  readonly ended: Promise<PeerEnd>;
  readonly closed: Promise<void>;
  #wake: (() => void)[] = [];

  constructor(sock: net.Socket) {
    this.sock = sock;
    sock.setNoDelay(true);
    sock.on('data', (chunk) => {
      this.received += chunk.length;
      this.chunks.push(chunk);
      this.#notify();
    });
    this.ended = new Promise((resolve) => {
      const finish = (how: PeerEnd): void => {
        if (this.end === null || how !== 'FIN') this.end = how; // an error after the FIN is the later word
        resolve(this.end);
        this.#notify();
      };
      sock.on('end', () => finish('FIN'));
      sock.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
      sock.on('close', () => finish(this.end ?? 'CLOSED'));
    });
    this.closed = new Promise((resolve) => sock.once('close', () => resolve()));
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  data(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Waits until `bytes` were received in total; rejects when the direction ends before. */
  async receivedAtLeast(bytes: number, limitMs = 20_000): Promise<void> {
    const wait = async (): Promise<void> => {
      while (this.received < bytes) {
        if (this.end !== null) throw new Error(`ended (${this.end}) after ${this.received} of ${bytes} bytes`);
        await new Promise<void>((resolve) => this.#wake.push(resolve));
      }
    };
    await within(`${bytes} bytes`, wait(), limitMs);
  }

  /** Writes, resolves when the kernel took all of it; rejects on error. */
  write(data: Buffer | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.sock.write(data, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Sends FIN after what was written; resolves once the kernel has it, or the socket is gone. */
  shut(): Promise<void> {
    return new Promise((resolve) => {
      this.sock.once('close', () => resolve());
      this.sock.end(() => resolve());
    });
  }

  /** Closes with RST. */
  reset(): void {
    this.sock.resetAndDestroy();
  }
}

/** Connects a peer. The local port (for following it in a trace) is `peer.sock.localPort`. */
export function connectPeer(port: number, limitMs = 10_000): Promise<Peer> {
  const sock = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  const peer = new Peer(sock);
  const up = new Promise<Peer>((resolve, reject) => {
    sock.once('connect', () => resolve(peer));
    sock.once('error', reject);
  });
  return within(`connection to port ${port}`, up, limitMs);
}

/** A server whose accepted connections are handed out one by one, in order. */
export class PeerServer {
  readonly port: number;
  readonly server: net.Server;
  readonly peers: Peer[] = [];
  #queue: Peer[] = [];
  #waiting: ((peer: Peer) => void)[] = [];

  constructor(server: net.Server, port: number) {
    this.server = server;
    this.port = port;
    server.on('connection', (sock) => {
      const peer = new Peer(sock);
      this.peers.push(peer);
      const next = this.#waiting.shift();
      if (next) next(peer);
      else this.#queue.push(peer);
    });
  }

  /** The next accepted connection. */
  accept(limitMs = 10_000): Promise<Peer> {
    const ready = this.#queue.shift();
    if (ready) return Promise.resolve(ready);
    return within('a connection from the proxy', new Promise<Peer>((resolve) => this.#waiting.push(resolve)), limitMs);
  }

  async stop(): Promise<void> {
    for (const peer of this.peers) peer.sock.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

/** Listens on 127.0.0.1 (half-open allowed). `port` 0: any. */
export function listenPeers(port = 0): Promise<PeerServer> {
  const server = net.createServer({ allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, backlog: 4096 }, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no TCP address'));
      else resolve(new PeerServer(server, address.port));
    });
  });
}
