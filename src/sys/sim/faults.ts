// What may go wrong, and where: one line for each (kind, step). Every point has its own rate, drawn from the seed: some
// seeds leave it out, some hit it rarely, some often. Hits are counted, so that a test can tell that each was met.

import type { Rng } from './rng.js';

export interface FaultPoint {
  readonly kind: string;
  readonly step: string;
  /** Most a hit can do to a flow: 0 nothing but delay, 1 may end one flow early. */
  readonly lethal: 0 | 1;
  /** Highest rate for each try. */
  readonly max: number;
}

const point = (kind: string, step: string, lethal: 0 | 1, max: number): FaultPoint => ({ kind, step, lethal, max });

/** The table. The order is the number of the point (F_* below). */
export const FAULT_POINTS: readonly FaultPoint[] = [
  point('short', 'recv', 0, 0.5),
  point('short', 'send', 0, 0.5),
  point('short', 'splice-in', 0, 0.5),
  point('short', 'splice-out', 0, 0.5),
  point('EAGAIN', 'accept', 0, 0.3),
  point('EAGAIN', 'recv', 0, 0.3),
  point('EAGAIN', 'send', 0, 0.3),
  point('EAGAIN', 'splice-in', 0, 0.3),
  point('EAGAIN', 'splice-out', 0, 0.3),
  point('EINTR', 'poll', 0, 0.2),
  point('EMFILE', 'socket', 1, 0.05),
  point('ENFILE', 'socket', 1, 0.05),
  point('ENOBUFS', 'socket', 1, 0.05),
  point('ENOMEM', 'socket', 1, 0.05),
  point('EMFILE', 'accept', 0, 0.05),
  point('ENFILE', 'accept', 0, 0.05),
  point('ENOBUFS', 'accept', 0, 0.05),
  point('ENOMEM', 'accept', 0, 0.05),
  point('ECONNABORTED', 'accept', 1, 0.1),
  point('EMFILE', 'pipe', 0, 0.3),
  point('ENFILE', 'pipe', 0, 0.3),
  point('ENOMEM', 'pipe', 0, 0.3),
  point('ENOBUFS', 'send', 1, 0.01),
  point('ENOMEM', 'send', 1, 0.01),
  point('ENOMEM', 'recv', 1, 0.01),
  point('ENOMEM', 'splice-in', 1, 0.01),
  point('ENOMEM', 'splice-out', 1, 0.01),
  point('ENOMEM', 'pollAdd', 1, 0.02),
  point('ENOBUFS', 'connect', 1, 0.05),
  point('EADDRNOTAVAIL', 'connect', 1, 0.05),
  point('ENETUNREACH', 'connect', 1, 0.05),
  point('ECONNREFUSED', 'handshake', 1, 0.1),
  point('EHOSTUNREACH', 'handshake', 1, 0.1),
  point('ETIMEDOUT', 'handshake', 1, 0.05),
  point('delay', 'handshake', 0, 0.5),
  point('delay', 'segment', 0, 0.2),
  point('split', 'segment', 0, 0.5),
  point('delay', 'fin', 0, 0.5),
  point('reorder', 'poll', 0, 0.5),
  point('few', 'poll', 0, 0.3),
  point('preempt', 'call', 0, 0.3),
  point('ENOPROTOOPT', 'setsockopt', 0, 0.1),
  point('ETIMEDOUT', 'front', 1, 0.01),
  point('ETIMEDOUT', 'back', 1, 0.01),
  point('RST', 'client-connected', 1, 0.1),
  point('RST', 'client-sending', 1, 0.02),
  point('RST', 'client-receiving', 1, 0.02),
  point('RST', 'client-half-closed', 1, 0.1),
  point('RST', 'server-connected', 1, 0.1),
  point('RST', 'server-sending', 1, 0.02),
  point('RST', 'server-receiving', 1, 0.02),
  point('RST', 'server-half-closed', 1, 0.1),
];

/** Number of the point `kind` at `step`; a name that is not in the table is a mistake of the simulator. */
export function faultNo(kind: string, step: string): number {
  const n = FAULT_POINTS.findIndex((p) => p.kind === kind && p.step === step);
  if (n < 0) throw new Error(`no fault point ${kind}@${step}`);
  return n;
}

export const F_SHORT_RECV = faultNo('short', 'recv');
export const F_SHORT_SEND = faultNo('short', 'send');
export const F_SHORT_SPLICE_IN = faultNo('short', 'splice-in');
export const F_SHORT_SPLICE_OUT = faultNo('short', 'splice-out');
export const F_EAGAIN_ACCEPT = faultNo('EAGAIN', 'accept');
export const F_EAGAIN_RECV = faultNo('EAGAIN', 'recv');
export const F_EAGAIN_SEND = faultNo('EAGAIN', 'send');
export const F_EAGAIN_SPLICE_IN = faultNo('EAGAIN', 'splice-in');
export const F_EAGAIN_SPLICE_OUT = faultNo('EAGAIN', 'splice-out');
export const F_EINTR_POLL = faultNo('EINTR', 'poll');
export const F_EMFILE_SOCKET = faultNo('EMFILE', 'socket');
export const F_ENFILE_SOCKET = faultNo('ENFILE', 'socket');
export const F_ENOBUFS_SOCKET = faultNo('ENOBUFS', 'socket');
export const F_ENOMEM_SOCKET = faultNo('ENOMEM', 'socket');
export const F_EMFILE_ACCEPT = faultNo('EMFILE', 'accept');
export const F_ENFILE_ACCEPT = faultNo('ENFILE', 'accept');
export const F_ENOBUFS_ACCEPT = faultNo('ENOBUFS', 'accept');
export const F_ENOMEM_ACCEPT = faultNo('ENOMEM', 'accept');
export const F_ECONNABORTED_ACCEPT = faultNo('ECONNABORTED', 'accept');
export const F_EMFILE_PIPE = faultNo('EMFILE', 'pipe');
export const F_ENFILE_PIPE = faultNo('ENFILE', 'pipe');
export const F_ENOMEM_PIPE = faultNo('ENOMEM', 'pipe');
export const F_ENOBUFS_SEND = faultNo('ENOBUFS', 'send');
export const F_ENOMEM_SEND = faultNo('ENOMEM', 'send');
export const F_ENOMEM_RECV = faultNo('ENOMEM', 'recv');
export const F_ENOMEM_SPLICE_IN = faultNo('ENOMEM', 'splice-in');
export const F_ENOMEM_SPLICE_OUT = faultNo('ENOMEM', 'splice-out');
export const F_ENOMEM_POLL_ADD = faultNo('ENOMEM', 'pollAdd');
export const F_ENOBUFS_CONNECT = faultNo('ENOBUFS', 'connect');
export const F_EADDRNOTAVAIL_CONNECT = faultNo('EADDRNOTAVAIL', 'connect');
export const F_ENETUNREACH_CONNECT = faultNo('ENETUNREACH', 'connect');
export const F_REFUSED_HANDSHAKE = faultNo('ECONNREFUSED', 'handshake');
export const F_UNREACH_HANDSHAKE = faultNo('EHOSTUNREACH', 'handshake');
export const F_TIMEOUT_HANDSHAKE = faultNo('ETIMEDOUT', 'handshake');
export const F_DELAY_HANDSHAKE = faultNo('delay', 'handshake');
export const F_DELAY_SEGMENT = faultNo('delay', 'segment');
export const F_SPLIT_SEGMENT = faultNo('split', 'segment');
export const F_DELAY_FIN = faultNo('delay', 'fin');
export const F_REORDER_POLL = faultNo('reorder', 'poll');
export const F_FEW_POLL = faultNo('few', 'poll');
export const F_PREEMPT = faultNo('preempt', 'call');
export const F_SETSOCKOPT = faultNo('ENOPROTOOPT', 'setsockopt');
export const F_TIMEOUT_FRONT = faultNo('ETIMEDOUT', 'front');
export const F_TIMEOUT_BACK = faultNo('ETIMEDOUT', 'back');

export class Faults {
  /** Hits by point number. */
  readonly hits = new Int32Array(FAULT_POINTS.length);
  /** Rate by point number; a test may set one. */
  readonly rates = new Float64Array(FAULT_POINTS.length);
  /** Hits that may have ended a flow. */
  lethal = 0;
  /** While false nothing is hit: the set-up of a run and its end are quiet. */
  armed = true;
  private readonly rng: Rng;

  /** `level` scales all rates; 0 is a kind world. */
  constructor(rng: Rng, level: number) {
    this.rng = rng;
    for (let i = 0; i < FAULT_POINTS.length; i++) {
      const dice = rng.float();
      const share = dice < 0.5 ? 0 : dice < 0.8 ? 0.1 : dice < 0.95 ? 0.4 : 1;
      this.rates[i] = FAULT_POINTS[i]!.max * share * level;
    }
  }

  /** True when the point strikes now. */
  hit(no: number): boolean {
    const rate = this.rates[no]!;
    if (rate === 0 || !this.armed || !this.rng.chance(rate)) return false;
    this.count(no);
    return true;
  }

  count(no: number): void {
    this.hits[no]!++;
    this.lethal += FAULT_POINTS[no]!.lethal;
  }

  /** Sets the rate of one point; the others stay. */
  force(kind: string, step: string, rate: number): void {
    this.rates[faultNo(kind, step)] = rate;
  }
}

/** The table of hits as text: a line for each kind, its steps and their counts. */
export function coverageText(hits: ArrayLike<number>): string {
  const byKind = new Map<string, string[]>();
  for (let i = 0; i < FAULT_POINTS.length; i++) {
    const p = FAULT_POINTS[i]!;
    const row = byKind.get(p.kind) ?? [];
    row.push(`${p.step} ${hits[i]}`);
    byKind.set(p.kind, row);
  }
  return [...byKind].map(([kind, row]) => `${kind.padEnd(14)} ${row.join(', ')}`).join('\n');
}
