// Where a virtual socket's two ends are, and what an inherited descriptor is.

import { fstatSync, readFileSync } from 'node:fs';
import type net from 'node:net';
import { AF_UNIX } from '../constants.js';
import { ipAddr, unixAddr, type NetAddr } from './address.js';
import type { VirtualSocket } from './virtual-socket.js';

export function tcpConnectOptions(vs: VirtualSocket, addr: NetAddr): net.TcpSocketConnectOpts {
  const how: net.TcpSocketConnectOpts = {
    host: addr.host,
    port: addr.port,
    autoSelectFamily: false,
    noDelay: vs.noDelay,
  };
  if (vs.keepAlive) {
    how.keepAlive = true;
    how.keepAliveInitialDelay = vs.keepIdleMs;
  }
  if (vs.local !== null) {
    how.localAddress = vs.local.host;
    if (vs.local.port !== 0) how.localPort = vs.local.port;
  }
  return how;
}

export function serverAddr(server: net.Server): NetAddr {
  const at = server.address();
  if (at === null || typeof at === 'string') return unixAddr(at ?? '');
  return ipAddr(at.address, at.port)!;
}

export function localAddr(vs: VirtualSocket): NetAddr {
  if (vs.family === AF_UNIX) return vs.local ?? unixAddr('');
  if (vs.server !== null) return serverAddr(vs.server);
  const known = ipAddr(vs.socket?.localAddress, vs.socket?.localPort) ?? vs.local;
  if (known === null) return { family: vs.family, host: '', port: 0, path: '' };
  vs.local = known;
  return known;
}

/**
 * True when the stream socket `fd` listens. node has no getsockopt, and `listen` on a connected one would close it: so Linux
 * is asked for the state by the socket's inode (proc(5), net/tcp: state 0A; net/unix: flag __SO_ACCEPTCON). Elsewhere, and
 * where the tables can't be read, a listener is assumed.
 */
export function listensAlready(fd: number): boolean {
  try {
    const inode = String(fstatSync(fd).ino);
    for (const file of ['tcp', 'tcp6', 'unix']) {
      for (const line of readFileSync(`/proc/self/net/${file}`, 'latin1').split('\n')) {
        const words = line.trim().split(/\s+/);
        if (file === 'unix' ? words[6] === inode : words[9] === inode) {
          return file === 'unix' ? (parseInt(words[3]!, 16) & 0x10000) !== 0 : words[3] === '0A';
        }
      }
    }
  } catch {
    return true;
  }
  return true;
}
