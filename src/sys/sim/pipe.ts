// Pipes and splice(2) between them and sockets. A pipe has slots of a page each: every piece spliced in takes at least one,
// so many small pieces fill it long before its bytes do, and "full" and "no more input" both answer -EAGAIN.

import { EAGAIN, EPIPE } from '../errno.js';
import { Fifo } from './fifo.js';
import type { Sock } from './sock.js';
import { sockReadable, sockSendable, sockWasRead, sockWasWritten } from './sock.js';

export const PAGE = 4096;

export class Pipe {
  readonly id: number;
  readonly bytes: Fifo;
  readonly slots: number;
  /** Length of each piece in the pipe, in order: one slot for each page of it. */
  readonly pieces: number[] = [];
  slotsUsed = 0;
  readOpen = true;
  writeOpen = true;

  constructor(id: number, size: number) {
    this.id = id;
    this.slots = Math.max(1, size / PAGE);
    this.bytes = new Fifo(this.slots * PAGE);
  }
}

/** What the system gives for a wish of `bytes`: a power of two of pages, 64 KiB for no wish. */
export function pipeSize(bytes: number): number {
  let size = PAGE;
  while (size < bytes) size *= 2;
  return bytes === 0 ? 16 * PAGE : size;
}

const slotsOf = (n: number): number => Math.ceil(n / PAGE);

/** Socket to pipe: bytes moved, 0 at end of input, -EAGAIN for an empty socket and for a full pipe. */
export function spliceIn(s: Sock, p: Pipe, len: number): number {
  if (!p.readOpen) return -EPIPE;
  if (p.slotsUsed >= p.slots) return -EAGAIN; // asked first: also with the input at its end
  const there = sockReadable(s);
  if (there <= 0) return there;
  const n = pipePut(p, s.rcv, Math.min(there, len));
  sockWasRead(s);
  return n;
}

/** At most `len` bytes of `from` become a piece; -EAGAIN when no slot is free. */
export function pipePut(p: Pipe, from: Fifo, len: number): number {
  const n = from.moveTo(p.bytes, Math.min(from.data, len, (p.slots - p.slotsUsed) * PAGE));
  if (n === 0) return -EAGAIN;
  p.pieces.push(n);
  p.slotsUsed += slotsOf(n);
  return n;
}

/** Pipe to socket: bytes moved, -EAGAIN for an empty pipe and for a full socket, 0 for an empty pipe without a writer. */
export function spliceOut(p: Pipe, s: Sock, len: number): number {
  if (p.bytes.data === 0) return p.writeOpen ? -EAGAIN : 0;
  const room = sockSendable(s);
  if (room < 0) return room;
  const n = Math.min(len, p.bytes.data, room);
  p.bytes.moveTo(s.snd, n);
  let left = n;
  while (left > 0) {
    const first = p.pieces[0]!;
    const took = Math.min(first, left);
    p.slotsUsed -= slotsOf(first) - slotsOf(first - took);
    if (took === first) p.pieces.shift();
    else p.pieces[0] = first - took;
    left -= took;
  }
  sockWasWritten(s, n < Math.min(len, p.bytes.data + n));
  return n;
}
