// Several threads, each with its own environment of the addon: loading, waking, ending cleanly, being terminated while blocked.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { AF_INET, SOCK_STREAM } from '../../src/sys/constants.js';
import { ECONNREFUSED, EINPROGRESS } from '../../src/sys/errno.js';
import { packageRoot } from '../../src/sys/load.js';
import { SYS_POLL_OUT } from '../../src/sys/types.js';
import * as S from './support.js';

interface Hello {
  port: number;
  wakeFd: number;
}

async function startWorker(): Promise<{ worker: Worker; hello: Hello }> {
  // tsx does not enter workers by itself
  const code = `import('tsx/esm/api').then(({ register }) => (register(), import(require('node:worker_threads').workerData)))`;
  const workerData = new URL('./worker-child.ts', import.meta.url).href;
  const worker = new Worker(code, { eval: true, workerData, execArgv: [] });
  worker.once('error', (error) => assert.fail(error));
  const [hello] = (await once(worker, 'message')) as [Hello];
  return { worker, hello };
}

async function ask(worker: Worker): Promise<{ pong: number; stalls: number }> {
  const answer = once(worker, 'message') as Promise<[{ pong: number; stalls: number }]>;
  worker.postMessage('ping');
  return (await answer)[0];
}

/** 0, or the errno of a connection to `port`. */
function tryConnect(sys: ReturnType<typeof S.openSys>, port: number): number {
  const fd = S.ok(sys.socket(AF_INET, SOCK_STREAM), 'socket');
  S.ok(sys.pollAdd(fd, 1), 'pollAdd');
  let result = -sys.connect(fd, S.ADDR, S.in4(sys, S.ADDR, port));
  if (result === EINPROGRESS) {
    S.awaitMask(sys, fd, SYS_POLL_OUT);
    result = sys.sockError(fd);
  }
  S.ok(sys.close(fd), 'close');
  return result;
}

test('workers: two threads run their rounds, hear messages and wakes, and end by themselves', async (t) => {
  const sys = S.openSys(t);
  const both = await Promise.all([startWorker(), startWorker()]);
  assert.notEqual(both[0].hello.port, both[1].hello.port);
  for (const { worker, hello } of both) {
    const before = await ask(worker);
    assert.equal(sys.wake(hello.wakeFd), 0);
    let after = await ask(worker);
    for (let i = 0; i < 100 && after.pong === before.pong; i++) after = await ask(worker);
    assert.equal(after.pong, before.pong + 1);
    assert.equal(tryConnect(sys, hello.port), 0);
    const ended = once(worker, 'exit');
    worker.postMessage('stop');
    assert.deepEqual(await ended, [0]);
    assert.equal(tryConnect(sys, hello.port), ECONNREFUSED);
  }
});

test('workers: terminate ends a thread that blocks in poll, and its descriptors are closed', async (t) => {
  const sys = S.openSys(t);
  const warm = await startWorker(); // what node itself opens for its first worker stays
  await warm.worker.terminate();
  const before = S.openFds();
  for (let i = 0; i < 3; i++) {
    const { worker, hello } = await startWorker();
    assert.equal(tryConnect(sys, hello.port), 0);
    await ask(worker);
    await worker.terminate();
    assert.equal(tryConnect(sys, hello.port), ECONNREFUSED);
  }
  assert.equal(S.openFds(), before);
});

test('workers: one that never uses what it opened ends cleanly', async () => {
  const code = `const root = require('node:worker_threads').workerData;
    require('node-gyp-build')(root).open(1 << 20); require('node-gyp-build')(root);`;
  const worker = new Worker(code, { eval: true, workerData: packageRoot });
  assert.deepEqual(await once(worker, 'exit'), [0]);
});
