// One whole small connection: no more calls on its two descriptors and their epoll_ctl than the reference with
// `nbthread 1` makes. Waits, the listener's empty accepts and other threads are not counted. Each step is taken while the
// program is idle or stands still, so that both programs find the same at the same moment. Over a transport whose calls strace does
// not see, the same connections are made without counting.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sideBySide } from '../support/flow-calls.js';
import { connectPeer, type Peer } from '../support/peers.js';
import { freeze } from '../support/proc.js';
import { callsAreVisible, subjectKind, subjectName } from '../support/target.js';
import { type Stage, driveConnection, traceConnection } from '../support/traced.js';

const SMALL = Buffer.alloc(100, 'a');

/** Connect, 100 bytes, 100 back; the program is idle again. */
async function exchanged(stage: Stage): Promise<{ client: Peer; clientPort: number; origin: Peer }> {
  const client = await connectPeer(stage.port);
  const clientPort = client.sock.localPort ?? -1;
  await stage.quiet();
  await client.write(SMALL);
  const origin = await stage.server.accept();
  await origin.receivedAtLeast(100);
  await stage.quiet();
  await origin.write(SMALL);
  await client.receivedAtLeast(100);
  await stage.quiet();
  return { client, clientPort, origin };
}

/** Connect, 100 bytes, 100 back, then the server closes and the client follows. */
async function closedByServer(stage: Stage): Promise<number> {
  const { client, clientPort, origin } = await exchanged(stage);
  await origin.shut();
  assert.equal(await client.ended, 'FIN');
  await stage.quiet();
  await client.shut();
  assert.equal(await origin.ended, 'FIN');
  return clientPort;
}

/** The same, but the client closes and the server follows. */
async function closedByClient(stage: Stage): Promise<number> {
  const { client, clientPort, origin } = await exchanged(stage);
  await client.shut();
  assert.equal(await origin.ended, 'FIN');
  await stage.quiet();
  await origin.shut();
  assert.equal(await client.ended, 'FIN');
  return clientPort;
}

/** The client’s bytes are there at accept, the server answers and closes at once. */
async function requestAtAccept(stage: Stage): Promise<number> {
  await freeze(stage.program.pid);
  const client = await connectPeer(stage.port);
  const clientPort = client.sock.localPort ?? -1;
  await client.write(SMALL);
  stage.program.signal('SIGCONT');
  const origin = await stage.server.accept();
  await origin.receivedAtLeast(100);
  await stage.quiet();
  await freeze(stage.program.pid); // answer and FIN come together for both programs
  await origin.write(SMALL);
  await origin.shut();
  stage.program.signal('SIGCONT');
  assert.equal(await client.ended, 'FIN');
  assert.equal(client.received, 100);
  await stage.quiet();
  await client.shut();
  assert.equal(await origin.ended, 'FIN');
  return clientPort;
}

/** Ten round trips after the first: the calls for each of them count. */
async function roundTrips(stage: Stage): Promise<number> {
  const client = await connectPeer(stage.port);
  const clientPort = client.sock.localPort ?? -1;
  const origin = await stage.server.accept();
  for (let i = 1; i <= 10; i++) {
    await stage.quiet();
    await client.write(SMALL);
    await origin.receivedAtLeast(100 * i);
    await stage.quiet();
    await origin.write(SMALL);
    await client.receivedAtLeast(100 * i);
  }
  await stage.quiet();
  await client.shut();
  assert.equal(await origin.ended, 'FIN');
  await stage.quiet();
  await origin.shut();
  assert.equal(await client.ended, 'FIN');
  return clientPort;
}

type Drive = (stage: Stage) => Promise<number>;

async function compareCalls(drive: Drive): Promise<void> {
  const reference = await traceConnection({ kind: 'reference', drive });
  const subject = await traceConnection({ kind: subjectKind(), drive });
  const both = sideBySide('subject', subject, 'reference', reference);
  const closes = subject.filter((call) => call.name === 'close').length;
  assert.equal(closes, 2, `the trace is whole, both descriptors are closed\n${both}`);
  const text = `${subject.length} calls, the reference makes ${reference.length}`;
  assert.ok(subject.length <= reference.length, `${text}\n${both}`);
}

const scenarios: readonly (readonly [string, Drive])[] = [
  ['closed by the server', closedByServer],
  ['closed by the client', closedByClient],
  ['with its request there at accept', requestAtAccept],
  ['of ten round trips', roundTrips],
];

for (const [what, drive] of scenarios) {
  if (callsAreVisible()) {
    test(`a small connection ${what} takes no more calls than on the reference`, () => compareCalls(drive));
  } else {
    test(`a small connection ${what} passes: ${subjectName()}`, () => driveConnection({ kind: subjectKind(), drive }));
  }
}
