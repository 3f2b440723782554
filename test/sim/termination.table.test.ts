// Termination codes of TCP sessions (manual 8.5), each with the tests that provoke it. Those of test/vtc run on the reference
// too, with the same log line; those of test/sim need a system that lacks something, or a handler that throws. What TCP cannot
// have without health checks stands here with the words of the manual that say why.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { SF_ERR_LETTERS, SF_FINST_LETTERS } from '../../src/datapath/stream/flags.js';

const TEST = new URL('../', import.meta.url);
const SIM = 'sim/termination.test.ts';
/** Scenarios of this name log an end, one code each. */
const VTC = /^log-end-.*\.vtc$/;

/** Code → tests that provoke it, below test/; `log-end-X` is vtc/log-end-X.vtc. */
const PROVOKED: Readonly<Record<string, readonly string[]>> = {
  '--': [
    'log-end-normal',
    'log-end-inspect-client-end',
    'log-end-queue-positions',
    'log-end-redispatched',
    'log-end-redispatched-next',
  ],
  CC: ['log-end-client-end-connecting'],
  CD: [
    'log-end-client-reset',
    'log-end-client-abort-connecting', // a reset, where CC is the code of an end
    'log-end-client-abort-queued', // likewise for CQ
    'log-end-server-fin-then-client-reset',
  ],
  CQ: ['log-end-client-end-queued'],
  CR: ['log-end-inspect-client-reset'],
  cD: [
    'log-end-client-timeout',
    'log-end-client-write-timeout',
    'log-end-half-closed-timeout',
    'log-end-tunnel-timeout',
  ],
  cR: ['log-end-inspect-client-timeout'],
  SC: ['log-end-refused', 'log-end-no-server'],
  SD: ['log-end-server-reset', 'log-end-client-fin-then-server-reset'],
  SQ: ['log-end-queue-full'],
  sC: ['log-end-connect-timeout', 'log-end-client-timeout-connecting'],
  sD: ['log-end-server-timeout', 'log-end-server-write-timeout', 'log-end-server-fin-timeout'],
  sQ: ['log-end-queue-timeout', 'log-end-client-timeout-queued'],
  // A rule decided. PC: the limit of the process, "the process's socket limit has been reached while attempting to connect".
  // The reference logs SC after its retries there (seen with 2.6), and for what is RC here: the manual's word counts.
  PC: [SIM],
  PD: ['log-end-response-rejected'],
  PR: ['log-end-rejected'],
  // "A local resource has been exhausted (memory, sockets, source ports)": all of them but the limit of the process.
  RC: [SIM],
  // "This should NEVER happen": a handler throws, in each phase that TCP has.
  IC: [SIM],
  ID: [SIM],
  IQ: [SIM],
  IR: [SIM],
  'D-': ['log-end-server-down', SIM],
  DC: ['log-end-server-down-connecting'],
  'U-': ['log-end-server-up'],
  'K-': ['log-end-killed'],
  KC: ['log-end-killed-connecting'],
  KQ: ['log-end-killed-queued'],
};

const HTTP_ONLY: Readonly<Record<string, string>> = {
  CH: 'H: "waiting for complete, valid response HEADERS from the server (HTTP only)"',
  cH: 'H, "while waiting for client data during a POST request"',
  SH: 'H: "The server aborted before sending its full HTTP response headers"',
  sH: 'H: "stroke before the server could return its response headers"',
  PH: 'H: "an HTTP 502 error is sent to the client"',
  CT: 'T: "the request was tarpitted"; there is no `tcp-request tarpit`',
  PT: 'T: "before returning it a 500 server error"',
  LR: 'L: "locally processed by HAProxy and was not passed to a server. This is what happens for stats and redirects."',
  CL: 'L: "still transmitting LAST data to the client while the server had already finished"; the reference logs CD for that in mode tcp (log-end-server-fin-then-client-reset)',
};

const pathOf = (name: string): string => (name === SIM ? SIM : `vtc/${name}.vtc`);
const textOf = (name: string): string => readFileSync(new URL(pathOf(name), TEST), 'utf8');

describe('termination codes', () => {
  for (const [code, tests] of Object.entries(PROVOKED)) {
    it(`${code} is provoked by ${tests.map(pathOf).join(', ')}`, () => {
      assert.ok(tests.length > 0);
      for (const name of tests) {
        if (name === SIM) assert.ok(textOf(name).includes(`'${code}'`), `${code} in ${name}`);
        // Bytes, the code, and the numbers of sessions in the expected line.
        else assert.match(textOf(name), new RegExp(`expect ~ ".* \\S+ ${code} \\S+/\\S+ \\S+"`), `${code} in ${name}`);
      }
    });
  }

  it('every scenario that logs an end stands in the table', () => {
    const listed = Object.values(PROVOKED).flat();
    const there = readdirSync(new URL('vtc/', TEST)).filter((f) => VTC.test(f));
    assert.deepEqual(
      there.filter((f) => !listed.includes(f.replace(/\.vtc$/, ''))),
      [],
    );
  });

  it('every letter has a test or a reason', () => {
    const codes = [...Object.keys(PROVOKED), ...Object.keys(HTTP_ONLY)];
    for (const c of SF_ERR_LETTERS)
      assert.ok(
        codes.some((code) => code[0] === c),
        `first letter ${c}`,
      );
    for (const c of SF_FINST_LETTERS)
      assert.ok(
        codes.some((code) => code[1] === c),
        `second letter ${c}`,
      );
    for (const code of codes) {
      assert.ok(SF_ERR_LETTERS.includes(code[0]!) && SF_FINST_LETTERS.includes(code[1]!), code);
      assert.ok(!(code in PROVOKED && code in HTTP_ONLY), code);
    }
  });
});
