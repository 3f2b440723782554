// The VTC runner: gives every scenario in this directory to varnishtest, with sluice or with the reference HAProxy in the
// role of the program under test, and adds up what came out.
//
//   node --import tsx test/vtc/run.ts [--reference] [-k] [-v] [FILES…]
//
// --reference  runs Debian's haproxy (or $REFERENCE_HAPROXY) instead of dist/main.js
// -k           goes on after a failure          -v  prints the whole log of each failed scenario
//
// SLUICE_TRANSPORT (epoll, uring, js) is passed through; before the first scenario a sluice is started under it and asked which
// transport it uses, so that a run can't pass on another one than it was meant for.
// A scenario passes on both programs with the same file. What a transport can't do is guarded in the file by
// `feature cmd "$HAPROXY_PROGRAM -cc 'feature(LINUX_SPLICE)'"` (or LINUX_TPROXY, for options of sockets), and counted as guarded.
// Addresses beyond what varnishtest gives come from $VTC_NET and $VTC_NUM (see ownPlace); a file starts with
// `setenv -ifunset VTC_NET 127.77.0`, so that it also runs by hand. What varnishtest's client and server can't do, peer.mjs does.
// The last line is "N passed, N failed, N skipped"; the exit status is 1 when anything failed.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const SLUICE = path.resolve(HERE, '../../dist/main.js');
// Scenarios at once: more than there are processors, since most of what they do is wait.
const PARALLEL = Math.min(8, 2 * availableParallelism() + 1);
const SCENARIO_S = 60; // varnishtest gives up on a scenario after that many seconds: many starts on a busy machine take a while
const PREFLIGHT_MS = 10_000;
const EXIT_SKIPPED = 77;
const TAIL_LINES = 20; // of the program's own output, for a failed scenario
const LINE_CHARS = 300; // of each line shown of a failed scenario
const TRANSPORTS = ['epoll', 'uring', 'js', 'kqueue'];

/** A scenario that skips on the reference must say why in a comment that starts like this. */
const REFERENCE_SKIP = /^# may skip on the reference: \S/m;

/** What the reference prints under -d at each start and for each CLI command: of no use in the tail of a failure. */
const REFERENCE_BANNER =
  /debug\|(Note: setting|Available (polling|filters)|Total: |Using \w+\(\)| *(epoll|poll|select) : |pref=| test result|\\t\[|\w+:GLOBAL\.|$)/;

interface Options {
  reference: boolean;
  keepGoing: boolean;
  verbose: boolean;
  files: string[];
}

interface Verdict {
  file: string;
  outcome: 'passed' | 'failed' | 'guarded' | 'skipped';
  log: string;
  why: string;
}

function parseArgs(argv: readonly string[]): Options {
  const opts: Options = { reference: false, keepGoing: false, verbose: false, files: [] };
  for (const arg of argv) {
    if (arg === '--reference') opts.reference = true;
    else if (arg === '-k') opts.keepGoing = true;
    else if (arg === '-v') opts.verbose = true;
    else if (arg.startsWith('-')) throw new Error(`unknown option ${arg}`);
    else opts.files.push(path.resolve(arg));
  }
  if (opts.files.length === 0) {
    opts.files = readdirSync(HERE)
      .filter((f) => f.endsWith('.vtc'))
      .sort()
      .map((f) => path.join(HERE, f));
  }
  return opts;
}

const within = (from: number, to: number): number => from + Math.floor(Math.random() * (to - from));
// Where this run begins: another one at the same time most likely begins elsewhere.
const SECOND = within(64, 192);
const THIRD = within(0, 250);
const NUM = within(0, 900);
let places = 0;

/**
 * A place of its own for one scenario, so that no two of a run meet and no port was taken by somebody's outgoing connection:
 * VTC_NET is a loopback network (three numbers), VTC_NUM three digits for ports on all addresses.
 */
function ownPlace(): Record<string, string> {
  const n = places++;
  return { VTC_NET: `127.${SECOND}.${1 + ((THIRD + n) % 250)}`, VTC_NUM: String(100 + ((NUM + n) % 900)) };
}

/** Runs one scenario; never rejects. */
function runScenario(file: string, program: string, tmp: string, reference: boolean): Promise<Verdict> {
  return new Promise((resolve) => {
    const child = spawn('varnishtest', ['-t', String(SCENARIO_S), '-v', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...ownPlace(), TMPDIR: tmp, HAPROXY_PROGRAM: program, HAPROXY_ARGS: '-dM -dI -dW' },
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (b: Buffer) => chunks.push(b));
    child.stderr.on('data', (b: Buffer) => chunks.push(b));
    child.on('error', (err) => {
      resolve({ file, outcome: 'failed', log: '', why: `varnishtest can't be run: ${err.message}` });
    });
    child.on('close', (code, signal) => {
      const log = Buffer.concat(chunks).toString('latin1');
      resolve(judge(file, code, signal, log, reference));
    });
  });
}

function judge(file: string, code: number | null, signal: string | null, log: string, reference: boolean): Verdict {
  if (code === 0) return { file, outcome: 'passed', log, why: '' };
  if (code !== EXIT_SKIPPED) {
    return { file, outcome: 'failed', log, why: signal === null ? `exit ${String(code)}` : `killed by ${signal}` };
  }
  const lacking = /SKIPPING test, lacking feature: (.*)/.exec(log)?.[1]?.trim() ?? 'unknown';
  if (reference && !REFERENCE_SKIP.test(readFileSync(file, 'utf8'))) {
    return { file, outcome: 'failed', log, why: `skipped on the reference without a reason in the file (${lacking})` };
  }
  return { file, outcome: lacking === 'cmd' ? 'guarded' : 'skipped', log, why: `lacking feature: ${lacking}` };
}

/** What somebody needs to see of a failed scenario: its first `----` line and the end of what the program printed. */
function explain(v: Verdict, verbose: boolean): string {
  const lines = v.log.split('\n');
  if (verbose) return [v.why, ...lines].map((l) => `    ${l}`).join('\n');
  const failure = lines.filter((l) => l.startsWith('----')).slice(0, 3);
  const debug = lines.filter((l) => l.includes('debug|') && !REFERENCE_BANNER.test(l)).slice(-TAIL_LINES);
  const shell = lines.filter((l) => l.includes('shell_out|')).slice(-TAIL_LINES);
  // A time-out has no line of its own: then the last ones tell what was going on.
  const ending = failure.length === 0 ? lines.filter((l) => l.trim() !== '').slice(-6) : [];
  return [v.why, ...failure, ...ending, ...shell, ...debug].map((l) => `    ${l.slice(0, LINE_CHARS)}`).join('\n');
}

/** One question to the runtime CLI on a UNIX socket; resolves to the whole answer. */
function askCli(sock: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const c = connect({ path: sock, allowHalfOpen: true }, () => c.end(`${command}\n`));
    c.setEncoding('utf8');
    c.on('data', (s: string) => (answer += s));
    c.on('end', () => {
      resolve(answer);
    });
    c.on('error', reject);
  });
}

/** Starts sluice as the scenarios will, and returns the name of the transport that it says it uses. */
async function transportInUse(tmp: string): Promise<string> {
  const sock = path.join(tmp, 'stats.sock');
  const cfg = path.join(tmp, 'preflight.cfg');
  writeFileSync(
    cfg,
    [
      'global',
      `    stats socket "${sock}" level admin mode 600`,
      'defaults',
      '    mode tcp',
      '    timeout connect 1s',
      '    timeout client 1s',
      '    timeout server 1s',
      'listen preflight',
      `    bind "unix@${path.join(tmp, 'fe.sock')}"`,
      `    server s1 "unix@${path.join(tmp, 'nobody.sock')}"`,
      '',
    ].join('\n'),
  );
  const child = spawn(SLUICE, ['-d', '-dM', '-dI', '-dW', '-f', cfg], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let over = '';
  child.stdout.on('data', (b: Buffer) => (printed += b.toString()));
  child.stderr.on('data', (b: Buffer) => (printed += b.toString()));
  const ended = new Promise<void>((resolve) => {
    child.on('error', (err) => {
      over = err.message;
      resolve();
    });
    child.on('close', (code, signal) => {
      over = `ended with ${String(code ?? signal)}`;
      resolve();
    });
  });
  try {
    const deadline = Date.now() + PREFLIGHT_MS;
    for (;;) {
      const info = await askCli(sock, 'show info').catch(() => '');
      if (info !== '') {
        const name = /^Transport: (\S+)$/m.exec(info)?.[1];
        if (name === undefined) throw new Error(`"show info" has no line "Transport: …":\n${info}`);
        return name;
      }
      if (over !== '') throw new Error(`sluice does not run: ${over}\n${printed}`);
      if (Date.now() > deadline) throw new Error(`sluice does not answer "show info"\n${printed}`);
      await sleep(20);
    }
  } finally {
    if (over === '') child.kill('SIGINT');
    const late = setTimeout(() => child.kill('SIGKILL'), 2000);
    await ended;
    clearTimeout(late);
  }
}

async function preflight(tmp: string): Promise<void> {
  const forced = process.env['SLUICE_TRANSPORT'] ?? '';
  const used = await transportInUse(tmp);
  if (forced !== '' && used !== forced) throw new Error(`transport "${forced}" was asked for, "${used}" is in use`);
  if (!TRANSPORTS.includes(used)) throw new Error(`"${used}" is no transport that exists`);
  console.log(`transport in use: ${used}`);
}

/** Runs all files, PARALLEL at a time, and prints each verdict as it falls. */
async function runAll(opts: Options, program: string, tmp: string): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const waiting = [...opts.files];
  let stop = false;
  const worker = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined && !stop; file = waiting.shift()) {
      const v = await runScenario(file, program, tmp, opts.reference);
      verdicts.push(v);
      const name = path.basename(file);
      if (v.outcome === 'failed') {
        console.log(`FAILED  ${name}\n${explain(v, opts.verbose)}`);
        stop ||= !opts.keepGoing;
      } else {
        console.log(`${v.outcome.padEnd(7)} ${name}${v.why === '' ? '' : ` (${v.why})`}`);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return verdicts;
}

async function main(): Promise<number> {
  const opts = parseArgs(process.argv.slice(2));
  // Scenarios put UNIX sockets two levels below; their paths have room for 107 bytes.
  const tmp = mkdtempSync(path.join(tmpdir().length > 20 ? '/tmp' : tmpdir(), 'sv'));
  try {
    if (!opts.reference) await preflight(tmp);
    const program = opts.reference ? (process.env['REFERENCE_HAPROXY'] ?? 'haproxy') : SLUICE;
    const verdicts = await runAll(opts, program, tmp);
    const count = (o: Verdict['outcome']): number => verdicts.filter((v) => v.outcome === o).length;
    const guarded = count('guarded');
    const left = opts.files.length - verdicts.length;
    if (left > 0) console.log(`${String(left)} not run after the failure (-k goes on)`);
    console.log(`${String(guarded)} guarded`);
    console.log(
      `${String(count('passed'))} passed, ${String(count('failed'))} failed, ${String(count('skipped') + guarded)} skipped`,
    );
    return count('failed') === 0 && verdicts.length > 0 ? 0 : 1;
  } finally {
    rmSync(tmp, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (err) {
  console.error(`vtc: ${err instanceof Error ? err.message : String(err)}`);
  process.exitCode = 1;
}
