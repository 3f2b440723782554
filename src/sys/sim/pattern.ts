// Bytes that know their place: the byte at position `pos` of flow `id` follows from both, so that a loss, a repetition, a
// swap or a mix-up of flows shows at the first byte it touches. A flow opens with a header that says who it is and how long.

import { Rng } from './rng.js';

const PERIOD = 65_521; // a prime; each period is turned a little further, so that no whole period can go missing
const TURN = 131;
const STEP = 7919;
const TABLE = makeTable();

export const HEADER_BYTES = 12;
const MAGIC = 0x51cefade;

/** Writes the bytes at positions [pos, pos+len) of flow `id` to `out` from `ofs` on. */
export function patternFill(id: number, pos: number, out: Uint8Array, ofs: number, len: number): void {
  let done = 0;
  while (done < len) {
    const p = pos + done;
    const at = (id * STEP + p + Math.floor(p / PERIOD) * TURN) % PERIOD;
    const n = Math.min(len - done, PERIOD - at, PERIOD - (p % PERIOD));
    out.set(TABLE.subarray(at, at + n), ofs + done);
    done += n;
  }
}

/** Index of the first byte of `got[0, len)` that differs from positions [pos, pos+len) of flow `id`; -1: none. */
export function patternDiffers(
  id: number,
  pos: number,
  got: Uint8Array,
  ofs: number,
  len: number,
  scratch: Uint8Array,
): number {
  patternFill(id, pos, scratch, 0, len);
  for (let i = 0; i < len; i++) if (got[ofs + i] !== scratch[i]) return i;
  return -1;
}

/** The first bytes of a flow: magic, id, bytes that follow (little endian). */
export function headerOf(id: number, bytes: number): Uint8Array {
  const h = new Uint8Array(HEADER_BYTES);
  const v = new DataView(h.buffer);
  v.setUint32(0, MAGIC, true);
  v.setUint32(4, id, true);
  v.setUint32(8, bytes, true);
  return h;
}

/** [id, bytes] of a header, or null when it is none. */
export function headerRead(h: Uint8Array): readonly [number, number] | null {
  const v = new DataView(h.buffer, h.byteOffset, HEADER_BYTES);
  return v.getUint32(0, true) === MAGIC ? [v.getUint32(4, true), v.getUint32(8, true)] : null;
}

function makeTable(): Uint8Array {
  const rng = new Rng(20_261_121);
  const t = new Uint8Array(PERIOD);
  for (let i = 0; i < PERIOD; i++) t[i] = rng.u32() & 255;
  return t;
}
