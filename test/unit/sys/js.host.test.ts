// The js transport inside the host loop: edges and generations, rounds on activity and on the timer, life and end.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AF_INET, SHUT_WR, SOCK_STREAM } from '../../../src/sys/constants.js';
import { EAGAIN } from '../../../src/sys/errno.js';
import { SYS_POLL_HUP, SYS_POLL_IN, SYS_POLL_OUT, SYS_POLL_RDHUP } from '../../../src/sys/types.js';
import { tickAdd } from '../../../src/base/ticks.js';
import { Loop } from '../../../src/sched/loop.js';
import { Scheduler } from '../../../src/sched/scheduler.js';
import { taskNew, taskSchedule } from '../../../src/sched/task.js';
import { JsSys } from '../../../src/sys/js/js-sys.js';
import { ADDR, Bench, DATA, check, turn, turns, until, yes, bench } from './js-bench.js';

const LIMIT = { timeout: 20_000 };

test('pollAdd: what is true already is an edge, with the generation given', LIMIT, async (t) => {
  const b = bench(t);
  const { fd: lfd, port } = b.listen();
  const peer = net.connect(port, '127.0.0.1');
  t.after(() => peer.destroy());
  peer.write('hello');
  const fd = await b.accept(lfd);
  await until(() => b.sys.recvQueued(fd) === 5);
  b.poll();
  assert.deepEqual(b.poll(), []); // not registered: no event
  check(b.sys.pollAdd(fd, 41));
  assert.deepEqual(b.poll(), [{ fd, gen: 41, mask: SYS_POLL_IN | SYS_POLL_OUT }]);
});

test('poll is edge-triggered: an event comes once for a change, though the bytes lie there', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted();
  t.after(() => peer.destroy());
  peer.write('one');
  await b.event(fd, SYS_POLL_IN);
  await turns(10);
  assert.deepEqual(b.poll(), []);
  peer.write('two');
  assert.equal(await b.event(fd, SYS_POLL_IN), SYS_POLL_IN | SYS_POLL_OUT);
  assert.equal(b.recv(fd), 'onetwo');
  await turns(10);
  assert.deepEqual(b.poll(), []);
});

test('poll: OUT comes for a drain only after a send that fell short', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted();
  t.after(() => peer.destroy());
  await b.event(fd, SYS_POLL_OUT);
  assert.equal(b.send(fd, 'small'), 5);
  await turns(20);
  assert.deepEqual(b.poll(), []);
  while (b.sys.send(fd, DATA, 250_000, 0) !== -EAGAIN);
  await b.event(fd, SYS_POLL_OUT);
});

test('poll: both sides shut is HUP', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted();
  check(b.sys.shutdown(fd, SHUT_WR));
  peer.end();
  const mask = await b.event(fd, SYS_POLL_HUP);
  assert.equal(mask & (SYS_POLL_IN | SYS_POLL_RDHUP), SYS_POLL_IN | SYS_POLL_RDHUP);
});

test(
  'poll: after pollDel and after close nothing more comes, a number used again has its own generation',
  LIMIT,
  async (t) => {
    const b = bench(t);
    const one = await b.accepted();
    b.poll();
    one.peer.write('x');
    await until(() => b.sys.recvQueued(one.fd) === 1);
    check(b.sys.pollDel(one.fd));
    assert.deepEqual(b.poll(), []);
    check(b.sys.pollAdd(one.fd, 8));
    check(b.sys.close(one.fd)); // with its edge waiting
    const again = check(b.sys.socket(AF_INET, SOCK_STREAM));
    assert.equal(again, one.fd);
    check(b.sys.pollAdd(again, 9));
    assert.deepEqual(b.poll(), [{ fd: again, gen: 9, mask: SYS_POLL_OUT | SYS_POLL_HUP }]);
  },
);

test('poll: more edges than fit come with the next call, none is lost', (t) => {
  const sys = new JsSys({ arenaBytes: 65536, eventsMax: 3 });
  t.after(() => sys.destroy());
  for (let i = 0; i < 8; i++) sys.pollAdd(check(sys.socket(AF_INET, SOCK_STREAM)), i);
  assert.deepEqual([sys.poll(0), sys.poll(0), sys.poll(0), sys.poll(0)], [3, 3, 2, 0]);
});

test('hostStart: rounds run once at start, on activity, and never while nothing happens', LIMIT, async (t) => {
  const b = bench(t);
  const { fd, peer } = await b.accepted();
  t.after(() => peer.destroy());
  await turns(5);
  b.poll();
  let rounds = 0;
  b.sys.hostStart(() => {
    rounds++;
    b.sys.poll(-1);
  });
  await turns(20);
  assert.equal(rounds, 1);
  peer.write('x');
  await until(() => b.sys.recvQueued(fd) === 1);
  await turns(20);
  assert.equal(rounds, 3); // the event, and one more since tasks may have been woken by it
  await turns(50);
  assert.equal(rounds, 3);
});

test('hostStart: several edges in one turn are one round', LIMIT, async (t) => {
  const b = bench(t);
  const fds: number[] = [];
  for (let i = 0; i < 5; i++) fds.push(check(b.sys.socket(AF_INET, SOCK_STREAM)));
  const events: number[] = [];
  b.sys.hostStart(() => events.push(b.sys.poll(-1)));
  await turns(3);
  events.length = 0;
  for (const fd of fds) b.sys.pollAdd(fd, 1);
  await turns(5);
  assert.deepEqual(events, [5, 0]);
});

test('host timer: the rounds come back when the time-out of the last poll has passed, not before', LIMIT, async (t) => {
  const b = bench(t);
  const at: number[] = [];
  const done = new Promise<void>((resolve) => {
    b.sys.hostStart(() => {
      at.push(b.sys.now());
      if (at.length === 3) resolve();
      b.sys.poll(at.length < 3 ? 40 : -1);
    });
  });
  await done;
  yes(at[1]! - at[0]! > 35);
  yes(at[2]! - at[1]! > 35);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(at.length, 3);
});

test('host timer: an earlier time-out replaces a later one, 0 means at once', LIMIT, async (t) => {
  const b = bench(t);
  const timeouts = [100_000, 1, 0, -1];
  let rounds = 0;
  b.sys.hostStart(() => {
    b.sys.poll(timeouts[rounds++]!);
  });
  await turns(3);
  assert.equal(rounds, 1);
  b.sys.wake(-1); // what an embedder's own callback does
  await until(() => rounds === 4);
  await turns(10);
  assert.equal(rounds, 4);
});

test(
  'the engine’s loop over it: an idle one sleeps, a timer wakes it, activity wakes it, no round spins',
  LIMIT,
  async (t) => {
    const b = bench(t);
    const { fd, peer } = await b.accepted();
    t.after(() => peer.destroy());
    await turns(5);
    b.poll();
    let events = 0;
    const sched = new Scheduler();
    const loop = new Loop(b.sys, sched, (count) => {
      events += count;
      return false;
    });
    let fired = 0;
    const task = taskNew(
      sched,
      (self) => {
        if (++fired < 3) taskSchedule(self, tickAdd(sched.now, 20));
        return self;
      },
      null,
    );
    taskSchedule(task, tickAdd(sched.now, 20));
    loop.start();
    while (fired < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    yes(loop.rounds < 30, `three timers took ${loop.rounds} rounds`);
    await turns(5);
    const before = loop.rounds;
    await turns(200);
    assert.equal(loop.rounds, before);
    peer.write('x');
    await until(() => events > 0);
    await turns(200);
    assert.equal(events, 1);
    assert.equal(b.sys.recvQueued(fd), 1);
    yes(loop.rounds <= before + 2, `one event took ${loop.rounds - before} rounds`);
    loop.stop();
  },
);

test('an exception in the rounds goes to the host, and the rounds go on', () => {
  const out = run(`
    let rounds = 0;
    process.on('uncaughtException', (e) => console.log(e.message));
    sys.hostStart(() => {
      sys.poll(1);
      rounds++;
      if (rounds === 1) throw new Error('from the rounds');
      if (rounds === 3) { console.log('third'); sys.hostStop(); }
    });
  `);
  assert.equal(out, 'from the rounds\nthird\n');
});

test('life: hostStart keeps the process alive, hostStop lets it go with sockets and listeners open', () => {
  const out = run(`
    const fd = sys.socket(2, 1);
    sys.arena.u8.set([2, 0, 0, 0, 127, 0, 0, 1]);
    sys.bind(fd, 0, 16);
    sys.listen(fd, 10);
    sys.getsockname(fd, 0);
    const c = sys.socket(2, 1);
    sys.connect(c, 0, 16);
    sys.pollAdd(c, 1);
    sys.hostStart(() => {
      sys.poll(-1);
    });
    setTimeout(() => {
      console.log('alive', sys.open);
      sys.hostStop();
    }, 50).unref();
    process.on('exit', () => console.log('gone'));
  `);
  assert.equal(out, 'alive 2\ngone\n');
});

test('destroy closes what is open, and no round comes after', LIMIT, async () => {
  const b = new Bench();
  const { peer } = await b.accepted();
  let rounds = 0;
  b.sys.hostStart(() => {
    rounds++;
    b.sys.poll(5);
  });
  await turn();
  await turn();
  const ended = once(peer, 'end');
  b.sys.destroy();
  const before = rounds;
  await ended;
  peer.destroy();
  assert.equal(b.sys.open, 0);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(rounds, before);
});

test('discard makes the range zero, and only it', (t) => {
  const { sys } = bench(t);
  sys.arena.u8.fill(7, ADDR, ADDR + 12);
  sys.discard(ADDR + 4, 4);
  assert.deepEqual([...sys.arena.u8.slice(ADDR, ADDR + 12)], [7, 7, 7, 7, 0, 0, 0, 0, 7, 7, 7, 7]);
});

/** Output of a process of its own that has a JsSys as `sys`. */
function run(body: string): string {
  const file = fileURLToPath(new URL('../../../src/sys/js/js-sys.ts', import.meta.url));
  const code = `import { JsSys } from ${JSON.stringify(file)}; const sys = new JsSys({ arenaBytes: 65536 }); ${body}`;
  return execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    encoding: 'utf8',
    timeout: 15_000,
  });
}
