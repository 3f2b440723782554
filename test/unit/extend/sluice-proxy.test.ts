// The life of a proxy around an engine that is made up here: errors inside the engine, and who is told of them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { type RunningEngine, SluiceProxy } from '../../../src/extend/sluice-proxy.js';
import type { LogLine } from '../../../src/extend/types.js';
import type { Instance } from '../../../src/runtime/instance.js';

class FakeEngine implements RunningEngine {
  closes = 0;
  readonly instance: Instance;

  constructor() {
    const thr = { sys: { name: 'sim', date: () => 5 }, counters: { splicedBytesIn: 7, crashes: 1 } };
    const fake: unknown = {
      thr,
      proxies: [],
      rings: [],
      limit: { max: 3 },
      sessions: 0,
      connTotal: 2,
      startMs: 1,
      onSession: null,
    };
    this.instance = fake as Instance;
  }

  drain(): Promise<void> {
    return new Promise(() => undefined); // a session that never ends
  }

  close(): Promise<void> {
    this.closes++;
    return Promise.resolve();
  }
}

interface Made {
  readonly proxy: SluiceProxy;
  readonly engine: FakeEngine;
  readonly crash: (error: unknown) => void;
  readonly log: LogLine[];
}

async function made(): Promise<Made> {
  const engine = new FakeEngine();
  const log: LogLine[] = [];
  let crash: (error: unknown) => void = () => assert.fail('not started');
  const proxy = new SluiceProxy({
    signal: null,
    log: (line) => log.push(line),
    start: (told) => {
      crash = told;
      return Promise.resolve(engine);
    },
  });
  await proxy.start();
  return { proxy, engine, crash, log };
}

test('an exception inside the engine is logged and emitted, never thrown', async () => {
  const { proxy, crash, log } = await made();
  crash(new Error('unheard')); // nobody listens: an emitter of node would throw
  assert.equal(log[0]?.level, 'error');
  assert.match(log[0].message, /ended by an internal error: unheard/);
  const told = once(proxy, 'error');
  proxy.on('error', () => undefined);
  crash('a text');
  const [error] = (await told) as [Error];
  assert.ok(error instanceof Error);
  assert.equal(error.message, 'a text');
  await proxy.close();
});

test('a drain is bounded by its limit, the engine is closed once, the last statistics stay', async () => {
  const { proxy, engine } = await made();
  const [first, second] = [proxy.close({ drain: true, timeoutMs: 1 }), proxy.close({ drain: true })];
  assert.equal(first, second);
  await first;
  assert.equal(engine.closes, 1);
  assert.deepEqual(proxy.stats(), {
    engine: {
      transport: 'sim',
      uptimeMs: 4,
      maxconn: 3,
      sessions: 0,
      sessionsTotal: 2,
      bytesIn: 0,
      bytesOut: 0,
      splicedBytes: 7,
      crashes: 1,
    },
    proxies: [],
  });
});

test('sessions are told of before close, in their order', async () => {
  const { proxy, engine } = await made();
  const told: string[] = [];
  proxy.on('session', (report) => told.push(report.server));
  proxy.on('close', () => told.push('close'));
  const report = {
    frontend: 'f',
    backend: 'b',
    client: null,
    bytesIn: 0,
    bytesOut: 0,
    acceptMs: 0,
    durationMs: 0,
    termination: '--',
    retries: 0,
  };
  engine.close = () => {
    for (const server of ['one', 'two']) engine.instance.onSession?.({ ...report, server });
    return Promise.resolve();
  };
  await proxy.close();
  assert.deepEqual(told, ['one', 'two', 'close']);
});
