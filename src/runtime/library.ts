// The library's way in: configuration in, a proxy that can be started out. What belongs to the process (its user, its
// limits, its working directory, going to the background) is the embedder's, and refused here by name.
import { ConfigError } from '../config/error.js';
import type { GlobalKeyword, KeywordTables } from '../config/keyword.js';
import { keywordTables } from '../config/keywords/tables.js';
import { loadSources } from '../config/sources.js';
import type { ConfigSource, Configuration, Report } from '../config/types.js';
import { SluiceProxy } from '../extend/sluice-proxy.js';
import type { LogLine, SluiceOptions } from '../extend/types.js';
import { compile } from './compile.js';
import { Engine } from './engine.js';
import { logLibraryLine, openProcessLog, type ProcessLog } from './log.js';
import { forcedTransport } from './transport-wish.js';

/** Global keywords of a process that has nothing but the proxy in it. */
const OF_THE_PROCESS: readonly string[] = ['chroot', 'user', 'group', 'uid', 'gid', 'daemon', 'pidfile', 'ulimit-n'];

/** The program's keywords, with those that the embedder alone may use refused. */
const LIBRARY_TABLES: KeywordTables = { ...keywordTables, global: keywordTables.global.map(refused) };

function refused(keyword: GlobalKeyword): GlobalKeyword {
  if (!OF_THE_PROCESS.includes(keyword.words)) return keyword;
  return {
    ...keyword,
    status: 'implemented',
    parse: (line) => {
      const text = `'${line.arg(0)}' belongs to the process, not to a proxy inside it: not allowed in library mode`;
      line.alert(0, 'library', text, { keyword: line.arg(0), expected: 'the embedding program to do it' });
    },
  };
}

/**
 * Makes a TCP proxy from an HAProxy configuration. Nothing is read or opened until `start()`.
 *
 * Takes the configuration as text (`config`) or as files and directories (`file`). In library mode `chroot`, `user`,
 * `group`, `uid`, `gid`, `daemon`, `pidfile` and `ulimit-n` are configuration errors: they belong to the embedding process.
 * Signals and the exit are the embedder's as well. Nothing is printed unless `logLevel` asks for it; see also `onLog` and the events.
 *
 * Throws a TypeError unless exactly one of `config` and `file` is there; all else is told by `start()`.
 * @example
 * import { createProxy } from 'sluice';
 *
 * const proxy = createProxy({
 *   config: `
 *     listen web
 *       mode tcp
 *       bind 127.0.0.1:8080
 *       timeout connect 5s
 *       server one 127.0.0.1:9090
 *   `,
 * });
 * proxy.on('session', (s) => console.log(s.server, s.bytesIn, s.bytesOut));
 * await proxy.start();
 */
export function createProxy(options: SluiceOptions): SluiceProxy {
  if ((options.config === undefined) === (options.file === undefined)) {
    throw new TypeError('createProxy: give a configuration as `config` (text) or as `file`, one of the two');
  }
  const { onLog = null, logLevel = 'silent' } = options;
  let own: ProcessLog | null = null;
  const log =
    onLog === null && logLevel === 'silent'
      ? null
      : (line: LogLine): void => {
          onLog?.(line);
          if (own !== null) logLibraryLine(own, line);
        };
  return new SluiceProxy({
    signal: options.signal ?? null,
    log,
    start: async (crash) => {
      own = await openProcessLog(logLevel, 'sluice');
      const env = { ...(options.env ?? process.env) };
      const config = await read(options, env, log);
      const forced = forcedTransport(env);
      const engine = Engine.start(config, {
        transport: forced !== '' ? forced : (options.transport ?? ''),
        env,
        onCrash: crash,
        ...(options.arenaBytes === undefined ? {} : { arenaBytes: options.arenaBytes }),
      });
      if (log !== null) {
        engine.instance.onServerChange = (_px, level, message) => {
          log({ level: level === 'emerg' || level === 'alert' ? 'error' : 'notice', message, report: null });
        };
      }
      if (engine.notice !== '') log?.({ level: 'notice', message: engine.notice, report: null });
      return engine;
    },
  });
}

/** The checked configuration. Throws ConfigError. */
async function read(
  options: SluiceOptions,
  env: NodeJS.ProcessEnv,
  log: ((line: LogLine) => void) | null,
): Promise<Configuration> {
  const parsed = await compile(sourcesOf(options), {
    env,
    transport: options.transport ?? '',
    tables: LIBRARY_TABLES,
    portZero: options.allowPortZero === true,
  });
  if (parsed.errors > 0) throw new ConfigError(parsed.reports, parsed.errors);
  if (log !== null) {
    for (const report of parsed.reports) {
      const level = report.severity === 'warning' ? 'warning' : 'notice';
      log({ level, message: report.message, report });
    }
  }
  return parsed.config;
}

function sourcesOf(options: SluiceOptions): readonly ConfigSource[] {
  if (options.config !== undefined) return [{ name: 'config', text: options.config }];
  const loaded = loadSources(typeof options.file === 'string' ? [options.file] : options.file);
  if (loaded.errors.length > 0) throw new ConfigError(loaded.errors.map(unreadable), loaded.errors.length);
  return loaded.sources;
}

function unreadable(message: string): Report {
  return {
    severity: 'alert',
    fatal: true,
    form: 'bare',
    code: 'unreadable',
    message,
    tail: '',
    position: null,
    source: '',
    shift: 0,
    keyword: '',
    expected: '',
    nearest: '',
  };
}
