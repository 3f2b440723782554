// From text to a resolved and checked configuration: lines → words → directives → sections → keywords → resolve → verify.
// Pure: environment, features and the system's answers come in as options.

import type { ConditionContext } from './conditions.js';
import { newGlobal } from './defaults.js';
import { Directives } from './directives.js';
import { pureHost } from './host.js';
import {
  type IndexedTables,
  type KeywordGroup,
  type KeywordIndex,
  type KeywordTables,
  type LineKeyword,
  SEC_GLOBAL,
  indexTables,
} from './keyword.js';
import { refuseNegation } from './keywords/options.js';
import { parseRingLine } from './keywords/ring.js';
import { statusOf } from './keywords/status.js';
import { keywordTables } from './keywords/tables.js';
import { type EnvLookup, type LexError, type Word, lexLine } from './lexer.js';
import { checkLimits, noteLimited } from './limits.js';
import { Line, type LinePrefix } from './line.js';
import { compileLogFormats } from './log-formats.js';
import { nearestWord } from './nearest.js';
import { Reports, clip, didYouMean, sourceAround } from './reports.js';
import { resolveConfiguration } from './resolve.js';
import { type ConfigHost, type LimitedUse, Scope } from './scope.js';
import { SECTION_WORDS, SectionReader } from './sections.js';
import type { ConfigSource, Configuration, ParseResult, Report } from './types.js';
import { verifyConfiguration } from './verify.js';

export interface ParseOptions {
  /** Environment of `"${NAME}"`; none unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly host?: ConfigHost;
  readonly conditions?: Partial<Omit<ConditionContext, 'defined'>>;
  /** -dD: `.diag` messages are reported. */
  readonly diag?: boolean;
  /** Files as the reference takes them: the last line must end in a line feed. */
  readonly lastLineFeed?: boolean;
  /** `-N`, the built-in maxconn of frontends; 0 for the global one. */
  readonly defaultMaxconn?: number;
  /** `bind` takes port 0, which is an error with the reference: the system chooses one. */
  readonly portZero?: boolean;
  /** SYS_F_* bits and name of the transport, where it is known already (else `checkLimits` later). */
  readonly transport?: { readonly features: number; readonly name: string };
  readonly tables?: KeywordTables;
  /** Keeps the lines for `printConfiguration`. */
  readonly statements?: boolean;
}

/** What `checkLimits` needs once the transport is chosen. */
export interface ConfigResult extends ParseResult {
  readonly limited: readonly LimitedUse[];
}

/** Characters of a line that are looked at; longer ones are an error. */
const LINE_MAX = 1 << 20;

export function parseConfiguration(sources: readonly ConfigSource[], options: ParseOptions = {}): ConfigResult {
  const parser = new Parser(options);
  for (const source of sources) parser.readSource(source);
  return parser.finish();
}

/** Pseudo-variables of the line that is being read. */
interface Place {
  file: string;
  line: number;
}

class Parser {
  private readonly config: Configuration = { statements: [], global: newGlobal(), proxies: [], rings: [] };
  private readonly reports = new Reports();
  private readonly scope: Scope;
  private readonly sections: SectionReader;
  private readonly conditions: ConditionContext;
  private readonly options: ParseOptions;
  private readonly index: IndexedTables;
  private readonly place: Place = { file: '', line: 0 };
  private readonly lookup: EnvLookup;
  private readonly badFiles: string[] = [];
  private readonly sources = new Map<string, string>();

  constructor(options: ParseOptions) {
    this.options = options;
    const env = new Map<string, string>();
    for (const [name, value] of Object.entries(options.env ?? {})) if (value !== undefined) env.set(name, value);
    this.index = indexTables(options.tables ?? keywordTables);
    this.scope = new Scope(
      this.config,
      this.reports,
      options.host ?? pureHost,
      env,
      this.index,
      options.defaultMaxconn ?? 0,
      options.portZero === true,
    );
    this.sections = new SectionReader(this.scope);
    this.lookup = (name) => {
      if (name === '.FILE') return this.place.file;
      if (name === '.LINE') return String(this.place.line);
      if (name === '.SECTION') return this.scope.section.name;
      return env.get(name);
    };
    this.conditions = {
      feature: () => false,
      enabled: () => true,
      version: '2.6',
      sslVersion: '',
      sslName: '',
      ...options.conditions,
      defined: (name) => env.has(name),
    };
  }

  readSource(source: ConfigSource): void {
    const directives = new Directives(this.conditions, this.options.diag === true);
    const { text } = source;
    const { errors } = this.reports;
    this.sources.set(source.name, text);
    this.place.file = source.name;
    this.place.line = 0;
    for (let from = 0; from < text.length;) {
      let end = text.indexOf('\n', from);
      const last = end < 0;
      if (last) end = text.length;
      this.place.line++;
      const raw = text.slice(from, end);
      if (!this.checkRaw(source.name, raw, last)) break;
      this.readLine(source.name, raw, directives);
      from = end + 1;
    }
    // The next file must start with a section of its own.
    this.sections.leave();
    directives.finish(new Line(source.name, this.place.line, '', [], '', this.reports));
    if (this.reports.errors > errors) this.badFiles.push(source.name);
  }

  /** False when the file is not worth reading on: binary, or cut short. */
  private checkRaw(file: string, raw: string, last: boolean): boolean {
    const bad = (code: string, message: string, column: number): false => {
      const position = { file, line: this.place.line, column, length: 1 };
      this.reports.add('alert', code, message, position, { form: 'tight', source: raw });
      return false;
    };
    const nul = raw.indexOf('\0');
    if (nul >= 0) return bad('nul', `Stray NUL character at position ${nul + 1}.`, nul + 1);
    if (raw.length > LINE_MAX) return bad('long-line', `line of ${raw.length} characters, more than ${LINE_MAX}.`, 1);
    if (last && this.options.lastLineFeed === true) {
      const at = raw.length + 1;
      return bad('no-line-feed', `Missing LF on last line, file might have been truncated at position ${at}.`, at);
    }
    return true;
  }

  private readLine(file: string, raw: string, directives: Directives): void {
    const { words, error } = lexLine(raw, this.lookup);
    if (error !== null) {
      this.lexError(file, raw, error);
      return;
    }
    if (words.length === 0) return;
    if (words[0]!.text.startsWith('.')) {
      directives.read(new Line(file, this.place.line, raw, words, '', this.reports));
      return;
    }
    if (!directives.taken) return;
    const [prefix, rest] = splitPrefix(words);
    const line = new Line(file, this.place.line, raw, rest, prefix, this.reports);
    const { errors } = this.reports;
    const opens = prefix === '' && this.sections.read(line);
    if (!opens) this.keywordLine(line, words);
    if (this.options.statements !== true || this.reports.errors !== errors) return;
    this.config.statements.push({ opens, prefix, words: rest.map((w) => w.text) });
  }

  private lexError(file: string, raw: string, error: LexError): void {
    const position = { file, line: this.place.line, column: error.column, length: 1 };
    let message = error.message;
    let tail = '';
    if (error.code !== 'too-many') {
      // The reference counts bytes.
      message = `${message} at position ${Buffer.byteLength(raw.slice(0, error.column - 1)) + 1}`;
      // The reference shows the line without its blanks in front.
      const body = raw.trimStart();
      const gone = raw.length - body.length;
      const shown = sourceAround(body, error.column - gone);
      tail = `:\n  ${shown.text}\n  ${' '.repeat(Math.max(0, error.column - gone - 1 - shown.shift))}^`;
    }
    this.reports.add('alert', `lex-${error.code}`, message, position, { form: 'tight', tail, source: raw });
  }

  private keywordLine(line: Line, words: readonly Word[]): void {
    const section = this.scope.section;
    if (section.ring !== null) {
      parseRingLine(line, section.ring, this.scope);
      return;
    }
    if (section.bit === 0) {
      if (section.kind !== '') return; // inside a section that was refused as a whole
      const nearest = nearestWord(words[0]!.text, SECTION_WORDS);
      const text = `unknown keyword '${clip(words[0]!.text)}' out of section.`;
      line.alert(0, 'unknown-keyword', text, {
        form: 'tight',
        nearest,
        expected: `a section: ${SECTION_WORDS.join(', ')}`,
      });
      return;
    }
    if (section.bit === SEC_GLOBAL) {
      this.dispatch(line, this.index.global, this.index.globalGroups, this.config.global, 'global');
    } else if (section.proxy !== null) {
      this.dispatch(line, this.index.proxy, this.index.proxyGroups, section.proxy, 'proxy');
    }
  }

  private dispatch<T, K extends LineKeyword<T>>(
    line: Line,
    index: KeywordIndex<K>,
    groups: ReadonlyMap<string, KeywordGroup>,
    target: T,
    where: 'global' | 'proxy',
  ): void {
    const entry = index.find(line.arg(0), line.arg(1));
    if (entry === undefined) {
      this.unknown(line, index, groups);
      return;
    }
    const two = entry.words.includes(' ');
    if (line.prefix !== '' && entry.negatable !== true) {
      if (line.arg(0) === 'option') {
        refuseNegation(line);
        return;
      }
      const text = `negation/default currently supported only for options, log, busy-polling, set-dumpable, strict-limits, insecure-fork-wanted and numa-cpu-mapping.`;
      line.alert(0, 'no-negation', text, { form: 'tight', keyword: entry.words });
      return;
    }
    if (!two) noteLimited(line, 0, entry.words, where, this.scope);
    if (entry.status === 'later') {
      statusOf(line, 0, entry, entry.words, this.scope);
      return;
    }
    const { errors } = this.reports;
    entry.parse?.(line, target, this.scope);
    if (entry.status === 'notice' && this.reports.errors === errors) statusOf(line, 0, entry, entry.words, this.scope);
  }

  private unknown<K extends { readonly words: string }>(
    line: Line,
    index: KeywordIndex<K>,
    groups: ReadonlyMap<string, KeywordGroup>,
  ): void {
    if (this.reports.full) {
      line.alert(0, 'unknown-keyword', 'unknown keyword');
      return;
    }
    const word = line.arg(0);
    const seconds = index.seconds(word);
    if (seconds !== undefined) {
      const nearest = nearestWord(line.arg(1), seconds);
      const group = groups.get(word);
      if (group !== undefined) {
        group.unknown(line, nearest, this.scope.section.proxy);
        return;
      }
      const list = seconds.map((s) => `'${s}'`).join(', ');
      line.alert(1, 'unknown-keyword', `'${word}' only supports ${list} (got '${clip(line.arg(1))}')`, {
        keyword: `${word} ${line.arg(1)}`,
        nearest,
        expected: list,
      });
      return;
    }
    const nearest = nearestWord(word, index.firstWords());
    const section = this.scope.section.kind;
    const text = `unknown keyword '${clip(word)}' in '${section}' section${didYouMean(nearest)}`;
    line.alert(0, 'unknown-keyword', text, { nearest, expected: `a keyword of the ${section} section` });
  }

  finish(): ConfigResult {
    const { config, reports, scope, options } = this;
    const read = reports.errors === 0;
    compileLogFormats(config, reports);
    resolveConfiguration(config, reports);
    // After errors, what is missing may only be what could not be read.
    if (read) verifyConfiguration(config, reports);
    if (options.transport !== undefined) {
      for (const r of checkLimits(scope.limited, options.transport.features, options.transport.name))
        addReport(reports, r);
    }
    this.fillSources();
    return {
      config,
      reports: reports.list,
      errors: reports.errors,
      warnings: reports.warnings,
      badFiles: this.badFiles,
      dropped: reports.dropped,
      limited: scope.limited,
    };
  }

  /** The lines of the reports that came after the reading. */
  private fillSources(): void {
    const lines = new Map<string, string[]>();
    for (const r of this.reports.list) {
      if (r.source !== '' || r.position === null) continue;
      const { file, line, column } = r.position;
      let split = lines.get(file);
      if (split === undefined) {
        split = (this.sources.get(file) ?? '').split('\n');
        lines.set(file, split);
      }
      const around = sourceAround(split[line - 1] ?? '', column);
      r.source = around.text;
      r.shift = around.shift;
    }
  }
}

function addReport(reports: Reports, r: Report): void {
  reports.add(r.severity, r.code, r.message, r.position, r);
}

/** Takes `no` and `default` off the front. */
function splitPrefix(words: readonly Word[]): [LinePrefix, readonly Word[]] {
  const first = words[0]!.text;
  if ((first === 'no' || first === 'default') && words.length > 1) return [first, words.slice(1)];
  return ['', words];
}
