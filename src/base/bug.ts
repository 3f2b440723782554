// Assertions. `bugOn` guards entries, moves and layer boundaries and stays in production; `bugOnHot` is for inner loops and
// only counts in strict runs (SLUICE_STRICT=1). The peer's bytes are never a bug: they are input.

export class BugError extends Error {
  override readonly name = 'BugError';
  readonly code = 'SLUICE_BUG';
}

/** True in strict runs (tests): inner-loop assertions are checked. */
export const STRICT = process.env['SLUICE_STRICT'] === '1';

export function bugOn(cond: boolean, what: string): void {
  if (cond) bug(what);
}

/** Never returns. */
export function bug(what: string): never {
  throw new BugError(`BUG: ${what}`);
}

export function bugOnHot(cond: boolean, what: string): void {
  if (STRICT && cond) bug(what);
}
