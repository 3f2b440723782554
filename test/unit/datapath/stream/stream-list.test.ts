// The list of streams: order of creation, and dumps that go on while streams end.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connInstallMux } from '../../../../src/datapath/connection/connection.js';
import { muxPt } from '../../../../src/datapath/mux/pt.js';
import { type Stream, streamFree } from '../../../../src/datapath/stream/stream.js';
import { Front, pair, World } from '../../../support/fakes.js';

function some(count: number): { front: Front; streams: Stream[] } {
  const w = new World();
  const front = new Front(w);
  for (let i = 0; i < count; i++) {
    const { conn } = pair(w);
    connInstallMux(conn, muxPt, null, front.fe, front.session(conn), null);
  }
  return { front, streams: [...front.streams] };
}

test('streams are listed in the order in which they were made, whichever ends', () => {
  const { front, streams } = some(5);
  const ids = streams.map((s) => s.id);
  assert.deepEqual(
    ids,
    [...ids].sort((a, b) => a - b),
  );
  for (const gone of [2, 0, 4]) streamFree(streams[gone]!);
  assert.deepEqual([[...front.streams].map((s) => s.id), front.streams.size], [[ids[1], ids[3]], 2]);
  streamFree(streams[1]!);
  streamFree(streams[3]!);
  assert.deepEqual([[...front.streams], front.streams.size], [[], 0]);
});

test('a dump under way sees each stream once, also when the one it stands at ends', () => {
  const { front, streams } = some(6);
  const dump = front.streams[Symbol.iterator]();
  const seen = [dump.next().value, dump.next().value];
  streamFree(streams[1]!); // where it stands
  streamFree(streams[2]!); // and the next
  streamFree(streams[0]!);
  for (const s of dump) seen.push(s);
  assert.deepEqual(
    seen.map((s) => streams.indexOf(s as Stream)),
    [0, 1, 3, 4, 5],
  );
});

test('a stream that ended keeps nobody else: neither neighbour is reached from it', () => {
  const { streams } = some(3);
  streamFree(streams[1]!);
  assert.deepEqual([streams[1]!.listPrev, streams[1]!.listNext], [null, null]);
  assert.equal(streams[0]!.listNext, streams[2]);
  assert.equal(streams[2]!.listPrev, streams[0]);
});
