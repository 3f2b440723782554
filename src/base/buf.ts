// A buffer: a window of the arena used as a ring. `head` is the offset of the first byte inside the area, `data` the number
// of bytes; both may make it wrap. A buffer without area (`area` -1) is empty and takes nothing until one is attached.
//
//        area                                         area+size            area                      area+size
//         |......[== data ==]..........................|         wrapped:   |==]...........[== data ===|
//                ^head                                                              head ^
import { bugOnHot } from './bug.js';
import type { BufPool } from './bufpool.js';

export const NO_AREA = -1;

export class Buf {
  area = NO_AREA; // arena offset
  size = 0; // bytes
  head = 0; // offset of the first byte, 0 <= head < size
  data = 0; // bytes
}

/** Attaches a fresh area of class `cls`; false when there is none. */
export function bufAlloc(b: Buf, pool: BufPool, cls: number): boolean {
  const ofs = pool.alloc(cls);
  if (ofs < 0) return false;
  b.area = ofs;
  b.size = pool.sizes[cls]!;
  b.head = 0;
  b.data = 0;
  return true;
}

/** Gives the area back, with whatever is in it. Without area it does nothing. */
export function bufRelease(b: Buf, pool: BufPool): void {
  if (b.area === NO_AREA) return;
  pool.release(b.area);
  b.area = NO_AREA;
  b.size = 0;
  b.head = 0;
  b.data = 0;
}

/** Hands the area and the bytes of `from` to `to`, which must have none. */
export function bufMove(from: Buf, to: Buf): void {
  bugOnHot(to.area !== NO_AREA, 'buf: move onto an area');
  to.area = from.area;
  to.size = from.size;
  to.head = from.head;
  to.data = from.data;
  from.area = NO_AREA;
  from.size = 0;
  from.head = 0;
  from.data = 0;
}

/** Bytes that can still be added. */
export function bufRoom(b: Buf): number {
  return b.size - b.data;
}

/** Arena offset where the next byte goes. */
export function bufTail(b: Buf): number {
  let at = b.head + b.data;
  if (at >= b.size) at -= b.size;
  return b.area + at;
}

/** Bytes that can be added in one piece at `bufTail`. */
export function bufContigRoom(b: Buf): number {
  const at = b.head + b.data;
  return at >= b.size ? b.size - b.data : b.size - at;
}

/** Bytes that lie in one piece from the head. */
export function bufContigData(b: Buf): number {
  const to = b.size - b.head;
  return b.data < to ? b.data : to;
}

/** Arena offset of the first byte. */
export function bufHead(b: Buf): number {
  return b.area + b.head;
}

/** Takes `n` bytes off the head; an empty buffer starts again at the area's start. */
export function bufDel(b: Buf, n: number): void {
  bugOnHot(n > b.data, 'buf: deletes more than it holds');
  b.data -= n;
  if (b.data === 0) {
    b.head = 0;
    return;
  }
  b.head += n;
  if (b.head >= b.size) b.head -= b.size;
}

/** Appends `bytes` of plain memory; returns how many fitted. For replies and tests, not for the data path. */
export function bufPut(b: Buf, arena: Uint8Array, bytes: Uint8Array): number {
  let done = 0;
  while (done < bytes.length && b.data < b.size) {
    const room = Math.min(bufContigRoom(b), bytes.length - done);
    arena.set(bytes.subarray(done, done + room), bufTail(b));
    b.data += room;
    done += room;
  }
  return done;
}

/** Copies at most `max` bytes from the head into fresh memory; the buffer is unchanged. */
export function bufPeek(b: Buf, arena: Uint8Array, max: number): Uint8Array {
  const n = Math.min(max, b.data);
  const out = new Uint8Array(n);
  const first = Math.min(n, bufContigData(b));
  out.set(arena.subarray(bufHead(b), bufHead(b) + first));
  if (n > first) out.set(arena.subarray(b.area, b.area + n - first), first);
  return out;
}
