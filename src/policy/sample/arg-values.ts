// Arguments that stand for something: a variable, or either a number or a variable (configuration manual 7.3.1).
import { smpCast } from './casts.js';
import { SampleValue, leadingInt, smpCopy } from './sample.js';
import { type Arg, type SampleContext, SMP_T_SINT, SMP_T_STR } from './types.js';
import { parseVarName, type VarName, varGet } from './vars.js';

const scratch = new SampleValue();

/** Makes `arg` a variable; '' or what is wrong with its name. */
export function readVarArg(arg: Arg): string {
  const name = parseVarName(arg.str);
  if (typeof name === 'string') return name;
  arg.ready = name;
  return '';
}

/** The variable that `arg` is; null where it is a value. */
export function varOfArg(arg: Arg): VarName | null {
  return arg.ready as VarName | null;
}

/** An optional variable in the middle of other arguments: `concat`, `strcmp` … */
export function registerVarArg(arg: Arg): string {
  if (readVarArg(arg) === '') return '';
  return `failed to register variable name '${arg.str}'`;
}

/** A number (saturated to 64 bits) or a variable. */
export function readNumberArg(arg: Arg): string {
  if (readVarArg(arg) === '') return '';
  if (!/^[+-]?[0-9]*$/.test(arg.str)) return 'expects an integer or a variable name';
  arg.big = leadingInt(arg.str);
  return '';
}

/** The number that `arg` stands for now; null where its variable has none. */
export function numberOf(arg: Arg, ctx: SampleContext): bigint | null {
  const name = varOfArg(arg);
  if (name === null) return arg.big;
  const value = varGet(ctx, name);
  if (value === null) return null;
  smpCopy(scratch, value);
  return smpCast(scratch, SMP_T_SINT) ? scratch.int : null;
}

/** The string that the variable `arg` has now; null where it has none. */
export function stringOf(arg: Arg, ctx: SampleContext, type = SMP_T_STR): string | null {
  const name = varOfArg(arg);
  if (name === null) return arg.str;
  const value = varGet(ctx, name);
  if (value === null) return null;
  smpCopy(scratch, value);
  return smpCast(scratch, type) ? scratch.str : null;
}
