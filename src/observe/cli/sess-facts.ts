// What the short and the long form of `show sess` share.
import { TICK_ETERNITY, tickRemain } from '../../base/ticks.js';
import { addressText, connGetSrc } from '../../datapath/proto/address.js';
import type { Stream } from '../../datapath/stream/stream.js';
import { AF_INET6, AF_UNIX } from '../../sys/constants.js';
import { human } from './stamp.js';

/** What is left until `tick`, '' for none. */
export function until(s: Stream, tick: number): string {
  return tick === TICK_ETERNITY ? '' : human(tickRemain(s.thr.sched.now, tick));
}

export function sessProto(s: Stream): string {
  const f = s.sess.listener.family;
  return f === AF_UNIX ? 'unix_stream' : f === AF_INET6 ? 'tcpv6' : 'tcpv4';
}

export function sessSource(s: Stream): string {
  const { sess } = s;
  if (sess.listener.family === AF_UNIX) return `unix:${sess.listener.conf.id || 1}`;
  const src = sess.origin === null ? null : connGetSrc(sess.origin);
  return src === null ? '?' : addressText(src);
}

/** A session of the CLI: it has an applet in the server's place. */
export const isInternal = (s: Stream): boolean => s.sess.fe.applet !== null;
export const ageMs = (s: Stream): number => Math.max(0, s.thr.sys.date() - s.sess.acceptMs);
