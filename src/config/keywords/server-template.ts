// `server-template`: many servers from one line (configuration manual 4.2).

import type { Line } from '../line.js';
import { clip } from '../reports.js';
import type { Scope } from '../scope.js';
import type { ProxyConf } from '../types.js';
import { readInt } from '../values.js';
import { badNameCharacter, readServer } from './server.js';
import { PR_CAP_BE, notAllowed } from './sides.js';

/** More than that is a mistake in a number, not a farm: each server has its own counters, tables and memory. */
const SERVERS_MAX = 65535;

export function parseServerTemplate(line: Line, px: ProxyConf, scope: Scope): void {
  if (notAllowed(line, px, PR_CAP_BE, 'bracket')) return;
  const [prefix, numbers] = [line.arg(1), line.arg(2)];
  if (prefix === '' || numbers === '' || line.arg(3) === '') {
    const text = `'server-template' expects <prefix> <nb | range> <addr>[:<port>] as arguments.`;
    line.alert(line.count, 'missing-argument', text, { form: 'bracket' });
    return;
  }
  const bad = badNameCharacter(prefix);
  if (bad !== '') {
    const text = `character '${bad}' is not permitted in server-template prefix '${clip(prefix)}'.`;
    line.alert(1, 'bad-name', text, { form: 'bracket' });
    return;
  }
  const range = rangeOf(numbers);
  if (range === null) {
    const text = `Wrong server-template number or range arg '${clip(numbers)}'.`;
    line.alert(2, 'bad-number', text, { form: 'bracket', expected: 'a number above 0, or LOW-HIGH' });
    return;
  }
  const [low, high] = range;
  if (high - low >= SERVERS_MAX) {
    const text = `'server-template' makes ${high - low + 1} servers, more than ${SERVERS_MAX}.`;
    line.alert(2, 'bad-number', text, { form: 'bracket' });
    return;
  }
  const model = readServer(line, px, '(null)', 3, scope);
  if (model === null) return;
  for (let n = low; n <= high; n++) {
    const name = `${prefix}${n}`;
    // The number of the line is the first one's.
    px.servers.push({ ...model, name, id: n === low ? model.id : 0, address: { ...model.address } });
  }
}

/** `N`: 1 to N; `LOW-HIGH`; null for anything else. What follows a number is not looked at, as with the reference. */
function rangeOf(text: string): readonly [number, number] | null {
  const dash = text.indexOf('-');
  if (dash < 0) {
    const n = readInt(text).value;
    return n > 0 ? [1, n] : null;
  }
  const low = readInt(text.slice(0, dash)).value;
  const high = readInt(text.slice(dash + 1)).value;
  return low > 0 && high >= low ? [low, high] : null;
}
