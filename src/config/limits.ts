// Options that only some transports can do (contract row C31): met in the file they are remembered, and once the transport
// is known, those it cannot do are errors that name them.

import { LIMITS } from '../sys/limits.js';
import type { Line } from './line.js';
import { Reports } from './reports.js';
import type { LimitedUse, Scope } from './scope.js';
import type { Report } from './types.js';

const LIMITED = new Map(LIMITS.map((l) => [`${l.where} ${l.word}`, l.needs]));

/** Remembers word `i` of a line when it is one that a transport may not have. */
export function noteLimited(line: Line, i: number, word: string, where: LimitedUse['where'], scope: Scope): void {
  if (!LIMITED.has(`${where} ${word}`)) return;
  scope.limited.push({ word, where, position: line.pos(i), source: line.source });
}

/** Errors for the uses that a transport with `features` (SYS_F_* bits) cannot do. */
export function checkLimits(uses: readonly LimitedUse[], features: number, transport: string): readonly Report[] {
  const reports = new Reports();
  for (const use of uses) {
    const needs = LIMITED.get(`${use.where} ${use.word}`) ?? 0;
    if ((features & needs) === needs) continue;
    const message = `'${use.where === 'option' ? 'option ' : ''}${use.word}' cannot be done by the ${transport} transport`;
    reports.add('alert', 'transport', message, use.position, {
      source: use.source,
      keyword: use.word,
      expected: 'a transport with the native addon (epoll, uring)',
    });
  }
  return reports.list;
}
