// Started by js-unix.test.ts with a socket as descriptor 3: adopts it, reads to the end of one connection, says what it got
// and by whom, and ends by itself once all is closed.

import assert from 'node:assert/strict';
import { SO_ACCEPTCONN, SOL_SOCKET } from '../../../src/sys/constants.js';
import { readAddr } from '../../../src/sys/js/address.js';
import { ADDR, Bench, check } from './js-bench.js';

async function main(role: string): Promise<void> {
  const b = new Bench();
  const own = check(b.sys.adopt(3));
  const listens = role === 'listener';
  assert.equal(b.sys.getsockopt(own, SOL_SOCKET, SO_ACCEPTCONN), listens ? 1 : 0);
  check(listens ? b.sys.getsockname(own, ADDR) : b.sys.getpeername(own, ADDR));
  const { port } = readAddr(b.sys.arena.u8, ADDR, 110)!;
  if (listens) check(b.sys.listen(own, 5));
  const fd = listens ? await b.accept(own) : own;
  let got = '';
  for (;;) {
    const piece = await b.recvWhenReady(fd);
    if (typeof piece === 'number') {
      assert.equal(piece, 0);
      break;
    }
    got += piece;
  }
  b.send(fd, `${role} ${listens ? 'on' : 'of'} ${port} got ${got}`);
  b.sys.destroy();
  assert.equal(b.sys.open, 0);
}

await main(process.argv[2]!);
