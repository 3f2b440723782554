// The analyser that chooses the backend (AN_REQ_SWITCHING_RULES): the first use_backend rule whose condition holds, else
// default_backend, else the proxy itself (configuration manual 4.2, `use_backend`).
import { condEval } from '../../policy/acl/condition.js';
import { COND_PASS } from '../../policy/acl/types.js';
import type { LiveSwitching } from '../../policy/rules/types.js';
import { textOf } from '../../policy/sample/binary.js';
import { SMP_OPT_DIR_REQ, SMP_OPT_FINAL } from '../../policy/sample/types.js';
import type { Proxy } from '../../proxy/proxy.js';
import { AN_REQ_SWITCHING_RULES } from '../channel/flags.js';
import { SF_BE_ASSIGNED } from '../stream/flags.js';
import { type Stream, streamSetSplicing } from '../stream/stream.js';
import { SI_FL_NOLINGER } from '../stream-interface/flags.js';
import { ruleContext } from './content-rules.js';

export function analyseSwitching(s: Stream): void {
  const { fe } = s.sess;
  s.req.analysers &= ~AN_REQ_SWITCHING_RULES;
  if (fe.applet !== null) return; // it answers by itself, no backend counts it
  const { rules } = fe;
  const chosen = rules === null || rules.switching.length === 0 ? null : choose(s, fe, rules.switching);
  streamSetBackend(s, chosen ?? fe.defaultBackend ?? fe);
}

/** The backend of the first rule that holds; null for none, and for a made name that no backend has. */
function choose(s: Stream, fe: Proxy, switching: readonly LiveSwitching[]): Proxy | null {
  const ctx = ruleContext(s, fe, SMP_OPT_DIR_REQ | SMP_OPT_FINAL);
  for (const rule of switching) {
    if (rule.cond !== null && condEval(rule.cond, ctx) !== COND_PASS) continue;
    return rule.format === null ? rule.proxy : s.host.backendByName(textOf(rule.format(ctx)));
  }
  return null;
}

/** `be` serves the stream from here on: its counters, time-outs and options. */
function streamSetBackend(s: Stream, be: Proxy): void {
  s.be = be;
  s.flags |= SF_BE_ASSIGNED;
  be.be.enter();
  be.beRate.tick(s.thr.sched.clock[0]!);
  if (be.conf.options.nolinger) s.sib.flags |= SI_FL_NOLINGER;
  streamSetSplicing(s);
}
