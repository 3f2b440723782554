// `init-addr` (configuration manual 5.2): where a server's address comes from at the start, when its line has a name.

import { isIPv4, isIPv6 } from 'node:net';
import { ipv4Bytes, ipv6Bytes } from './address.js';
import type { AddressConf, ServerConf } from './types.js';

/** What becomes of a server whose name is not known (any more): its `address` is set, it starts unresolved, or neither. */
export type InitAddr = 'address' | 'none' | 'fail';

const METHODS_DEFAULT = ['last', 'libc'];

/** Methods of `init-addr`, checked: '' or the reference's text of the mistake. */
export function initAddrMistake(methods: readonly string[]): string {
  let address = '';
  for (const m of methods) {
    if (m === '' || m === 'libc' || m === 'last' || m === 'none') continue;
    if (ipOf(m) === null)
      return `'init-addr' : unknown init-addr method '${m}', supported methods are 'libc', 'last', 'none'.`;
    if (address !== '') return `'init-addr' : initial address already specified, cannot add '${m}'.`;
    address = m;
  }
  return '';
}

/** True when the system's resolver is to be asked before anything else answers; `last` never does: there is no state file. */
export function asksResolver(s: ServerConf): boolean {
  return methodsUpTo(s, true).at(-1) === 'libc';
}

/** What the methods say before (`failed` false) or after the resolver was asked in vain. */
export function initAddress(s: ServerConf, failed: boolean): InitAddr {
  const methods = failed ? methodsUpTo(s, false) : methodsUpTo(s, true);
  for (const m of methods) {
    if (m === 'none') return 'none';
    const ip = ipOf(m);
    if (ip === null) continue;
    s.address.ip = ip;
    s.address.family = ip.length === 4 ? 'ipv4' : 'ipv6';
    return 'address';
  }
  return 'fail';
}

/** Methods up to `libc` and with it, or those behind it. */
function methodsUpTo(s: ServerConf, before: boolean): readonly string[] {
  const methods = s.initAddr ?? METHODS_DEFAULT;
  const libc = methods.indexOf('libc');
  if (before) {
    const until = methods.findIndex((m) => m === 'libc' || m === 'none' || ipOf(m) !== null);
    return until < 0 ? methods : methods.slice(0, until + 1);
  }
  return libc < 0 ? [] : methods.slice(libc + 1);
}

function ipOf(text: string): AddressConf['ip'] {
  if (isIPv4(text)) return ipv4Bytes(text);
  return isIPv6(text) ? ipv6Bytes(text) : null;
}
