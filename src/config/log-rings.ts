// Log targets that name a ring which is not there: told at the start, as the reference does; -c does not look.

import type { Configuration, LogTargetConf } from './types.js';

/** A text for each such target. */
export function unknownRings(config: Configuration): string[] {
  const names = new Set(config.rings.map((r) => `ring@${r.name}`));
  const missing = (l: LogTargetConf): boolean => l.target.startsWith('ring@') && !names.has(l.target);
  const said = (l: LogTargetConf, who: string): string => {
    const ring = l.target.slice('ring@'.length);
    return `${who} in file '${l.position.file}' at line ${l.position.line} uses unknown ring named '${ring}'.`;
  };
  const lines = config.global.logs.filter(missing).map((l) => said(l, 'global log server declared'));
  for (const px of config.proxies) {
    const logs = px.logs.flatMap((l) => (l.global ? config.global.logs : [l]));
    for (const l of logs) if (missing(l)) lines.push(said(l, `log server declared in proxy section '${px.name}'`));
  }
  return lines;
}
