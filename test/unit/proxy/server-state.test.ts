// Changes to servers while they run, on a backend with a clock of its own: states, weights, times, slow start, who is told.
import assert from 'node:assert/strict';
import test from 'node:test';
import { newProxy, newServer } from '../../../src/config/defaults.js';
import { muxPt } from '../../../src/datapath/mux/pt.js';
import { addressInet } from '../../../src/datapath/proto/address.js';
import { rawSock } from '../../../src/datapath/xprt/raw-sock.js';
import { RoundRobin } from '../../../src/proxy/lb/roundrobin.js';
import { Proxy } from '../../../src/proxy/proxy.js';
import {
  Server,
  SRV_ADMIN_DRAIN,
  SRV_ADMIN_MAINT,
  SRV_ADMIN_UP,
  SRV_ST_RUNNING,
  SRV_ST_STARTING,
  SRV_ST_STOPPED,
} from '../../../src/proxy/server.js';
import {
  srvSetAddress,
  srvSetAdmin,
  srvSetHealth,
  srvSetMaxconn,
  srvSetWeight,
  srvSetWeightText,
} from '../../../src/proxy/server-state.js';
import { srvThrottle } from '../../../src/proxy/slowstart.js';
import { Scheduler } from '../../../src/sched/scheduler.js';

const HERE = { file: 'x.cfg', line: 1, column: 1, length: 1 };

function backend(count: number, tune?: (i: number, conf: ReturnType<typeof newServer>) => void) {
  const px = new Proxy(newProxy('backend', 'b', HERE));
  const sched = new Scheduler();
  const said: string[] = [];
  const offered: string[] = [];
  const shut: string[] = [];
  px.host = {
    sched,
    offer: (s) => offered.push(s.name),
    requeue: () => 0,
    shutdown: (s, why) => shut.push(`${s.name} ${why}`),
    changed: (_px, level, text) => said.push(`${level}: ${text}`),
  };
  for (let i = 1; i <= count; i++) {
    const conf = newServer(`s${i}`, HERE);
    tune?.(i, conf);
    px.servers.push(new Server(px, conf, addressInet('127.0.0.1', 80), null, muxPt, rawSock));
  }
  px.lb = new RoundRobin();
  px.lb.update(px);
  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left -= 100) {
      sched.clock[0]! += 100;
      sched.clock[1]! += 100;
      sched.now += 100;
      sched.wakeExpired();
      sched.runQueues();
    }
  };
  sched.clock[1] = 1_000_000;
  px.startMs = 1_000_000;
  return { px, sched, said, offered, shut, pass, servers: px.servers };
}

test('maintenance, drain and ready take the place of each other, and keep the memory of `disabled`', () => {
  const { servers, said } = backend(2, (i, conf) => (conf.disabled = i === 2));
  const [s1, s2] = servers as [Server, Server];
  assert.deepEqual([s2.admin, s2.state, s2.inMaint], [5, SRV_ST_STOPPED, true]);
  const seen: number[][] = [];
  for (const wish of [SRV_ADMIN_DRAIN, SRV_ADMIN_MAINT, SRV_ADMIN_UP]) {
    srvSetAdmin(s2, wish);
    seen.push([s2.admin, s2.state]);
  }
  assert.deepEqual(seen, [
    [12, SRV_ST_RUNNING],
    [5, SRV_ST_STOPPED],
    [4, SRV_ST_RUNNING],
  ]);
  assert.ok(s2.usable);
  assert.deepEqual(said, [
    'notice: Server b/s2 is UP/DRAIN (leaving forced maintenance).',
    'notice: Server b/s2 remains in forced drain mode.',
    'notice: Server b/s2 is going DOWN for maintenance. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
    'notice: Server b/s2 is UP/READY (leaving forced maintenance).',
  ]);
  srvSetAdmin(s1, SRV_ADMIN_DRAIN);
  assert.deepEqual([s1.usable, s1.reachable, s1.inDrain], [false, true, true]);
  srvSetAdmin(s1, SRV_ADMIN_MAINT);
  assert.deepEqual([s1.usable, s1.reachable, s1.inDrain], [false, false, false]);
});

test('a backend without servers is down: the time is counted, and the last one to go is an alert', () => {
  const { px, servers, said, offered, pass } = backend(1);
  const [s1] = servers as [Server];
  pass(3000);
  srvSetAdmin(s1, SRV_ADMIN_MAINT);
  pass(2000);
  assert.match(said[0]!, /^alert: Server b\/s1 is going DOWN for maintenance\. 0 active and 0 backup servers left\./);
  assert.deepEqual([px.lb!.pick(px, null, null), px.downs, px.downtimeMs], [null, 1, 0]);
  assert.deepEqual(offered, []);
  srvSetAdmin(s1, SRV_ADMIN_UP);
  assert.deepEqual([px.downs, px.downtimeMs, s1.downtimeMs, s1.lastChangeMs], [1, 2000, 2000, 1_005_000]);
  assert.deepEqual(offered, ['s1'], 'those who wait may go on');
});

test('maintenance is an alert for a server that served, a notice for one in drain, and has its own words for one that was down', () => {
  const { servers, said } = backend(3);
  const [s1, s2, s3] = servers as [Server, Server, Server];
  srvSetAdmin(s1, SRV_ADMIN_MAINT);
  srvSetHealth(s2, SRV_ST_STOPPED);
  srvSetAdmin(s2, SRV_ADMIN_MAINT);
  srvSetAdmin(s3, SRV_ADMIN_DRAIN);
  srvSetAdmin(s3, SRV_ADMIN_MAINT);
  const short = said.map((text) => text.replace(/(maintenance|CLI|state)\. .*/, '$1.'));
  assert.deepEqual(short, [
    'alert: Server b/s1 is going DOWN for maintenance.',
    'alert: Server b/s2 is DOWN, changed from CLI.',
    'notice: Server b/s2 was DOWN and now enters maintenance.',
    'notice: Server b/s3 enters drain state.',
    'emerg: backend b has no server available!',
    'notice: Server b/s3 is going DOWN for maintenance.',
  ]);
});

test('weights: absolute, relative to the first, and the texts of what cannot be', () => {
  const { px, servers } = backend(2, (_i, conf) => (conf.weight = 10));
  const [s1] = servers as [Server, Server];
  const results = ['50%', '0', '3000%', '33%', '300', '-1', 'foo', '', '5x', '%', '7'].map((t) => {
    const text = srvSetWeightText(s1, t);
    return text === '' ? s1.weight : text;
  });
  assert.deepEqual(results, [
    5,
    0,
    256,
    3,
    'Absolute weight can only be between 0 and 256 inclusive.\n',
    'Absolute weight can only be between 0 and 256 inclusive.\n',
    'Empty weight string empty or preceded by garbage',
    'Empty weight string empty or preceded by garbage',
    'Trailing garbage in weight string',
    'Empty weight string empty or preceded by garbage',
    7,
  ]);
  const picked = Array.from({ length: 170 }, () => px.lb!.pick(px, null, null)!.name).filter((n) => n === 's1').length;
  assert.equal(picked, 70, 'load balancing goes by it');
  px.lb = { ...px.lb!, dynamic: false, update: () => undefined };
  const only = `Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n`;
  assert.deepEqual(
    [5, 0, 10].map((w) => srvSetWeight(s1, w)),
    [only, '', ''],
  );
});

test('a higher limit, or another address, is there for the next stream', () => {
  const { servers, offered } = backend(1, (_i, conf) => (conf.maxconn = 1));
  const [s1] = servers as [Server];
  s1.served = 1;
  assert.equal(s1.hasSlot, false);
  srvSetMaxconn(s1, 2);
  assert.deepEqual([s1.hasSlot, offered], [true, ['s1']]);
  srvSetAddress(s1, addressInet('127.0.0.2', 81));
  assert.deepEqual([s1.address.host, s1.address.port, s1.mapPorts], ['127.0.0.2', 81, false]);
  srvSetAddress(s1, addressInet('127.0.0.2', 0), -10);
  assert.deepEqual([s1.mapPorts, s1.portOffset], [true, -10]);
});

test('minconn, maxconn and fullconn: the limit follows the load of the backend, queued sessions included', () => {
  const { px, servers } = backend(3, (i, conf) => {
    conf.minconn = [2, 5, 7][i - 1]!;
    conf.maxconn = [10, 0, 5][i - 1]!;
  });
  px.fullconn = 20;
  const [s1, s2, s3] = servers as [Server, Server, Server];
  assert.deepEqual([s2.maxconn, s3.maxconn], [5, 7], 'never below minconn');
  const limits: number[] = [];
  for (let load = 1; load <= 24; load++) {
    px.be.enter();
    for (s1.served = 0; s1.hasSlot; s1.served++);
    limits.push(s1.served);
  }
  assert.deepEqual(limits, [2, 2, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 10, 10, 10]);
});

test('slowstart: weight in sixteenths and limit from 1 on grow over the time given, then the server runs', () => {
  const { px, servers, said, offered, pass } = backend(2, (_i, conf) => {
    conf.slowstartMs = 20000;
    conf.weight = 100;
    conf.maxconn = 10;
  });
  const [s1] = servers as [Server, Server];
  assert.equal(s1.state, SRV_ST_RUNNING, 'not at the start');
  srvSetAdmin(s1, SRV_ADMIN_MAINT);
  srvSetAdmin(s1, SRV_ADMIN_UP);
  const weights: number[] = [];
  const limits: number[] = [];
  for (let t = 0; t < 20; t++) {
    assert.equal(s1.state, SRV_ST_STARTING);
    weights.push(Math.ceil(s1.effWeight / 16));
    for (s1.served = 0; s1.hasSlot; s1.served++);
    limits.push(s1.served);
    pass(1000);
  }
  assert.deepEqual(weights, [7, 7, 13, 19, 25, 32, 32, 38, 44, 50, 57, 57, 63, 69, 75, 82, 82, 88, 94, 100]);
  assert.deepEqual(limits, [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9]);
  assert.deepEqual([s1.state, s1.effWeight, srvThrottle(s1), s1.warmup], [SRV_ST_RUNNING, 1600, 100, null]);
  assert.equal(
    said.at(-1),
    'notice: Server b/s1 is UP. 2 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
  );
  assert.ok(offered.length >= 20, 'each step lets those go on who wait');
  assert.equal(px.host!.sched.tasksUsed, 0);
});

test('a server that goes away during slowstart starts again from the beginning', () => {
  const { px, servers, pass } = backend(2, (_i, conf) => (conf.slowstartMs = 10000));
  const [s1] = servers as [Server, Server];
  srvSetAdmin(s1, SRV_ADMIN_MAINT);
  srvSetAdmin(s1, SRV_ADMIN_UP);
  pass(5000);
  assert.equal(s1.effWeight, 9);
  srvSetAdmin(s1, SRV_ADMIN_MAINT);
  assert.equal(px.host!.sched.tasksUsed, 0);
  srvSetAdmin(s1, SRV_ADMIN_UP);
  assert.equal(s1.effWeight, 1);
});
