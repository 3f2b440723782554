// Runs the test jobs in order and adds them up. `run-tests.ts [JOB...]`; see scripts/test, which prepares the machine.
// Each job's output goes through as it comes; its closing line `N passed, N failed` is taken as its counts, and a job
// without such a line counts as one. The last line of all is the sum. Exit status 1 when anything failed.
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findJobs, TRANSPORTS, type Job } from './support/jobs.js';
import { buildSan, sanEnv, sanRoot } from './support/san.js';

interface Result {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
}

const COUNTS = /^(\d+) passed, (\d+) failed\b/;
const QUIET_ON_SUCCESS = new Set(['typecheck', 'lint', 'format']);
const root = fileURLToPath(new URL('..', import.meta.url));
let running: ChildProcess | null = null;

/** Ends the job and whatever it started: it leads its own process group. */
function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // already gone
  }
}

/** Environment of a job: strict assertions on, no transport unless the job names one. */
function environment(job: Job): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, SLUICE_STRICT: '1', NO_COLOR: '1' };
  delete env['SLUICE_TRANSPORT'];
  delete env['NODE_TEST_CONTEXT'];
  return { ...env, ...job.env };
}

async function runJob(job: Job): Promise<Result> {
  const started = Date.now();
  const result = (passed: number, failed: number): Result => {
    const seconds = (Date.now() - started) / 1000;
    console.log(
      `${failed === 0 ? 'ok  ' : 'FAIL'} ${job.name}: ${passed} passed, ${failed} failed (${seconds.toFixed(1)} s)`,
    );
    return { name: job.name, passed, failed, seconds };
  };
  try {
    job.prepare?.();
  } catch (error) {
    console.log(`     ${job.name}: ${error instanceof Error ? error.message : String(error)}`);
    return result(0, 1);
  }
  const child = spawn(job.command[0]!, job.command.slice(1), {
    cwd: root,
    env: environment(job),
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running = child;
  const ended = { late: false };
  const limit = setTimeout(() => {
    ended.late = true;
    console.log(`     ${job.name}: not done after ${job.limitSeconds} s, ended`);
    endGroup(child, 'SIGTERM');
    setTimeout(() => endGroup(child, 'SIGKILL'), 3000).unref();
  }, job.limitSeconds * 1000);
  const closing: string[] = [];
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    if (COUNTS.test(line)) closing.push(line);
    else if (QUIET_ON_SUCCESS.has(job.name)) lines.push(line);
    else console.log(`     ${line}`);
  });
  const drained = new Promise((resolve) => reader.once('close', resolve));
  const status = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      console.log(`     ${job.name}: ${error.message}`);
      resolve(127);
    });
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
  clearTimeout(limit);
  endGroup(child, 'SIGKILL'); // what it left behind, also holding our pipe
  await drained;
  running = null;
  if (status !== 0) for (const line of lines) console.log(`     ${line}`);
  const [passed, failed] = tally(COUNTS.exec(closing.at(-1) ?? ''), status);
  return result(passed, ended.late ? Math.max(1, failed) : failed);
}

/** Counts of a job by its closing line and exit status: a failure without a failed test is one. */
function tally(counts: RegExpExecArray | null, status: number): [number, number] {
  if (counts === null) return status === 0 ? [1, 0] : [0, 1];
  const passed = Number(counts[1]);
  const failed = Number(counts[2]);
  return [passed, status !== 0 && failed === 0 ? 1 : failed];
}

function transports(): readonly string[] {
  const only = process.env['SLUICE_TEST_TRANSPORTS'];
  if (only === undefined || only === '') return TRANSPORTS;
  console.log(`transports under test limited to ${only} (SLUICE_TEST_TRANSPORTS)`);
  return only.split(',');
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const jobs = findJobs(root, transports(), {
    sanRoot: sanRoot(root),
    buildSan: () => buildSan(root),
    sanEnv: () => sanEnv(),
  });
  if (wanted[0] === 'list') {
    for (const job of jobs) console.log(job.name);
    return;
  }
  const chosen = (job: Job): boolean =>
    wanted.length === 0 ||
    job.name === 'build' ||
    wanted.some((name) => job.name === name || job.name.startsWith(`${name}:`));
  for (const name of wanted) {
    if (!jobs.some((job) => job.name === name || job.name.startsWith(`${name}:`))) {
      console.error(`no job ${name}; there are ${jobs.map((job) => job.name).join(', ')}`);
      process.exitCode = 1;
      return;
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (running !== null) endGroup(running, 'SIGTERM');
      process.exit(130);
    });
  }
  const results: Result[] = [];
  for (const job of jobs.filter(chosen)) {
    if (process.stdout.isTTY) console.log(`---- ${job.name}`);
    results.push(await runJob(job));
  }
  const sum = (key: 'passed' | 'failed' | 'seconds'): number => results.reduce((all, one) => all + one[key], 0);
  console.log('');
  for (const { name, failed } of results) if (failed > 0) console.log(`failed: ${name} (${failed})`);
  console.log(
    `${results.length} jobs in ${sum('seconds').toFixed(0)} s, ${path.basename(process.execPath)} ${process.version}`,
  );
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}

await main();
