// Numbers and times as HAProxy reads them (configuration manual 2.5). Reading is as tolerant as the reference's, so that
// no file it takes is refused; what was tolerated is told, so that it can be reported.

export interface ReadInt {
  /** 0 where there was no number at all, as with C's atol. */
  readonly value: number;
  /** True when the whole text was the number. */
  readonly clean: boolean;
}

/** Leading decimal integer of `text`, blanks and sign allowed in front. Saturates at ±2^53. */
export function readInt(text: string): ReadInt {
  const m = /^[ \t]*([+-]?\d+)/.exec(text);
  if (m === null) return { value: 0, clean: false };
  const value = Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(m[1])));
  return { value: value === 0 ? 0 : value, clean: m[0].length === text.length };
}

export const TIME_MAX_MS = 0x7fffffff;

export type ReadTime =
  | {
      readonly ok: true;
      readonly ms: number;
      /** First character after the unit, '' for none. */ readonly rest: string;
    }
  | { readonly ok: false; readonly why: 'character'; readonly character: string }
  | { readonly ok: false; readonly why: 'overflow' };

const UNITS: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6, d: 86400e6 };

/** A time with an optional unit (us ms s m h d); without one it is in `unit`. In ms, microseconds are rounded up. */
export function readTime(text: string, unit: 'ms' | 's' = 'ms'): ReadTime {
  const digits = /^\d+/.exec(text)?.[0] ?? '';
  if (digits === '') return { ok: false, why: 'character', character: text.slice(0, 1) };
  let at = digits.length;
  let scale = UNITS[unit]!;
  const named = /^(us|ms|s|m|h|d)/.exec(text.slice(at))?.[0];
  if (named !== undefined) {
    scale = UNITS[named]!;
    at += named.length;
  } else if (at < text.length) {
    return { ok: false, why: 'character', character: text.slice(at, at + 1) };
  }
  const ms = Math.ceil((Number(digits) * scale) / 1e3);
  if (ms > TIME_MAX_MS) return { ok: false, why: 'overflow' };
  return { ok: true, ms, rest: text.slice(at, at + 1) };
}

/** `timer overflow …`, the reference's text for a time beyond 2^31-1 ms. */
export function overflowText(text: string, what: string): string {
  return `timer overflow in argument '${text}' to '${what}' (maximum value is 2147483647 ms or ~24.8 days)`;
}

/** Text of an octal file mode, or -1. */
export function readMode(text: string): number {
  return /^[0-7]{1,4}$/.test(text) ? parseInt(text, 8) : -1;
}
