// `show sess` (management manual 9.3): a line for each session, or all that is known of one or of all.
import type { Channel } from '../../datapath/channel/channel.js';
import type { Stream } from '../../datapath/stream/stream.js';
import type { StreamInterface } from '../../datapath/stream-interface/stream-interface.js';
import { sessPointer } from './pointer.js';
import { sessDetails } from './sess-details.js';
import { ageMs, isInternal, sessProto, sessSource, until } from './sess-facts.js';
import { human } from './stamp.js';
import type { CliAnswer, CliCall } from './types.js';

const hex = (n: number): string => (n >>> 0).toString(16);

/** The session with the name that `show sess` gave, or null. */
export function sessByName(call: CliCall, name: string): Stream | null {
  for (const s of call.env.instance.streams) if (sessPointer(s.id) === name.toLowerCase()) return s;
  return null;
}

const fdOf = (si: StreamInterface): number => si.cs?.conn?.fd ?? -1;

function channelShort(s: Stream, c: Channel): string {
  const input = c.buf.data - c.output;
  return (
    `[f=${hex(c.flags)}h,i=${input},an=${hex(c.analysers).padStart(2, '0')}h,` +
    `rx=${until(s, c.rex)},wx=${until(s, c.wex)},ax=${until(s, c.analyseExp)}]`
  );
}

/** One line of `show sess`. */
function line(s: Stream): string {
  const be = isInternal(s) || (s.be === s.sess.fe && !s.be.isBackend) ? '<NONE>' : s.be.name;
  return (
    `${sessPointer(s.id)}: proto=${sessProto(s)} src=${sessSource(s)} fe=${s.sess.fe.name} be=${be} ` +
    `srv=${s.server?.name ?? '<none>'} ts=${hex(s.task.state).padStart(2, '0')} epoch=0 age=${human(ageMs(s))} ` +
    `calls=${s.task.calls} rate=0 cpu=0 lat=0 rq${channelShort(s, s.req)} rp${channelShort(s, s.res)} ` +
    `scf=[${s.sif.state},${hex(s.sif.flags)}h,fd=${fdOf(s.sif)}] scb=[${s.sib.state},${hex(s.sib.flags)}h,fd=${fdOf(s.sib)}] ` +
    `exp=${until(s, s.task.expire)} rc=${s.retries} c_exp=${until(s, s.sib.exp)}\n`
  );
}

/** Sessions that were there when the dump began: those that come while it runs do not make it endless. */
function* dump(call: CliCall, text: (s: Stream) => string): Generator<string> {
  let left = call.env.instance.streams.size;
  for (const s of call.env.instance.streams) {
    if (left-- === 0) return;
    yield text(s);
  }
}

export function showSess(call: CliCall): CliAnswer {
  const id = call.words[2];
  if (id === undefined) return dump(call, line);
  if (id === 'all') return dump(call, sessDetails);
  if (!/^0x[0-9a-f]/i.test(id)) return dump(call, line);
  const s = sessByName(call, id);
  return s === null ? 'Session not found.\n' : sessDetails(s);
}
