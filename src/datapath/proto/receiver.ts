// Making listening descriptors out of what a bind line says: sockets bound here, or inherited ones.
import { chmodSync, chownSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import type { BindConf } from '../../config/types.js';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IP_TRANSPARENT,
  IPV6_TRANSPARENT,
  IPV6_V6ONLY,
  SO_BINDTODEVICE,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_DEFER_ACCEPT,
  TCP_FASTOPEN,
  TCP_MAXSEG,
  TCP_NODELAY,
  TCP_USER_TIMEOUT,
} from '../../sys/constants.js';
import { EADDRINUSE, errnoName } from '../../sys/errno.js';
import { SYS_F_SOCKOPT } from '../../sys/types.js';
import { SCRATCH_ADDR, SCRATCH_ADDR2, type Thread } from '../fd/thread.js';
import { addressInet, addressOfConf, addressRead, addressUnix, addressWrite } from './address.js';
import { sockSetName } from './sockopt.js';
import type { Address } from './types.js';

/** What became of a bind line: a descriptor, or why there is none. */
export interface Receiver {
  readonly fd: number;
  readonly address: Address;
  readonly inherited: boolean;
  /** '' where all went well; the reference's words otherwise: `cannot bind socket (Address already in use)`. */
  readonly error: string;
}

export interface ReceiverOptions {
  /** Listen queue (`backlog`, else the frontend's maxconn). */
  readonly backlog: number;
  readonly noReuseport: boolean;
}

const ERRNO_TEXT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EMFILE: 'Too many open files',
  EBADF: 'Bad file descriptor',
  ENOENT: 'No such file or directory',
  EINVAL: 'Invalid argument',
  ENODEV: 'No such device',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  EROFS: 'Read-only file system',
  ENOTEMPTY: 'Directory not empty',
  EXDEV: 'Invalid cross-device link',
};

/** Text of an errno as the C library words it, where it is a common one. */
function errnoText(no: number): string {
  const name = errnoName(no);
  return ERRNO_TEXT[name] ?? name;
}

export function receiverOpen(thr: Thread, conf: BindConf, options: ReceiverOptions): Receiver {
  if (conf.address.family === 'fd') return inherit(thr, conf, options);
  const address = addressOfConf(conf.address, '0.0.0.0', '::');
  const { sys } = thr;
  const none = (fd: number, what: string, no: number): Receiver => {
    if (fd >= 0) sys.closeRaw(fd);
    return { fd: -1, address, inherited: false, error: `${what} (${errnoText(no)})` };
  };
  const fd = sys.socket(address.family, SOCK_STREAM);
  if (fd < 0) return none(-1, 'cannot create listening socket', -fd);
  if (address.family !== AF_UNIX) {
    const bad = inetOptions(thr, fd, conf, address, options);
    if (bad !== '') return { fd: (sys.closeRaw(fd), -1), address, inherited: false, error: bad };
  }
  if (address.family === AF_UNIX) return bindUnix(thr, fd, conf, address, options, none);
  const len = addressWrite(sys.arena, SCRATCH_ADDR2, address);
  let r = sys.bind(fd, SCRATCH_ADDR2, len);
  if (r < 0) return none(fd, 'cannot bind socket', -r);
  r = sys.listen(fd, options.backlog);
  if (r < 0) return none(fd, 'cannot listen to socket', -r);
  const got = sys.getsockname(fd, SCRATCH_ADDR);
  return { fd, address: got > 0 ? addressRead(sys.arena, SCRATCH_ADDR, got) : address, inherited: false, error: '' };
}

function inetOptions(thr: Thread, fd: number, conf: BindConf, address: Address, options: ReceiverOptions): string {
  const { sys } = thr;
  sys.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (!options.noReuseport) sys.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  sys.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, 1); // accepted sockets inherit it
  if (address.family === AF_INET6) {
    if (conf.v6only) sys.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    else if (conf.v4v6) sys.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  }
  if (conf.interface !== '') {
    const r = sockSetName(thr, fd, SOL_SOCKET, SO_BINDTODEVICE, conf.interface);
    if (r < 0) return `cannot bind receiver to device '${conf.interface}' (${errnoText(-r)})`;
  }
  if (conf.transparent) {
    const r =
      address.family === AF_INET
        ? sys.setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, 1)
        : sys.setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1);
    if (r < 0) return 'cannot make listening socket transparent';
  }
  tcpOptions(thr, fd, conf, options);
  return '';
}

/** What a listening TCP socket can be told after it was bound, too; an inherited one is told the same. */
function tcpOptions(thr: Thread, fd: number, conf: BindConf, options: ReceiverOptions): void {
  const { sys } = thr;
  if (conf.mss > 0) sys.setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, conf.mss);
  if (conf.tcpUt !== 0) sys.setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, conf.tcpUt);
  if (conf.deferAccept) sys.setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1);
  if (conf.tfo) sys.setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, options.backlog);
}

/** A UNIX socket is made under a name of its own and moved over the old one, so that there is no moment without it. */
function bindUnix(
  thr: Thread,
  fd: number,
  conf: BindConf,
  address: Address,
  options: ReceiverOptions,
  none: (fd: number, what: string, no: number) => Receiver,
): Receiver {
  const { sys } = thr;
  const path = address.host;
  const temporary = address.abstract || (sys.features & SYS_F_SOCKOPT) === 0 ? path : `${path}.${process.pid}.tmp`;
  if (!address.abstract) {
    try {
      if (temporary === path && lstatSync(path).isSocket()) unlinkSync(path);
      else if (temporary !== path) unlinkSync(temporary);
    } catch {
      // it was not there
    }
  }
  const len = addressWrite(sys.arena, SCRATCH_ADDR2, addressUnix(temporary, address.abstract));
  let r = sys.bind(fd, SCRATCH_ADDR2, len);
  if (r < 0) return none(fd, 'cannot bind UNIX socket', -r);
  r = sys.listen(fd, options.backlog);
  if (r < 0) return none(fd, 'cannot listen to UNIX socket', -r);
  if (!address.abstract) {
    try {
      if (conf.mode !== 0) chmodSync(temporary, conf.mode);
      if (conf.uid >= 0 || conf.gid >= 0) chownSync(temporary, Math.max(conf.uid, -1), Math.max(conf.gid, -1));
      if (temporary !== path) renameSync(temporary, path);
    } catch (error) {
      const no = (error as NodeJS.ErrnoException).errno ?? -EADDRINUSE;
      return none(fd, 'cannot switch final and temporary UNIX sockets', Math.abs(no));
    }
  }
  return { fd, address, inherited: false, error: '' };
}

function inherit(thr: Thread, conf: BindConf, options: ReceiverOptions): Receiver {
  const { sys } = thr;
  const given = conf.address.fd;
  const fd = sys.adopt(given);
  if (fd < 0) {
    const address = addressInet('0.0.0.0', 0);
    return { fd: -1, address, inherited: true, error: `cannot use file descriptor '${given}' (${errnoText(-fd)})` };
  }
  const len = sys.getsockname(fd, SCRATCH_ADDR);
  const address = len > 0 ? addressRead(sys.arena, SCRATCH_ADDR, len) : addressInet('0.0.0.0', 0);
  if (address.family !== AF_UNIX && (sys.features & SYS_F_SOCKOPT) !== 0) {
    sys.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    tcpOptions(thr, fd, conf, options);
  }
  const r = sys.listen(fd, options.backlog);
  if (r < 0) return { fd: -1, address, inherited: true, error: `cannot listen to socket (${errnoText(-r)})` };
  return { fd, address, inherited: true, error: '' };
}
