// The analyser that chooses the backend (AN_REQ_SWITCHING_RULES): default_backend, or the proxy itself where it is both.
import type { Proxy } from '../../proxy/proxy.js';
import { AN_REQ_SWITCHING_RULES } from '../channel/flags.js';
import { SF_BE_ASSIGNED } from '../stream/flags.js';
import { type Stream, streamSetSplicing } from '../stream/stream.js';
import { SI_FL_NOLINGER } from '../stream-interface/flags.js';

export function analyseSwitching(s: Stream): void {
  const { fe } = s.sess;
  s.req.analysers &= ~AN_REQ_SWITCHING_RULES;
  if (fe.applet !== null) return; // it answers by itself, no backend counts it
  streamSetBackend(s, fe.defaultBackend ?? fe);
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
