// What went wrong with a connection, for logs and samples: numbers and texts of the manual's table (7.3.3, `fc_err_str`).
import {
  CO_ER_ADDR_INUSE,
  CO_ER_CANT_BIND,
  CO_ER_CIP_ABORT,
  CO_ER_CIP_BAD_MAGIC,
  CO_ER_CIP_BAD_PROTO,
  CO_ER_CIP_EMPTY,
  CO_ER_CIP_TIMEOUT,
  CO_ER_CIP_TRUNCATED,
  CO_ER_CONF_FDLIM,
  CO_ER_FREE_PORTS,
  CO_ER_NONE,
  CO_ER_NOPROTO,
  CO_ER_PORT_RANGE,
  CO_ER_PRX_ABORT,
  CO_ER_PRX_BAD_HDR,
  CO_ER_PRX_BAD_PROTO,
  CO_ER_PRX_EMPTY,
  CO_ER_PRX_NOT_HDR,
  CO_ER_PRX_TIMEOUT,
  CO_ER_PRX_TRUNCATED,
  CO_ER_SOCKS4_ABORT,
  CO_ER_SOCKS4_DENY,
  CO_ER_SOCKS4_RECV,
  CO_ER_SOCKS4_SEND,
  CO_ER_SOCK_ERR,
  CO_ER_SYS_FDLIM,
  CO_ER_SYS_MEMLIM,
} from './flags.js';

const FINER = 50; // codes from here on have no number of their own in the manual

const TEXTS: Readonly<Record<number, string>> = {
  [CO_ER_NONE]: 'Success',
  [CO_ER_CONF_FDLIM]: 'Too many sockets on the process',
  [CO_ER_SYS_FDLIM]: 'Too many sockets on the system',
  [CO_ER_SYS_MEMLIM]: 'Out of system buffers',
  [CO_ER_NOPROTO]: 'Protocol or address family not supported',
  [CO_ER_SOCK_ERR]: 'General socket error',
  [CO_ER_PORT_RANGE]: 'Source port range exhausted',
  [CO_ER_CANT_BIND]: "Can't bind to source address",
  [CO_ER_FREE_PORTS]: 'Out of local source ports on the system',
  [CO_ER_ADDR_INUSE]: 'Local source address already in use',
  [CO_ER_PRX_EMPTY]: 'Connection closed while waiting for PROXY protocol header',
  [CO_ER_PRX_ABORT]: 'Connection error while waiting for PROXY protocol header',
  [CO_ER_PRX_TIMEOUT]: 'Timeout while waiting for PROXY protocol header',
  [CO_ER_PRX_TRUNCATED]: 'Truncated PROXY protocol header received',
  [CO_ER_PRX_NOT_HDR]: 'Received something which does not look like a PROXY protocol header',
  [CO_ER_PRX_BAD_HDR]: 'Received an invalid PROXY protocol header',
  [CO_ER_PRX_BAD_PROTO]: 'Received an unhandled protocol in the PROXY protocol header',
  [CO_ER_CIP_EMPTY]: 'Connection closed while waiting for NetScaler Client IP header',
  [CO_ER_CIP_ABORT]: 'Connection error while waiting for NetScaler Client IP header',
  [CO_ER_CIP_TIMEOUT]: 'Timeout while waiting for a NetScaler Client IP header',
  [CO_ER_CIP_TRUNCATED]: 'Truncated NetScaler Client IP header received',
  [CO_ER_CIP_BAD_MAGIC]: 'Received an invalid NetScaler Client IP magic number',
  [CO_ER_CIP_BAD_PROTO]: 'Received an unhandled protocol in the NetScaler Client IP header',
  [CO_ER_SOCKS4_SEND]: 'SOCKS4 Proxy write error during handshake',
  [CO_ER_SOCKS4_RECV]: 'SOCKS4 Proxy read error during handshake',
  [CO_ER_SOCKS4_DENY]: 'SOCKS4 Proxy deny the request',
  [CO_ER_SOCKS4_ABORT]: 'SOCKS4 Proxy handshake aborted by server',
};

/** `fc_err`: the manual's number of a CO_ER_* code, 0 for none. */
export function connErrorId(code: number): number {
  return code < FINER ? code : CO_ER_SOCK_ERR;
}

/** `fc_err_str`, and the message of an error log line (manual 8.2.6). */
export function connErrorText(code: number): string {
  return TEXTS[connErrorId(code)] ?? '';
}
