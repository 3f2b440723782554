// A ring of messages in memory, the newest ones of at most `size` bytes (configuration manual 3.9). Those who read follow at their own
// pace; a reader that must not miss anything (a forwarder) holds what it has not read, and what finds no room then is lost.
import type { LogOutput } from './output.js';

/** Bytes that each message costs beyond its text. */
const ENTRY_BYTES = 2;
/** So many empty places at least are cut off at once, and no fewer than there are entries. */
const CUT_ENTRIES = 64;

export class LogRing implements LogOutput {
  readonly name: string;
  readonly description: string;
  readonly format: string;
  readonly sizeBytes: number;
  readonly maxlen: number;
  /** Messages that found no room. */
  dropped = 0;
  /** The oldest is at `head`; those before it are empty, and are cut off together. */
  private entries: string[] = [];
  private head = 0;
  /** Number of the oldest entry; they are counted from 0 for ever. */
  private first = 0;
  private bytes = 0;
  private readonly holders = new Set<RingReader>();
  private readonly waiters = new Set<() => void>();

  constructor(name: string, description: string, format: string, sizeBytes: number, maxlen: number) {
    this.name = name;
    this.description = description;
    this.format = format;
    this.sizeBytes = sizeBytes;
    this.maxlen = Math.min(maxlen, sizeBytes - ENTRY_BYTES);
  }

  write(line: string): boolean {
    const text = line.endsWith('\n') ? line.slice(0, -1) : line;
    const entry = text.length > this.maxlen ? text.slice(0, this.maxlen) : text;
    const need = entry.length + ENTRY_BYTES;
    const held = this.heldFrom();
    while (this.bytes + need > this.sizeBytes && this.head < this.entries.length) {
      if (this.first >= held) {
        this.dropped++;
        return false;
      }
      this.dropOldest();
    }
    this.entries.push(entry);
    this.bytes += need;
    for (const wake of this.waiters) wake();
    return true;
  }

  private dropOldest(): void {
    const { entries } = this;
    this.bytes -= entries[this.head]!.length + ENTRY_BYTES;
    entries[this.head++] = '';
    this.first++;
    if (this.head < CUT_ENTRIES || this.head * 2 < entries.length) return;
    entries.splice(0, this.head);
    this.head = 0;
  }

  /** The lowest number that somebody still needs. */
  private heldFrom(): number {
    let from = Infinity;
    for (const r of this.holders) if (r.next < from) from = r.next;
    return from;
  }

  /** A reader from the oldest (or behind the newest) message on; `holds`: nothing may be thrown away before it is read. */
  reader(holds: boolean, fromEnd = false): RingReader {
    const r = new RingReader(this, fromEnd ? this.endNumber : this.first);
    if (holds) this.holders.add(r);
    return r;
  }

  release(r: RingReader): void {
    this.holders.delete(r);
  }

  /** Message `n`; null: there is none yet. Messages before the first are gone. */
  at(n: number): string | null {
    return n < this.first ? null : (this.entries[this.head + n - this.first] ?? null);
  }

  get firstNumber(): number {
    return this.first;
  }

  /** Number of the next message. */
  get endNumber(): number {
    return this.first + this.entries.length - this.head;
  }

  /** Calls `wake` after each message until it is taken off. */
  watch(wake: () => void): void {
    this.waiters.add(wake);
  }

  unwatch(wake: () => void): void {
    this.waiters.delete(wake);
  }

  close(): void {
    this.waiters.clear();
    this.holders.clear();
  }
}

export class RingReader {
  readonly ring: LogRing;
  next: number;

  constructor(ring: LogRing, next: number) {
    this.ring = ring;
    this.next = next;
  }

  /** The next message without taking it; null when all are read. */
  peek(): string | null {
    if (this.next < this.ring.firstNumber) this.next = this.ring.firstNumber; // overtaken
    return this.ring.at(this.next);
  }

  take(): string | null {
    const text = this.peek();
    if (text !== null) this.next++;
    return text;
  }
}
