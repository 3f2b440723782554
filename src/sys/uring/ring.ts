// The two rings: submission entries are written here, completions are read here, `enter` hands over. All of it is the
// kernel's memory seen through typed arrays.
//
//   entry (16 words): 0 opcode | flags << 8 | ioprio << 16   1 fd   2,3 offset   4,5 address   6 length   7 flags of the
//                     operation   8,9 user data   10 buffer group   11..15 unused here
//   completion (4 words): 0,1 user data   2 result   3 flags
//
// Plain stores and loads are enough: the kernel looks at the rings only inside our own calls (no polling kernel thread),
// and completions are posted by this thread's own kernel side.
import { bug, bugOn } from '../../base/bug.js';
import { EINVAL } from '../errno.js';
import {
  SETUP_DEFER_TASKRUN,
  SETUP_NO_SQARRAY,
  SETUP_SINGLE_ISSUER,
  SETUP_SUBMIT_ALL,
  SETUP_TASKRUN_FLAG,
  SQ_CQ_OVERFLOW,
  SQ_TASKRUN,
  type UringAddon,
  type UringHandle,
} from './types.js';

export const SQE_WORDS_SHIFT = 4;
export const CQE_WORDS = 4;
const FLUSH_TRIES = 16;

// Each line is tried when the one before was refused with EINVAL.
const FLAG_SETS = [
  SETUP_SUBMIT_ALL | SETUP_TASKRUN_FLAG | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN | SETUP_NO_SQARRAY,
  SETUP_SUBMIT_ALL | SETUP_TASKRUN_FLAG | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN,
  SETUP_SUBMIT_ALL,
];

/** Sets a ring up with the best flags the kernel takes. The handle, or -errno. `refuse`: flags not to be tried (tests). */
export function ringOpen(addon: UringAddon, entries: number, cqEntries: number, refuse: number): Ring | number {
  let err = -EINVAL;
  for (const flags of FLAG_SETS) {
    if ((flags & refuse) !== 0) continue;
    const got = addon.uringSetup(entries, cqEntries, flags);
    if (typeof got !== 'number') return new Ring(got, flags);
    err = got;
    if (err !== -EINVAL) break;
  }
  return err;
}

export class Ring {
  readonly sqes: Int32Array;
  readonly mem: Int32Array;
  readonly setupFlags: number;
  readonly cqHeadAt: number;
  readonly cqTailAt: number;
  readonly cqesAt: number;
  readonly cqMask: number;
  /** Completions saved from a full ring, CQE_WORDS numbers each, older than what the ring holds. Nearly always empty. */
  readonly spilled: number[] = [];
  /** Calls of `enter`, and how often the submission ring was full: read by tests and statistics. */
  enters = 0;
  flushes = 0;
  readonly handle: UringHandle;
  private readonly sqHeadAt: number;
  private readonly sqTailAt: number;
  private readonly sqFlagsAt: number;
  private readonly entries: number;
  private readonly sqMask: number;
  private readonly completesAlone: boolean;
  private tail: number;

  constructor(handle: UringHandle, setupFlags: number) {
    bugOn((handle.sqEntries & (handle.sqEntries - 1)) !== 0, 'uring: entries are no power of two');
    this.sqes = new Int32Array(handle.sqes);
    this.mem = new Int32Array(handle.ring);
    this.setupFlags = setupFlags;
    this.cqHeadAt = handle.cqHead >> 2;
    this.cqTailAt = handle.cqTail >> 2;
    this.cqesAt = handle.cqes >> 2;
    this.cqMask = handle.cqEntries - 1;
    this.handle = handle;
    this.sqHeadAt = handle.sqHead >> 2;
    this.sqTailAt = handle.sqTail >> 2;
    this.sqFlagsAt = handle.sqFlags >> 2;
    this.entries = handle.sqEntries;
    this.sqMask = handle.sqEntries - 1;
    this.completesAlone = (setupFlags & SETUP_DEFER_TASKRUN) === 0;
    this.tail = this.mem[this.sqTailAt]!;
  }

  /** Entries written and not yet taken by the kernel. */
  pending(): number {
    return (this.tail - this.mem[this.sqHeadAt]!) | 0;
  }

  /** Index in `sqes` of the next entry. The caller writes words 0 to 10 before anything else happens to the ring. */
  next(): number {
    if (this.pending() >= this.entries) this.flush();
    const at = (this.tail & this.sqMask) << SQE_WORDS_SHIFT;
    this.tail = (this.tail + 1) | 0;
    return at;
  }

  /** Hands over what is written and waits for `minComplete` completions at most `timeoutMs` (-1: no limit). */
  enter(minComplete: number, timeoutMs: number): number {
    this.mem[this.sqTailAt] = this.tail;
    this.enters++;
    return this.handle.enter(this.pending(), minComplete, timeoutMs);
  }

  /** True when completions can be read, now or after an enter that does not wait. */
  hasWork(): boolean {
    return (
      this.mem[this.cqHeadAt] !== this.mem[this.cqTailAt] ||
      this.spilled.length !== 0 ||
      (this.mem[this.sqFlagsAt]! & (SQ_CQ_OVERFLOW | SQ_TASKRUN)) !== 0
    );
  }

  /** True when completions wait outside of the ring for room in it: another enter brings them. */
  overflown(): boolean {
    return (this.mem[this.sqFlagsAt]! & SQ_CQ_OVERFLOW) !== 0;
  }

  /** False where completions also appear between our calls (kernels without DEFER_TASKRUN). */
  get deferred(): boolean {
    return !this.completesAlone;
  }

  /** Makes room for entries by submitting. Completions are not handled: the caller may be in the middle of a move. */
  flush(): void {
    this.flushes++;
    for (let i = 0; i < FLUSH_TRIES && this.pending() !== 0; i++) {
      this.mem[this.sqTailAt] = this.tail;
      this.enters++;
      if (this.handle.enter(this.pending(), -1, -1) >= 0) continue;
      // Short of memory, or too many completions unread: these are put aside, the kernel moves on, and it is tried again.
      this.spill();
      this.handle.enter(0, 0, -1);
    }
    if (this.pending() >= this.entries) bug('uring: the kernel takes no submissions');
  }

  close(): void {
    this.handle.close();
  }

  private spill(): void {
    const mem = this.mem;
    const tail = mem[this.cqTailAt]!;
    let head = mem[this.cqHeadAt]!;
    for (; head !== tail; head = (head + 1) | 0) {
      const at = this.cqesAt + ((head & this.cqMask) << 2);
      for (let i = 0; i < CQE_WORDS; i++) this.spilled.push(mem[at + i]!);
    }
    mem[this.cqHeadAt] = head;
  }
}
