// io_uring as the kernel's interface has it, and the addon's part of it. Declarations only.
// Sources: io_uring_setup(2), io_uring_enter(2), io_uring_register(2), <linux/io_uring.h>.

// Set-up flags, in the order in which they are given up when a kernel refuses them (newest first).
export const SETUP_NO_SQARRAY = 0x10000; // 6.6: no index array between tail and entries
export const SETUP_DEFER_TASKRUN = 0x2000; // 6.1: completions appear inside our own enter only
export const SETUP_SINGLE_ISSUER = 0x1000; // 6.0: one thread submits
export const SETUP_TASKRUN_FLAG = 0x200; // 5.19: the ring says when an enter would find work
export const SETUP_SUBMIT_ALL = 0x80; // 5.18: a bad entry does not stop the batch

export const SQ_CQ_OVERFLOW = 0x2; // completions wait in the kernel for room
export const SQ_TASKRUN = 0x4; // an enter with GETEVENTS would find completions

export const OP_POLL_ADD = 6;
export const OP_ACCEPT = 13;
export const OP_ASYNC_CANCEL = 14;
export const OP_CONNECT = 16;
export const OP_CLOSE = 19;
export const OP_SEND = 26;
export const OP_RECV = 27;
/** What the transport cannot do without. */
export const OPS_NEEDED = [OP_POLL_ADD, OP_ACCEPT, OP_ASYNC_CANCEL, OP_CONNECT, OP_CLOSE, OP_SEND, OP_RECV];

// Word 0 of an entry: opcode | flags << 8 | ioprio << 16.
export const SQE_BUFFER_SELECT = 0x20 << 8;
export const SQE_SKIP_SUCCESS = 0x40 << 8; // no completion unless it fails
export const SQE_RECV_POLL_FIRST = 0x1 << 16;
export const SQE_RECV_MULTISHOT = 0x2 << 16; // 6.0: one completion for each receive until it ends
export const POLL_MULTI = 1; // in the length word of POLL_ADD
export const CANCEL_ALL = 0x1;
export const CANCEL_ANY = 0x4;

export const CQE_F_BUFFER = 0x1; // the upper half of the flags is the id of the buffer taken
export const CQE_F_MORE = 0x2; // a multishot operation stays armed
export const CQE_F_SOCK_NONEMPTY = 0x4; // a receive left bytes in the socket

export const ETIME = 62; // not in node's portable list
export const MSG_DONTWAIT = 0x40;
export const MSG_WAITALL = 0x100;
export const MSG_NOSIGNAL = 0x4000;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_CLOEXEC = 0x80000;

/** One ring, as `uringSetup` hands it out. Offsets are in bytes into `ring`. */
export interface UringHandle {
  readonly ring: ArrayBuffer;
  readonly sqes: ArrayBuffer;
  /** One byte for each descriptor: not 0 means that the descriptor is closed with the ring (`close`, end of the thread). */
  readonly owned: ArrayBuffer;
  readonly fd: number;
  readonly features: number;
  readonly sqEntries: number;
  readonly sqHead: number;
  readonly sqTail: number;
  readonly sqFlags: number;
  readonly cqEntries: number;
  readonly cqHead: number;
  readonly cqTail: number;
  readonly cqes: number;
  /** Entries submitted or -errno. `minComplete` -1: submits only. `timeoutMs` -1: no limit. */
  enter(toSubmit: number, minComplete: number, timeoutMs: number): number;
  /** Registers a ring of provided buffers and returns its memory, or -errno. */
  bufRing(group: number, entries: number): ArrayBuffer | number;
  close(): void;
}

/** The addon's exports for this transport. */
export interface UringAddon {
  /** Writes 1 into `ops[n]` (256 bytes) for each opcode n known. Returns IORING_FEAT_* bits or -errno. */
  uringProbe(ops: Uint8Array): number;
  uringSetup(entries: number, cqEntries: number, flags: number): UringHandle | number;
  /** Address of `bytes[0]`: low and high word into `out`. 0 or -errno. */
  uringAddress(bytes: Uint8Array, out: Int32Array): number;
  /** write(2) of `bytes` [ofs, ofs+len). Bytes or -errno. */
  uringWrite(fd: number, bytes: Uint8Array, ofs: number, len: number): number;
}
