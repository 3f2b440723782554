// One proxied TCP connection under strace: starts the server and the program, traces from the idle program on, lets the test
// drive the connection, and returns the calls made for it. Run for both programs, the two results can be compared.

import { type FlowCall, followConnection } from './flow-calls.js';
import { type PeerServer, listenPeers } from './peers.js';
import { freePort } from './ports.js';
import { untilQuiet } from './proc.js';
import { type Program, startProgram } from './program.js';
import { traceProgram } from './strace.js';
import { type ProgramKind, type TransportName, forcedTransport } from './target.js';

export interface Stage {
  readonly program: Program;
  readonly server: PeerServer;
  /** Where the proxy listens. */
  readonly port: number;
  /** Waits until the program dealt with all that was sent so far. */
  quiet(): Promise<void>;
}

export interface TracedOptions {
  readonly kind: ProgramKind;
  /** Lines for the `listen` section beside bind and server. */
  readonly lines?: readonly string[];
  readonly global?: readonly string[];
  /** Drives one connection to its end; returns the client's local port. */
  readonly drive: (stage: Stage) => Promise<number>;
}

/** A configuration with one TCP proxy from `port` to `serverPort`. */
export function tcpConfig(
  port: number,
  serverPort: number,
  lines: readonly string[] = [],
  global: readonly string[] = [],
): string {
  const head = global.length === 0 ? [] : ['global', ...global.map((line) => `    ${line}`), ''];
  return [
    ...head,
    'defaults',
    '    mode tcp',
    '    timeout connect 5s',
    '    timeout client 30s',
    '    timeout server 30s',
    '',
    'listen proxy',
    `    bind 127.0.0.1:${port}`,
    ...lines.map((line) => `    ${line}`),
    `    server origin 127.0.0.1:${serverPort}`,
    '',
  ].join('\n');
}

async function onStage<T>(
  options: TracedOptions,
  transport: TransportName,
  act: (stage: Stage) => Promise<T>,
): Promise<T> {
  const server = await listenPeers();
  try {
    const port = await freePort();
    const config = tcpConfig(port, server.port, options.lines, options.global);
    const program = await startProgram({ kind: options.kind, config, transport });
    const quiet = (): Promise<void> => untilQuiet(program.pid);
    try {
      await quiet();
      return await act({ program, server, port, quiet });
    } finally {
      await program.stop();
    }
  } finally {
    await server.stop();
  }
}

/** Runs `drive` under strace; always over epoll, since io_uring's operations are invisible to strace. */
export function traceConnection(options: TracedOptions): Promise<FlowCall[]> {
  return onStage(options, 'epoll', async (stage) => {
    const tracer = await traceProgram(stage.program.pid);
    try {
      await stage.quiet();
      const clientPort = await options.drive(stage);
      await stage.quiet();
      return followConnection(await tracer.stop(), clientPort, stage.server.port);
    } finally {
      await tracer.stop();
    }
  });
}

/** Runs `drive` without strace over the transport of this run: what it asserts about both ends is the result. */
export async function driveConnection(options: TracedOptions): Promise<void> {
  await onStage(options, forcedTransport(), options.drive);
}
