// The `map` family (configuration manual 7.3.1): map_<match>_<output>. Files are read when the configuration is.
import { textOf } from './binary.js';
import { expandReplacement, parseReplacement } from './conv-regex.js';
import { readIp } from './ip.js';
import { loadMap, MAP_METHODS, type MapEntry, type MapIndex, type MapKey } from './maps.js';
import { leadingInt, smpInt, smpIp, smpStr } from './sample.js';
import {
  ARG_SINT,
  ARG_STR,
  type Arg,
  type ConverterDef,
  type Sample,
  SMP_T_ADDR,
  SMP_T_SINT,
  SMP_T_STR,
} from './types.js';

type Output = 'str' | 'int' | 'ip';

/** What `check` makes of the first argument. */
interface Ready {
  readonly index: MapIndex;
  /** Values that are no strings, read beforehand. */
  readonly ints: ReadonlyMap<MapEntry, bigint>;
  readonly ips: ReadonlyMap<MapEntry, Uint8Array>;
}

const OUT_TYPES: Readonly<Record<Output, number>> = { str: SMP_T_STR, int: SMP_T_SINT, ip: SMP_T_ADDR };

/** The number a value is; null where it is none. */
function readInt(text: string): bigint | null {
  return /^[+-]?\d+$/.test(text) ? leadingInt(text) : null;
}

function prepare(args: Arg[], match: string, output: Output): string {
  const file = textOf(args[0]!.str);
  const entries = loadMap(file);
  if (typeof entries === 'string') return entries;
  const index = MAP_METHODS[match]!(entries, file);
  if (typeof index === 'string') return index;
  const ints = new Map<MapEntry, bigint>();
  const ips = new Map<MapEntry, Uint8Array>();
  for (const entry of entries) {
    const wrong = `unable to parse '${textOf(entry.value)}' at line ${entry.line} of file '${file}'`;
    if (output === 'int') {
      const value = readInt(entry.value);
      if (value === null) return wrong;
      ints.set(entry, value);
    } else if (output === 'ip') {
      const ip = readIp(entry.value);
      if (ip === null) return wrong;
      ips.set(entry, ip);
    }
  }
  args[0]!.ready = { index, ints, ips } satisfies Ready;
  const fallback = args[1];
  if (output !== 'ip' || fallback === undefined) return '';
  fallback.ready = readIp(fallback.str);
  return fallback.ready === null ? `map: cannot parse default ip <${textOf(fallback.str)}>.` : '';
}

function keyOf(smp: Sample, match: string): MapKey {
  return match === 'int' ? smp.int : match === 'ip' ? smp.ip : smp.str;
}

function otherwise(smp: Sample, fallback: Arg | undefined, output: Output): boolean {
  if (fallback === undefined) return false;
  if (output === 'int') return smpInt(smp, fallback.big);
  return output === 'ip' ? smpIp(smp, fallback.ready as Uint8Array) : smpStr(smp, fallback.str);
}

function lookup(words: string, match: string, output: Output, expand = false): ConverterDef {
  return {
    words,
    args: { kinds: [ARG_STR, output === 'int' ? ARG_SINT : ARG_STR], min: 1 },
    inType: match === 'int' ? SMP_T_SINT : match === 'ip' ? SMP_T_ADDR : SMP_T_STR,
    outType: OUT_TYPES[output],
    manual: '7.3.1',
    check: (args) => prepare(args, match, output),
    conv: (smp, args) => {
      const { index, ints, ips } = args[0]!.ready as Ready;
      const found = index.find(keyOf(smp, match));
      if (found === null) return otherwise(smp, args[1], output);
      const { entry, groups } = found;
      if (output === 'int') return smpInt(smp, ints.get(entry)!);
      if (output === 'ip') return smpIp(smp, ips.get(entry)!);
      if (expand && groups !== null) return smpStr(smp, expandReplacement(parseReplacement(entry.value), groups));
      return smpStr(smp, entry.value);
    },
  };
}

function family(match: string): ConverterDef[] {
  const own = `map_${match}`;
  return [lookup(own, match, 'str'), lookup(`${own}_int`, match, 'int'), lookup(`${own}_ip`, match, 'ip')];
}

export const CONVERTERS_MAP: readonly ConverterDef[] = [
  lookup('map', 'str', 'str'),
  ...['str', 'beg', 'end', 'sub', 'dir', 'dom', 'reg', 'int', 'ip'].flatMap(family),
  lookup('map_regm', 'reg', 'str', true),
];
