// The whole table of the runtime CLI (management manual 9.3), put together from the tables of the rooms, in the order of `help`.
import { statsCommands } from '../stats/cli.js';
import { counterCommands } from './counters-commands.js';
import { frontendCommands } from './frontends.js';
import { limitCommands } from './limits.js';
import { closingCommands, modeCommands, ownCommands } from './own.js';
import { processCommands } from './process-commands.js';
import { serverCommands } from './servers.js';
import { sessionCommands } from './sessions.js';
import { logCommands } from '../log/cli.js';
import { showFdCommands } from './show-fd.js';
import { showServersCommands } from './show-servers.js';
import type { CliCommand } from './types.js';
import { varCommands } from './vars.js';

const named: readonly CliCommand[] = [
  ...counterCommands,
  ...frontendCommands,
  ...limitCommands,
  ...logCommands,
  ...modeCommands,
  ...ownCommands,
  ...processCommands,
  ...serverCommands,
  ...sessionCommands,
  ...showFdCommands,
  ...showServersCommands,
  ...statsCommands,
  ...varCommands,
].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Every command there is. */
export const cliCommands: readonly CliCommand[] = [...named, ...closingCommands(() => cliCommands)];
