// The cookie of an RDP connection request ([MS-RDPBCGR] 2.2.1.1): a TPKT header, an X.224 connection request, and a line of text
// that names the user or the session.
//
//   03 00 LL LL | LI E0 dst:2 src:2 class | "Cookie: " name "=" value CR LF ...
import type { Buf } from '../../base/buf.js';

const TPKT_VERSION = 3;
const X224_CONNECT = 0xe0;
const TEXT_AT = 11; // behind both headers
const LEAD = 'Cookie: ';

/** Value of the cookie `name` (any case), a binary string; null when the buffer does not begin with such a request. */
export function rdpCookie(arena: Uint8Array, buf: Buf, name: string): string | null {
  if (buf.data <= TEXT_AT + LEAD.length + name.length + 1) return null;
  const at = (i: number): number => arena[buf.area + ((buf.head + i) % buf.size)]!;
  if (at(0) !== TPKT_VERSION || at(5) !== X224_CONNECT) return null;
  const want = `${LEAD}${name}=`;
  for (let i = 0; i < want.length; i++) {
    if (lower(at(TEXT_AT + i)) !== lower(want.charCodeAt(i))) return null;
  }
  let value = '';
  for (let i = TEXT_AT + want.length; i < buf.data; i++) {
    const c = at(i);
    if (c === 13) return i + 1 < buf.data && at(i + 1) === 10 ? value : null;
    value += String.fromCharCode(c);
  }
  return null;
}

function lower(c: number): number {
  return c >= 65 && c <= 90 ? c + 32 : c;
}
