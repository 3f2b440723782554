// Configuration text to a checked configuration, for faces that build or embed one: subcommands and the library.
import { systemHost } from '../config/host.js';
import { resolveHosts } from '../config/hosts.js';
import type { KeywordTables } from '../config/keyword.js';
import { checkLimits } from '../config/limits.js';
import { type ConfigResult, parseConfiguration } from '../config/parser.js';
import { configEnvironment } from '../config/sources.js';
import type { ConfigSource } from '../config/types.js';
import { JS_FEATURES } from '../sys/js/features.js';
import type { Switches } from './features.js';
import { conditionContext, HOST_NAME, lookAround } from './startup.js';
import { forcedTransport, type TransportWish } from './transport-wish.js';
import { programVersion } from './version.js';

export interface CompileOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Transport asked for by the caller; '' leaves it to the environment and the configuration. */
  readonly transport: TransportWish;
  /** Keyword tables other than the program's. */
  readonly tables?: KeywordTables;
  /** `bind` takes port 0. */
  readonly portZero?: boolean;
}

/** Nothing is switched off: there is no command line. */
export const NO_SWITCHES: Switches = {
  noEpoll: false,
  noPoll: false,
  noKqueue: false,
  noSplice: false,
  noGetaddrinfo: false,
  noReuseport: false,
};

/**
 * Parses, resolves host names and checks against what the transport can do. Never throws for the text: look at `errors`.
 * Throws TransportError or NativeAddonError where the environment contradicts itself.
 */
export async function compile(sources: readonly ConfigSource[], options: CompileOptions): Promise<ConfigResult> {
  const { env } = options;
  const forced = forcedTransport(env) !== '' ? forcedTransport(env) : options.transport;
  const around = lookAround(forced === '' ? env : { ...env, SLUICE_TRANSPORT: forced });
  const files = sources.map((s) => s.name);
  const parsed = parseConfiguration(sources, {
    env: configEnvironment(env, files, HOST_NAME, programVersion()),
    host: systemHost,
    conditions: conditionContext(around, NO_SWITCHES, env),
    portZero: options.portZero === true,
    ...(options.tables === undefined ? {} : { tables: options.tables }),
  });
  const wish = forced !== '' ? forced : parsed.config.global.tune.poller;
  const features = wish === 'js' ? JS_FEATURES : around.features;
  const more = parsed.errors === 0 ? [...(await resolveHosts(parsed.config))] : [];
  const name = around.addon === null ? 'js' : wish === '' ? 'epoll' : wish;
  more.push(...checkLimits(parsed.limited, features, name));
  if (more.length === 0) return parsed;
  return { ...parsed, reports: [...parsed.reports, ...more], errors: parsed.errors + more.length };
}
