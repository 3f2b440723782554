// Evaluating conditions (configuration manual 7.2): alternatives of terms that must all hold, in three values.
import { SMP_F_MAY_CHANGE, SMP_F_NOT_LAST, SMP_OPT_FINAL, type Sample, type SampleContext } from '../sample/types.js';
import { type Acl, type AclExpr, COND_FAIL, COND_MISS, COND_PASS, type Condition } from './types.js';

const NO_IP = new Uint8Array(0);
/** Serves every evaluation: none is entered while another one runs. */
const scratch: Sample = { type: 0, flags: 0, str: '', int: 0n, ip: NO_IP, cursor: 0 };

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
      if (one === COND_FAIL) {
        all = COND_FAIL;
        break;
      }
      if (one === COND_MISS) all = COND_MISS;
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
  const final = (ctx.opt & SMP_OPT_FINAL) !== 0;
  smp.flags = 0;
  smp.cursor = 0;
  for (;;) {
    if (!e.sample.eval(ctx, smp)) return !final && (smp.flags & SMP_F_MAY_CHANGE) !== 0 ? COND_MISS : COND_FAIL;
    if (e.matcher.match(smp)) return COND_PASS;
    if ((smp.flags & SMP_F_NOT_LAST) !== 0) continue; // another value
    return !final && (smp.flags & SMP_F_MAY_CHANGE) !== 0 ? COND_MISS : COND_FAIL;
  }
}
