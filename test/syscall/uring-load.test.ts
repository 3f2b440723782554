// Under io_uring a small connection costs at most six system calls at load, all kinds together. Counted are all calls of the
// program's main thread, io_uring_enter and waits included, from the idle program to the idle program, except those
// by which V8 manages memory and threads and reads clocks (NOT_COUNTED).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Peer, connectPeer, listenPeers } from '../support/peers.js';
import { freePort } from '../support/ports.js';
import { untilQuiet } from '../support/proc.js';
import { startProgram } from '../support/program.js';
import type { TraceCall } from '../support/strace-parse.js';
import { TRACE_ALL, traceProgram } from '../support/strace.js';
import { type ProgramKind, forcedTransport, subjectKind } from '../support/target.js';
import { tcpConfig } from '../support/traced.js';

const CONNECTIONS = 200;
const AT_A_TIME = 20;
const CALLS_MAX = 6; // for each connection
const BYTES = 100;
const NOT_COUNTED: ReadonlySet<string> = new Set([
  'mmap',
  'munmap',
  'mremap',
  'madvise',
  'mprotect',
  'brk',
  'futex',
  'membarrier',
  'sched_yield',
  'clock_gettime',
  'gettimeofday',
  'getrusage',
  'restart_syscall', // the wait that strace's attaching interrupted
]);

/** Connect, 100 bytes, 100 back, closed by the client. */
async function oneConnection(port: number): Promise<void> {
  const client: Peer = await connectPeer(port);
  try {
    await client.write(Buffer.alloc(BYTES, 'q'));
    await client.receivedAtLeast(BYTES);
    await client.shut();
    assert.equal(await client.ended, 'FIN');
    assert.equal(client.received, BYTES);
  } finally {
    client.sock.destroy();
  }
}

async function load(port: number, count: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await oneConnection(port);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

/** All counted calls of the main thread while CONNECTIONS connections pass. */
async function countCalls(kind: ProgramKind): Promise<TraceCall[]> {
  const server = await listenPeers();
  server.server.on('connection', (sock) => {
    sock.on('data', (chunk) => sock.write(chunk));
    sock.on('end', () => sock.end());
  });
  try {
    const port = await freePort();
    const program = await startProgram({ kind, config: tcpConfig(port, server.port), transport: 'uring' });
    try {
      await load(port, AT_A_TIME * 2);
      await untilQuiet(program.pid);
      const tracer = await traceProgram(program.pid, TRACE_ALL);
      try {
        await untilQuiet(program.pid);
        await load(port, CONNECTIONS);
        await untilQuiet(program.pid);
        return (await tracer.stop()).filter((call) => !NOT_COUNTED.has(call.name));
      } finally {
        await tracer.stop();
      }
    } finally {
      await program.stop();
    }
  } finally {
    await server.stop();
  }
}

function summary(calls: readonly TraceCall[]): string {
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(call.name, (counts.get(call.name) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return sorted.map(([name, count]) => `  ${(count / CONNECTIONS).toFixed(2)} ${name}`).join('\n');
}

test('the counting sees the calls: the reference, over epoll, makes more than six for each connection', async () => {
  const calls = await countCalls('reference');
  const accepted = calls.filter((call) => call.name === 'accept4' && call.result >= 0).length;
  assert.equal(accepted, CONNECTIONS, summary(calls));
  assert.ok(calls.length > CALLS_MAX * CONNECTIONS, summary(calls));
});

if (subjectKind() === 'sluice' && forcedTransport() === 'uring') {
  test(`uring at load makes at most ${CALLS_MAX} system calls for each connection`, async () => {
    const calls = await countCalls('sluice');
    const each = calls.length / CONNECTIONS;
    assert.ok(
      calls.some((call) => call.name === 'io_uring_enter'),
      `no io_uring_enter at all\n${summary(calls)}`,
    );
    assert.ok(each <= CALLS_MAX, `${each.toFixed(2)} calls for each connection:\n${summary(calls)}`);
  });
}
