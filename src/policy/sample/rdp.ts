// The cookie in the first packet of an RDP connection (MS-RDPBCGR 2.2.1.1): `Cookie: name=value CR LF` behind a TPKT header of
// four bytes and an X.224 connection request of seven.

/** Bytes of the two headers. */
const HEADERS = 11;
const WORD = 'cookie:';

export const RDP_FOUND = 0;
export const RDP_OTHER = 1; // there is a cookie, but of another name
export const RDP_NONE = 2; // this is no RDP, or has no cookie
export const RDP_SHORT = 3; // more bytes are needed

export interface RdpCookie {
  readonly status: number; // RDP_*
  readonly value: string;
}

function answer(status: number): RdpCookie {
  return { status, value: '' };
}

/** The cookie `name` (any case), or any one where `name` is ''. `data` is the start of the connection. */
export function rdpCookie(data: string, name: string): RdpCookie {
  if (data.length < HEADERS + WORD.length) return answer(RDP_SHORT);
  if (data.slice(HEADERS, HEADERS + WORD.length).toLowerCase() !== WORD) return answer(RDP_NONE);
  let at = HEADERS + WORD.length;
  while (data[at] === ' ') at++;
  if (name !== '') {
    if (data.length < at + name.length + 1) return answer(RDP_SHORT);
    const there = data.slice(at, at + name.length);
    if (there.toLowerCase() !== name.toLowerCase() || data[at + name.length] !== '=') return answer(RDP_OTHER);
    at += name.length + 1;
  } else {
    const end = /[=\r\n]/.exec(data.slice(at));
    if (end === null) return answer(RDP_SHORT);
    if (end[0] !== '=') return answer(RDP_OTHER);
    at += end.index + 1;
  }
  const end = data.indexOf('\r', at);
  if (end < 0 || end + 1 === data.length) return answer(RDP_SHORT);
  return data[end + 1] === '\n' ? { status: RDP_FOUND, value: data.slice(at, end) } : answer(RDP_NONE);
}
