// `sluice check FILE…`: every report of every file, for people or as JSON. Exit status 0, or 1 when it cannot be used.

import { parseArgs } from 'node:util';
import { resolveHosts } from '../../config/hosts.js';
import { systemHost } from '../../config/host.js';
import { type ParseOptions, parseConfiguration } from '../../config/parser.js';
import { countText, humanReports, jsonReports } from '../../config/print-human.js';
import { configEnvironment, loadSources } from '../../config/sources.js';
import { hostname } from 'node:os';
import { programVersion } from '../version.js';

export interface CommandOutput {
  readonly status: 0 | 1;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CheckContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Colours are for terminals. */
  readonly color: boolean;
  /** Features and the like for `.if`, and the transport where it is known. */
  readonly options?: Pick<ParseOptions, 'conditions' | 'transport'>;
}

export const CHECK_HELP = `sluice check [--format human|json] [--warnings] FILE…

Reads configuration files (or directories of *.cfg) and shows every error, warning and notice with its place.
Exit status 0 when they can be used, 1 when not; --warnings fails on warnings too.

  sluice check haproxy.cfg
  sluice check --format json conf.d/ | jq '.reports[] | select(.severity == "error")'
`;

export async function checkCommand(args: readonly string[], ctx: CheckContext): Promise<CommandOutput> {
  let format = 'human';
  let strict = false;
  let files: string[] = [];
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { format: { type: 'string' }, warnings: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) return { status: 0, stdout: CHECK_HELP, stderr: '' };
    format = values.format ?? 'human';
    strict = values.warnings === true;
    files = positionals;
  } catch (err) {
    return { status: 1, stdout: '', stderr: `sluice check: ${(err as Error).message}\n` };
  }
  if (format !== 'human' && format !== 'json') {
    return { status: 1, stdout: '', stderr: `sluice check: --format is 'human' or 'json', not '${format}'\n` };
  }
  if (files.length === 0) return { status: 1, stdout: '', stderr: `sluice check: which file?\n\n${CHECK_HELP}` };
  return run(files, format, strict, ctx);
}

async function run(
  files: readonly string[],
  format: 'human' | 'json',
  strict: boolean,
  ctx: CheckContext,
): Promise<CommandOutput> {
  const loaded = loadSources(files);
  if (loaded.errors.length > 0) {
    return { status: 1, stdout: '', stderr: loaded.errors.map((e) => `sluice check: ${e}\n`).join('') };
  }
  const parsed = parseConfiguration(loaded.sources, {
    env: configEnvironment(ctx.env, loaded.files, hostname(), programVersion()),
    host: systemHost,
    diag: true,
    lastLineFeed: true,
    ...ctx.options,
  });
  const unresolved = parsed.errors === 0 ? await resolveHosts(parsed.config) : [];
  const result = { ...parsed, reports: [...parsed.reports, ...unresolved], errors: parsed.errors + unresolved.length };
  const status = result.errors > 0 || (strict && result.warnings > 0) ? 1 : 0;
  if (format === 'json') return { status, stdout: jsonReports(result), stderr: '' };
  const verdict = status === 0 ? 'can be used' : 'cannot be used';
  const text = humanReports(result, { color: ctx.color });
  const summary = `${loaded.files.join(', ')} ${verdict}: ${countText(result)}\n`;
  return { status, stdout: text === '' ? summary : `${text}\n${summary}`, stderr: '' };
}
