// Socket constants of the running platform. The addon compares them with the system's headers when it is loaded.
import { platform } from 'node:process';

const linux = platform === 'linux';

export const AF_UNSPEC = 0;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = linux ? 10 : platform === 'darwin' ? 30 : 28;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

export const SOL_SOCKET = linux ? 1 : 0xffff;
export const SO_REUSEADDR = linux ? 2 : 0x0004;
export const SO_TYPE = linux ? 3 : 0x1008;
export const SO_SNDBUF = linux ? 7 : 0x1001;
export const SO_RCVBUF = linux ? 8 : 0x1002;
export const SO_KEEPALIVE = linux ? 9 : 0x0008;
export const SO_LINGER = linux ? 13 : 0x0080;
export const SO_REUSEPORT = linux ? 15 : 0x0200;
export const SO_BINDTODEVICE = 25; // Linux only
export const SO_MARK = 36; // Linux only
export const SO_ACCEPTCONN = linux ? 30 : 0x0002;
export const IPPROTO_IP = 0;
export const IPPROTO_TCP = 6;
export const IPPROTO_IPV6 = 41;
export const IP_TRANSPARENT = 19; // Linux only
export const IP_FREEBIND = 15; // Linux only
export const IPV6_TRANSPARENT = 75; // Linux only
export const IPV6_V6ONLY = linux ? 26 : 27;
export const TCP_NODELAY = 1;
export const TCP_MAXSEG = 2;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const TCP_DEFER_ACCEPT = 9; // Linux only
export const TCP_INFO = 11; // Linux only
export const TCP_QUICKACK = 12; // Linux only
export const TCP_USER_TIMEOUT = 18; // Linux only
export const TCP_FASTOPEN = 23; // Linux only
export const TCP_FASTOPEN_CONNECT = 30; // Linux only

export const MSG_PEEK = 0x2;
export const MSG_TRUNC = linux ? 0x20 : 0x10;
export const MSG_MORE = linux ? 0x8000 : 0;

export const SOCKADDR_MAX = 128; // bytes reserved for one sockaddr in the arena
