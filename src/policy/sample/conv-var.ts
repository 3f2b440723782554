// Converters that set and unset variables on the way (configuration manual 7.3.1).
import { readVarArg, varOfArg } from './arg-values.js';
import { ARG_STR, type Arg, type ConverterDef, SMP_T_ANY } from './types.js';
import { parseVarConditions, varSetIf, type VarConditions, varUnset } from './vars.js';

function checkSet(args: Arg[]): string {
  const wrong = readVarArg(args[0]!);
  if (wrong !== '') return wrong;
  const conditions = parseVarConditions(args.slice(1).map((a) => a.str));
  if (typeof conditions === 'string') return conditions;
  if (args[1] !== undefined) args[1].ready = conditions;
  return '';
}

export const CONVERTERS_VAR: readonly ConverterDef[] = [
  {
    words: 'set-var',
    args: { kinds: [ARG_STR, ARG_STR, ARG_STR, ARG_STR, ARG_STR], min: 1 },
    inType: SMP_T_ANY,
    outType: SMP_T_ANY,
    manual: '7.3.1',
    check: checkSet,
    conv: (smp, args, ctx) => varSetIf(ctx, varOfArg(args[0]!)!, smp, (args[1]?.ready ?? 0) as VarConditions),
  },
  {
    words: 'unset-var',
    args: { kinds: [ARG_STR], min: 1 },
    inType: SMP_T_ANY,
    outType: SMP_T_ANY,
    manual: '7.3.1',
    check: (args) => readVarArg(args[0]!),
    conv: (_smp, args, ctx) => {
      varUnset(ctx, varOfArg(args[0]!)!);
      return true;
    },
  },
];
