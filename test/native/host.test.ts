// Life inside libuv: our rounds block, and timers, promises, fs, net, signals and workers of the process go on: native/loop.cc.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import net from 'node:net';
import { test } from 'node:test';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NativeSys } from '../../src/sys/native.js';
import { EVENT_FD } from '../../src/sys/types.js';
import { makeRounds } from './rounds.js';
import type { Rounds } from './rounds.js';
import * as S from './support.js';

function started(sys: NativeSys, onEvent: (at: number) => void = () => undefined): Rounds {
  const rounds = makeRounds(sys, onEvent);
  sys.hostStart(rounds.run);
  return rounds;
}

test('host loop: timers, promises, immediates, fs and signals go on while our rounds block', async (t) => {
  const sys = S.openSys(t);
  const rounds = started(sys);
  let ticks = 0;
  const interval = setInterval(() => ticks++, 5);
  for (let i = 0; i < 5; i++) {
    await sleep(10);
    await immediate();
    await Promise.resolve();
    assert.ok((await stat('.')).isDirectory());
  }
  clearInterval(interval);
  assert.ok(ticks > 0);
  const signal = new Promise((resolve) => process.once('SIGUSR2', resolve));
  process.kill(process.pid, 'SIGUSR2');
  await signal;
  sys.hostStop();
  assert.equal(rounds.stalls, 0);
  assert.ok(rounds.turns > 0 && rounds.host > 0);
});

test('host loop: a socket made in a timer is watched before we block again', async (t) => {
  const sys = S.openSys(t);
  const rounds = started(sys);
  await sleep(5);
  for (const enter of [() => sleep(5), () => immediate(), () => Promise.resolve()]) {
    await enter();
    const server = net.createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await enter();
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const socket = net.connect(address.port, '127.0.0.1');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    assert.equal(text, 'hello');
    await new Promise((resolve) => server.close(resolve));
  }
  sys.hostStop();
  assert.equal(rounds.stalls, 0);
});

test('host loop: our own descriptors wake the rounds, and a promise they settle continues', async (t) => {
  const sys = S.openSys(t);
  const fd = S.ok(sys.wakeFd(), 'wakeFd');
  S.ok(sys.pollAdd(fd, 1), 'pollAdd');
  S.settle(sys);
  let woken: () => void = () => undefined;
  const rounds = started(sys, (at) => {
    if (sys.events[at + EVENT_FD] === fd) woken();
  });
  for (let i = 0; i < 10; i++) {
    const event = new Promise<void>((resolve) => (woken = resolve));
    assert.equal(sys.wake(fd), 0);
    await event;
  }
  sys.hostStop();
  assert.equal(rounds.stalls, 0);
});

test('hostTimeout: tells the next timer, 0 for what is due, and -1 outside the host loop', async (t) => {
  const sys = S.openSys(t);
  assert.equal(sys.hostTimeout(), -1);
  const seen: number[] = [];
  const done = new Promise<void>((resolve) => {
    sys.hostStart(() => {
      seen.push(sys.hostTimeout());
      setImmediate(() => undefined);
      seen.push(sys.hostTimeout());
      sys.hostStop();
      seen.push(sys.hostTimeout());
      resolve();
    });
  });
  const timer = setTimeout(() => undefined, 60000);
  await done;
  clearTimeout(timer);
  assert.ok(seen[0] !== undefined && seen[0] <= 60000);
  assert.deepEqual(seen.slice(1), [0, -1]);
});

test('hostStart: once at a time, again after hostStop, also from inside the rounds', async (t) => {
  const sys = S.openSys(t);
  let turns = 0;
  const noop = (): void => void sys.poll(0);
  sys.hostStart(noop);
  assert.throws(() => sys.hostStart(noop), /hostStart: EALREADY/);
  sys.hostStop();
  sys.hostStop();
  for (let i = 0; i < 20; i++) {
    await new Promise<void>((resolve) => {
      sys.hostStart(() => {
        turns++;
        sys.hostStop();
        resolve();
      });
    });
  }
  assert.equal(turns, 20);
  assert.throws(() => sys.hostStart(1 as unknown as () => void), /hostStart: EINVAL/);
});

test('hostStop: the host descriptor is in the set only between start and stop', async (t) => {
  const sys = S.openSys(t);
  setImmediate(() => undefined);
  const pending = sleep(1);
  process.nextTick(() => undefined);
  assert.deepEqual(S.poll(sys, 5), []);
  await pending;
  sys.hostStart(() => void sys.poll(0));
  assert.equal(sys.pollAdd(sys.hostFd, 1), -17); // EEXIST
  sys.hostStop();
  assert.equal(sys.pollDel(sys.hostFd), -2); // ENOENT
});

interface Ended {
  code: number | null;
  signal: string | null;
  out: string;
  err: string;
}

/** Runs a scenario of host-child.ts in a process of its own. */
function child(scenario: string): Promise<Ended> {
  const file = fileURLToPath(new URL('./host-child.ts', import.meta.url));
  const run = spawn(process.execPath, ['--import', 'tsx', file, scenario], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  run.stdout.on('data', (chunk) => (out += String(chunk)));
  run.stderr.on('data', (chunk) => (err += String(chunk)));
  const limit = setTimeout(() => run.kill('SIGKILL'), 60000);
  return new Promise((resolve) =>
    run.once('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ code, signal, out, err });
    }),
  );
}

test('process: stays alive until hostStop with nothing else to do, and ends by itself after', async () => {
  const { code, signal, out, err } = await child('stop');
  assert.deepEqual({ code, signal, out }, { code: 0, signal: null, out: 'turns 3\nexit\n' }, err);
});

test('process: an exception in the rounds is an uncaughtException; where it is handled the rounds go on', async () => {
  const handled = await child('throw-handled');
  assert.deepEqual([handled.code, handled.out], [0, 'caught boom 1\ncaught boom 2\nexit\n'], handled.err);
  const fatal = await child('throw');
  assert.deepEqual([fatal.code, fatal.signal, fatal.out], [1, null, ''], fatal.err);
  assert.match(fatal.err, /Error: boom/);
});

test('process: process.exit inside the rounds ends it with its code', async () => {
  const { code, signal, err } = await child('exit');
  assert.deepEqual({ code, signal }, { code: 7, signal: null }, err);
});
