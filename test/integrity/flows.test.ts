// Three thousand flows of random sizes through the real program, a thousand at a time, a fifth of them killed by RST: whatever
// completes is byte for byte what was sent, everything not killed completes, the partner of a killed flow sees its end,
// and nothing is left behind in the program. Environment, besides test/support/target.ts:
//   FLOWS=N  another number of flows (for js, where a machine is too slow)    SEED=N  replays a run

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { infoNumber } from '../support/cli.js';
import { freePort } from '../support/ports.js';
import { type FdCount, countFds } from '../support/proc.js';
import { type Program, startProgram } from '../support/program.js';
import { canSplice, subjectKind, subjectName } from '../support/target.js';
import { tcpConfig } from '../support/traced.js';
import { until } from '../support/wait.js';
import type { Endpoint } from './endpoint.js';
import { Random, drawPayload, drawPlan } from './plan.js';
import { type Flow, FlowServer, runFlows } from './run.js';

const FLOWS = Number(process.env['FLOWS'] ?? 3000);
const AT_A_TIME = Math.min(1000, Math.ceil(FLOWS / 3));
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 0x7fffffff));
const PARTNER_LIMIT_MS = 1_000; // the issue's own limit
const FAULTS_SHOWN = 20;

interface Left {
  readonly fds: FdCount;
  readonly pipesFree: number;
  readonly pipesUsed: number;
  readonly connections: number; // the CLI's own is not counted
  readonly splicedBytes: number;
}

async function whatIsLeft(program: Program): Promise<Left> {
  const info = await program.info();
  return {
    fds: countFds(program.pid),
    pipesFree: infoNumber(info, 'PipesFree'),
    pipesUsed: infoNumber(info, 'PipesUsed'),
    connections: infoNumber(info, 'CurrConns'),
    splicedBytes: infoNumber(info, 'TotalSplicdedBytesOut'), // spelt so since 2.x, and scripts rely on it
  };
}

/** How long after the kill, or after the last byte that was still on its way to it, the partner saw its end (ms). */
function partnerLag(killer: Endpoint, partner: Endpoint): number {
  return partner.closedAt - Math.max(killer.killedAt, partner.lastDataAt);
}

interface Verdict {
  readonly completed: number;
  readonly killed: number;
  readonly faults: string[];
  readonly lagMax: number;
  readonly bytes: number;
}

function judge(flows: readonly Flow[]): Verdict {
  let completed = 0;
  let killed = 0;
  let lagMax = 0;
  let bytes = 0;
  const faults: string[] = [];
  for (const { plan, client, server } of flows) {
    for (const end of [client, server]) {
      if (end === null) continue;
      bytes += end.received;
      if (end.fault !== null) faults.push(end.describe());
    }
    if (plan.kill === null) {
      if (client?.complete === true && server?.complete === true) completed++;
      else faults.push(`not completed: ${client?.describe() ?? 'no client'}; ${server?.describe() ?? 'no server'}`);
      continue;
    }
    const [killer, partner] = plan.kill.side === 'client' ? [client, server] : [server, client];
    if (killer?.killed === true) killed++;
    else faults.push(`not killed: ${client?.describe() ?? 'no client'}; ${server?.describe() ?? 'no server'}`);
    if (killer === null || partner === null) continue; // killed before the server ever saw it
    const lag = partnerLag(killer, partner);
    lagMax = Math.max(lagMax, lag);
    if (!(lag <= PARTNER_LIMIT_MS)) faults.push(`the partner saw its end after ${lag} ms: ${partner.describe()}`);
  }
  return { completed, killed, faults, lagMax, bytes };
}

async function scenario(lines: readonly string[], log: (text: string) => void): Promise<void> {
  const random = new Random(SEED);
  const payload = drawPayload(random);
  const plans = Array.from({ length: FLOWS }, (_, id) => drawPlan(random, id));
  const killedPlanned = plans.filter((plan) => plan.kill !== null).length;
  const server = new FlowServer(payload);
  const serverPort = await server.listen();
  try {
    const port = await freePort();
    const global = lines.length > 0 ? ['maxconn 2000', 'maxpipes 4000'] : ['maxconn 2000']; // js refuses maxpipes
    const config = tcpConfig(port, serverPort, lines, global);
    const program = await startProgram({ kind: subjectKind(), config });
    try {
      const before = await whatIsLeft(program);
      const result = await runFlows(plans, AT_A_TIME, port, server);
      const verdict = judge(result.flows);
      log(`seed ${SEED}: ${verdict.completed} completed, ${verdict.killed} killed, ${verdict.bytes} bytes`);
      log(`at most ${result.concurrentMax} at a time, ${server.strangers} killed before the header was seen`);
      log(`the partner of a killed flow saw its end after at most ${verdict.lagMax.toFixed(0)} ms`);
      const shown = verdict.faults.slice(0, FAULTS_SHOWN).join('\n');
      assert.equal(verdict.faults.length, 0, `seed ${SEED}, ${verdict.faults.length} faults:\n${shown}`);
      assert.equal(verdict.killed, killedPlanned, `seed ${SEED}: killed`);
      assert.equal(verdict.completed, FLOWS - killedPlanned, `seed ${SEED}: completed = started - killed`);
      const after = await assertNothingLeft(program, before);
      log(`${after.splicedBytes} bytes spliced`);
      assert.equal(after.splicedBytes > 0, lines.length > 0, `seed ${SEED}: ${after.splicedBytes} bytes spliced`);
    } finally {
      await program.stop();
    }
  } finally {
    await server.stop();
  }
}

/** Descriptors back to the start. Pipes may be kept in the pool, but only those that the program knows to be free. */
async function assertNothingLeft(program: Program, before: Left): Promise<Left> {
  let now = before;
  const back = (): boolean => {
    const pooled = 2 * (now.pipesFree - before.pipesFree);
    const same = now.fds.sockets === before.fds.sockets && now.fds.others === before.fds.others;
    return (
      same &&
      now.fds.pipes === before.fds.pipes + pooled &&
      now.pipesUsed === 0 &&
      now.connections === before.connections
    );
  };
  const probe = async (): Promise<true | undefined> => {
    now = await whatIsLeft(program);
    return back() ? true : undefined;
  };
  await until('the descriptors to be back', probe, 20_000, 100).catch((error: unknown) => {
    throw new Error(`left behind: before ${JSON.stringify(before)}, now ${JSON.stringify(now)}`, { cause: error });
  });
  return now;
}

const title = `${FLOWS} flows, ${AT_A_TIME} at a time, a fifth killed: all others complete, equal; nothing stays behind`;

test(`${title}: ${subjectName()}, copying`, async (t) => {
  await scenario([], (text) => t.diagnostic(text));
});

// The js transport has no splice(2): there the option is a configuration error.
if (canSplice()) {
  test(`${title}: ${subjectName()}, splicing`, async (t) => {
    await scenario(['option splice-request', 'option splice-response'], (text) => t.diagnostic(text));
  });
}
