// The program at work: the engine started from a checked configuration, and the signals it obeys (management manual 4).
import { writeFileSync } from 'node:fs';
import type { ConfigResult } from '../config/parser.js';
import type { Configuration } from '../config/types.js';
import { poolsText } from '../observe/cli/process-commands.js';
import { unknownRings } from '../config/log-rings.js';
import type { HaproxyArgs } from './args.js';
import { Engine, EngineStartError } from './engine.js';
import { enterJail, processChroot, processIdentity, takeIdentity } from './identity.js';
import type { ChangeLevel } from '../proxy/proxy.js';
import { say, sayStart } from './messages.js';
import { systemText } from '../config/sources.js';
import { dumpStates } from './dump-states.js';
import { computeMaxconn, descriptorLimit, descriptorsNeeded } from './limits.js';
import { pauseAll, resumeAll } from './pause.js';
import { environmentFailed } from './startup.js';

const out = (text: string): void => {
  process.stdout.write(text);
};

/** Starts serving. Null; or an exit status, all is said. */
export function startProgram(args: HaproxyArgs, parsed: ConfigResult, quiet: boolean): number | null {
  const { config } = parsed;
  outputMayFail();
  const unknown = unknownRings(config);
  for (const text of unknown) sayStart('alert', `config : ${text}`);
  if (unknown.length > 0) return 1;
  if (!descriptorsSuffice(config)) return 1;
  let engine: Engine;
  try {
    engine = Engine.start(config, {
      transport: '',
      env: process.env,
      onCrash: (error) => {
        say('alert', `a session was ended by an internal error: ${stackOf(error)}`);
      },
    });
  } catch (error) {
    return startFailed(error);
  }
  if (engine.notice !== '' && !quiet) say('notice', engine.notice);
  const pidfile = args.pidfile !== '' ? args.pidfile : config.global.pidfile;
  if (pidfile !== '') {
    try {
      writeFileSync(
        pidfile,
        `${process.pid}
`,
      );
    } catch (error) {
      // In the foreground the reference makes none, and so does not mind.
      if (!quiet) say('notice', `[sluice.main()] Cannot create pidfile ${pidfile} : ${systemText(error)}`);
    }
  }
  const { chroot } = config.global;
  const jail = chroot === '' ? null : enterJail(chroot, processChroot(process.env));
  if (jail !== null) {
    sayStart('alert', `[sluice.main()] ${jail.alert}`);
    say('notice', `chroot : ${jail.why}`);
    engine.dispose();
    return 1;
  }
  const refused = takeIdentity(config.global, processIdentity);
  if (refused !== '') {
    sayStart('alert', `[sluice.main()] ${refused}`);
    engine.dispose();
    return 1;
  }
  if (args.debug && !quiet) {
    out(`Note: setting global.maxconn to ${computeMaxconn(config.global)}.\n`);
    out(`Using ${engine.thr.sys.name} as the polling mechanism.\n`);
  }
  if (!quiet)
    engine.instance.onServerChange = (_px, level, message) => {
      sayChange(level, message);
    };
  signals(engine, config.global.hardStopAfterMs, quiet);
  return null;
}

/** Whether the limit of descriptors allows what the configuration may need; without `strict-limits` it is only told. */
function descriptorsSuffice(config: Configuration): boolean {
  const limit = descriptorLimit();
  const needed = descriptorsNeeded(config);
  if (config.global.maxconn === 0 || limit < 0 || needed <= limit) return true; // not set, it follows from the limit
  const text = `[sluice.main()] Cannot raise FD limit to ${needed}, limit is ${limit}.`;
  sayStart(config.global.strictLimits ? 'alert' : 'warning', text);
  if (config.global.strictLimits) return false;
  const advice = `Please raise 'ulimit-n' to ${needed} or more to avoid any trouble.`;
  const what = `maxconn=${computeMaxconn(config.global)}/maxsock=${needed}`;
  say('alert', `[sluice.main()] FD limit (${limit}) too low for ${what}. ${advice}`);
  return true;
}

function warn(text: string): void {
  say('warning', text);
}

/** What changes while it runs, as the reference has it on stderr. */
function sayChange(level: ChangeLevel, message: string): void {
  if (level !== 'emerg') warn(message);
  else say('alert', message.replace(/^(\w+) (\S+)/, "$1 '$2'"));
}

/** SIGUSR1 stops softly. SIGINT and SIGTERM keep their default: the process dies by them, as the reference does. */
function signals(engine: Engine, hardStopMs: number, quiet: boolean): void {
  process.on('SIGUSR1', () => {
    const said = engine.instance.ending().map((px) => px.stoppedText);
    if (!quiet && !engine.instance.stopping) for (const text of said) warn(text);
    void engine.drain().then(() => {
      engine.dispose();
      process.exit(0);
    });
    if (hardStopMs !== 0) setTimeout(() => void engine.close().then(() => process.exit(0)), hardStopMs).unref();
  });
  process.on('SIGHUP', () => {
    for (const text of dumpStates(engine.instance)) if (!quiet) warn(text);
  });
  process.on('SIGTTOU', () => {
    for (const text of pauseAll(engine.instance)) if (!quiet) warn(text);
  });
  process.on('SIGTTIN', () => {
    for (const text of resumeAll(engine.instance)) if (!quiet) warn(text);
  });
  process.on('SIGQUIT', () => {
    process.stderr.write(poolsText(engine.thr));
  });
  // What would end it by default: those of a master process, of time-outs, of pipes.
  for (const name of ['SIGPIPE', 'SIGUSR2', 'SIGALRM'] as const) process.on(name, () => undefined);
}

/** Nobody may read what it says any more (a pipe that was closed, a full disk): that ends nothing. */
function outputMayFail(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

function startFailed(error: unknown): number {
  if (error instanceof EngineStartError) {
    for (const e of error.errors) {
      const { file, line } = e.position;
      sayStart('alert', `Binding [${file}:${line}] for ${e.kind} ${e.proxy}: ${e.message} ${shown(e.address)}`);
    }
    sayStart('alert', '[sluice.main()] Some protocols failed to start their listeners! Exiting.');
    return 1;
  }
  return environmentFailed(error);
}

/** An address as the reference has it in these messages. */
function shown(address: string): string {
  if (address.startsWith('unix:')) return `[${address.slice('unix:'.length)}]`;
  if (address.startsWith('abns@')) return `[${address}]`;
  return `for [${address.replace(/^\[(.*)\](?=:\d+$)/, '$1')}]`;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
