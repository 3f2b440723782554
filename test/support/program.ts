// Starts a real program (sluice or the reference) in the foreground with a configuration written to a directory of its
// own, waits until its stats socket answers, and stops it by its process id, also when the test process ends early.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { cliCommand, parseInfo } from './cli.js';
import { type ProgramKind, type TransportName, forcedTransport, programPath } from './target.js';
import { until, within } from './wait.js';

export interface ProgramOptions {
  readonly kind: ProgramKind;
  /** Configuration text. A `global` section with the stats socket and `nbthread 1` is put before it. */
  readonly config: string;
  /** For sluice; default: the transport of this run. */
  readonly transport?: TransportName;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 5_000;

const running = new Set<ChildProcess>();
let hooked = false;

function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

// The runner ends a file that takes too long by a signal: what it started must not outlive it.
function hookEnd(): void {
  if (hooked) return;
  hooked = true;
  process.on('exit', killAll);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => {
      killAll();
      process.exit(1);
    });
  }
}

/** A child of this process that is killed with it. */
export function track(child: ChildProcess): void {
  hookEnd();
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
}

export class Program {
  readonly kind: ProgramKind;
  readonly name: string;
  readonly dir: string;
  readonly configPath: string;
  readonly statsPath: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  exit: Exit | null = null;
  #child: ChildProcess;
  #output: Buffer[] = [];

  constructor(child: ChildProcess, kind: ProgramKind, name: string, dir: string) {
    this.kind = kind;
    this.name = name;
    this.dir = dir;
    this.configPath = join(dir, 'test.cfg');
    this.statsPath = join(dir, 'stats.sock');
    this.pid = child.pid ?? -1;
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => this.#output.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#output.push(chunk));
    this.exited = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.exit ??= { code, signal };
        resolve(this.exit);
      };
      child.once('exit', end);
      child.once('error', (error) => {
        this.#output.push(Buffer.from(`${error.message}\n`));
        end(null, null);
      });
    });
  }

  /** What the program printed so far on stdout and stderr. */
  output(): string {
    return Buffer.concat(this.#output).toString('utf8');
  }

  cli(command: string): Promise<string> {
    return cliCommand(this.statsPath, command);
  }

  async info(): Promise<ReadonlyMap<string, string>> {
    return parseInfo(await this.cli('show info'));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends the program (SIGTERM, then SIGKILL) and removes its directory. May be called more than once. */
  async stop(): Promise<Exit> {
    if (this.exit === null) {
      this.signal('SIGTERM');
      try {
        await within(`${this.name} to stop`, this.exited, STOP_LIMIT_MS);
      } catch {
        this.signal('SIGKILL');
      }
    }
    const exit = await this.exited;
    rmSync(this.dir, { recursive: true, force: true });
    return exit;
  }
}

/** Throws unless sluice says that it uses `transport`. */
async function assertTransport(program: Program, transport: TransportName): Promise<void> {
  const used = (await program.info()).get('Transport');
  if (used !== transport) throw new Error(`sluice uses transport ${used ?? '(none named)'}, forced was ${transport}`);
}

/**
 * Starts a program and waits until it answers `show info`. For sluice the transport is forced and checked. The caller
 * stops it; when this rejects, nothing is left running.
 */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { kind } = options;
  const path = programPath(kind); // may throw: before anything exists that had to be removed
  const transport = options.transport ?? forcedTransport();
  const dir = mkdtempSync(join(tmpdir(), 'slt-'));
  const statsPath = join(dir, 'stats.sock');
  const head = `global\n    nbthread 1\n    stats socket ${statsPath} level admin\n\n`;
  writeFileSync(join(dir, 'test.cfg'), head + options.config);

  const env: Record<string, string | undefined> = { ...process.env, ...options.env };
  if (kind === 'sluice') env['SLUICE_TRANSPORT'] = transport;
  else delete env['SLUICE_TRANSPORT'];
  const args = ['-db', ...(options.args ?? []), '-f', join(dir, 'test.cfg')];
  const child = spawn(path, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  track(child);
  const program = new Program(child, kind, kind === 'reference' ? 'reference' : `sluice/${transport}`, dir);
  try {
    await until(
      `${program.name} to answer on its stats socket`,
      async () => {
        if (program.exit !== null) throw new Error(`${program.name} ended at start: ${JSON.stringify(program.exit)}`);
        return program.info().catch(() => undefined);
      },
      START_LIMIT_MS,
      25,
    );
    if (kind === 'sluice') await assertTransport(program, transport);
    return program;
  } catch (error) {
    const output = program.output();
    await program.stop();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n--- its output:\n${output}`);
  }
}
