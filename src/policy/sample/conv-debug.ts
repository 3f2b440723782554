// The converter `debug` (configuration manual 7.3.1): tells a ring, the standard output or error what a sample is, and passes it on.
import { smpCast, TYPE_NAMES } from './casts.js';
import { SampleValue, smpCopy } from './sample.js';
import { ARG_SINK, ARG_STR, type ConverterDef, type Sample, SMP_T_ANY, SMP_T_STR } from './types.js';

/** Where messages go that name no sink. */
const DEFAULT_SINK = 'buf0';

const copy = new SampleValue();

/** `type=ipv4 <127.0.0.1>`: up to the first NUL, with a dot for each byte that can't be printed. */
function textOfSample(smp: Readonly<Sample>): string {
  smpCopy(copy, smp);
  const type = TYPE_NAMES[smp.type] ?? '?';
  if (!smpCast(copy, SMP_T_STR)) return `type=${type}`;
  return `type=${type} <${copy.str.replace(/\0.*$/s, '').replace(/[^ -~]/g, '.')}>`;
}

export const CONVERTERS_DEBUG: readonly ConverterDef[] = [
  {
    words: 'debug',
    args: { kinds: [ARG_STR, ARG_SINK], min: 0 },
    inType: SMP_T_ANY,
    outType: SMP_T_ANY,
    manual: '7.3.1',
    conv: (smp, args, ctx) => {
      const sink = args[1]?.str ?? DEFAULT_SINK;
      ctx.px.process?.event(sink, `[debug] ${args[0]?.str ?? ''}: ${textOfSample(smp)}`);
      return true;
    },
  },
];
