// Worker side of uring-life.test.ts: an echo over its own ring, in rounds inside the worker's loop.
import assert from 'node:assert/strict';
import { parentPort } from 'node:worker_threads';
import { EAGAIN } from '../../src/sys/errno.js';
import { EVENT_FD, EVENT_MASK, EVENT_STRIDE, SYS_POLL_OUT, SYS_RECV_COMPLETE } from '../../src/sys/types.js';
import { createUringSys } from '../../src/sys/uring.js';
import * as U from './uring-support.js';

const port = parentPort;
assert.ok(port !== null);
const sys = createUringSys({ arenaBytes: 8 << 20, recvBuffers: 64 });
const l = U.listenOn(sys);
sys.pollAdd(l.fd, 1);
sys.want(l.fd, 1, SYS_RECV_COMPLETE);
const lens = new Map<number, number>();

function receive(fd: number): void {
  const ofs = 65536 + fd * 4096;
  const n = sys.recv(fd, ofs, 4096, 0);
  if (n > 0) {
    lens.set(fd, n);
    sys.send(fd, ofs, n, 0);
  } else if (n !== -EAGAIN) sys.close(fd);
}

function onEvent(fd: number, mask: number): void {
  if (fd === l.fd) {
    for (let got = sys.accept(fd, U.ADDR); got >= 0; got = sys.accept(fd, U.ADDR)) {
      sys.pollAdd(got, 2);
      sys.want(got, 1, SYS_RECV_COMPLETE);
    }
  } else if ((mask & SYS_POLL_OUT) !== 0) {
    sys.send(fd, 65536 + fd * 4096, lens.get(fd) ?? 0, 0);
    receive(fd);
  } else receive(fd);
}

sys.hostStart(() => {
  for (let round = 0; round < 16; round++) {
    const due = sys.hostTimeout();
    const n = sys.poll(due);
    let leave = due === 0;
    for (let at = 0; at < n * EVENT_STRIDE; at += EVENT_STRIDE) {
      const fd = sys.events[at + EVENT_FD]!;
      if (fd === sys.hostFd) leave = true;
      else onEvent(fd, sys.events[at + EVENT_MASK]!);
    }
    if (leave) return;
  }
});
port.on('message', (text: string) => {
  if (text !== 'stop') return;
  sys.hostStop();
  sys.destroy();
  port.close();
});
port.postMessage({ port: l.port });
