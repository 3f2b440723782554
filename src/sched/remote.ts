// Wake-ups between threads (C26): an (id, generation) in a shared ring, and a wake descriptor written when the ring was
// empty. The owner looks ids up in its own table, so no object ever crosses threads, and a stale pair wakes nobody.
//
//   Int32: [0] write ticket   [1] read position   [2] lost count   [3] unused   then SLOTS pairs: id, generation
//   A slot's id is -1 while it is free; a writer takes a ticket, then stores generation before id.
import { bugOn } from '../base/bug.js';
import { TASK_KILLED } from './flags.js';
import { type Tasklet, taskletWakeup } from './task.js';

const WRITE = 0;
const READ = 1;
const LOST = 2;
const HEAD = 4;
const FREE = -1;

/** Bytes of shared memory for a ring of `slots` (a power of two) pairs. */
export function wakeRingBytes(slots: number): number {
  return (HEAD + 2 * slots) * 4;
}

/** A ring in fresh shared memory, all slots free. */
export function wakeRingNew(slots: number): Int32Array {
  bugOn((slots & (slots - 1)) !== 0, 'wake ring: slots must be a power of two');
  const ring = new Int32Array(new SharedArrayBuffer(wakeRingBytes(slots)));
  for (let i = 0; i < slots; i++) ring[HEAD + 2 * i] = FREE;
  return ring;
}

/**
 * From any thread. True when the owner must be woken through its descriptor: it stands at this very slot, so it may have found
 * the slot free and gone to sleep. When it is behind, the writer of the slot where it stands wakes it, and it comes here next.
 */
export function wakeRingPush(ring: Int32Array, id: number, generation: number): boolean {
  const slots = (ring.length - HEAD) >> 1;
  for (;;) {
    const write = Atomics.load(ring, WRITE);
    const read = Atomics.load(ring, READ);
    if (((write - read) | 0) >= slots) {
      // Full: the owner is told to look at every tasklet it has, so nothing is lost but precision.
      Atomics.add(ring, LOST, 1);
      return true;
    }
    if (Atomics.compareExchange(ring, WRITE, write, (write + 1) | 0) !== write) continue;
    const at = HEAD + 2 * (write & (slots - 1));
    Atomics.store(ring, at + 1, generation);
    Atomics.store(ring, at, id);
    return Atomics.load(ring, READ) === write; // read again: it may have come here since
  }
}

/** The owner's side: which of its tasklets may be woken from other threads. */
export class RemoteWakes {
  readonly ring: Int32Array;
  private readonly tasklets: (Tasklet | null)[] = [];
  private readonly generations: number[] = [];
  private readonly freeIds: number[] = [];

  constructor(ring: Int32Array) {
    this.ring = ring;
  }

  /** Makes `t` known; returns its id, whose generation `generationOf` gives. */
  register(t: Tasklet): number {
    const id = this.freeIds.pop() ?? this.tasklets.length;
    this.tasklets[id] = t;
    this.generations[id] ??= 0;
    return id;
  }

  generationOf(id: number): number {
    return this.generations[id] ?? -1;
  }

  /** Forgets `id`; pairs that are still in the ring become stale. */
  unregister(id: number): void {
    bugOn(this.tasklets[id] == null, 'remote wake: id is not registered');
    this.tasklets[id] = null;
    this.generations[id] = (this.generations[id]! + 1) | 0;
    this.freeIds.push(id);
  }

  /** Takes everything out of the ring; returns the number of tasklets woken. */
  drain(): number {
    const ring = this.ring;
    const slots = (ring.length - HEAD) >> 1;
    let woken = 0;
    for (;;) {
      const read = Atomics.load(ring, READ);
      if (read === Atomics.load(ring, WRITE)) break;
      const at = HEAD + 2 * (read & (slots - 1));
      const id = Atomics.load(ring, at);
      if (id === FREE) break; // its writer holds a ticket but has not stored yet: its own wake-up follows
      const generation = Atomics.load(ring, at + 1);
      Atomics.store(ring, at, FREE);
      Atomics.store(ring, READ, (read + 1) | 0);
      if (this.generations[id] === generation) woken += this.wake(this.tasklets[id] ?? null);
    }
    if (Atomics.exchange(ring, LOST, 0) !== 0) for (const t of this.tasklets) woken += this.wake(t);
    return woken;
  }

  private wake(t: Tasklet | null): number {
    if (t === null || (t.state & TASK_KILLED) !== 0) return 0;
    taskletWakeup(t);
    return 1;
  }
}
