// The configuration of the program: -f files read, checked and reported as the reference does (management manual 3).
import { systemHost } from '../config/host.js';
import { resolveHosts } from '../config/hosts.js';
import { checkLimits } from '../config/limits.js';
import { foregroundTables } from '../config/keywords/tables.js';
import { type ConfigResult, parseConfiguration } from '../config/parser.js';
import { countListeners, haproxyReport, type HaproxyPrint, haproxyVerdict } from '../config/print-haproxy.js';
import { configEnvironment, loadSources } from '../config/sources.js';
import { type HaproxyArgs, USAGE } from './args.js';
import { executable, sayReport, sayStart } from './messages.js';
import { conditionContext, HOST_NAME, type Surroundings } from './startup.js';
import { forcedTransport } from './transport-wish.js';
import { programVersion, versionText } from './version.js';

const out = (text: string): void => {
  process.stdout.write(text);
};

/** What was read, and whether nothing is to be printed any more. */
export interface ProgramConfig {
  readonly parsed: ConfigResult;
  readonly quiet: boolean;
}

/** Reads, checks and reports. A number: the exit status, all is said. */
export async function programConfig(args: HaproxyArgs, around: Surroundings): Promise<ProgramConfig | number> {
  const parsed = await load(args, around, process.env);
  if (typeof parsed === 'number') return parsed;
  const { global } = parsed.config;
  const how: HaproxyPrint = {
    pid: process.pid,
    version: programVersion(),
    executable: executable(),
    zeroWarning: args.zeroWarning || global.zeroWarning,
    listeners: countListeners(parsed),
  };
  const quiet = (args.quiet || global.quiet) && !args.verbose;
  if (!quiet) sayReport(haproxyReport(parsed, how));
  const verdict = haproxyVerdict(parsed, how);
  if (args.check) {
    if (!quiet) out(verdict.stdout);
    return verdict.status;
  }
  if (verdict.status === 2) {
    sayStart('alert', `[sluice.main()] No enabled listener found (check for 'bind' directives) ! Exiting.`);
    return 1;
  }
  return verdict.status !== 0 ? verdict.status : { parsed, quiet };
}

/** Reads and checks the files. A number: exit status, all is said. */
async function load(args: HaproxyArgs, around: Surroundings, env: NodeJS.ProcessEnv): Promise<ConfigResult | number> {
  const loaded = loadSources(args.files);
  if (loaded.errors.length > 0) {
    for (const e of loaded.errors) sayStart('alert', `config : ${e}`);
    return 1;
  }
  if (loaded.files.length === 0) {
    out(`${versionText()}\n${USAGE}`); // directories alone, with nothing in them
    return 1;
  }
  const parsed = parseConfiguration(loaded.sources, {
    env: configEnvironment(env, loaded.files, args.localpeer === '' ? HOST_NAME : args.localpeer, programVersion()),
    host: systemHost,
    conditions: conditionContext(around, args, env),
    // Kept in the foreground, `daemon` has nothing to do.
    ...(args.foreground || args.debug ? { tables: foregroundTables } : {}),
    diag: args.diag,
    lastLineFeed: true,
    defaultMaxconn: args.proxyMaxconn,
  });
  const more = parsed.errors === 0 ? [...(await resolveHosts(parsed.config))] : [];
  const wish = forcedTransport(env) !== '' ? forcedTransport(env) : parsed.config.global.tune.poller;
  const features = wish === 'js' ? around.features & ~0x7 : around.features;
  more.push(...checkLimits(parsed.limited, features, wish === '' ? 'js' : wish));
  const { global } = parsed.config;
  if (args.maxconn !== 0) global.maxconn = args.maxconn;
  // -N is the built-in limit of frontends that set none.
  if (args.proxyMaxconn !== 0) for (const px of parsed.config.proxies) px.maxconn ||= args.proxyMaxconn;
  if (args.noSplice) global.noSplice = true;
  if (args.noReuseport) global.noReuseport = true;
  if (more.length === 0) return parsed;
  return { ...parsed, reports: [...parsed.reports, ...more], errors: parsed.errors + more.length };
}
