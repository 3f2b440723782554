// Converters of dates (configuration manual 7.3.1): strftime in local time and UTC, and the HTTP date.
import { dateParts, strftime } from './strftime.js';
import { smpStr } from './sample.js';
import { ARG_SINT, ARG_STR, type ConverterDef, SMP_T_SINT, SMP_T_STR } from './types.js';

const UNITS: Readonly<Record<string, bigint>> = { '': 1n, s: 1n, ms: 1_000n, us: 1_000_000n };

function timeOf(words: string, utc: boolean): ConverterDef {
  return {
    words,
    args: { kinds: [ARG_STR, ARG_SINT], min: 1 },
    inType: SMP_T_SINT,
    outType: SMP_T_STR,
    manual: '7.3.1',
    conv: (smp, args) => smpStr(smp, strftime(args[0]!.str, smp.int + (args[1]?.big ?? 0n), utc)),
  };
}

export const CONVERTERS_TIME: readonly ConverterDef[] = [
  timeOf('ltime', false),
  timeOf('utime', true),
  {
    words: 'http_date',
    args: { kinds: [ARG_SINT, ARG_STR], min: 0 },
    inType: SMP_T_SINT,
    outType: SMP_T_STR,
    manual: '7.3.1',
    check: (args) => {
      const unit = args[1]?.str ?? '';
      return Object.hasOwn(UNITS, unit) ? '' : `expects 's', 'ms' or 'us', got '${unit}'`;
    },
    conv: (smp, args) => {
      const unit = UNITS[args[1]?.str ?? '']!;
      const when = smp.int + (args[0]?.big ?? 0n);
      const d = dateParts(when / unit, true);
      const digits = unit === 1_000n ? 3 : unit === 1_000_000n ? 6 : 0;
      const fraction = digits === 0 ? '' : `.${(when % unit).toString().padStart(digits, '0')}`;
      const date = strftime('%a, %d %b %Y %H:%M:%S', when / unit, true);
      return smpStr(smp, `${date}${fraction} GMT`.slice(0, d.year > 0 ? undefined : 0));
    },
  },
];
