// Evaluating conditions (configuration manual 7.2): alternatives of terms that must all hold, in three values.
import { smpCast } from '../sample/casts.js';
import { SampleValue } from '../sample/sample.js';
import { SMP_F_MAY_CHANGE, SMP_F_NOT_LAST, SMP_OPT_FINAL, type SampleContext } from '../sample/types.js';
import { type Acl, type AclExpr, COND_FAIL, COND_MISS, COND_PASS, type Condition } from './types.js';

/** Serves every evaluation: none is entered while another one runs. */
const scratch = new SampleValue();

/**
 * COND_PASS, COND_FAIL, or COND_MISS while what may still come can change the answer (never with SMP_OPT_FINAL).
 * Terms are evaluated in their order, and no further than the answer needs.
 */
export function condEval(cond: Condition, ctx: SampleContext): number {
  let answer = COND_FAIL;
  for (const suite of cond.suites) {
    let all = COND_PASS;
    for (const term of suite) {
      let one = aclEval(term.acl, ctx);
      if (term.negated && one !== COND_MISS) one = one === COND_PASS ? COND_FAIL : COND_PASS;
      // The first term that does not hold decides for its suite, also where it only does not hold yet.
      if (one !== COND_PASS) {
        all = one;
        break;
      }
    }
    if (all === COND_PASS) {
      answer = COND_PASS;
      break;
    }
    if (all === COND_MISS) answer = COND_MISS;
  }
  if (answer === COND_MISS) return COND_MISS;
  return (answer === COND_PASS) !== cond.unless ? COND_PASS : COND_FAIL;
}

function aclEval(acl: Acl, ctx: SampleContext): number {
  let answer = COND_FAIL;
  for (const e of acl.exprs) {
    const one = exprEval(e, ctx);
    if (one === COND_PASS) return COND_PASS;
    if (one === COND_MISS) answer = COND_MISS;
  }
  return answer;
}

function exprEval(e: AclExpr, ctx: SampleContext): number {
  const smp = scratch;
  const { matcher, sample } = e;
  let found = sample.eval(ctx, smp);
  for (;;) {
    const { flags } = smp;
    if (found && smpCast(smp, matcher.type) && matcher.match(smp)) return COND_PASS;
    if (found && (flags & SMP_F_NOT_LAST) !== 0) {
      found = sample.next(ctx, smp); // another value
      continue;
    }
    return (flags & SMP_F_MAY_CHANGE) !== 0 && (ctx.opt & SMP_OPT_FINAL) === 0 ? COND_MISS : COND_FAIL;
  }
}
