// All fetches and converters: the arrays of the files beside, put together, and what the manual has beyond them.
import { CONVERTERS_CAPTURE, FETCHES_CAPTURE } from './captures.js';
import { CONVERTERS_CRYPTO } from './conv-crypto.js';
import { CONVERTERS_DEBUG } from './conv-debug.js';
import { CONVERTERS_ENCODE } from './conv-encode.js';
import { CONVERTERS_FIX } from './conv-fix.js';
import { CONVERTERS_HASH } from './conv-hash.js';
import { CONVERTERS_JSON } from './conv-json.js';
import { CONVERTERS_MAP } from './conv-map.js';
import { CONVERTERS_MQTT } from './conv-mqtt.js';
import { CONVERTERS_NET } from './conv-net.js';
import { CONVERTERS_NUMBER } from './conv-number.js';
import { CONVERTERS_PROTOBUF } from './conv-protobuf.js';
import { CONVERTERS_REGEX } from './conv-regex.js';
import { CONVERTERS_STRING } from './conv-string.js';
import { CONVERTERS_TIME } from './conv-time.js';
import { CONVERTERS_VAR } from './conv-var.js';
import { FETCHES_CONST } from './fetch-const.js';
import { FETCHES_L4 } from './fetch-l4.js';
import { FETCHES_PAYLOAD } from './fetch-payload.js';
import { FETCHES_PP } from './fetch-pp.js';
import { CONVERTERS_PROXY, FETCHES_PROXY } from './fetch-proxy.js';
import { FETCHES_PROTO } from './fetch-proto.js';
import { FETCHES_STREAM } from './fetch-stream.js';
import { FETCHES_TCP_INFO } from './fetch-tcp-info.js';
import { MANUAL_CONVERTERS } from './manual-converters.js';
import { MANUAL_FETCHES, type ManualSection } from './manual-fetches.js';
import { FETCHES_TLS_HELLO } from './tls-hello.js';
import type { ConverterDef, FetchDef } from './types.js';

export const FETCHES: readonly FetchDef[] = [
  ...FETCHES_CONST,
  ...FETCHES_PROXY,
  ...FETCHES_L4,
  ...FETCHES_PAYLOAD,
  ...FETCHES_CAPTURE,
  ...FETCHES_PP,
  ...FETCHES_TLS_HELLO,
  ...FETCHES_TCP_INFO,
  ...FETCHES_STREAM,
  ...FETCHES_PROTO,
];

export const CONVERTERS: readonly ConverterDef[] = [
  ...CONVERTERS_NUMBER,
  ...CONVERTERS_STRING,
  ...CONVERTERS_ENCODE,
  ...CONVERTERS_HASH,
  ...CONVERTERS_CRYPTO,
  ...CONVERTERS_TIME,
  ...CONVERTERS_NET,
  ...CONVERTERS_REGEX,
  ...CONVERTERS_JSON,
  ...CONVERTERS_VAR,
  ...CONVERTERS_DEBUG,
  ...CONVERTERS_MAP,
  ...CONVERTERS_FIX,
  ...CONVERTERS_MQTT,
  ...CONVERTERS_PROTOBUF,
  ...CONVERTERS_CAPTURE,
  ...CONVERTERS_PROXY,
];

/** An entry of the manual: a word with its syntax. */
export interface SampleWord {
  readonly word: string;
  /** `(<name>[,<occ>])`, '' without arguments. */
  readonly args: string;
  /** Of fetches: bool int str bin ip … */
  readonly type: string;
  readonly manual: string;
}

/** The entries of some sections of the manual. */
function entriesOf(sections: readonly ManualSection[]): SampleWord[] {
  const list: SampleWord[] = [];
  for (const { manual, entries } of sections) {
    for (const entry of entries.trim().split(/\s+/)) {
      const m = /^([^(:]+)(\(.*\))?(?::([a-z0-9]+))?$/.exec(entry);
      if (m !== null) list.push({ word: m[1]!, args: m[2] ?? '', type: m[3] ?? '', manual });
    }
  }
  return list;
}

export const FETCH_WORDS: readonly SampleWord[] = entriesOf(MANUAL_FETCHES);
export const CONVERTER_WORDS: readonly SampleWord[] = entriesOf(MANUAL_CONVERTERS);

const fetches = new Map(FETCHES.map((def) => [def.words, def]));
const converters = new Map(CONVERTERS.map((def) => [def.words, def]));
const manualFetches = new Set(FETCH_WORDS.map((w) => w.word));
const manualConverters = new Set(CONVERTER_WORDS.map((w) => w.word));

export function findFetch(word: string): FetchDef | undefined {
  return fetches.get(word);
}

export function findConverter(word: string): ConverterDef | undefined {
  return converters.get(word);
}

/** The reference knows it, we do not yet. */
export function isLaterFetch(word: string): boolean {
  return manualFetches.has(word) && !fetches.has(word);
}

export function isLaterConverter(word: string): boolean {
  return manualConverters.has(word) && !converters.has(word);
}

/** What to look for the nearest word in: ours first. */
export function fetchWords(): Iterable<string> {
  return [...fetches.keys(), ...manualFetches];
}

export function converterWords(): Iterable<string> {
  return [...converters.keys(), ...manualConverters];
}
