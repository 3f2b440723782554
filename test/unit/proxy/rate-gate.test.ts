// A limit on events in a second: who finds it reached waits, and is resumed as the rate falls.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Rate } from '../../../src/proxy/counters.js';
import type { LimitWaiter } from '../../../src/proxy/limit.js';
import { RateGate } from '../../../src/proxy/rate-gate.js';
import { SIM_CLI, SIM_FRONT, simForwarder, SimProgram } from '../../support/sim-program.js';

const CONFIG = simForwarder(' maxconnrate 5\n');

const accepted = (p: SimProgram): number => p.instance.proxies[0]!.fe.v[2]!; // CNT_STOT

test('maxconnrate: so many in a second, the others later, none lost', () => {
  const p = new SimProgram(CONFIG, 'epoll');
  const clients = Array.from({ length: 12 }, () => p.connect(SIM_FRONT));
  assert.equal(accepted(p), 5);
  p.advance(400);
  assert.equal(accepted(p), 5, 'within the same second nobody else');
  p.advance(4000);
  assert.equal(accepted(p), 12);
  for (const c of clients) c.close();
  p.advance(200);
  p.assertClean();
});

test('the CLI is not counted, and raises the limit for those who wait', () => {
  const p = new SimProgram(CONFIG, 'epoll');
  const clients = Array.from({ length: 8 }, () => p.connect(SIM_FRONT));
  for (let i = 0; i < 10; i++) assert.match(p.ask(SIM_CLI, 'show cli level'), /^admin/);
  assert.equal(p.ask(SIM_CLI, 'set rate-limit connections global 0'), '\n');
  p.advance(10);
  assert.equal(accepted(p), 8);
  for (const c of clients) c.close();
  p.advance(400);
  p.assertClean();
});

test('a limit that is set while the program runs holds for listeners that had none', () => {
  const p = new SimProgram(CONFIG.replace(' maxconnrate 5\n', ''), 'epoll');
  const early = Array.from({ length: 8 }, () => p.connect(SIM_FRONT));
  assert.equal(accepted(p), 8);
  p.advance(2500);
  assert.equal(p.ask(SIM_CLI, 'set rate-limit sessions global 2'), '\n');
  const late = Array.from({ length: 4 }, () => p.connect(SIM_FRONT));
  assert.equal(accepted(p), 10);
  p.advance(5000);
  assert.equal(accepted(p), 12);
  for (const c of [...early, ...late]) c.close();
  p.advance(200);
  p.assertClean();
});

test('waiters are resumed one after the other, and the timer ends with the last of them', () => {
  const p = new SimProgram(CONFIG, 'epoll');
  const { sched } = p.thr;
  const tasks = sched.tasksUsed;
  const rate = new Rate();
  const gate = new RateGate(rate, 2, sched);
  const resumed: number[] = [];
  const waiter = (id: number): LimitWaiter => ({
    waitsFor: null,
    resume() {
      if (gate.full) gate.wait(this);
      else {
        rate.tick(sched.clock[0]!);
        resumed.push(id);
      }
    },
  });
  const all = [1, 2, 3, 4].map(waiter);
  for (const w of all) w.resume();
  assert.deepEqual(resumed, [1, 2]);
  assert.equal(gate.room, 0);
  p.advance(5000);
  assert.deepEqual(resumed, [1, 2, 3, 4]);
  assert.equal(sched.tasksUsed, tasks);
});
