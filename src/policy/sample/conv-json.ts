// Converters to and from JSON (configuration manual 7.3.1).
import { JSON_CODINGS, type JsonCoding, type JsonStep, formatG, jsonEscape, jsonFind, jsonPath } from './json.js';
import { leadingInt, smpBool, smpInt, smpStr } from './sample.js';
import { ARG_STR, type Arg, type ConverterDef, type Sample, SMP_T_ANY, SMP_T_STR } from './types.js';

function checkQuery(args: Arg[]): string {
  const type = args[1];
  if (type !== undefined && type.str !== '' && type.str !== 'int') {
    return 'output_type only supports "int" as argument';
  }
  args[0]!.ready = jsonPath(args[0]!.str);
  return '';
}

function query(smp: Sample, args: readonly Arg[]): boolean {
  const steps = args[0]!.ready as JsonStep[] | null;
  if (steps === null) return false;
  const found = jsonFind(smp.str, steps);
  if (found === null || found.kind === 'other') return false;
  if (found.kind === 'bool') return smpBool(smp, found.value);
  if (found.kind === 'string') return found.text !== null && smpStr(smp, found.text);
  if (args[1]?.str === 'int') return smpInt(smp, leadingInt(found.text));
  const value = parseFloat(found.text);
  return smpStr(smp, formatG(Number.isNaN(value) ? 0 : value));
}

export const CONVERTERS_JSON: readonly ConverterDef[] = [
  {
    words: 'json',
    args: { kinds: [ARG_STR], min: 1 },
    inType: SMP_T_STR,
    outType: SMP_T_STR,
    manual: '7.3.1',
    check: (args) => {
      const coding = Object.hasOwn(JSON_CODINGS, args[0]!.str) ? JSON_CODINGS[args[0]!.str] : undefined;
      args[0]!.ready = coding;
      if (coding !== undefined) return '';
      return "Unexpected input code type. Allowed value are 'ascii', 'utf8', 'utf8s', 'utf8p' and 'utf8ps'";
    },
    conv: (smp, args) => {
      const text = jsonEscape(smp.str, args[0]!.ready as JsonCoding);
      return text !== null && smpStr(smp, text);
    },
  },
  {
    words: 'json_query',
    args: { kinds: [ARG_STR, ARG_STR], min: 1 },
    inType: SMP_T_STR,
    outType: SMP_T_ANY,
    manual: '7.3.1',
    check: checkQuery,
    conv: query,
  },
];
