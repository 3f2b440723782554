// Numbers that look like the pointers which tools expect in dumps: the same for the same object as long as it lives, and
// different for different ones. A session's leads back to it.

const SESS_BASE = 0x10000000;
const PART_BASE = 0x7000_0000_0000;
const FD_BASE = 0x6000_0000_0000;
const OWNER_BASE = 0x5500_0000_0000;

const hex = (n: number): string => `0x${n.toString(16)}`;

/** Name of the session with stream `id`. */
export const sessPointer = (id: number): string => hex(SESS_BASE + id);

/** One of up to 16 objects that belong to the stream `id`. */
export const partPointer = (id: number, part: number): string => hex(PART_BASE + id * 0x1000 + part * 0x100);

/** What lies over the descriptor: 0 the connection, 1 its mux. */
export const fdPointer = (fd: number, part: number): string => hex(FD_BASE + fd * 0x1000 + part * 0x100);

/** A listener or a server: number `index` of proxy `id`. */
export const ownerPointer = (proxyId: number, index: number): string =>
  hex(OWNER_BASE + proxyId * 0x1000000 + index * 0x100);
