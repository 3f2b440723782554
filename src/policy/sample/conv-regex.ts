// `regsub` (configuration manual 7.3.1): replacing what a regular expression matches.
import { smpStr } from './sample.js';
import { ARG_REGEX, ARG_STR, type Arg, type ConverterDef, SMP_T_STR } from './types.js';

/** A replacement: texts and numbers of groups. */
type Replacement = readonly (string | number)[];

/** `\N` is a group, `\xHH` a byte, a backslash before anything else takes its meaning away (manual 7.3.1, 4.2 "http-request replace-header"). */
export function parseReplacement(text: string): Replacement {
  const out: (string | number)[] = [];
  let literal = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c !== '\\' || i + 1 === text.length) {
      literal += c;
      continue;
    }
    i++;
    const e = text[i]!;
    const hex = /^[0-9a-fA-F]{2}/.exec(text.slice(i + 1, i + 3));
    if (e >= '0' && e <= '9') {
      if (literal !== '') out.push(literal);
      literal = '';
      out.push(Number(e));
    } else if (e === 'x' && hex !== null) {
      literal += String.fromCharCode(parseInt(hex[0], 16));
      i += 2;
    } else {
      literal += e;
    }
  }
  if (literal !== '') out.push(literal);
  return out;
}

/** `replacement` for the match `groups`; groups that took no part are empty. */
export function expandReplacement(replacement: Replacement, groups: readonly (string | undefined)[]): string {
  let out = '';
  for (const part of replacement) out += typeof part === 'string' ? part : (groups[part] ?? '');
  return out;
}

/** What the resolve step compiles of the first argument's text. */
export interface RegexArg {
  readonly icase: boolean;
  readonly global: boolean;
  readonly replacement: Replacement;
  /** Null until it is compiled. */
  re: RegExp | null;
}

function check(args: Arg[]): string {
  const flags = args[2]?.str ?? '';
  const bad = /[^ig]/.exec(flags);
  if (bad !== null) return `invalid regex flag '${bad[0]}', only 'i' and 'g' are supported`;
  const ready: RegexArg = {
    icase: flags.includes('i'),
    global: flags.includes('g'),
    replacement: parseReplacement(args[1]!.str),
    re: null,
  };
  args[0]!.ready = ready;
  return '';
}

export const CONVERTERS_REGEX: readonly ConverterDef[] = [
  {
    words: 'regsub',
    args: { kinds: [ARG_REGEX, ARG_STR, ARG_STR], min: 2 },
    inType: SMP_T_STR,
    outType: SMP_T_STR,
    manual: '7.3.1',
    check,
    conv: (smp, args) => {
      const { re, replacement } = args[0]!.ready as RegexArg;
      if (re === null) return false;
      return smpStr(
        smp,
        smp.str.replace(re, (...groups: unknown[]) =>
          expandReplacement(replacement, groups.slice(0, -2) as (string | undefined)[]),
        ),
      );
    },
  },
];
