// A direction that cannot go on must not keep the loop busy, whatever else is pending on its descriptors: a FIN that was
// read, errors to be watched for, readiness that never goes away. Both programs, over the transport of this run; the CPU
// they use while everything is blocked says whether they spin. Afterwards all bytes arrive.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Peer, connectPeer } from '../support/peers.js';
import { cpuMs } from '../support/proc.js';
import { type ProgramKind, callsAreVisible, canSplice, subjectKind, subjectName } from '../support/target.js';
import { type Stage, driveConnection } from '../support/traced.js';
import { sleep } from '../support/wait.js';

const BYTES = 48 * 1024 * 1024; // more than all socket buffers of a path hold
const WATCH_MS = 1_000;
const CPU_MAX_MS = 200; // one that spins takes all of WATCH_MS, or its share of a busy machine; both programs need none
const SETTLE_MS = 400; // for filling the buffers of the path

interface Case {
  readonly title: string;
  /** Who sends into a reader that does not read. */
  readonly senders: readonly ('client' | 'server')[];
  /** The reader has shut its own side before. */
  readonly readerShut: boolean;
}

const cases: readonly Case[] = [
  { title: 'a client that shut its side and does not read', senders: ['server'], readerShut: true },
  { title: 'a server that shut its side and does not read', senders: ['client'], readerShut: true },
  { title: 'a client that does not read', senders: ['server'], readerShut: false },
  { title: 'a server that does not read', senders: ['client'], readerShut: false },
  { title: 'both sides when neither reads', senders: ['client', 'server'], readerShut: false },
];

async function run(c: Case, stage: Stage): Promise<number> {
  const client = await connectPeer(stage.port);
  const clientPort = client.sock.localPort ?? -1;
  const origin = await stage.server.accept();
  await stage.quiet();
  const sends: { sender: Peer; reader: Peer }[] = c.senders.map((side) =>
    side === 'client' ? { sender: client, reader: origin } : { sender: origin, reader: client },
  );
  const payload = Buffer.alloc(BYTES, 'blocked ');
  for (const { sender, reader } of sends) {
    if (c.readerShut) {
      await reader.shut();
      assert.equal(await sender.ended, 'FIN');
      await stage.quiet();
    }
    reader.sock.pause();
    sender.sock.write(payload);
  }
  await sleep(SETTLE_MS);
  const before = cpuMs(stage.program.pid);
  await sleep(WATCH_MS); // the time to be watched, not a wait for something
  const cpu = cpuMs(stage.program.pid) - before;
  assert.ok(cpu <= CPU_MAX_MS, `${stage.program.name} used ${cpu} ms CPU in ${WATCH_MS} ms of blocked connection`);
  for (const { reader } of sends) {
    assert.ok(reader.received < BYTES, 'the path was never full, the test proves nothing');
    reader.sock.resume();
  }
  for (const { sender, reader } of sends) {
    await reader.receivedAtLeast(BYTES, 60_000);
    await sender.shut();
    assert.equal(await reader.ended, 'FIN');
    assert.ok(reader.data().equals(payload), 'what was received');
  }
  return clientPort;
}

// The reference is looked at once, where it is the subject or beside epoll.
const kinds: ProgramKind[] =
  callsAreVisible() && subjectKind() === 'sluice' ? ['reference', 'sluice'] : [subjectKind()];
const SPLICE = ['option splice-request', 'option splice-response'];
for (const kind of kinds) {
  const name = kind === 'reference' ? 'reference' : subjectName();
  for (const c of cases) {
    test(`the loop does not spin for ${c.title}, copying: ${name}`, () =>
      driveConnection({ kind, drive: (stage) => run(c, stage) }));
    if (kind === 'reference' || canSplice()) {
      test(`the loop does not spin for ${c.title}, splicing: ${name}`, () =>
        driveConnection({ kind, lines: SPLICE, drive: (stage) => run(c, stage) }));
    }
  }
}
