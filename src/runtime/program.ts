// The HAProxy command line: sluice -f haproxy.cfg. What it prints and how it ends is the reference's (management manual 3).
// Each step loads the modules it needs: -v and -cc run without the configuration's, -c without the datapath's.
import { resolve } from 'node:path';
import { conditionStatus } from '../config/conditions.js';
import { haproxyLine } from '../config/print-haproxy.js';
import { systemText } from '../config/sources.js';
import { type HaproxyArgs, USAGE } from './args.js';
import { conditionContext, environmentFailed, lookAround, type Surroundings } from './startup.js';
import { forcedTransport } from './transport-wish.js';
import { programVersion, versionDetails, versionText } from './version.js';

const out = (text: string): void => {
  process.stdout.write(text);
};
const err = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Runs the program. Resolves to an exit status, or to null while it goes on serving. */
export async function runProgram(args: HaproxyArgs): Promise<number | null> {
  let around: Surroundings;
  try {
    around = lookAround(process.env);
  } catch (error) {
    return environmentFailed(error);
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
      err(haproxyLine('alert', process.pid, `Could not change to directory ${args.directory} : ${systemText(error)}`));
      return 1;
    }
  }
  const { programConfig } = await import('./program-config.js');
  const config = await programConfig(args, around);
  if (typeof config === 'number') return config;
  const { startProgram } = await import('./program-start.js');
  return startProgram(args, config.parsed, config.quiet);
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
