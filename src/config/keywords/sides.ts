// Keywords of one side of a proxy in a section that has only the other: the reference's warnings, and its names for kinds.

import type { Line } from '../line.js';
import { PR_CAP_BE, PR_CAP_DEF, PR_CAP_FE, type ProxyConf } from '../types.js';

/** 'frontend', 'backend', 'proxy' (a listen), 'defaults'. */
export function proxyTypeName(px: ProxyConf): string {
  return px.kind === 'listen' ? 'proxy' : px.kind;
}

function capName(cap: number): string {
  return cap === PR_CAP_BE ? 'backend' : 'frontend';
}

/** True after the warning that the line is ignored: the proxy lacks `cap`. */
export function ignoredHere(line: Line, px: ProxyConf, cap: number, what = line.arg(0), hint = ''): boolean {
  if ((px.caps & cap) !== 0) return false;
  const who = `${proxyTypeName(px)} '${px.name}' has no ${capName(cap)} capability.${hint}`;
  line.warning(0, 'wrong-section', `'${what}' ignored because ${who}`);
  return true;
}

/** The same for settings that are kept all the same. */
export function uselessHere(line: Line, px: ProxyConf, cap: number, what: string): void {
  if ((px.caps & cap) !== 0) return;
  const who = `${proxyTypeName(px)} '${px.name}' has no ${capName(cap)} capability`;
  line.warning(0, 'wrong-section', `${what} will be ignored because ${who}`);
}

/** True after the error that the line cannot stand in this section. */
export function notAllowed(line: Line, px: ProxyConf, cap: number, form: 'parsing' | 'bracket'): boolean {
  const word = line.arg(0);
  if ((px.caps & PR_CAP_DEF) !== 0) {
    line.alert(0, 'wrong-section', `'${word}' not allowed in 'defaults' section.`, { form });
    return true;
  }
  if ((px.caps & cap) !== 0) return false;
  const text = `'${word}' not allowed because ${proxyTypeName(px)} '${px.name}' has no ${capName(cap)} capability.`;
  line.alert(0, 'wrong-section', text);
  return true;
}

export { PR_CAP_BE, PR_CAP_DEF, PR_CAP_FE };
