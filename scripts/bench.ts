// Benchmarks: sluice and Debian's HAProxy in alternation under the same work, as one Markdown table; and micro benchmarks.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ROWS, TABLE_HEAD, tableLine, type BenchTransport, type Comparison, type Row } from './support/bench-rows.js';

const HELP = `scripts/bench [options]      sluice against Debian's haproxy, a Markdown table
scripts/bench micro [NAME]   the micro benchmarks under test/bench/micro

  --rounds N           alternating rounds for each row (5)
  --rows a,b           of: ${ROWS.map((row) => row.key).join(', ')} (all)
  --transport a,b      epoll, uring (epoll)
  --duration S         seconds of one measured run (the scenario's own)
  --peer NAME          what is compared with (haproxy-deb)
  --program COMMAND    what is measured, with {cfg} for its configuration (this sluice)
  --out FILE           keeps the JSON line of each run

The measuring program is looked for in ../shared/bench, or where SLUICE_BENCH says.`;

interface Options {
  readonly rounds: string;
  readonly rows: readonly Row[];
  readonly transports: readonly BenchTransport[];
  readonly duration: string | undefined;
  readonly peer: string;
  readonly program: string;
  readonly out: string | undefined;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs one comparison; its JSON lines go to stderr as they come. Throws where there is no result. */
async function compare(bench: string, row: Row, transport: BenchTransport, options: Options): Promise<string> {
  const args = [
    'compare',
    `cmd:${options.program}`,
    options.peer,
    '--scenario',
    row.scenario,
    '--rounds',
    options.rounds,
  ];
  for (const set of row.sets) args.push('--set', set);
  if (options.duration !== undefined) args.push('--duration', options.duration);
  if (options.out !== undefined) args.push('--out', path.resolve(options.out), '--label', `${row.key}:${transport}`);
  const child = spawn(bench, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SLUICE_TRANSPORT: transport },
  });
  const found: Comparison[] = [];
  let disturbed = 0;
  let errors = 0;
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    console.error(line);
    if (!line.startsWith('{')) return;
    const result = JSON.parse(line) as Record<string, unknown>;
    if (result['noisy'] === true) disturbed++;
    if (typeof result['errors'] === 'number') errors += result['errors'];
    if ('compare' in result) found.push(result as unknown as Comparison);
  });
  const drained = new Promise((resolve) => reader.once('close', resolve));
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  await drained;
  const last = found.at(-1);
  if (last === undefined) throw new Error(`no result, the benchmark ended with ${String(status)}`);
  return tableLine(row, transport, last, disturbed, errors);
}

async function table(bench: string, options: Options): Promise<void> {
  const lines: string[] = [];
  for (const transport of options.transports) {
    for (const row of options.rows) {
      console.error(`---- ${row.key}, ${transport}`);
      try {
        lines.push(await compare(bench, row, transport, options));
      } catch (error) {
        lines.push(
          `| ${row.title} | ${transport} | ${error instanceof Error ? error.message : String(error)} | | | | | **no** |`,
        );
        process.exitCode = 1;
      }
    }
  }
  console.log(
    `\nMedians of ${options.rounds} alternating rounds, CPU of all threads for each unit; peer: ${options.peer}.\n`,
  );
  console.log([TABLE_HEAD, ...lines].join('\n'));
}

/** Runs each micro benchmark in a process of its own. */
function micro(name: string | undefined): void {
  const dir = path.join(root, 'test/bench/micro');
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.bench.ts') && (name === undefined || file.includes(name)))
    .map((file) => path.join(dir, file))
    .sort();
  if (files.length === 0) {
    console.error(`no micro benchmark${name === undefined ? '' : ` matches ${name}`}`);
    process.exitCode = 1;
  }
  for (const file of files) {
    const run = spawnSync(process.execPath, ['--import', 'tsx', file], { stdio: 'inherit', cwd: root });
    if (run.status !== 0) process.exitCode = 1;
  }
}

/** Those of `all` that a comma list names. */
function pick<T>(all: readonly T[], list: string, key: (one: T) => string): T[] {
  return list.split(',').map((name) => {
    const found = all.find((one) => key(one) === name);
    if (found === undefined) throw new Error(`no "${name}"; there are ${all.map(key).join(', ')}`);
    return found;
  });
}

function buildFirst(): void {
  const run = spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs'), '--if-needed'], {
    stdio: ['ignore', 2, 2],
  });
  if (run.status !== 0) throw new Error('the build failed');
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      rows: { type: 'string' },
      transport: { type: 'string', default: 'epoll' },
      duration: { type: 'string' },
      peer: { type: 'string', default: 'haproxy-deb' },
      program: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  if (positionals[0] === 'micro') {
    micro(positionals[1]);
    return;
  }
  if (positionals.length > 0) throw new Error(`unknown argument ${positionals[0]!}\n${HELP}`);
  const bench = process.env['SLUICE_BENCH'] ?? path.join(root, '../shared/bench/bench');
  if (!existsSync(bench)) {
    console.error(`${path.relative(root, bench)} is not there: micro benchmarks only`);
    micro(undefined);
    return;
  }
  const program = values.program ?? `${path.join(root, 'dist/main.js')} -f {cfg}`;
  if (values.program === undefined) buildFirst();
  await table(bench, {
    rounds: values.rounds,
    rows: values.rows === undefined ? ROWS : pick(ROWS, values.rows, (row) => row.key),
    transports: pick<BenchTransport>(['epoll', 'uring'], values.transport, (name) => name),
    duration: values.duration,
    peer: values.peer,
    program,
    out: values.out,
  });
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
