// Fetches of a stream's own state (configuration manual 7.3.2, 7.3.6 `unique-id`): its task's calls and their times, its place in
// queues, the rule that decided last, its identifier.
import { taskTimesOf, type TaskTimes } from '../../sched/profiler.js';
import type { Stream } from '../../datapath/stream/stream.js';
import { binaryOf } from './binary.js';
import { lastRuleOf, lastRuleWanted } from './last-rule.js';
import { smpBool, smpInt, smpStr } from './sample.js';
import {
  type ArgSpec,
  type FetchDef,
  SMP_F_VOLATILE,
  SMP_T_BOOL,
  SMP_T_SINT,
  SMP_T_STR,
  SMP_USE_CONST,
  SMP_USE_INTRN,
  SMP_USE_L4CLI,
  SMP_USE_L4SRV,
} from './types.js';

const NONE: ArgSpec = { kinds: [], min: 0 };
const NS_PER_MS = 1e6;

/** A number of the stream; no sample without one. */
function ofStream(words: string, value: (s: Stream) => number): FetchDef {
  return {
    words,
    args: NONE,
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
  return { words, args: NONE, outType: SMP_T_SINT, use, manual: '7.3.3', fetch: () => false };
}

export const FETCHES_STREAM: readonly FetchDef[] = [
  ofStream('cpu_calls', ({ task }) => task.calls),
  nanoseconds('cpu_ns_avg', true, cpuMs),
  nanoseconds('cpu_ns_tot', false, cpuMs),
  nanoseconds('lat_ns_avg', true, latencyMs),
  nanoseconds('lat_ns_tot', false, latencyMs),
  ofStream('prio_class', (s) => s.prioClass),
  ofStream('prio_offset', (s) => s.prioOffset),
  {
    words: 'last_rule_file',
    args: NONE,
    outType: SMP_T_STR,
    use: SMP_USE_INTRN,
    manual: '7.3.2',
    check: () => {
      lastRuleWanted();
      return '';
    },
    fetch: (smp, _args, { strm }) => {
      const at = strm === null ? null : lastRuleOf(strm);
      return at !== null && smpStr(smp, binaryOf(at.file));
    },
  },
  {
    words: 'last_rule_line',
    args: NONE,
    outType: SMP_T_SINT,
    use: SMP_USE_INTRN,
    manual: '7.3.2',
    check: () => {
      lastRuleWanted();
      return '';
    },
    fetch: (smp, _args, { strm }) => {
      const at = strm === null ? null : lastRuleOf(strm);
      return at !== null && smpInt(smp, at.line);
    },
  },
  {
    words: 'unique-id',
    args: NONE,
    outType: SMP_T_STR,
    use: SMP_USE_CONST,
    manual: '7.3.6',
    fetch: (smp, _args, ctx) => {
      const id = ctx.px.process?.uniqueId(ctx) ?? null;
      return id !== null && id !== '' && smpStr(smp, id);
    },
  },
  httpMajor('fc_http_major', SMP_USE_L4CLI),
  httpMajor('bc_http_major', SMP_USE_L4SRV),
  {
    words: 'internal.strm.is_htx',
    args: NONE,
    outType: SMP_T_BOOL,
    use: SMP_USE_INTRN,
    manual: '7.3.7',
    fetch: (smp, _args, { strm }) => strm !== null && smpBool(smp, false),
  },
];
