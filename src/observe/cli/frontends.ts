// Frontends that are paused, resumed and ended by hand (management manual 9.3, "disable frontend" and others).
import { LI_CLOSED, LI_PAUSED } from '../../datapath/proto/listener.js';
import type { Proxy } from '../../proxy/proxy.js';
import { frontendOf } from './find.js';
import { cliErr, DONE, isMessage } from './message.js';
import type { CliAnswer, CliCall, CliCommand } from './types.js';

/** All its sockets were closed: it never comes back. */
const isOver = (px: Proxy): boolean => px.listeners.length > 0 && px.listeners.every((l) => l.state === LI_CLOSED);

const kindOf = (px: Proxy): string => (px.conf.kind === 'listen' ? 'proxy' : 'frontend');

function disable(call: CliCall): CliAnswer {
  const px = frontendOf(call, call.words[2]);
  if (isMessage(px)) return px;
  if (isOver(px)) return cliErr('Frontend was previously shut down, cannot disable.\n');
  const open = px.listeners.filter((l) => l.state !== LI_PAUSED && l.state !== LI_CLOSED);
  if (open.length === 0) return cliErr('All sockets are already disabled.\n');
  for (const l of open) l.pause();
  px.host?.changed(px, 'warning', `Paused ${kindOf(px)} ${px.name}.`);
  return DONE;
}

function enable(call: CliCall): CliAnswer {
  const px = frontendOf(call, call.words[2]);
  if (isMessage(px)) return px;
  if (isOver(px)) return cliErr('Frontend was previously shut down, cannot enable.\n');
  const paused = px.listeners.filter((l) => l.state === LI_PAUSED);
  if (paused.length === 0) return cliErr('All sockets are already enabled.\n');
  const busy = paused.filter((l) => !l.unpause());
  if (busy.length > 0) return cliErr('Failed to resume frontend, check logs for precise cause (port conflict?).\n');
  px.host?.changed(px, 'warning', `Resumed ${kindOf(px)} ${px.name}.`);
  return DONE;
}

function shutdown(call: CliCall): CliAnswer {
  const px = frontendOf(call, call.words[2]);
  if (isMessage(px)) return px;
  if (isOver(px)) return cliErr('Frontend was already shut down.\n');
  for (const l of px.listeners) l.close();
  px.host?.changed(px, 'warning', px.stoppedText);
  return DONE;
}

export const frontendCommands: readonly CliCommand[] = [
  {
    name: 'disable frontend',
    usage: 'disable frontend <frontend>',
    help: 'temporarily disable specific frontend',
    level: 'admin',
    run: disable,
  },
  {
    name: 'enable frontend',
    usage: 'enable frontend <frontend>',
    help: 're-enable specific frontend',
    level: 'admin',
    run: enable,
  },
  {
    name: 'shutdown frontend',
    usage: 'shutdown frontend <frontend>',
    help: 'stop a specific frontend',
    level: 'admin',
    run: shutdown,
  },
];
