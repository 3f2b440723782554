// What a configuration that cannot be used becomes where an exception is right: at the library's face and in subcommands.

import type { Report } from './types.js';

/**
 * A configuration that cannot be used: every report of every line, the first fatal one in the fields.
 * @example
 * try {
 *   await createProxy({ config }).start();
 * } catch (error) {
 *   if (error instanceof ConfigError) for (const r of error.reports) console.error(r.position?.line, r.message, r.nearest);
 * }
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'SLUICE_CONFIG';
  /** All reports, the first fatal one in the fields below. */
  readonly reports: readonly Report[];
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly keyword: string;
  readonly expected: string;
  /** Nearest known word, '' for none. */
  readonly nearest: string;

  constructor(reports: readonly Report[], errors: number) {
    const first = reports.find((r) => r.fatal) ?? reports[0];
    const p = first?.position ?? null;
    const where = p === null ? '' : `${p.file}:${p.line}:${p.column}: `;
    const more = errors > 1 ? ` (and ${errors - 1} more)` : '';
    super(`${where}${first?.message ?? 'the configuration cannot be used'}${more}`);
    this.reports = reports;
    this.file = p?.file ?? '';
    this.line = p?.line ?? 0;
    this.column = p?.column ?? 0;
    this.keyword = first?.keyword ?? '';
    this.expected = first?.expected ?? '';
    this.nearest = first?.nearest ?? '';
  }
}
