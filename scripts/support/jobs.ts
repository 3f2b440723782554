// The jobs of the test run, in order. A job whose files do not exist (yet) is absent; a folder under test/ that no job
// names gets a job of its own, so that no test is ever left out.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

export interface Job {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Seconds after which the job is ended and counts as failed. */
  readonly limitSeconds: number;
  /** Makes what the job needs; its failure is the job's. */
  readonly prepare: (() => void) | null;
}

export interface Preparations {
  /** A copy of the project with a sanitizer build; gives its folder at once, builds when called. */
  readonly sanRoot: string;
  readonly buildSan: () => void;
  readonly sanEnv: () => Record<string, string>;
}

export const TRANSPORTS = ['epoll', 'uring', 'js'] as const;

/** Folders whose tests start the real program: run once for each transport. */
const PER_TRANSPORT = ['syscall', 'integrity'];
/** Folders that hold no `node:test` job of their own. */
const NO_JOB = ['vtc', 'bench', 'support', 'fuzz', 'native', ...PER_TRANSPORT];
const IN_ORDER = ['tidy', 'unit', 'conformance', 'regression', 'config', 'sim', 'package'];
const LAST = 'package';

const node = process.execPath;

/** `*.test.ts` files below `dir`, sorted. */
export function testFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.join(dir, file))
    .sort();
}

/** A `node --test` run over `files`: two at a time, our reporter. */
export function nodeTest(files: readonly string[], reporter: string): string[] {
  const options = ['--import', 'tsx', '--test', '--test-concurrency=2', '--test-timeout=300000'];
  return [node, ...options, `--test-reporter=${reporter}`, '--test-reporter-destination=stdout', ...files];
}

function job(name: string, command: readonly string[], limitSeconds = 300, env: Record<string, string> = {}): Job {
  return { name, command, env, limitSeconds, prepare: null };
}

/** All jobs of the project in `root` for these transports. */
export function findJobs(root: string, transports: readonly string[], made: Preparations): Job[] {
  const at = (...parts: string[]): string => path.join(root, ...parts);
  const reporter = at('scripts/support/reporter.mjs');
  const bin = (name: string): string => at('node_modules/.bin', name);
  const jobs: Job[] = [
    { ...job('build', [node, at('scripts/build.mjs'), '--werror']), limitSeconds: 300 },
    job('typecheck', [bin('tsc'), '-p', at('tsconfig.test.json')]),
    job('lint', [bin('eslint'), '--max-warnings=0', '.']),
    job('format', [bin('prettier'), '--check', '--log-level=warn', '.']),
  ];
  const folder = (name: string, limitSeconds: number): void => {
    const files = testFiles(at('test', name));
    if (files.length > 0) jobs.push(job(name, nodeTest(files, reporter), limitSeconds));
  };
  folder('tidy', 120);
  folder('unit', 300);
  const native = testFiles(at('test/native'));
  if (native.length > 0) {
    jobs.push(job('native', nodeTest(native, reporter), 120));
    const copies = testFiles(path.join(made.sanRoot, 'test/native'));
    const files = copies.length > 0 ? copies : native.map((file) => path.join(made.sanRoot, path.relative(root, file)));
    jobs.push({
      name: 'native:san',
      command: nodeTest(files, reporter),
      get env(): Record<string, string> {
        return made.sanEnv();
      },
      limitSeconds: 200,
      prepare: made.buildSan,
    });
  }
  for (const name of IN_ORDER.slice(2)) if (name !== LAST) folder(name, 300);
  const present = existsSync(at('test')) ? readdirSync(at('test'), { withFileTypes: true }) : [];
  for (const entry of present) {
    if (entry.isDirectory() && !IN_ORDER.includes(entry.name) && !NO_JOB.includes(entry.name)) folder(entry.name, 300);
  }
  folder('fuzz', 120);
  const vtcRun = (...args: string[]): string[] => [node, '--import', 'tsx', at('test/vtc/run.ts'), ...args];
  if (existsSync(at('test/vtc/run.ts'))) jobs.push(job('vtc:reference', vtcRun('-k', '--reference'), 420));
  for (const transport of transports) {
    const env = { SLUICE_TRANSPORT: transport };
    if (existsSync(at('test/vtc/run.ts'))) {
      jobs.push(job(`vtc:${transport}`, vtcRun('-k'), 420, env));
    }
    for (const name of PER_TRANSPORT) {
      const files = testFiles(at('test', name));
      if (files.length > 0) jobs.push(job(`${name}:${transport}`, nodeTest(files, reporter), 300, env));
    }
  }
  folder(LAST, 300);
  return jobs;
}
