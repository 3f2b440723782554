// Fields of `show info` and columns of `show stat` that take an engine at work: rates and internal errors.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { endCrashed } from '../../../../src/runtime/engine.js';
import { infoFields } from '../../../../src/observe/stats/info.js';
import { TASK_WOKEN_OTHER } from '../../../../src/sched/flags.js';
import { taskWakeup } from '../../../../src/sched/task.js';
import { SimProgram } from '../../../support/sim-program.js';

const CLI = 9000;
const CONFIG = `
global
 stats socket ipv4@127.0.0.1:${CLI} level admin
defaults
 mode tcp
 timeout client 100s
 timeout connect 5s
 timeout server 100s
listen l
 bind 127.0.0.1:8080
 server s1 127.0.0.2:9100
`;

function info(p: SimProgram, name: string): number {
  const line = p
    .ask(CLI, 'show info')
    .split('\n')
    .find((l) => l.startsWith(`${name}: `));
  return Number(line!.slice(name.length + 2));
}

test('BytesOutRate is what was sent in the last second, to clients and servers, and comes back to nothing', () => {
  for (const manner of ['epoll', 'uring', 'kqueue'] as const) {
    const p = new SimProgram(CONFIG, manner);
    const servers = p.listen('127.0.0.2', 9100);
    const c = p.connect(8080);
    p.advance(50);
    const s = servers.accept()!;
    assert.equal(info(p, 'BytesOutRate'), 0);
    const before = info(p, 'TotalBytesOut');
    for (let i = 0; i < 30; i++) {
      c.send('x'.repeat(1000));
      s.send('y'.repeat(2000));
      p.advance(100);
    }
    const rate = info(p, 'BytesOutRate');
    assert.ok(rate > 25_000 && rate < 40_000, `30,000 bytes a second, and some of the CLI; ${rate}`);
    assert.ok(info(p, 'TotalBytesOut') - before >= 90_000);
    p.advance(3000);
    p.ask(CLI, 'show version');
    p.advance(1500);
    assert.ok(info(p, 'BytesOutRate') < 1000);
    c.shut();
    s.shut();
    p.advance(50);
    p.assertClean();
  }
});

test('a session that an internal error ends counts in eint of all who served it, no other does', () => {
  const p = new SimProgram(CONFIG, 'epoll');
  p.listen('127.0.0.2', 9100);
  p.thr.sched.onCrash = (_error, entry) => {
    endCrashed(entry);
  };
  p.connect(8080).close();
  const c = p.connect(8080);
  const stream = [...p.instance.streams].at(-1);
  const { process } = stream!.task;
  stream!.task.process = () => {
    stream!.task.process = process;
    throw new Error('planted');
  };
  taskWakeup(stream!.task, TASK_WOKEN_OTHER);
  p.advance(50);
  assert.notEqual(c.state, 'open');
  const [head, ...rows] = p.ask(CLI, 'show stat').trim().split('\n');
  const eint = head!.split(',').indexOf('eint');
  assert.deepEqual(
    rows.map((r) => r.split(',')).map((r) => [r[1], r[eint]]),
    [
      ['FRONTEND', '1'],
      ['s1', '1'],
      ['BACKEND', '1'],
    ],
  );
});

test('what stays 0 is of things that are not there: TLS, compression, peers, resolvers, limits of memory', () => {
  const p = new SimProgram(CONFIG, 'epoll');
  const servers = p.listen('127.0.0.2', 9100);
  const c = p.connect(8080);
  p.advance(50);
  servers.accept()!.send('hello');
  c.send('hello');
  p.advance(1500);
  const env = { instance: p.instance, version: 'x', releaseDate: 'x', node: 'n', ulimitN: 100, hardMaxconn: 100 };
  const never =
    /^(Memmax_(MB|bytes)|.*Ssl.*|Compress.*|(Active|Connected)Peers|FailedResolutions|BusyPolling|DebugCommandsIssued|CumRecvLogs|Unstoppable Jobs|Tainted)$/;
  // These may be 0 at this moment, but have a source.
  const now =
    /^(Pool.*|.*RateLimit|Pipes.*|Run_queue|Stopping|DroppedLogs|TotalSplic.*|Maxpipes|AcceptErrors|Crashes|Spins|Process_num|.*Rate|CurrConns|CumReq)$/;
  const zeros = infoFields(env as unknown as Parameters<typeof infoFields>[0], false).filter(
    (f) => Number(f.value) === 0,
  );
  assert.deepEqual(
    zeros.map((f) => f.name).filter((name) => !never.test(name) && !now.test(name)),
    [],
  );
});
