// What the system measures on a connection: read while there is a descriptor, kept on close where that was asked for.
import '../../../support/strict.js';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { connNew } from '../../../../src/datapath/connection/connection.js';
import type { Target } from '../../../../src/datapath/connection/types.js';
import type { Thread } from '../../../../src/datapath/fd/thread.js';
import { connKeepTcpInfo, connTcpInfo, TCPI_REORDERING, TCPI_RTT } from '../../../../src/datapath/proto/tcp-info.js';

const EOPNOTSUPP = 95;

/** A thread whose system answers with `words` 32-bit words, word n being 10 n. */
function threadOf(words: number): Thread {
  const view = new DataView(new ArrayBuffer(4096));
  const getsockoptBytes = (_fd: number, _level: number, _name: number, ofs: number, len: number): number => {
    if (words === 0) return -EOPNOTSUPP;
    for (let n = 0; n < words; n++) view.setUint32(ofs + 4 * n, 10 * n, true);
    return Math.min(len, 4 * words);
  };
  return { sys: { arena: { view }, getsockoptBytes }, counters: { connections: 0 } } as unknown as Thread;
}

test('words are read while the socket is there, and of a closed one where they were kept', () => {
  const conn = connNew(threadOf(26), {} as Target);
  conn.fd = 5;
  assert.equal(connTcpInfo(conn, TCPI_RTT), 170);
  assert.equal(connTcpInfo(conn, TCPI_REORDERING), 220);
  connKeepTcpInfo(conn);
  conn.fd = -1;
  assert.equal(connTcpInfo(conn, TCPI_RTT), 170);
  assert.equal(connTcpInfo(conn, TCPI_REORDERING), 220);
});

test('nothing is known of a closed one that was not kept, and where the system tells nothing or too little', () => {
  const closed = connNew(threadOf(26), {} as Target);
  assert.equal(connTcpInfo(closed, TCPI_RTT), -1);
  for (const words of [0, 17]) {
    const conn = connNew(threadOf(words), {} as Target);
    conn.fd = 5;
    assert.equal(connTcpInfo(conn, TCPI_RTT), -1);
    connKeepTcpInfo(conn);
    conn.fd = -1;
    assert.equal(connTcpInfo(conn, TCPI_RTT), -1);
  }
});
