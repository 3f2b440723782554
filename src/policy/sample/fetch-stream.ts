// Fetches of a stream's own state (configuration manual 7.3.2, 7.3.6 `unique-id`): its task's calls and their times, its place in
// queues, the rule that decided last, its identifier.
import { taskTimesOf, type TaskTimes } from '../../sched/profiler.js';
import type { Position } from '../../config/types.js';
import type { Stream } from '../../datapath/stream/stream.js';
import { binaryOf } from './binary.js';
import { lastRuleOf, lastRuleWanted } from './last-rule.js';
import { boolFetch, type FetchPlace, intFetch, NO_ARGS, strFetch } from './fetch-rows.js';
import { smpInt } from './sample.js';
import {
  type FetchDef,
  type SampleContext,
  SMP_F_VOLATILE,
  SMP_T_SINT,
  SMP_USE_CONST,
  SMP_USE_INTRN,
  SMP_USE_L4CLI,
  SMP_USE_L4SRV,
} from './types.js';

const NS_PER_MS = 1e6;

/** A number of the stream; no sample without one. */
function ofStream(words: string, value: (s: Stream) => number): FetchDef {
  return {
    words,
    args: NO_ARGS,
    outType: SMP_T_SINT,
    use: SMP_USE_INTRN,
    manual: '7.3.2',
    fetch: (smp, _args, { strm }) => {
      if (strm === null) return false;
      smp.flags |= SMP_F_VOLATILE;
      return smpInt(smp, value(strm));
    },
  };
}

/** Nanoseconds that the calls of the stream's task took or waited: 0 while `profiling.tasks` is not `on`. */
function nanoseconds(words: string, average: boolean, ms: (t: TaskTimes) => number): FetchDef {
  return ofStream(words, ({ task }) => {
    const times = taskTimesOf(task);
    if (times === null) return 0;
    return Math.floor((ms(times) * NS_PER_MS) / (average ? Math.max(task.calls, 1) : 1));
  });
}

const cpuMs = (t: TaskTimes): number => t.cpuMs;
const latencyMs = (t: TaskTimes): number => t.latencyMs;

/** The version of HTTP that a connection speaks: none in mode tcp. */
function httpMajor(words: string, use: number): FetchDef {
  return intFetch(words, { use, manual: '7.3.3' }, () => null);
}

const ANYWHERE: FetchPlace = { use: SMP_USE_INTRN, manual: '7.3.2' };

function ruleOf({ strm }: SampleContext): Position | null {
  return strm === null ? null : lastRuleOf(strm);
}

/** From its first use in a configuration on, rules are remembered. */
function lastRule(def: FetchDef): FetchDef {
  return {
    ...def,
    check: () => {
      lastRuleWanted();
      return '';
    },
  };
}

export const FETCHES_STREAM: readonly FetchDef[] = [
  ofStream('cpu_calls', ({ task }) => task.calls),
  nanoseconds('cpu_ns_avg', true, cpuMs),
  nanoseconds('cpu_ns_tot', false, cpuMs),
  nanoseconds('lat_ns_avg', true, latencyMs),
  nanoseconds('lat_ns_tot', false, latencyMs),
  ofStream('prio_class', (s) => s.prioClass),
  ofStream('prio_offset', (s) => s.prioOffset),
  lastRule(
    strFetch('last_rule_file', ANYWHERE, (ctx) => {
      const at = ruleOf(ctx);
      return at === null ? null : binaryOf(at.file);
    }),
  ),
  lastRule(intFetch('last_rule_line', ANYWHERE, (ctx) => ruleOf(ctx)?.line ?? null)),
  strFetch('unique-id', { use: SMP_USE_CONST, manual: '7.3.6' }, (ctx) => ctx.px.process?.uniqueId(ctx) || null),
  httpMajor('fc_http_major', SMP_USE_L4CLI),
  httpMajor('bc_http_major', SMP_USE_L4SRV),
  boolFetch('internal.strm.is_htx', { use: SMP_USE_INTRN, manual: '7.3.7' }, ({ strm }) =>
    strm === null ? null : false,
  ),
];
