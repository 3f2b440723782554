// Fuzz target of the runtime CLI: whatever a client sends, its connection ends once it has sent all, no handler throws, and
// nothing is left over. One program of each kind of kernel serves all inputs, so that what one changes is there for the next.
import { cliCommands } from '../../src/observe/cli/commands.js';
import { SIM_CLI, simForwarder } from '../support/sim-program.js';
import { fuzz } from './driver.js';
import { sendInPieces, waitFor, Whole } from './whole.js';

const CONFIG = simForwarder('', ' balance roundrobin\n server s1 127.0.0.2:9100\n server s2 127.0.0.2:9101 backup\n');

const STEP_MS = 5;
const LIMIT_MS = 10_000;
const whole = new Whole(CONFIG);

/** Sends `input` in pieces and waits for the end. */
function feed(input: Uint8Array): void {
  whole.run(input, (p, rng) => {
    const c = p.connect(SIM_CLI);
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
