// Contract row C34, seen from both ends of the wire: a client's RST reaches the server as RST after all bytes sent before;
// a server's RST gives the client all bytes sent before, then FIN, and RST after it only with `option nolinger`.
// Each case runs on both programs over the transport of this run.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Peer, type PeerEnd, connectPeer, listenPeers } from '../support/peers.js';
import { freePort } from '../support/ports.js';
import { freeze, untilQuiet } from '../support/proc.js';
import { startProgram } from '../support/program.js';
import { type ProgramKind, canSplice, subjectKind, subjectName } from '../support/target.js';
import { tcpConfig } from '../support/traced.js';
import { within } from '../support/wait.js';

const TRIES_BEHIND_FIN = 4; // the first reaches the program, the last meets the closed connection

interface Case {
  readonly title: string;
  readonly lines: readonly string[];
  readonly resets: 'client' | 'server';
  readonly bytes: number;
  /** The bytes and the RST come while the program stands still: it finds both at once. */
  readonly atOnce?: boolean;
  /** The FIN goes first, is dealt with, and the RST comes behind it: it shows at the latest with the next bytes of the other side. */
  readonly behindFin?: boolean;
}

interface Seen {
  readonly received: number;
  readonly end: PeerEnd;
  /** What a write after the end meets: nothing (only a FIN came), or the error that a RST left. */
  readonly writeAfter: string;
}

/** Writes once (`tries` 1) or until it fails, each time when the program is idle. */
async function probeWrite(peer: Peer, tries: number, pid: number): Promise<string> {
  try {
    for (let i = 0; i < tries; i++) {
      await untilQuiet(pid);
      await peer.write('x');
    }
    return 'taken';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

async function run(kind: ProgramKind, c: Case): Promise<Seen> {
  const server = await listenPeers();
  try {
    const port = await freePort();
    const program = await startProgram({ kind, config: tcpConfig(port, server.port, c.lines) });
    try {
      const client = await connectPeer(port);
      const origin = await server.accept();
      await untilQuiet(program.pid);
      const [resetting, other] = c.resets === 'client' ? [client, origin] : [origin, client];
      if (c.atOnce === true) await freeze(program.pid);
      if (c.bytes > 0) await resetting.write(Buffer.alloc(c.bytes, 'r'));
      if (c.atOnce !== true) await other.receivedAtLeast(c.bytes);
      if (c.behindFin === true) {
        await resetting.shut();
        await within('the end of the other side', other.ended);
        await untilQuiet(program.pid);
      }
      resetting.reset();
      if (c.atOnce === true) program.signal('SIGCONT');
      const end = await within('the end of the other side', other.ended);
      await untilQuiet(program.pid);
      const tries = c.behindFin === true ? TRIES_BEHIND_FIN : 1;
      const writeAfter = end === 'FIN' ? await probeWrite(other, tries, program.pid) : end;
      other.sock.destroy();
      return { received: other.received, end, writeAfter };
    } finally {
      await program.stop();
    }
  } finally {
    await server.stop();
  }
}

function expected(c: Case): Seen {
  if (c.behindFin === true) return { received: c.bytes, end: 'FIN', writeAfter: 'EPIPE' };
  if (c.resets === 'client') return { received: c.bytes, end: 'ECONNRESET', writeAfter: 'ECONNRESET' };
  const nolinger = c.lines.includes('option nolinger');
  return { received: c.bytes, end: 'FIN', writeAfter: nolinger ? 'EPIPE' : 'taken' };
}

const SPLICE = ['option splice-request', 'option splice-response'];
const cases: Case[] = [];
for (const resets of ['client', 'server'] as const) {
  for (const bytes of [0, 100, 2_000_000]) {
    cases.push({ title: `after ${bytes} bytes`, lines: [], resets, bytes });
    cases.push({ title: `after ${bytes} bytes, with nolinger`, lines: ['option nolinger'], resets, bytes });
    if (canSplice()) cases.push({ title: `after ${bytes} bytes, with splicing`, lines: SPLICE, resets, bytes });
  }
}
for (const resets of ['client', 'server'] as const) {
  cases.push({ title: 'behind 100 bytes and its FIN', lines: [], resets, bytes: 100, behindFin: true });
}
cases.push({ title: 'right behind 100 bytes', lines: [], resets: 'server', bytes: 100, atOnce: true });

for (const c of cases) {
  const outcome = c.resets === 'client' ? 'reaches the server as RST' : 'gives the client its bytes, then the end';
  test(`C34 a RST of the ${c.resets} ${c.title} ${outcome}`, async () => {
    const reference = await run('reference', c);
    assert.deepEqual(reference, expected(c), 'reference');
    const subject = await run(subjectKind(), c);
    // With nolinger the reference sends FIN and then RST; RST alone is the same word said once.
    if (expected(c).end === 'FIN' && c.lines.includes('option nolinger') && subject.end === 'ECONNRESET') {
      assert.equal(subject.received, c.bytes, subjectName());
      return;
    }
    assert.deepEqual(subject, reference, `${subjectName()} (actual) against the reference (expected)`);
  });
}

// Where bytes and RST of the client are found together, the reference (2.6) takes the hang-up that is reported with the
// bytes for the end of input and passes on a FIN. Both ends are an answer here; losing bytes or the end is none.
test('C34 a RST of the client right behind 100 bytes loses neither the bytes nor the end', async () => {
  const c: Case = { title: '', lines: [], resets: 'client', bytes: 100, atOnce: true };
  const reference = await run('reference', c);
  const subject = await run(subjectKind(), c);
  assert.equal(reference.received, 100, 'reference');
  assert.equal(subject.received, 100, subjectName());
  assert.ok(['ECONNRESET', reference.end].includes(subject.end), `${subjectName()}: the server saw ${subject.end}`);
});
