// `sluice check FILE…`: every report of every file, for people or as JSON. Exit status 0, or 1 when it cannot be used.

import { parseArgs } from 'node:util';
import { resolveHosts } from '../../config/hosts.js';
import { systemHost } from '../../config/host.js';
import { foregroundTables } from '../../config/keywords/tables.js';
import { type ParseOptions, parseConfiguration } from '../../config/parser.js';
import { countListeners, haproxyReport } from '../../config/print-haproxy.js';
import { countText, humanReports, jsonReports } from '../../config/print-human.js';
import { configEnvironment, loadSources } from '../../config/sources.js';
import { printConfiguration } from '../../config/printer.js';
import type { ParseResult } from '../../config/types.js';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { programVersion } from '../version.js';

export interface CommandOutput {
  readonly status: 0 | 1;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CheckContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** stderr is a terminal: the form for people, with colours. */
  readonly terminal: boolean;
  /** Features and the like for `.if`, and the transport where it is known. */
  readonly options?: Pick<ParseOptions, 'conditions' | 'transport'>;
}

export const CHECK_HELP = `sluice check [--format human|line|json] [--warnings] [--print] FILE…

Reads configuration files (or directories of *.cfg) and shows every error, warning and notice with its place: for people at a
terminal (human), else as HAProxy's lines (line); json goes to stdout.
Exit status 0 when they can be used, 1 when not; --warnings fails on warnings too.
--print writes the configuration itself instead: variables and conditions resolved, files joined, in one normal form.

  sluice check haproxy.cfg
  sluice check --format json conf.d/ | jq '.reports[] | select(.severity == "error")'
`;

const FORMATS = ['human', 'line', 'json'] as const;
type Format = (typeof FORMATS)[number];

interface Wanted {
  readonly format: Format;
  readonly strict: boolean;
  readonly print: boolean;
}

export async function checkCommand(args: readonly string[], ctx: CheckContext): Promise<CommandOutput> {
  const bad = (text: string): CommandOutput => ({ status: 1, stdout: '', stderr: `sluice check: ${text}\n` });
  let wanted: Wanted;
  let files: string[];
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: 'string' },
        warnings: { type: 'boolean' },
        print: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return { status: 0, stdout: CHECK_HELP, stderr: '' };
    const name = values.format ?? (ctx.terminal ? 'human' : 'line');
    const format = FORMATS.find((f) => f === name);
    if (format === undefined) return bad(`--format is 'human', 'line' or 'json', not '${name}'`);
    wanted = { format, strict: values.warnings === true, print: values.print === true };
    files = positionals;
  } catch (err) {
    return bad((err as Error).message);
  }
  if (files.length === 0) return bad(`which file?\n\n${CHECK_HELP}`);
  return run(files, wanted, ctx);
}

async function run(files: readonly string[], wanted: Wanted, ctx: CheckContext): Promise<CommandOutput> {
  const loaded = loadSources(files);
  if (loaded.errors.length > 0) {
    return { status: 1, stdout: '', stderr: loaded.errors.map((e) => `sluice check: ${e}\n`).join('') };
  }
  const parsed = parseConfiguration(loaded.sources, {
    env: configEnvironment(ctx.env, loaded.files, hostname(), programVersion()),
    host: systemHost,
    diag: true,
    lastLineFeed: true,
    tables: foregroundTables,
    statements: wanted.print,
    ...ctx.options,
  });
  const unresolved = parsed.errors === 0 ? await resolveHosts(parsed.config) : [];
  const result = { ...parsed, reports: [...parsed.reports, ...unresolved], errors: parsed.errors + unresolved.length };
  const status = result.errors > 0 || (wanted.strict && result.warnings > 0) ? 1 : 0;
  if (wanted.print) {
    const said = status === 0 ? '' : reportText(result, wanted, ctx);
    return { status, stdout: status === 0 ? printConfiguration(result.config) : '', stderr: said };
  }
  if (wanted.format === 'json') return { status, stdout: jsonReports(result), stderr: '' };
  const verdict = status === 0 ? 'can be used' : 'cannot be used';
  const summary = `${loaded.files.join(', ')} ${verdict}: ${countText(result)}\n`;
  return { status, stdout: summary, stderr: reportText(result, wanted, ctx) };
}

function reportText(result: ParseResult, wanted: Wanted, ctx: CheckContext): string {
  if (wanted.format === 'human') return humanReports(result, { color: ctx.terminal });
  const lines = haproxyReport(result, {
    pid: process.pid,
    version: programVersion(),
    executable: resolve(process.argv[1] ?? 'sluice'),
    zeroWarning: wanted.strict,
    listeners: countListeners(result),
    notices: true,
  });
  return lines.map((l) => `${l}\n`).join('');
}
