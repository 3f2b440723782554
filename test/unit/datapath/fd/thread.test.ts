// Who waits for a buffer: the one that waits longest first, as many as there are buffers, and nobody is forgotten.
import assert from 'node:assert/strict';
import test from 'node:test';
import { BUF_SMALL } from '../../../../src/base/bufpool.js';
import { type TaskletHandler, taskletFree, taskletNew } from '../../../../src/sched/task.js';
import { World } from '../../../support/fakes.js';

test('waiting for a buffer: in order, one for each, and what one leaves is for the next', () => {
  const { thr } = new World();
  const { bufs, sched } = thr;
  const size = bufs.sizes[BUF_SMALL]!;
  bufs.limitBytes = 4 * size;
  const held = Array.from({ length: 4 }, () => bufs.alloc(BUF_SMALL));
  const log: string[] = [];
  /** Takes a buffer when it is woken; waits again when there is none; `lazy` ones want none any more. */
  const waiter = (name: string, lazy = false, modest = false) => {
    const run: TaskletHandler = (t) => {
      const ofs = lazy ? -2 : bufs.alloc(BUF_SMALL);
      log.push(ofs >= 0 ? name : `(${name})`);
      if (ofs >= 0) held.push(ofs);
      else if (ofs === -1) thr.bufWait(t, modest);
      return t;
    };
    const t = taskletNew(sched, run, null);
    thr.bufWait(t, modest);
    return t;
  };
  const all = [waiter('a'), waiter('lazy', true), waiter('b'), waiter('c'), waiter('modest', false, true), waiter('d')];
  const free = (n: number): void => {
    for (let i = 0; i < n; i++) bufs.release(held.shift()!);
    for (let i = 0; i < 10; i++) sched.runQueues();
  };
  const step = (n: number): string => {
    log.length = 0;
    free(n);
    return log.join(' ');
  };
  bufs.reserve = 2;
  assert.equal(step(1), 'a');
  assert.equal(step(1), '(lazy) b', 'what the lazy one left');
  assert.equal(step(2), 'c d');
  assert.equal(step(2), '', 'two are the reserve');
  assert.equal(step(1), 'modest');
  for (const t of all) taskletFree(t);
  for (const ofs of held) bufs.release(ofs);
  assert.deepEqual([sched.taskletsUsed, bufs.usedBytes, bufs.onAvailable], [0, 0, null]);
});
