// Maps: files of keys and values (configuration manual 7.3.1 "map"), and how a key is looked up. Exact strings, prefixes and networks
// find the finest match; the other methods the first of the file.
import { readFileSync } from 'node:fs';
import { regexCompile } from '../../base/regex.js';
import { textOf } from './binary.js';
import { ipMask, ipMasked, readIpv4, readIpv6 } from './ip.js';
import { INT_MAX, INT_MIN } from './sample.js';

export interface MapEntry {
  readonly key: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

/** A key as a sample has it: a string, a number or an address. */
export type MapKey = string | bigint | Uint8Array;

/** What was found; `groups` where the method was a regular expression. */
export interface MapFound {
  readonly entry: MapEntry;
  readonly groups: readonly (string | undefined)[] | null;
}

export interface MapIndex {
  find(key: MapKey): MapFound | null;
}

const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** Lines of `text` (binary string) that are no comment: the first word, and what follows it without blanks around. */
export function readMap(text: string): MapEntry[] {
  const out: MapEntry[] = [];
  let line = 0;
  for (const raw of text.split('\n')) {
    line++;
    if (raw.startsWith('#')) continue;
    const m = /^[ \t]*([^ \t\r]+)[ \t]*(.*?)[ \t\r]*$/.exec(raw);
    if (m !== null) out.push({ key: m[1]!, value: m[2]!, line });
  }
  return out;
}

/** Entries of a file, or the reference's words why there are none. */
export function loadMap(file: string): MapEntry[] | string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > FILE_BYTES_MAX) return `error encountered while reading  <${file}> : File too large`;
    return readMap(bytes.toString('latin1'));
  } catch (e) {
    const isDirectory = e instanceof Error && 'code' in e && e.code === 'EISDIR';
    if (isDirectory) return `error encountered while reading  <${file}> : Is a directory`;
    return `failed to open pattern file <${file}>`;
  }
}

type Build = (entries: readonly MapEntry[], file: string) => MapIndex | string;

function exact(entries: readonly MapEntry[]): MapIndex {
  const byKey = new Map<string, MapFound>();
  for (const entry of entries) if (!byKey.has(entry.key)) byKey.set(entry.key, { entry, groups: null });
  return { find: (key) => byKey.get(key as string) ?? null };
}

function longestPrefix(entries: readonly MapEntry[]): MapIndex {
  const all = exact(entries);
  const lengths = [...new Set(entries.map((e) => e.key.length))].sort((a, b) => b - a);
  return {
    find: (key) => {
      const text = key as string;
      for (const n of lengths) {
        const found = n <= text.length ? all.find(text.slice(0, n)) : null;
        if (found !== null) return found;
      }
      return null;
    },
  };
}

/** The first entry that `test` takes. */
function firstOf(entries: readonly MapEntry[], test: (text: string, key: string) => boolean): MapIndex {
  return {
    find: (key) => {
      const entry = entries.find((e) => test(key as string, e.key));
      return entry === undefined ? null : { entry, groups: null };
    },
  };
}

/** Whether `key` stands in `text` between delimiters or ends; those around the key itself do not count. */
function between(text: string, key: string, delimiters: string): boolean {
  let from = 0;
  let to = key.length;
  while (from < to && delimiters.includes(key[from]!)) from++;
  while (to > from && delimiters.includes(key[to - 1]!)) to--;
  const word = key.slice(from, to);
  if (word === '') return false;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const end = at + word.length;
    const before = at === 0 || delimiters.includes(text[at - 1]!);
    if (before && (end === text.length || delimiters.includes(text[end]!))) return true;
  }
  return false;
}

function expressions(entries: readonly MapEntry[], file: string): MapIndex | string {
  const list: { re: RegExp; entry: MapEntry }[] = [];
  for (const entry of entries) {
    const { re, error } = regexCompile(entry.key, false, true);
    if (re === null) {
      const what = `(error=${error.message}, erroffset=${error.offset})`;
      return `regex '${textOf(entry.key)}' is invalid ${what} at line ${entry.line} of file '${file}'`;
    }
    list.push({ re, entry });
  }
  return {
    find: (key) => {
      for (const { re, entry } of list) {
        const groups = re.exec(key as string);
        if (groups !== null) return { entry, groups };
      }
      return null;
    },
  };
}

function integers(entries: readonly MapEntry[], file: string): MapIndex | string {
  const list: { min: bigint; max: bigint; entry: MapEntry }[] = [];
  for (const entry of entries) {
    const m = /^(-?\d+)?(:)?(-?\d+)?$/.exec(entry.key);
    const [, low, colon, high] = m ?? [];
    const min = low === undefined ? INT_MIN : BigInt(low);
    const max = colon === undefined ? min : high === undefined ? INT_MAX : BigInt(high);
    if (m === null || (low === undefined && high === undefined) || min > max || max > INT_MAX || min < INT_MIN) {
      const range = entry.key.includes(':') || entry.key.startsWith('-');
      const what = range ? 'a valid number range' : 'a number';
      return `'${textOf(entry.key)}' is not ${what} at line ${entry.line} of file '${file}'`;
    }
    list.push({ min, max, entry });
  }
  return {
    find: (key) => {
      const found = list.find(({ min, max }) => (key as bigint) >= min && (key as bigint) <= max);
      return found === undefined ? null : { entry: found.entry, groups: null };
    },
  };
}

/** Networks of one family: a table for each length of prefix, longest first; masks that are no prefix come after them. */
class Networks {
  private readonly tables: (Map<string, MapFound> | undefined)[] = [];
  private readonly odd: { ip: Uint8Array; mask: Uint8Array; found: MapFound }[] = [];

  add(ip: Uint8Array, mask: Uint8Array, entry: MapEntry): void {
    const bits = prefixOf(mask);
    const masked = ipMasked(ip, mask);
    const found = { entry, groups: null };
    if (bits < 0) {
      this.odd.push({ ip: masked, mask, found });
      return;
    }
    const table = (this.tables[bits] ??= new Map<string, MapFound>());
    const key = masked.join('.');
    if (!table.has(key)) table.set(key, found);
  }

  find(ip: Uint8Array): MapFound | null {
    for (let bits = this.tables.length - 1; bits >= 0; bits--) {
      const found = this.tables[bits]?.get(ipMasked(ip, ipMask(bits, ip.length)).join('.'));
      if (found !== undefined) return found;
    }
    return this.odd.find((n) => ipMasked(ip, n.mask).every((b, i) => b === n.ip[i]))?.found ?? null;
  }
}

/** Leading ones of a mask that has nothing behind them, -1 for another mask. */
function prefixOf(mask: Uint8Array): number {
  let bits = 0;
  while (bits < 8 * mask.length && (mask[bits >> 3]! & (0x80 >> (bits & 7))) !== 0) bits++;
  return ipMask(bits, mask.length).every((b, i) => b === mask[i]) ? bits : -1;
}

/** Where an IPv4 address is inside an IPv6 one (mapped, compatible, 6to4); null for none. */
function embedded(ip: Uint8Array): Uint8Array | null {
  if (ip[0] === 0x20 && ip[1] === 0x02) return ip.slice(2, 6);
  for (let i = 0; i < 10; i++) if (ip[i] !== 0) return null;
  const [a, b] = [ip[10]!, ip[11]!];
  return (a === 0 && b === 0) || (a === 0xff && b === 0xff) ? ip.slice(12) : null;
}

function networks(entries: readonly MapEntry[], file: string): MapIndex | string {
  const v4 = new Networks();
  const v6 = new Networks();
  for (const entry of entries) {
    const slash = entry.key.indexOf('/');
    const host = slash < 0 ? entry.key : entry.key.slice(0, slash);
    const ip = host.includes(':') ? readIpv6(host) : readIpv4(host);
    const mask = ip === null ? null : maskOf(slash < 0 ? '' : entry.key.slice(slash + 1), ip.length);
    if (ip === null || mask === null || (slash >= 0 && entry.key.endsWith('/'))) {
      return `'${textOf(entry.key)}' is not a valid IPv4 or IPv6 address at line ${entry.line} of file '${file}'`;
    }
    (ip.length === 4 ? v4 : v6).add(ip, mask, entry);
  }
  return {
    find: (key) => {
      const ip = key as Uint8Array;
      if (ip.length === 4) return v4.find(ip);
      const own = v6.find(ip);
      if (own !== null) return own;
      const inside = embedded(ip);
      return inside === null ? null : v4.find(inside);
    },
  };
}

function maskOf(text: string, bytes: number): Uint8Array | null {
  if (text === '') return ipMask(8 * bytes, bytes);
  if (/^\d{1,3}$/.test(text)) return Number(text) <= 8 * bytes ? ipMask(Number(text), bytes) : null;
  return bytes === 4 ? readIpv4(text) : readIpv6(text);
}

/** Ways to look a key up, by the word in `map_<word>`. */
export const MAP_METHODS: Readonly<Record<string, Build>> = {
  str: exact,
  beg: longestPrefix,
  end: (entries) => firstOf(entries, (text, key) => text.endsWith(key)),
  sub: (entries) => firstOf(entries, (text, key) => text.includes(key)),
  dir: (entries) => firstOf(entries, (text, key) => between(text, key, '/?')),
  dom: (entries) => firstOf(entries, (text, key) => between(text, key, '/?.:')),
  reg: expressions,
  int: integers,
  ip: networks,
};
