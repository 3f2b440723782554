// The other match methods: found, bool, bin, reg (configuration manual 7.1.1, 7.1.4, 7.1.5).
import { SMP_T_ANY, SMP_T_BIN, SMP_T_BOOL, SMP_T_STR } from '../../sample/types.js';
import type { Matcher } from '../types.js';

/** The sample is there: that is all. */
export function matchFound(): Matcher {
  return { method: 'found', type: SMP_T_ANY, count: 0, match: () => true };
}

export function matchBool(): Matcher {
  return { method: 'bool', type: SMP_T_BOOL, count: 0, match: (smp) => smp.int !== 0n };
}

export function matchBin(blocks: readonly string[]): Matcher {
  const set = new Set(blocks);
  return { method: 'bin', type: SMP_T_BIN, count: blocks.length, match: (smp) => set.has(smp.str) };
}

export function matchRegex(expressions: readonly RegExp[]): Matcher {
  return {
    method: 'reg',
    type: SMP_T_STR,
    count: expressions.length,
    match: (smp) => {
      for (const re of expressions) if (re.test(smp.str)) return true;
      return false;
    },
  };
}

/** Bytes of a hexadecimal pattern, or the text of the mistake in `error`. */
export function parseHex(text: string): { readonly bytes: string; readonly error: string } {
  if (text.length % 2 !== 0) return { bytes: '', error: 'an even number of hex digit is expected' };
  const bad = /[^0-9a-fA-F]/.exec(text);
  if (bad !== null) return { bytes: '', error: `an hex digit is expected (found '${bad[0]}')` };
  let bytes = '';
  for (let i = 0; i < text.length; i += 2) bytes += String.fromCharCode(parseInt(text.slice(i, i + 2), 16));
  return { bytes, error: '' };
}
