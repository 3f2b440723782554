// Ticks: milliseconds as wrapping int32, 0 meaning "eternity" (never). Comparisons go by the sign of the difference,
// so a date may lie up to 24 days ahead or behind.

export const TICK_ETERNITY = 0;

/** The tick `ms` after `now`; never 0. `ms` 0 means eternity, as an unset time-out does. */
export function tickAddIfSet(now: number, ms: number): number {
  if (ms === 0) return TICK_ETERNITY;
  return tickAdd(now, ms);
}

/** The tick `ms` after `now`; never 0. */
export function tickAdd(now: number, ms: number): number {
  const t = (now + ms) | 0;
  return t === 0 ? 1 : t;
}

/** True when `t` is set and lies at or before `now`. */
export function tickIsExpired(t: number, now: number): boolean {
  return t !== TICK_ETERNITY && ((t - now) | 0) <= 0;
}

/** True when `a` is set and strictly before `b` (eternity is after everything). */
export function tickIsLt(a: number, b: number): boolean {
  if (a === TICK_ETERNITY) return false;
  if (b === TICK_ETERNITY) return true;
  return ((a - b) | 0) < 0;
}

/** The earlier of two ticks; eternity only when both are. */
export function tickFirst(a: number, b: number): number {
  if (a === TICK_ETERNITY) return b;
  if (b === TICK_ETERNITY) return a;
  return ((a - b) | 0) <= 0 ? a : b;
}

/** Milliseconds from `now` until `t`, 0 when it has passed; -1 for eternity. */
export function tickRemain(now: number, t: number): number {
  if (t === TICK_ETERNITY) return -1;
  const d = (t - now) | 0;
  return d > 0 ? d : 0;
}

/** A monotonic clock in milliseconds as a tick; never 0. */
export function tickOf(nowMs: number): number {
  const t = Math.floor(nowMs) | 0;
  return t === 0 ? 1 : t;
}
