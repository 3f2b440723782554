// Subcommands by name: sluice tcp, check, doc, doctor, demo, help.
import { nearestWord } from '../../config/nearest.js';
import { NO_SWITCHES } from '../compile.js';
import { conditionContext, lookAround } from '../startup.js';
import { forcedTransport } from '../transport-wish.js';
import { type CheckContext, checkCommand } from './check.js';
import { demoCommand } from './demo.js';
import { doctorCommand } from './doctor.js';
import { COMMANDS, helpText } from './help.js';
import { tcpCommand } from './tcp.js';

/** Runs subcommand `name`. Resolves to an exit status, or to null while it goes on serving. */
export async function runCommand(name: string, args: readonly string[]): Promise<number | null> {
  switch (name) {
    case 'help':
      process.stdout.write(helpText());
      return 0;
    case 'tcp':
      return tcpCommand(args, process.env);
    case 'check':
      return check(args);
    case 'doc':
      return doc(args);
    case 'doctor':
      return doctorCommand(args, process.env);
    case 'demo':
      return demoCommand(args, process.env);
    default: {
      const known = COMMANDS.map((c) => c.name);
      const near = nearestWord(name, known);
      const hint = near === '' ? `there are ${known.join(', ')}` : `did you mean '${near}'?`;
      process.stderr.write(`sluice: there is no command '${name}'; ${hint} (sluice --help)\n`);
      return 1;
    }
  }
}

async function doc(args: readonly string[]): Promise<number> {
  const { docCommand } = await import('./doc.js');
  const r = docCommand(args);
  process.stdout.write(r.stdout);
  process.stderr.write(r.stderr);
  return r.status;
}

async function check(args: readonly string[]): Promise<number> {
  let options: CheckContext['options'];
  try {
    options = checkOptions(process.env);
  } catch (error) {
    process.stderr.write(`sluice check: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const r = await checkCommand(args, { env: process.env, terminal: process.stderr.isTTY, options });
  process.stdout.write(r.stdout);
  process.stderr.write(r.stderr);
  return r.status;
}

/** What `.if` asks and what the transport that would serve can do. Throws where the environment contradicts itself. */
function checkOptions(env: NodeJS.ProcessEnv): NonNullable<CheckContext['options']> {
  const around = lookAround(env);
  const forced = forcedTransport(env);
  const name = around.addon === null ? 'js' : forced === '' ? 'epoll' : forced;
  return {
    conditions: conditionContext(around, NO_SWITCHES, env),
    transport: { features: around.features, name },
  };
}
