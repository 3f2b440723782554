// What the tables know of a word, as plain data: the reference pages and `sluice doc` are made of it.

import {
  type KeywordStatus,
  type KeywordTables,
  SEC_BACKEND,
  SEC_DEFAULTS,
  SEC_FRONTEND,
  SEC_GLOBAL,
  SEC_LISTEN,
} from './keyword.js';
import { sectionKeywords } from './keywords/other-sections.js';
import { actionTable } from '../policy/rules/actions.js';
import { RULE_TCP_REQ_CONN, RULE_TCP_REQ_CONT, RULE_TCP_REQ_SESS, RULE_TCP_RES_CONT } from '../policy/rules/types.js';
import {
  CONVERTER_WORDS,
  CONVERTERS,
  FETCH_WORDS,
  FETCHES,
  isLaterConverter,
  isLaterFetch,
  type SampleWord,
} from '../policy/sample/tables.js';
import { nearestWord } from './nearest.js';

/** One meaning of a word; `maxconn` has four. */
export interface DocEntry {
  readonly words: string;
  readonly syntax: string;
  /** Sections, or what kind of line it stands on: 'global', 'frontend', 'bind lines', ... */
  readonly where: readonly string[];
  readonly status: KeywordStatus;
  /** `no` and `default` may stand in front. */
  readonly negatable: boolean;
  /** Not known to the reference. */
  readonly ours: boolean;
  /** Chapter of the manual, '' where the sections say it. */
  readonly manual: string;
  /** What else there is to say, a line each. */
  readonly notes: readonly string[];
}

const SECTION_BITS: readonly (readonly [bit: number, name: string])[] = [
  [SEC_GLOBAL, 'global'],
  [SEC_DEFAULTS, 'defaults'],
  [SEC_FRONTEND, 'frontend'],
  [SEC_LISTEN, 'listen'],
  [SEC_BACKEND, 'backend'],
];

function sectionNames(bits: number): string[] {
  return SECTION_BITS.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
}

interface Documented {
  readonly words: string;
  readonly syntax: string;
  readonly status: KeywordStatus;
  readonly negatable?: boolean;
  readonly ours?: boolean;
  readonly notes?: readonly string[];
}

function entry(k: Documented, where: readonly string[]): DocEntry {
  const { words, syntax, status, notes = [] } = k;
  return { words, syntax, where, status, negatable: k.negatable === true, ours: k.ours === true, manual: '', notes };
}

/** Every entry of the tables, in the order of the sections. */
export function docEntries(tables: KeywordTables): DocEntry[] {
  const later = new Set(tables.laterSections);
  return [
    ...[...tables.global, ...tables.proxy].map((k) => entry(k, sectionNames(k.sections))),
    ...tables.bind.map((k) => entry(k, ['bind lines'])),
    ...tables.server.map((k) => entry(k, ['server lines'])),
    ...sectionKeywords.map((k) => {
      const status = k.later || later.has(k.section) ? ('later' as const) : ('implemented' as const);
      return entry({ words: k.words, syntax: k.syntax, status }, [k.section]);
    }),
    ...actionTable.map((a) => entry({ words: a.word, syntax: a.syntax, status: a.status }, rulesets(a.rules))),
    ...samples('sample fetches', FETCH_WORDS, FETCHES, isLaterFetch),
    ...samples('converters', CONVERTER_WORDS, CONVERTERS, isLaterConverter),
  ];
}

const RULESETS: readonly (readonly [bit: number, name: string])[] = [
  [RULE_TCP_REQ_CONN, 'tcp-request connection'],
  [RULE_TCP_REQ_SESS, 'tcp-request session'],
  [RULE_TCP_REQ_CONT, 'tcp-request content'],
  [RULE_TCP_RES_CONT, 'tcp-response content'],
];

function rulesets(bits: number): string[] {
  return RULESETS.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
}

/** Those of the manual with its syntax, and those that only the table has. */
function samples(
  where: string,
  manual: readonly SampleWord[],
  table: readonly { readonly words: string; readonly manual: string }[],
  later: (word: string) => boolean,
): DocEntry[] {
  const listed = new Set(manual.map((w) => w.word));
  const beyond = table.filter((t) => !listed.has(t.words));
  return [
    ...manual.map((w) => {
      const type = w.type === '' ? '' : ` : ${w.type}`;
      const status = later(w.word) ? ('later' as const) : ('implemented' as const);
      return { ...entry({ words: w.word, syntax: `${w.word}${w.args}${type}`, status }, [where]), manual: w.manual };
    }),
    ...beyond.map((t) => ({
      ...entry({ words: t.words, syntax: t.words, status: 'implemented' }, [where]),
      manual: t.manual,
    })),
  ];
}

/**
 * The entries for what somebody typed: the exact words, else those that start with them (`timeout`), else those whose second
 * word it is (`tcplog`).
 */
export function docFind(entries: readonly DocEntry[], typed: string): DocEntry[] {
  const exact = entries.filter((e) => e.words === typed);
  if (exact.length > 0) return exact;
  const starting = entries.filter((e) => e.words.startsWith(`${typed} `));
  if (starting.length > 0) return starting;
  return entries.filter((e) => e.words.endsWith(` ${typed}`));
}

/** The words nearest to one that is unknown, at most `most` of them. */
export function docNearest(entries: readonly DocEntry[], typed: string, most: number): string[] {
  const words = new Set(entries.flatMap((e) => [e.words, ...e.words.split(' ').slice(1)]));
  const found: string[] = [];
  while (found.length < most) {
    const next = nearestWord(typed, words);
    if (next === '') break;
    found.push(next);
    words.delete(next);
  }
  return found;
}

const TIME = 'a time: a number of milliseconds, or a number with us, ms, s, m, h or d';
const SECONDS = 'a time: a number of seconds, or a number with us, ms, s, m, h or d';
const NUMBER = 'an integer';

/** Meaning of `<names>` in syntaxes. */
const ARGUMENTS: readonly (readonly [names: RegExp, meaning: string])[] = [
  [/^(time|timeout|delay|expire|period|start_time_in_ms|timeout, in milliseconds|delay in milliseconds)$/, TIME],
  [
    /^(number|count|conns|connections|maxconn|maxseg|max|nb|size|rate|weight|value|maxqueue|minconn|backlog|interval|uid|gid)$/,
    NUMBER,
  ],
  [
    /^(address|addr|addr2|ip)$/,
    'an address: IPv4, IPv6, a host name, the path of a UNIX socket, or with a prefix ipv4@ ipv6@ unix@ abns@ fd@',
  ],
  [/^(port|port2|port_range|pl|ph)$/, 'a port from 1 to 65535, in a range two with a dash between'],
  [/^(condition|cond)$/, "names of ACLs, anonymous ones in braces { }, '!' in front of one, '||' between alternatives"],
  [/^(fmt|format string)$/, 'a log format (manual 8.2.6); blanks need quotes'],
  [/^(expression|pattern|expr)$/, 'a sample fetch, followed by converters after commas (manual 7.3)'],
  [/^(criterion)$/, 'a sample fetch with converters, or an ACL criterion (manual 7.1)'],
  [/^(file|path|file path|cafile|crlfile|cert|pidfile)$/, 'the name of a file'],
  [/^(dir|directory|jail dir)$/, 'the name of a directory'],
  [/^(name|id|interface|user|group|user name|group name|backend|aclname)$/, 'a name'],
  [/^facility$/, 'a syslog facility: kern, user, mail, daemon, … local0 to local7'],
  [/^(level|minlevel|max level|min level)$/, 'a syslog level: emerg, alert, crit, err, warning, notice, info, debug'],
  [/^mode$/, 'an octal file mode'],
  [/^(string|text)$/, 'any text; blanks need quotes or a backslash'],
];

/** Arguments of a syntax that can be explained, each once: `[['<time>', 'a time: …']]`. */
export function docArguments(e: DocEntry): (readonly [name: string, meaning: string])[] {
  const names = new Set([...e.syntax.matchAll(/<([^<>]+)>/g)].map((m) => m[1]!));
  const inSeconds = e.words === 'slowstart' || e.words === 'stats refresh';
  const out: (readonly [string, string])[] = [];
  for (const name of names) {
    const meaning = ARGUMENTS.find(([re]) => re.test(name))?.[1];
    if (meaning !== undefined) out.push([`<${name}>`, meaning === TIME && inSeconds ? SECONDS : meaning]);
  }
  return out;
}
