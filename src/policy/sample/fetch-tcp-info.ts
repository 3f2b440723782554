// Fetches of what the system measures on the client's connection (configuration manual 7.3.3, `fc_rtt` and its neighbours). No
// sample where it is not TCP, or the system does not tell.
import {
  connTcpInfo,
  TCPI_FACKETS,
  TCPI_LOST,
  TCPI_REORDERING,
  TCPI_RETRANS,
  TCPI_RTT,
  TCPI_RTTVAR,
  TCPI_SACKED,
  TCPI_UNACKED,
} from '../../datapath/proto/tcp-info.js';
import { smpInt } from './sample.js';
import { ARG_STR, type Arg, type ArgSpec, type FetchDef, SMP_F_VOLATILE, SMP_T_SINT, SMP_USE_L4CLI } from './types.js';

const UNIT: ArgSpec = { kinds: [ARG_STR], min: 0 };
const US_PER_MS = 1000;

function checkUnit(args: Arg[]): string {
  const unit = args[0];
  if (unit === undefined || unit.str === 'us' || unit.str === 'ms') return '';
  return `expects 'us' or 'ms', got '${unit.str}'`;
}

function field(words: string, offset: number, value: (word: number, args: readonly Arg[]) => number): FetchDef {
  return {
    words,
    args: UNIT,
    outType: SMP_T_SINT,
    use: SMP_USE_L4CLI,
    manual: '7.3.3',
    measures: true,
    fetch: (smp, args, ctx) => {
      const front = (ctx.sess ?? ctx.strm?.sess)?.front ?? null;
      const word = front === null ? -1 : connTcpInfo(front, offset);
      if (word < 0) return false;
      smp.flags |= SMP_F_VOLATILE;
      return smpInt(smp, value(word, args));
    },
  };
}

function time(words: string, offset: number): FetchDef {
  const value = (us: number, args: readonly Arg[]): number => (args[0]?.str === 'us' ? us : Math.floor(us / US_PER_MS));
  return { ...field(words, offset, value), check: checkUnit };
}

function counter(words: string, offset: number): FetchDef {
  const ignoresArgs = "no argument supported for 'fc_*' sample expressions returning counters.";
  return { ...field(words, offset, (word) => word), ignoresArgs };
}

export const FETCHES_TCP_INFO: readonly FetchDef[] = [
  time('fc_rtt', TCPI_RTT),
  time('fc_rttvar', TCPI_RTTVAR),
  counter('fc_unacked', TCPI_UNACKED),
  counter('fc_sacked', TCPI_SACKED),
  counter('fc_retrans', TCPI_RETRANS),
  counter('fc_fackets', TCPI_FACKETS),
  counter('fc_lost', TCPI_LOST),
  counter('fc_reordering', TCPI_REORDERING),
];
