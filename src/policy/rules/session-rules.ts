// tcp-request connection and tcp-request session rules (configuration manual 4.2): before a session has its handshakes, and
// before it has its first stream.
import { CO_FL_RST_ON_CLOSE } from '../../datapath/connection/flags.js';
import type { Session } from '../../datapath/session/session.js';
import { CNT_DCON, CNT_DREQ, CNT_DSES } from '../../proxy/counters.js';
import { SMP_OPT_DIR_REQ, SMP_OPT_FINAL, type SampleContext } from '../sample/types.js';
import { rulesRun } from './evaluate.js';
import { ACT_DENY, ACT_DROP, ACT_ERROR, type Rule } from './types.js';

/** False: the session is refused, its connection is to be closed. */
function admit(sess: Session, rules: readonly Rule[], denied: number): number {
  const ctx: SampleContext = { px: sess.fe, sess, strm: null, opt: SMP_OPT_DIR_REQ | SMP_OPT_FINAL };
  const answer = rulesRun(rules, ctx);
  if (answer === ACT_DROP) count(sess, CNT_DREQ);
  else if (answer === ACT_DENY || answer === ACT_ERROR) count(sess, denied);
  return answer;
}

function count(sess: Session, cell: number): void {
  sess.fe.fe.v[cell]!++;
  sess.listener.counters.v[cell]!++;
}

/** Rules of the connection. False: refused; a rejected client gets a reset at once, so that nothing is kept for it. */
export function connectionRules(sess: Session): boolean {
  const answer = admit(sess, sess.fe.rules!.reqConnection, CNT_DCON);
  if (answer === ACT_DENY || answer === ACT_ERROR) sess.origin!.flags |= CO_FL_RST_ON_CLOSE;
  return answer < ACT_DENY;
}

/** Rules of the session, once all handshakes are over. */
export function sessionRules(sess: Session): boolean {
  return admit(sess, sess.fe.rules!.reqSession, CNT_DSES) < ACT_DENY;
}
