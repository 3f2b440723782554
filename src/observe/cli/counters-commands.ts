// `clear counters` (management manual 9.3).
import { levelAllows, PERMISSION_DENIED } from './lookup.js';
import { DONE } from './message.js';
import type { CliAnswer, CliCall, CliCommand } from './types.js';

function clearCounters(call: CliCall): CliAnswer {
  const all = call.words[2] === 'all';
  if (all && !levelAllows(call.session.level, 'admin')) return PERMISSION_DENIED;
  const { instance } = call.env;
  for (const px of instance.proxies) {
    const lists = [px.fe, px.be, ...px.servers.map((s) => s.counters), ...px.listeners.map((l) => l.counters)];
    for (const c of lists) {
      if (all) c.clear();
      else c.clearMax();
    }
    px.feRate.max = 0;
    px.feConnRate.max = 0;
    px.beRate.max = 0;
    for (const s of px.servers) s.rate.max = 0;
  }
  instance.connRate.max = 0;
  instance.sessRate.max = 0;
  return DONE;
}

export const counterCommands: readonly CliCommand[] = [
  {
    name: 'clear counters',
    usage: 'clear counters [all]',
    help: 'clear max statistics counters (or all counters)',
    level: 'operator',
    run: clearCounters,
  },
];
