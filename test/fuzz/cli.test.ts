// Fuzz target of the runtime CLI: whatever a client sends, its connection ends once it has sent all, no handler throws, and
// nothing is left over. One program of each kind of kernel serves all inputs, so that what one changes is there for the next.
import { cliCommands } from '../../src/observe/cli/commands.js';
import { fuzz } from './driver.js';
import { sendInPieces, waitFor, Whole } from './whole.js';

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
const LIMIT_MS = 10_000;
const whole = new Whole(CONFIG);

/** Sends `input` in pieces and waits for the end. */
function feed(input: Uint8Array): void {
  whole.run(input, (p, rng) => {
    const c = p.connect(PORT);
    const end = sendInPieces(p, rng, c, input);
    if (end === 'silent' && c.state === 'open') c.shut();
    waitFor(p, LIMIT_MS, () => c.state !== 'open' || end === 'reset');
    c.close();
    p.advance(STEP_MS);
  });
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
