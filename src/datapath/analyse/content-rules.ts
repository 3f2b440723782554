// The analysers of tcp-request and tcp-response content rules (AN_REQ_INSPECT_FE, AN_REQ_INSPECT_BE, AN_RES_INSPECT;
// configuration manual 4.2): rules are evaluated each time there is more, until one decides, nothing more can come, or
// inspect-delay has passed; what was known then is final.
import { tickAdd, tickIsExpired, TICK_ETERNITY } from '../../base/ticks.js';
import { CNT_DREQ, CNT_DRESP } from '../../proxy/counters.js';
import type { Proxy } from '../../proxy/proxy.js';
import { rulesRun } from '../../policy/rules/evaluate.js';
import { ACT_CLOSE, ACT_DENY, ACT_DROP, ACT_ERROR, ACT_YIELD } from '../../policy/rules/types.js';
import { SMP_OPT_DIR_REQ, SMP_OPT_DIR_RES, SMP_OPT_FINAL, type SampleContext } from '../../policy/sample/types.js';
import { streamSetEnd } from '../backend/back-states.js';
import { type Channel, channelErase } from '../channel/channel.js';
import { AN_RES_INSPECT, CF_AUTO_CONNECT, CF_EOI, CF_READ_ERROR, CF_READ_TIMEOUT, CF_SHUTR } from '../channel/flags.js';
import { SF_ERR_INTERNAL, SF_ERR_PRXCOND, SF_FINST_D, SF_FINST_R } from '../stream/flags.js';
import type { Stream } from '../stream/stream.js';
import { SI_FL_NOLINGER } from '../stream-interface/flags.js';
import { RESERVE } from '../stream-interface/si-conn.js';

/** The context for a rule of `px` that looks at `s`. */
export function ruleContext(s: Stream, px: Proxy, opt: number): SampleContext {
  return { px, sess: s.sess, strm: s, opt };
}

/** What is in the channel will not change any more: its end was seen, it is full, or the delay has passed. */
function isFinal(s: Stream, c: Channel, delayMs: number): boolean {
  if ((c.flags & (CF_SHUTR | CF_READ_ERROR | CF_READ_TIMEOUT | CF_EOI)) !== 0) return true;
  if (delayMs === 0 || tickIsExpired(c.analyseExp, s.thr.sched.now)) return true;
  return c.buf.size !== 0 && c.buf.data >= c.buf.size - RESERVE;
}

function wait(s: Stream, c: Channel, delayMs: number): void {
  if (c.analyseExp === TICK_ETERNITY) c.analyseExp = tickAdd(s.thr.sched.now, delayMs);
}

/** Request rules of `px` for analyser `bit`. False: the analysers behind it must wait. */
export function analyseRequestRules(s: Stream, px: Proxy, bit: number): boolean {
  const { req } = s;
  const rules = px.rules!;
  const final = isFinal(s, req, rules.reqDelayMs);
  const answer = rulesRun(rules.reqContent, ruleContext(s, px, SMP_OPT_DIR_REQ | (final ? SMP_OPT_FINAL : 0)));
  if (answer === ACT_YIELD) {
    wait(s, req, rules.reqDelayMs);
    req.flags &= ~CF_AUTO_CONNECT;
    return false;
  }
  req.analysers &= ~bit;
  req.analyseExp = TICK_ETERNITY;
  if (answer < ACT_DENY) return true;
  const { fe, listener } = s.sess;
  fe.fe.v[CNT_DREQ]!++;
  listener.counters.v[CNT_DREQ]!++;
  if (answer === ACT_DROP && fe !== s.be) s.be.be.v[CNT_DREQ]!++;
  streamSetEnd(s, answer === ACT_ERROR ? SF_ERR_INTERNAL : SF_ERR_PRXCOND, SF_FINST_R);
  streamAbort(s);
  return false;
}

/** Response rules of the backend. */
export function analyseResponseRules(s: Stream): void {
  const { res, be, sib } = s;
  const rules = be.rules!;
  const final = isFinal(s, res, rules.resDelayMs);
  const answer = rulesRun(rules.resContent, ruleContext(s, be, SMP_OPT_DIR_RES | (final ? SMP_OPT_FINAL : 0)));
  if (answer === ACT_YIELD) {
    wait(s, res, rules.resDelayMs);
    return;
  }
  res.analysers &= ~AN_RES_INSPECT;
  res.analyseExp = TICK_ETERNITY;
  if (answer === ACT_CLOSE) {
    // The server's side ends now; what it sent before is passed on.
    sib.flags |= SI_FL_NOLINGER;
    sib.ops.shutr(sib);
    sib.ops.shutw(sib);
    return;
  }
  if (answer < ACT_DENY) return;
  const { fe, listener } = s.sess;
  if (answer === ACT_DROP) {
    for (const c of [fe.fe, be.be, listener.counters]) c.v[CNT_DREQ]!++;
    streamSetEnd(s, SF_ERR_PRXCOND, SF_FINST_R);
  } else {
    for (const c of [fe.fe, be.be, listener.counters]) c.v[CNT_DRESP]!++;
    if (s.server !== null) s.server.counters.v[CNT_DRESP]!++;
    streamSetEnd(s, answer === ACT_ERROR ? SF_ERR_INTERNAL : SF_ERR_PRXCOND, SF_FINST_D);
  }
  streamAbort(s);
}

/** Ends both sides; nothing that was received is passed on. */
function streamAbort(s: Stream): void {
  const { req, res, sif, sib } = s;
  req.analysers = 0;
  res.analysers = 0;
  channelErase(req, s.thr.bufs, s.thr.pipes);
  channelErase(res, s.thr.bufs, s.thr.pipes);
  for (const si of [sib, sif]) {
    si.ops.shutr(si);
    si.ops.shutw(si);
  }
}
