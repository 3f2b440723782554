// The socket options that node:net knows. All others answer -ENOPROTOOPT, so that nobody takes them for set; the configuration
// words behind them are refused before (sys/limits.ts).

import { constants } from 'node:os';
import * as C from '../constants.js';
import { VS_LISTENING, vsTakeError, type VirtualSocket } from './virtual-socket.js';

export const ENOPROTOOPT = constants.errno.ENOPROTOOPT;
const SO_ERROR = process.platform === 'linux' ? 4 : 0x1007;

/** 0 or -ENOPROTOOPT. SO_REUSEADDR needs no doing: node sets it on whatever it binds. */
export function vsSetOption(vs: VirtualSocket, level: number, name: number, value: number): number {
  const tcp = level === C.IPPROTO_TCP && vs.family !== C.AF_UNIX;
  if (tcp && name === C.TCP_NODELAY) {
    vs.noDelay = value !== 0;
    vs.socket?.setNoDelay(vs.noDelay);
  } else if (level === C.SOL_SOCKET && name === C.SO_KEEPALIVE) {
    vs.keepAlive = value !== 0;
    vs.socket?.setKeepAlive(vs.keepAlive, vs.keepIdleMs);
  } else if (tcp && name === C.TCP_KEEPIDLE) {
    vs.keepIdleMs = value * 1000;
    if (vs.keepAlive) vs.socket?.setKeepAlive(true, vs.keepIdleMs);
  } else if (level === C.IPPROTO_IPV6 && name === C.IPV6_V6ONLY && vs.family === C.AF_INET6) {
    vs.v6Only = value !== 0;
  } else if (level !== C.SOL_SOCKET || name !== C.SO_REUSEADDR) {
    return -ENOPROTOOPT;
  }
  return 0;
}

/** The option's value as far as it is known here, or -ENOPROTOOPT. SO_ERROR takes the error, as in a kernel. */
export function vsGetOption(vs: VirtualSocket, level: number, name: number): number {
  if (level === C.IPPROTO_TCP && name === C.TCP_NODELAY) return vs.noDelay ? 1 : 0;
  if (level === C.IPPROTO_IPV6 && name === C.IPV6_V6ONLY) return vs.v6Only ? 1 : 0;
  if (level !== C.SOL_SOCKET) return -ENOPROTOOPT;
  switch (name) {
    case C.SO_TYPE:
      return C.SOCK_STREAM;
    case C.SO_REUSEADDR:
      return 1;
    case C.SO_KEEPALIVE:
      return vs.keepAlive ? 1 : 0;
    case C.SO_ACCEPTCONN:
      return vs.state === VS_LISTENING ? 1 : 0;
    case SO_ERROR:
      return vsTakeError(vs);
    default:
      return -ENOPROTOOPT;
  }
}
