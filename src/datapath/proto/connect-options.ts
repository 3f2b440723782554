// What a server line asks of the sockets towards it. Declarations only, filled by the proxy room.
import type { Address } from './types.js';

export interface ConnectOptions {
  /** Source address, or null; the port range [srcPortLow, srcPortHigh], 0 for any. */
  readonly source: Address | null;
  /** Source address that is not ours (`usesrc`), IP_TRANSPARENT: '' for none; the client's with or without its port, or a named one. */
  readonly usesrc: '' | 'client' | 'clientip' | 'address';
  readonly usesrcAddress: Address | null;
  /** SOCKS4 proxy that connects for us, null for none. */
  readonly socks4: Address | null;
  readonly sourceInterface: string; // SO_BINDTODEVICE, '' for none
  readonly tcpUserTimeoutMs: number; // TCP_USER_TIMEOUT, 0 for none
  readonly tfo: boolean; // data with the SYN where the server gave a cookie
  readonly keepalive: boolean; // option tcpka / srvtcpka
  readonly rcvbufBytes: number; // tune.rcvbuf.server, 0 for the system's
  readonly sndbufBytes: number; // tune.sndbuf.server
  /** A port of the source range, or 0 when none is free; null where the line has no range. */
  readonly takePort: (() => number) | null;
  readonly releasePort: ((port: number) => void) | null;
}
