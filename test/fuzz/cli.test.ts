// Fuzz target of the runtime CLI: whatever a client sends, its connection ends once it has sent all, no handler throws, and
// nothing is left over. One program serves all inputs, so that what one changes is there for the next.
import assert from 'node:assert/strict';
import { cliCommands } from '../../src/observe/cli/commands.js';
import { SimProgram } from '../support/sim-program.js';
import { fuzz } from './driver.js';

const PORT = 9000;
const CONFIG = `
global
 maxconn 50
 stats socket ipv4@127.0.0.1:${PORT} level admin
defaults
 mode tcp
 timeout client 100s
 timeout connect 5s
 timeout server 100s
frontend fe
 bind 127.0.0.1:8080
 default_backend be
backend be
 balance roundrobin
 server s1 127.0.0.2:9100
 server s2 127.0.0.2:9101 backup
`;

const STEP_MS = 5;
const STEPS_MAX = 2000;
let program: SimProgram | null = null;

/** Sends `input` in two pieces and waits for the end. */
function feed(input: Uint8Array): void {
  program ??= new SimProgram(CONFIG, 'epoll');
  const p = program;
  const c = p.connect(PORT);
  const cut = input.length >> 1;
  c.send(input.subarray(0, cut));
  p.advance(STEP_MS);
  if (c.state === 'open') {
    c.send(input.subarray(cut));
    c.shut();
  }
  for (let i = 0; i < STEPS_MAX && c.state === 'open'; i++) p.advance(STEP_MS);
  try {
    assert.notEqual(c.state, 'open', 'the connection ends');
    c.close();
    p.advance(STEP_MS);
    assert.equal(p.instance.sessions, 0, 'no session is left');
    assert.equal(p.thr.bufs.usedBytes, 0, 'no buffer is left');
    assert.equal(p.thr.counters.crashes, 0);
  } catch (error) {
    program = null;
    throw error;
  }
}

fuzz('cli', {
  feed,
  words: [
    ...cliCommands.map((c) => c.name),
    ...[
      ' be/s1',
      ' fe',
      ' be',
      ' all',
      ' typed',
      ' json',
      ' desc',
      ' 50%',
      ' state drain',
      ' addr 127.0.0.9',
      ' port 80',
    ],
    ...['\n', ';', '\\', '<<\n', '<<', '\r\n', '\0', ' ', 'proc.x', ' int(1)', ' fmt %[int(1)]', '-1', '99999999999'],
  ],
  max: 2000,
});
