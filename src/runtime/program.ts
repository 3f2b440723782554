// The HAProxy command line: sluice -f haproxy.cfg. What it prints and how it ends is the reference's (management manual 3).
import { resolve } from 'node:path';
import { writeFileSync } from 'node:fs';
import { conditionStatus } from '../config/conditions.js';
import { systemHost } from '../config/host.js';
import { resolveHosts } from '../config/hosts.js';
import { type ConfigResult, parseConfiguration } from '../config/parser.js';
import {
  countListeners,
  haproxyLine,
  haproxyReport,
  type HaproxyPrint,
  haproxyVerdict,
} from '../config/print-haproxy.js';
import { configEnvironment, loadSources } from '../config/sources.js';
import { type HaproxyArgs, USAGE } from './args.js';
import { Engine, EngineStartError } from './engine.js';
import { computeMaxconn } from './limits.js';
import { conditionContext, HOST_NAME, lookAround, type Surroundings, transportReports } from './startup.js';
import { forcedTransport, TransportError } from './transport.js';
import { programVersion, versionDetails, versionText } from './version.js';

const out = (text: string): void => {
  process.stdout.write(text);
};
const err = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Runs the program. Resolves to an exit status, or to null while it goes on serving. */
export async function runProgram(args: HaproxyArgs): Promise<number | null> {
  const { env } = process;
  let around: Surroundings;
  try {
    around = lookAround(env);
  } catch (error) {
    return startFailed(error);
  }
  if (args.version !== 0) {
    out(args.version === 1 ? versionText() : details(around));
    return 0;
  }
  if (args.condition !== null) return condition(args, around);
  if (args.files.length === 0) {
    out(`${versionText()}\n${USAGE}`);
    return 1;
  }
  if (args.directory !== '') {
    try {
      process.chdir(args.directory);
    } catch (error) {
      err(
        haproxyLine(
          'alert',
          process.pid,
          `Could not change to directory ${args.directory} : ${(error as Error).message}`,
        ),
      );
      return 1;
    }
  }
  const print = (listeners: number): HaproxyPrint => ({
    pid: process.pid,
    version: programVersion(),
    executable: resolve(process.argv[1] ?? 'sluice'),
    zeroWarning: args.zeroWarning,
    listeners,
  });
  const parsed = await load(args, around, env);
  if (typeof parsed === 'number') return parsed;
  const { global } = parsed.config;
  const how = { ...print(countListeners(parsed)), zeroWarning: args.zeroWarning || global.zeroWarning };
  const quiet = (args.quiet || global.quiet) && !args.verbose;
  if (!quiet) for (const line of haproxyReport(parsed, how)) err(line);
  const verdict = haproxyVerdict(parsed, how);
  if (args.check) {
    if (!quiet) out(verdict.stdout);
    return verdict.status;
  }
  if (verdict.status !== 0) return verdict.status;
  return start(args, parsed, quiet);
}

/** Reads and checks the files. A number: exit status, all is said. */
async function load(args: HaproxyArgs, around: Surroundings, env: NodeJS.ProcessEnv): Promise<ConfigResult | number> {
  const loaded = loadSources(args.files);
  if (loaded.errors.length > 0) {
    err(haproxyLine('notice', process.pid, `haproxy version is ${programVersion()}`));
    err(haproxyLine('notice', process.pid, `path to executable is ${resolve(process.argv[1] ?? 'sluice')}`));
    for (const e of loaded.errors) err(haproxyLine('alert', process.pid, `config : ${e}`));
    return 1;
  }
  const parsed = parseConfiguration(loaded.sources, {
    env: configEnvironment(env, loaded.files, args.localpeer === '' ? HOST_NAME : args.localpeer, programVersion()),
    host: systemHost,
    conditions: conditionContext(around, args, env),
    diag: args.diag,
    lastLineFeed: true,
    defaultMaxconn: args.proxyMaxconn,
  });
  const more = parsed.errors === 0 ? [...(await resolveHosts(parsed.config))] : [];
  const wish = forcedTransport(env) !== '' ? forcedTransport(env) : parsed.config.global.tune.poller;
  const features = wish === 'js' ? around.features & ~0x7 : around.features;
  more.push(...transportReports(parsed.limited, features, wish === '' ? 'js' : wish));
  const { global } = parsed.config;
  if (args.maxconn !== 0) global.maxconn = args.maxconn;
  // -N is the built-in limit of frontends that set none.
  if (args.proxyMaxconn !== 0) for (const px of parsed.config.proxies) px.maxconn ||= args.proxyMaxconn;
  if (args.noSplice) global.noSplice = true;
  if (args.noReuseport) global.noReuseport = true;
  if (more.length === 0) return parsed;
  return { ...parsed, reports: [...parsed.reports, ...more], errors: parsed.errors + more.length };
}

function start(args: HaproxyArgs, parsed: ConfigResult, quiet: boolean): number | null {
  const { config } = parsed;
  let engine: Engine;
  try {
    engine = Engine.start(config, {
      transport: '',
      env: process.env,
      onCrash: (error) => {
        err(haproxyLine('alert', process.pid, `a session was ended by an internal error: ${stackOf(error)}`));
      },
    });
  } catch (error) {
    return startFailed(error);
  }
  if (engine.notice !== '' && !quiet) err(haproxyLine('notice', process.pid, engine.notice));
  const pidfile = args.pidfile !== '' ? args.pidfile : config.global.pidfile;
  if (pidfile !== '') {
    try {
      writeFileSync(pidfile, `${process.pid}\n`);
    } catch (error) {
      err(
        haproxyLine(
          'alert',
          process.pid,
          `[sluice.main()] Cannot create pidfile ${pidfile} (${(error as Error).message})`,
        ),
      );
      engine.dispose();
      return 1;
    }
  }
  if (args.debug && !quiet) {
    out(`Note: setting global.maxconn to ${computeMaxconn(config.global)}.\n`);
    out(`Using ${engine.thr.sys.name} as the polling mechanism.\n`);
  }
  signals(engine, config.global.hardStopAfterMs, quiet);
  return null;
}

/** SIGUSR1 stops softly. SIGINT and SIGTERM keep their default: the process dies by them, as the reference does. */
function signals(engine: Engine, hardStopMs: number, quiet: boolean): void {
  process.on('SIGUSR1', () => {
    if (!quiet)
      for (const px of engine.instance.proxies)
        err(
          haproxyLine(
            'warning',
            process.pid,
            `Stopping ${px.conf.kind === 'backend' ? 'backend' : 'frontend'} ${px.name} in 0 ms.`,
          ),
        );
    void engine.drain().then(() => {
      engine.dispose();
      process.exit(0);
    });
    if (hardStopMs !== 0) setTimeout(() => void engine.close().then(() => process.exit(0)), hardStopMs).unref();
  });
  process.on('SIGHUP', () => {
    for (const px of engine.instance.proxies)
      err(
        haproxyLine(
          'warning',
          process.pid,
          `Proxy ${px.name} has ${px.listeners.length} listeners, ${px.servers.length} servers.`,
        ),
      );
  });
  process.on('SIGPIPE', () => undefined);
}

function condition(args: HaproxyArgs, around: Surroundings): number {
  const r = conditionStatus(
    args.condition ?? '',
    (name) => process.env[name],
    conditionContext(around, args, process.env),
  );
  if (r.message !== '') {
    err(haproxyLine('notice', process.pid, `haproxy version is ${programVersion()}`));
    err(haproxyLine('notice', process.pid, `path to executable is ${resolve(process.argv[1] ?? 'sluice')}`));
    err(haproxyLine('alert', process.pid, r.message));
  }
  return r.status;
}

function details(around: Surroundings): string {
  const native = around.addon === null;
  const transports = [
    { name: 'epoll', failure: native ? around.reason : '' },
    { name: 'uring', failure: around.uring ? '' : native ? around.reason : 'refused by the system' },
    { name: 'js', failure: '' },
  ];
  const forced = forcedTransport(process.env);
  const chosen = forced !== '' ? forced : native ? 'js' : 'epoll';
  return versionDetails({ features: around.list, transports, chosen });
}

function startFailed(error: unknown): number {
  if (error instanceof EngineStartError) {
    for (const e of error.errors) {
      err(haproxyLine('alert', process.pid, `Starting ${e.kind} ${e.proxy}: ${e.message} [${e.address}]`));
    }
    err(haproxyLine('alert', process.pid, '[sluice.main()] Some protocols failed to start their listeners! Exiting.'));
    return 1;
  }
  if (error instanceof TransportError || (error instanceof Error && 'code' in error)) {
    err(haproxyLine('alert', process.pid, `[sluice.main()] ${error.message}`));
    return 1;
  }
  throw error;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
