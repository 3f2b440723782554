// Subcommands by name: sluice tcp, check, doctor, demo, help.
import { checkCommand } from './check.js';
import { helpText } from './help.js';

/** Runs subcommand `name`. Resolves to an exit status, or to null while it goes on serving. */
export async function runCommand(name: string, args: readonly string[]): Promise<number | null> {
  switch (name) {
    case 'help':
      process.stdout.write(helpText());
      return 0;
    case 'check': {
      const r = await checkCommand(args, { env: process.env, color: process.stderr.isTTY });
      process.stdout.write(r.stdout);
      process.stderr.write(r.stderr);
      return r.status;
    }
    default:
      process.stderr.write(`sluice: there is no command '${name}'\n\n${helpText()}`);
      return 1;
  }
}
