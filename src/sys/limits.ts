// What not every transport can do (contract C31), in one list: configuration words that need SYS_F_* bits beyond plain
// sockets. Met under a transport without them, such a word is a configuration error that names it; it is never ignored.
//
// For the user: the `js` transport (no addon: another platform, or SLUICE_TRANSPORT=js) runs over node's own sockets. It
// forwards, balances, checks and logs like the others, but it cannot
//  - keep payload in the kernel: `option splice-auto`, `splice-request`, `splice-response`, `maxpipes`, `tune.pipesize`;
//  - bind to a network interface or to an address that is not its own: `interface`, `transparent`, `usesrc`, `namespace`;
//  - set socket options that node does not know: `tcp-ut`, `defer-accept`, `mss`, `tfo`, `tune.rcvbuf.*`, `tune.sndbuf.*`,
//    and count and interval of keep-alive probes (`clitcpka-cnt`, `clitcpka-intvl`, `srvtcpka-cnt`, `srvtcpka-intvl`; the
//    idle time can be set).
// A configuration that serves both asks first: `.if feature(LINUX_SPLICE)` … `.endif`, with the feature named here. Where
// HAProxy has no feature for a word, its nearest neighbour answers for it: TFO for options of the TCP socket, LINUX_TPROXY for
// what binds elsewhere.

import { SYS_F_ABSTRACT, SYS_F_BINDDEV, SYS_F_SOCKOPT, SYS_F_SPLICE } from './types.js';

export interface Limit {
  /** The word as it stands in the file: after `option` for `option`, else the keyword or argument itself. */
  readonly word: string;
  /** On a `bind` line, on a `server` or `default-server` line, a keyword of a proxy section or of `global`, after `option`. */
  readonly where: 'bind' | 'server' | 'proxy' | 'global' | 'option';
  /** SYS_F_* bits that must all be there. */
  readonly needs: number;
  /** `feature(…)` that is false where they are not; '' where HAProxy always has it. */
  readonly feature: string;
}

export const LIMITS: readonly Limit[] = [
  { word: 'splice-auto', where: 'option', needs: SYS_F_SPLICE, feature: 'LINUX_SPLICE' },
  { word: 'splice-request', where: 'option', needs: SYS_F_SPLICE, feature: 'LINUX_SPLICE' },
  { word: 'splice-response', where: 'option', needs: SYS_F_SPLICE, feature: 'LINUX_SPLICE' },
  { word: 'maxpipes', where: 'global', needs: SYS_F_SPLICE, feature: 'LINUX_SPLICE' },
  { word: 'tune.pipesize', where: 'global', needs: SYS_F_SPLICE, feature: 'LINUX_SPLICE' },

  { word: 'interface', where: 'bind', needs: SYS_F_BINDDEV, feature: 'LINUX_TPROXY' },
  { word: 'interface', where: 'server', needs: SYS_F_BINDDEV, feature: 'LINUX_TPROXY' },
  { word: 'interface', where: 'proxy', needs: SYS_F_BINDDEV, feature: 'LINUX_TPROXY' },
  { word: 'transparent', where: 'bind', needs: SYS_F_BINDDEV, feature: 'LINUX_TPROXY' },
  { word: 'usesrc', where: 'server', needs: SYS_F_BINDDEV, feature: 'LINUX_TPROXY' },
  { word: 'usesrc', where: 'proxy', needs: SYS_F_BINDDEV, feature: 'LINUX_TPROXY' },
  { word: 'namespace', where: 'bind', needs: SYS_F_BINDDEV, feature: 'NS' },
  { word: 'namespace', where: 'server', needs: SYS_F_BINDDEV, feature: 'NS' },

  { word: 'tfo', where: 'bind', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'tfo', where: 'server', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'tcp-ut', where: 'bind', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'tcp-ut', where: 'server', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'defer-accept', where: 'bind', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'mss', where: 'bind', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'tune.rcvbuf.client', where: 'global', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'tune.rcvbuf.server', where: 'global', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'tune.sndbuf.client', where: 'global', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'tune.sndbuf.server', where: 'global', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'clitcpka-cnt', where: 'proxy', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'clitcpka-intvl', where: 'proxy', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'srvtcpka-cnt', where: 'proxy', needs: SYS_F_SOCKOPT, feature: 'TFO' },
  { word: 'srvtcpka-intvl', where: 'proxy', needs: SYS_F_SOCKOPT, feature: 'TFO' },

  { word: 'abns@', where: 'bind', needs: SYS_F_ABSTRACT, feature: '' },
  { word: 'abns@', where: 'server', needs: SYS_F_ABSTRACT, feature: '' },
];

/** HAProxy's feature names that answer false under a transport with these SYS_F_* bits. */
export function absentFeatures(features: number): ReadonlySet<string> {
  const absent = new Set<string>();
  for (const { needs, feature } of LIMITS) if (feature !== '' && (features & needs) !== needs) absent.add(feature);
  // These two say the same of a build as their neighbour.
  if (absent.has('LINUX_TPROXY')) absent.add('TPROXY').add('NETFILTER');
  return absent;
}
