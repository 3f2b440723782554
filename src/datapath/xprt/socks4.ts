// SOCKS4: the request to a proxy that shall connect for us, and its answer (SOCKS4.protocol.txt).
//
//   request   version:1 (4)  command:1 (1, CONNECT)  port:2  IPv4 address:4  user…NUL
//   answer    version:1 (0)  code:1 (90: granted)  port:2  address:4          the last six and the version are ignored
import { ipv4Bytes } from '../../base/inet.js';
import { AF_INET } from '../../sys/constants.js';
import type { Address } from '../proto/types.js';

export const SOCKS4_ANSWER_BYTES = 8;
const GRANTED = 90;
const USER = 'HAProxy'; // what the reference says

/** The request for a connection to `dst`; null where SOCKS4 cannot name it: it knows IPv4 alone. */
export function socks4Request(dst: Address): Uint8Array | null {
  if (dst.family !== AF_INET) return null;
  const port = [dst.port >> 8, dst.port & 0xff];
  return Uint8Array.from([4, 1, ...port, ...ipv4Bytes(dst.host), ...Buffer.from(USER, 'latin1'), 0]);
}

/** Whether a whole answer says that the connection is there. */
export function socks4Granted(answer: Uint8Array): boolean {
  return answer[1] === GRANTED;
}
