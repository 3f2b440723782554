// Worker side of worker.test.ts. Listens, tells the port, and runs rounds that block until told to stop or terminated.
import assert from 'node:assert/strict';
import { parentPort } from 'node:worker_threads';
import { AF_INET, SOCK_STREAM } from '../../src/sys/constants.js';
import { createNativeSys } from '../../src/sys/native.js';
import { makeRounds } from './rounds.js';
import { ADDR, in4, ok, portAt } from './support.js';

const port = parentPort;
assert.ok(port !== null);
const sys = createNativeSys({ arenaBytes: 1 << 20 });
const fd = ok(sys.socket(AF_INET, SOCK_STREAM), 'socket');
ok(sys.bind(fd, ADDR, in4(sys, ADDR, 0)), 'bind');
ok(sys.listen(fd, 4), 'listen');
ok(sys.getsockname(fd, ADDR), 'getsockname');
const wakeFd = ok(sys.wakeFd(), 'wakeFd');
ok(sys.pollAdd(fd, 1), 'pollAdd');
ok(sys.pollAdd(wakeFd, 2), 'pollAdd');
let events = 0;
const rounds = makeRounds(sys, () => {
  events++;
});
port.on('message', (text: string) => {
  if (text === 'ping') port.postMessage({ pong: events, stalls: rounds.stalls });
  if (text !== 'stop') return;
  sys.hostStop();
  sys.destroy();
  port.close();
});
sys.hostStart(rounds.run);
port.postMessage({ port: portAt(sys, ADDR), wakeFd });
