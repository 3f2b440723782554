// The program at work: the engine started from a checked configuration, and the signals it obeys (management manual 4).
import { writeFileSync } from 'node:fs';
import type { ConfigResult } from '../config/parser.js';
import { haproxyLine } from '../config/print-haproxy.js';
import { unknownRings } from '../config/log-rings.js';
import type { HaproxyArgs } from './args.js';
import { Engine, EngineStartError } from './engine.js';
import { enterJail, processChroot, processIdentity, takeIdentity } from './identity.js';
import type { ChangeLevel } from '../proxy/proxy.js';
import { dumpStates } from './dump-states.js';
import { computeMaxconn } from './limits.js';
import { environmentFailed } from './startup.js';

const out = (text: string): void => {
  process.stdout.write(text);
};
const err = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Starts serving. Null; or an exit status, all is said. */
export function startProgram(args: HaproxyArgs, parsed: ConfigResult, quiet: boolean): number | null {
  const { config } = parsed;
  const unknown = unknownRings(config);
  for (const text of unknown) err(haproxyLine('alert', process.pid, `config : ${text}`));
  if (unknown.length > 0) return 1;
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
  const { chroot } = config.global;
  const jail = chroot === '' ? null : enterJail(chroot, processChroot(process.env));
  if (jail !== null) {
    err(haproxyLine('alert', process.pid, `[sluice.main()] ${jail.alert}`));
    err(haproxyLine('notice', process.pid, `chroot : ${jail.why}`));
    engine.dispose();
    return 1;
  }
  const refused = takeIdentity(config.global, processIdentity);
  if (refused !== '') {
    err(haproxyLine('alert', process.pid, `[sluice.main()] ${refused}`));
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

function warn(text: string): void {
  err(haproxyLine('warning', process.pid, text));
}

/** What changes while it runs, as the reference has it on stderr. */
function sayChange(level: ChangeLevel, message: string): void {
  if (level !== 'emerg') warn(message);
  else err(haproxyLine('alert', process.pid, message.replace(/^(\w+) (\S+)/, "$1 '$2'")));
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
  process.on('SIGPIPE', () => undefined);
}

function startFailed(error: unknown): number {
  if (error instanceof EngineStartError) {
    for (const e of error.errors) {
      err(haproxyLine('alert', process.pid, `Starting ${e.kind} ${e.proxy}: ${e.message} [${e.address}]`));
    }
    err(haproxyLine('alert', process.pid, '[sluice.main()] Some protocols failed to start their listeners! Exiting.'));
    return 1;
  }
  return environmentFailed(error);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
