// What a keyword is: one entry of a plain table. Every word that the reference's manual has is in a table here, so that
// the answer to a word is always one of four: done, accepted with a notice, known but not yet in sluice, or unknown.

import type { Line } from './line.js';
import type { BindConf, GlobalConf, ProxyConf, ServerConf } from './types.js';
import type { Scope } from './scope.js';

// Sections that a keyword belongs to; the manual's columns.
export const SEC_GLOBAL = 0x01;
export const SEC_DEFAULTS = 0x02;
export const SEC_FRONTEND = 0x04;
export const SEC_LISTEN = 0x08;
export const SEC_BACKEND = 0x10;
export const SEC_FRONT = SEC_DEFAULTS | SEC_FRONTEND | SEC_LISTEN;
export const SEC_BACK = SEC_DEFAULTS | SEC_BACKEND | SEC_LISTEN;
export const SEC_PROXY = SEC_FRONT | SEC_BACK;

/**
 * 'implemented': does what the manual says. 'notice': accepted, without effect here, said so in a notice. 'later': known
 * to the reference, an error until sluice has it. 'http': of mode http alone, which is 'later'; a tcp proxy takes and ignores it
 * as the reference does. 'removed': an error of the reference itself, with its advice.
 */
export type KeywordStatus = 'implemented' | 'notice' | 'later' | 'http' | 'removed';

/** A keyword that starts a line. `words` is one or two words: 'maxconn', 'timeout client'. */
export interface LineKeyword<Target> {
  readonly words: string;
  readonly sections: number;
  readonly syntax: string;
  readonly status: KeywordStatus;
  /** Reads the line into the target. Null where the status says all. */
  readonly parse: ((line: Line, target: Target, scope: Scope) => void) | null;
  /** `no` and `default` may stand in front; `parse` looks at `line.prefix`. */
  readonly negatable?: boolean;
  /** Of ours, unknown to the reference: a notice would be wrong, but the documentation says so. */
  readonly ours?: boolean;
  /** What the manual of the reference does not say, a line of the documentation each: where we do as it does, where not. */
  readonly notes?: readonly string[];
}

/** Says what is wrong when the first word of two is known, but not the second: the reference has its own words for some. */
export interface KeywordGroup {
  readonly word: string;
  readonly unknown: (line: Line, nearest: string, px: ProxyConf | null) => void;
}

export type GlobalKeyword = LineKeyword<GlobalConf>;
export type ProxyKeyword = LineKeyword<ProxyConf>;

/** Arguments that an option of a bind or server line takes after its own word. */
export interface OptionKeyword<Target> {
  readonly words: string;
  /** Number of arguments; -1: `parse` says. */
  readonly args: number;
  readonly syntax: string;
  readonly status: KeywordStatus;
  /**
   * Reads the option at word `at`. Returns '' or the reference's text of the mistake.
   */
  readonly parse: ((line: Line, at: number, target: Target, scope: Scope) => string) | null;
  /** For `args` -1: how many words follow. */
  readonly count?: (line: Line, at: number) => number;
}

export type BindKeyword = OptionKeyword<BindConf>;
export type ServerKeyword = OptionKeyword<ServerConf>;

/** All tables that the parser works with; rooms of later work add theirs in one place. */
export interface KeywordTables {
  readonly global: readonly GlobalKeyword[];
  readonly proxy: readonly ProxyKeyword[];
  readonly globalGroups: readonly KeywordGroup[];
  readonly proxyGroups: readonly KeywordGroup[];
  readonly bind: readonly BindKeyword[];
  readonly server: readonly ServerKeyword[];
  /** Sections beyond the five, all known but not yet. */
  readonly laterSections: readonly string[];
}

/** A table ready for look-ups. */
export class KeywordIndex<K extends { readonly words: string }> {
  private readonly byWords = new Map<string, K>();
  private readonly firsts = new Map<string, string[]>();
  readonly all: readonly K[];

  constructor(table: readonly K[]) {
    this.all = table;
    for (const k of table) {
      this.byWords.set(k.words, k);
      const [first, second] = k.words.split(' ') as [string, string | undefined];
      const seconds = this.firsts.get(first) ?? [];
      if (second !== undefined) seconds.push(second);
      this.firsts.set(first, seconds);
    }
  }

  /** The entry for two words, else for the first alone. */
  find(first: string, second: string): K | undefined {
    return this.byWords.get(`${first} ${second}`) ?? this.byWords.get(first);
  }

  /** Second words that exist after `first`; undefined when no entry starts with it. */
  seconds(first: string): readonly string[] | undefined {
    return this.firsts.get(first);
  }

  firstWords(): Iterable<string> {
    return this.firsts.keys();
  }
}

/** All tables, ready for look-ups; made once for each run of the parser. */
export interface IndexedTables {
  readonly global: KeywordIndex<GlobalKeyword>;
  readonly proxy: KeywordIndex<ProxyKeyword>;
  readonly globalGroups: ReadonlyMap<string, KeywordGroup>;
  readonly proxyGroups: ReadonlyMap<string, KeywordGroup>;
  readonly bind: KeywordIndex<BindKeyword>;
  readonly server: KeywordIndex<ServerKeyword>;
  readonly laterSections: ReadonlySet<string>;
}

export function indexTables(t: KeywordTables): IndexedTables {
  return {
    global: new KeywordIndex(t.global),
    proxy: new KeywordIndex(t.proxy),
    globalGroups: new Map(t.globalGroups.map((g) => [g.word, g])),
    proxyGroups: new Map(t.proxyGroups.map((g) => [g.word, g])),
    bind: new KeywordIndex(t.bind),
    server: new KeywordIndex(t.server),
    laterSections: new Set(t.laterSections),
  };
}
