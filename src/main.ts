#!/usr/bin/env -S node --use-largepages=silent --max-semi-space-size=4
// The program. A first argument with a dash: HAProxy's command line; otherwise a subcommand.
// Suites start it by the hundred: what the arguments do not ask for is not loaded. Node's own code on large pages (where the
// system has them) saves some 8 % of the CPU of short connections: the kernel and the compiled code leave more of the caches. The
// young generation has 4 MiB: where it is filled too often, the connections of the moment are copied for nothing.
import { parseArgs, USAGE } from './runtime/args.js';

async function main(): Promise<void> {
  const args = parseArgs(process.argv.slice(2));
  let status: number | null;
  switch (args.kind) {
    case 'haproxy':
      status = await (await import('./runtime/program.js')).runProgram(args);
      break;
    case 'command':
      status = await (await import('./runtime/commands/run.js')).runCommand(args.name, args.args);
      break;
    case 'text':
      process.stdout.write(args.text);
      status = 0;
      break;
    case 'bad':
      if (args.message !== '') process.stderr.write(`${args.message}\n`);
      if (args.usage) {
        const { versionText } = await import('./runtime/version.js');
        process.stdout.write(`${versionText()}\n${USAGE}`);
      }
      status = 1;
      break;
  }
  if (status !== null) process.exitCode = status;
}

main().catch((error: unknown) => {
  // Too few descriptors to load the program with; anything else is a bug of ours, and told as node tells it.
  if (!(error instanceof Error && 'code' in error && error.code === 'EMFILE')) throw error;
  process.stderr.write(
    `[ALERT]    (${process.pid}) : [sluice.main()] Too many open files: please raise 'ulimit -n'.\n`,
  );
  process.exitCode = 1;
});
