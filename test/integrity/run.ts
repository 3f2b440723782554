// Runs the planned flows against a proxy, a fixed number at a time, both ends in this process, and sums up. The reference
// (2.6) may lose the end of a large flow when it splices and both sides shut at once (see test/syscall/c10-splice.test.ts);
// a rare run of TARGET=haproxy may fail for that reason, and sluice must not.

import net from 'node:net';

import { until, within } from '../support/wait.js';
import { Endpoint, HEADER_BYTES, readHeader, writeHeader } from './endpoint.js';
import type { FlowPlan } from './plan.js';

export interface Flow {
  readonly plan: FlowPlan;
  client: Endpoint | null;
  server: Endpoint | null;
}

export interface RunResult {
  readonly flows: readonly Flow[];
  readonly concurrentMax: number;
}

const RUN_LIMIT_MS = 120_000;
const DRAIN_LIMIT_MS = 30_000;

export class FlowServer {
  readonly server: net.Server;
  flows = new Map<number, Flow>();
  payload: Buffer;
  open = 0;
  strangers = 0; // connections that ended without a header: clients that were killed before it went out
  onClose: (flow: Flow) => void = () => {};

  constructor(payload: Buffer) {
    this.payload = payload;
    this.server = net.createServer({ allowHalfOpen: true }, (sock) => this.#take(sock));
  }

  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
        const address = this.server.address();
        if (address === null || typeof address === 'string') reject(new Error('no TCP address'));
        else resolve(address.port);
      });
    });
  }

  stop(): Promise<void> {
    for (const flow of this.flows.values()) flow.server?.sock.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  // The first bytes say which flow this is; what follows them belongs to the endpoint.
  #take(sock: net.Socket): void {
    let head: Buffer = Buffer.alloc(0);
    let endpoint: Endpoint | null = null;
    this.open++;
    sock.on('close', () => {
      this.open--;
      if (endpoint === null) this.strangers++;
    });
    sock.on('error', () => {}); // the endpoint, once there, keeps the code
    sock.on('end', () => {
      if (endpoint === null) sock.destroy();
    });
    sock.on('data', (chunk) => {
      if (endpoint !== null) {
        endpoint.take(chunk);
        return;
      }
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (head.length < HEADER_BYTES) return;
      const flow = this.flows.get(readHeader(head));
      if (flow === undefined) {
        sock.destroy(new Error('no header'));
        return;
      }
      endpoint = new Endpoint(flow.plan, 'server', sock, this.payload, () => this.onClose(flow));
      flow.server = endpoint;
      const rest = head.subarray(HEADER_BYTES);
      if (!flow.plan.serverWaits) endpoint.start();
      if (rest.length > 0) endpoint.take(rest);
    });
  }
}

function settled(flow: Flow): boolean {
  return flow.client !== null && flow.client.closed && (flow.server === null || flow.server.closed);
}

/** Runs all plans, `atATime` of them at once. Rejects only when flows hang; everything else is in the result. */
export async function runFlows(
  plans: readonly FlowPlan[],
  atATime: number,
  proxyPort: number,
  server: FlowServer,
): Promise<RunResult> {
  const flows: Flow[] = plans.map((plan) => ({ plan, client: null, server: null }));
  server.flows = new Map(flows.map((flow) => [flow.plan.id, flow]));
  let next = 0;
  let active = 0;
  let concurrentMax = 0;
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const done = new Set<Flow>();

  const closed = (flow: Flow): void => {
    if (done.has(flow) || !settled(flow)) return;
    done.add(flow);
    active--;
    startSome();
    if (done.size === flows.length) finish();
  };
  const startSome = (): void => {
    while (active < atATime && next < flows.length) {
      const flow = flows[next++];
      if (flow === undefined) return;
      active++;
      if (active > concurrentMax) concurrentMax = active;
      const sock = net.connect({ host: '127.0.0.1', port: proxyPort, allowHalfOpen: true });
      const client = new Endpoint(flow.plan, 'client', sock, server.payload, () => closed(flow));
      flow.client = client;
      sock.on('data', (chunk) => client.take(chunk));
      sock.once('connect', () => {
        sock.write(writeHeader(flow.plan.id));
        client.start();
      });
    }
  };
  server.onClose = closed;
  startSome();
  try {
    await within('all flows to end', finished, RUN_LIMIT_MS);
    // A killed client's connection may reach the server after the client is gone.
    await until('the server’s connections to end', () => (server.open === 0 ? true : undefined), DRAIN_LIMIT_MS);
  } catch (error) {
    const hanging = flows.filter((flow) => !settled(flow)).slice(0, 10);
    const said = hanging.flatMap((flow) => [flow.client?.describe(), flow.server?.describe()]);
    for (const flow of flows) flow.client?.sock.destroy();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${said.join('\n')}`);
  }
  return { flows, concurrentMax };
}
