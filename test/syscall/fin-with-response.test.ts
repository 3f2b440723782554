// A server that answers and ends at once: the FIN towards the client travels with the last bytes (MSG_MORE, then shutdown), as
// the reference does it; a segment and its acknowledgement less for each short connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSend, sideBySide } from '../support/flow-calls.js';
import { connectPeer } from '../support/peers.js';
import { freeze } from '../support/proc.js';
import { callsAreVisible, subjectKind, subjectName } from '../support/target.js';
import { type Stage, driveConnection, traceConnection } from '../support/traced.js';

async function answerWithEnd(stage: Stage): Promise<number> {
  const client = await connectPeer(stage.port);
  const origin = await stage.server.accept();
  await client.write('ask\n');
  await origin.receivedAtLeast(4);
  await stage.quiet();
  await freeze(stage.program.pid);
  await origin.write('answer\n');
  await origin.shut();
  stage.program.signal('SIGCONT');
  assert.equal(await client.ended, 'FIN');
  assert.equal(client.data().toString(), 'answer\n');
  const clientPort = client.sock.localPort ?? -1;
  await client.shut();
  await origin.ended;
  return clientPort;
}

if (callsAreVisible()) {
  test('an answer that came with its end leaves with MSG_MORE and a shutdown behind it, once', async () => {
    const reference = await traceConnection({ kind: 'reference', drive: answerWithEnd });
    const subject = await traceConnection({ kind: subjectKind(), drive: answerWithEnd });
    const both = `\n${sideBySide('subject', subject, 'reference', reference)}`;
    for (const calls of [reference, subject]) {
      const client = calls.filter((call) => call.role === 'client');
      const sent = client.findIndex(isSend);
      assert.equal(client[sent]?.args[3], 'MSG_DONTWAIT|MSG_NOSIGNAL|MSG_MORE', both);
      assert.equal(client[sent + 1]?.name, 'shutdown', both);
    }
    const request = subject.filter((call) => call.role === 'server' && isSend(call));
    assert.deepEqual(
      request.map((call) => call.args[3]),
      ['MSG_DONTWAIT|MSG_NOSIGNAL'],
      `a request does not wait${both}`,
    );
  });
} else {
  test(`an answer that came with its end arrives with it: ${subjectName()}`, () =>
    driveConnection({ kind: subjectKind(), drive: answerWithEnd }));
}
