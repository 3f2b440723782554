// What an expression needs, in the reference's words.
import {
  SMP_USE_BKEND,
  SMP_USE_HRQHP,
  SMP_USE_HRQHV,
  SMP_USE_HRSHP,
  SMP_USE_HRSHV,
  SMP_USE_INTRN,
  SMP_USE_L4CLI,
  SMP_USE_L4SRV,
  SMP_USE_L5CLI,
  SMP_USE_L5SRV,
  SMP_USE_L6REQ,
  SMP_USE_L6RES,
  SMP_USE_SERVR,
  SMP_USE_TRACK,
  SMP_USE_TXFIN,
} from './types.js';

const NAMES: readonly (readonly [bit: number, name: string])[] = [
  [SMP_USE_INTRN, 'internal state'],
  [SMP_USE_L4CLI, 'client address'],
  [SMP_USE_L5CLI, 'client-side connection'],
  [SMP_USE_TRACK, 'tracked counters'],
  [SMP_USE_L6REQ, 'request buffer'],
  [SMP_USE_HRQHV, 'HTTP request headers'],
  [SMP_USE_HRQHP, 'HTTP request'],
  [SMP_USE_BKEND, 'backend'],
  [SMP_USE_SERVR, 'server'],
  [SMP_USE_L4SRV, 'server address'],
  [SMP_USE_L5SRV, 'server-side connection'],
  [SMP_USE_L6RES, 'response buffer'],
  [SMP_USE_HRSHV, 'HTTP response headers'],
  [SMP_USE_HRSHP, 'HTTP response'],
  [SMP_USE_TXFIN, 'end of transaction'],
];

/** `'request buffer,response buffer'` without the quotes: what an expression with these SMP_USE_* bits reads. */
export function useText(use: number): string {
  return NAMES.filter(([bit]) => (use & bit) !== 0)
    .map(([, name]) => name)
    .join(',');
}

/** The reference's words for an expression where none of what it reads can be; `what` is the action as written. */
export function notAvailableText(what: string, use: number): string {
  return `fetch method '${what}' extracts information from '${useText(use)}', none of which is available here`;
}
