// Contract row C13: the end of a direction is read once and passed on, nothing is read twice, reading is tried before
// polling. Both programs run the same scenario with the same configuration; assertions hold for the subject, and its
// calls are also counted against the reference's. Over a transport whose calls strace does not see, what both ends of the
// connection see remains.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type FlowCall, isReceive, isSend, sideBySide } from '../support/flow-calls.js';
import { type Peer, connectPeer } from '../support/peers.js';
import { freeze } from '../support/proc.js';
import { callsAreVisible, subjectKind, subjectName } from '../support/target.js';
import { type Stage, driveConnection, traceConnection } from '../support/traced.js';

/** Data and FIN of the client are there before the program runs at all. */
async function waitingAtAccept(stage: Stage): Promise<number> {
  await freeze(stage.program.pid);
  const client = await connectPeer(stage.port);
  await client.write('blah\n');
  await client.shut();
  stage.program.signal('SIGCONT');
  return serveAndClose(stage, client);
}

/** The path is up and idle; the FIN comes after the data was dealt with. */
async function afterIdle(stage: Stage): Promise<number> {
  const client = await connectPeer(stage.port);
  await stage.quiet();
  await client.write('blah\n');
  await stage.quiet();
  await client.shut();
  return serveAndClose(stage, client);
}

/** The path is up and idle; data and FIN are found together. */
async function togetherAfterIdle(stage: Stage): Promise<number> {
  const client = await connectPeer(stage.port);
  await stage.quiet();
  await freeze(stage.program.pid);
  await client.write('blah\n');
  await client.shut();
  stage.program.signal('SIGCONT');
  return serveAndClose(stage, client);
}

async function serveAndClose(stage: Stage, client: Peer): Promise<number> {
  const clientPort = client.sock.localPort ?? -1;
  const origin = await stage.server.accept();
  assert.equal(await origin.ended, 'FIN', 'the client’s shutdown reaches the server');
  assert.equal(origin.data().toString(), 'blah\n');
  await stage.quiet();
  await origin.shut();
  assert.equal(await client.ended, 'FIN');
  return clientPort;
}

function results(calls: readonly FlowCall[], role: string, pick: (call: FlowCall) => boolean): number[] {
  return calls.filter((call) => call.role === role && pick(call) && call.errno === '').map((call) => call.result);
}

function fruitless(calls: readonly FlowCall[]): number {
  return calls.filter((call) => isReceive(call) && call.errno !== '').length;
}

type Drive = (stage: Stage) => Promise<number>;

async function compareCalls(drive: Drive): Promise<void> {
  const reference = await traceConnection({ kind: 'reference', drive });
  const subject = await traceConnection({ kind: subjectKind(), drive });
  const both = `\n${sideBySide('subject', subject, 'reference', reference)}`;

  // RDHUP reported together with the data is the end itself: reading the 0 is then allowed once, but not needed (the
  // reference does not).
  const received = results(subject, 'client', isReceive);
  const reported = drive === togetherAfterIdle && received.length === 1;
  assert.deepEqual(received, reported ? [5] : [5, 0], `receives from the client${both}`);
  assert.deepEqual(results(subject, 'server', isSend), [5], `sends to the server${both}`);
  const fromServer = results(subject, 'server', isReceive);
  assert.ok(fromServer.every((n) => n === 0) && fromServer.length <= 1, `receives from the server${both}`);
  assert.deepEqual(results(subject, 'client', isSend), [], `sends to the client${both}`);
  for (const call of subject.filter(isSend)) {
    assert.equal(call.name, 'sendto', both);
    assert.equal(call.args[3], 'MSG_DONTWAIT|MSG_NOSIGNAL', both);
  }
  const shuts = subject.filter((call) => call.role === 'server' && call.name === 'shutdown');
  assert.deepEqual(
    shuts.map((call) => call.args[1]),
    ['SHUT_WR'],
    `shutdowns towards the server${both}`,
  );
  assert.ok(fruitless(subject) <= fruitless(reference), `receives that found nothing${both}`);
}

async function checkFirstRead(): Promise<void> {
  const reference = await traceConnection({ kind: 'reference', drive: waitingAtAccept });
  const subject = await traceConnection({ kind: subjectKind(), drive: waitingAtAccept });
  const both = `\n${sideBySide('subject', subject, 'reference', reference)}`;
  const client = subject.filter((call) => call.role === 'client');
  const firstRead = client.findIndex(isReceive);
  const firstPoll = client.findIndex((call) => call.name === 'epoll_ctl');
  assert.ok(firstRead >= 0, `no receive at all${both}`);
  assert.equal(client[firstRead]?.result, 5, `the first receive finds the data${both}`);
  assert.ok(firstPoll === -1 || firstRead < firstPoll, `polled before the first receive${both}`);
}

const scenarios: readonly (readonly [string, Drive])[] = [
  ['that waits at accept', waitingAtAccept],
  ['that comes later to an idle connection', afterIdle],
  ['that comes with it to an idle connection', togetherAfterIdle],
];

for (const [what, drive] of scenarios) {
  if (callsAreVisible()) {
    test(`C13 a short request with a FIN ${what} is received once, its end is read once and shut down once`, () =>
      compareCalls(drive));
  } else {
    test(`C13 a short request with a FIN ${what} is passed on: ${subjectName()}`, () =>
      driveConnection({ kind: subjectKind(), drive }));
  }
}

if (callsAreVisible()) test('C13 reading starts right after accept, before the descriptor is polled', checkFirstRead);
