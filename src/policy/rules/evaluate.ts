// Evaluating rulesets: the rules of the defaults section first, then the proxy's own, in order, until one decides.
import { condEval } from '../acl/condition.js';
import { COND_MISS, COND_PASS } from '../acl/types.js';
import { lastRuleNote } from '../sample/last-rule.js';
import type { SampleContext } from '../sample/types.js';
import { ACT_CONT, ACT_YIELD, type Rule } from './types.js';

/**
 * ACT_CONT where no rule decided, else what the deciding one says; ACT_YIELD while the answer of a condition may still change
 * (never with SMP_OPT_FINAL). Evaluation starts from the first rule each
 * time there is more, as the reference's does: a rule that sets a variable in front of one that waits sets it again.
 */
export function rulesRun(rules: readonly Rule[], ctx: SampleContext): number {
  for (const rule of rules) {
    if (rule.cond !== null) {
      const holds = condEval(rule.cond, ctx);
      if (holds === COND_MISS) return ACT_YIELD;
      if (holds !== COND_PASS) continue;
    }
    const answer = rule.action.run(ctx);
    if (answer === ACT_CONT) continue;
    if (answer !== ACT_YIELD && ctx.strm !== null) lastRuleNote(ctx.strm, rule.position);
    return answer;
  }
  return ACT_CONT;
}
