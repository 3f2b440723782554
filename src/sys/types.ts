// The one seam to the outside. Integers and byte ranges in, integers out: n >= 0, or -errno. No exceptions, no
// callbacks on the hot path, no allocation for each operation. Implementations: native.ts (addon, epoll or kqueue),
// uring.ts (addon, io_uring), js.ts (node:net), sim.ts (the seeded simulator of the tests). Declarations only.
//
// Every file descriptor handed out is O_NONBLOCK and close-on-exec. Socket addresses travel as the platform's
// `struct sockaddr` bytes in the arena (datapath/proto/address.ts writes and reads them), for js and sim too.

/** All I/O memory: one ArrayBuffer known to the kernel side, cut into buffers by base/bufpool.ts. */
export interface Arena {
  readonly bytes: number;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly view: DataView;
}

// What a transport can do (bits of `Sys.features`). The js transport lacks most: see sys/limits.ts (C31).
export const SYS_F_SPLICE = 0x001; // splice(2) and pipes
export const SYS_F_SOCKOPT = 0x002; // setsockopt of any level (tcp-ut, marks, buffers, defer-accept, ...)
export const SYS_F_BINDDEV = 0x004; // SO_BINDTODEVICE, IP_TRANSPARENT, source addresses with usesrc
export const SYS_F_INHERIT = 0x008; // inherited descriptors (fd@N)
export const SYS_F_ABSTRACT = 0x010; // abstract UNIX sockets
export const SYS_F_RST = 0x020; // SO_LINGER 0: close with RST
export const SYS_F_BLOCKS = 0x040; // poll() may block; without it the loop leaves after each round
export const SYS_F_COMPLETION = 0x080; // io_uring manner: recv/send answer -EAGAIN first, results are collected later
export const SYS_F_HALFOPEN = 0x100; // SHUT_WR while reading goes on
export const SYS_F_EPOLL = 0x200;
export const SYS_F_KQUEUE = 0x400;

// Poll events, epoll's own values. Registration is always edge-triggered for both directions: SYS_POLL_IN | OUT | RDHUP.
export const SYS_POLL_IN = 0x0001;
export const SYS_POLL_OUT = 0x0004;
export const SYS_POLL_ERR = 0x0008;
export const SYS_POLL_HUP = 0x0010;
export const SYS_POLL_RDHUP = 0x2000;

// How a descriptor's receives are awaited on a completion transport (`recvMode`); no meaning elsewhere.
export const SYS_RECV_COMPLETE = 0; // armed receive: the bytes come with the event
export const SYS_RECV_POLL = 1; // armed poll: bulk copies and splicing; nothing is pulled into user space

export const EVENT_STRIDE = 3; // Int32 words an event in `Sys.events`
export const EVENT_MASK = 0; // word: SYS_POLL_* bits
export const EVENT_FD = 1; // word: descriptor
export const EVENT_GEN = 2; // word: generation given to pollAdd; a stale one must be dropped by the reader

export interface Sys {
  readonly name: 'epoll' | 'kqueue' | 'uring' | 'js' | 'sim';
  readonly features: number;
  readonly arena: Arena;
  /** Filled by `poll`: EVENT_STRIDE words an event. Room for `eventsMax` events. */
  readonly events: Int32Array;
  readonly eventsMax: number;
  /** Small results of cold calls: `pipe` puts read end, write end, size in bytes here. */
  readonly ret: Int32Array;
  /** libuv's backend descriptor, reported by `poll` like any other (gen 0) when the host loop has something due; -1 where the sys has none. */
  readonly hostFd: number;

  /** Monotonic clock, milliseconds, fraction included. */
  now(): number;
  /** Sleeps `us` microseconds (1 to 1000), so that more input gathers before the next poll. Absent where that is no gain. */
  pause?(us: number): number;
  /** Wall clock, milliseconds since 1970. */
  date(): number;

  // -- sockets ------------------------------------------------------------------------------------------------
  /** `family` AF_*, `type` SOCK_STREAM or SOCK_DGRAM. Returns fd or -errno. */
  socket(family: number, type: number): number;
  bind(fd: number, addrOfs: number, addrLen: number): number;
  listen(fd: number, backlog: number): number;
  /** Returns the accepted fd; the peer's sockaddr (128 bytes reserved by the caller) is at `addrOfs`. -EAGAIN: none waits. */
  accept(fd: number, addrOfs: number): number;
  /** Completion transports: at most `room` connections of listener `fd` may be accepted ahead of `accept` calls. */
  acceptRoom?(fd: number, room: number): void;
  /** 0 or -EINPROGRESS (an event with OUT or ERR follows once polled), else -errno. */
  connect(fd: number, addrOfs: number, addrLen: number): number;
  /**
   * Bytes received into arena [ofs, ofs+len), 0 at end of input, -errno. On a completion transport the first call may
   * answer -EAGAIN and arm the receive; the event IN says that a call will now give bytes, 0 or the error.
   * `flags`: MSG_* of the platform (MSG_TRUNC drains without a buffer).
   */
  recv(fd: number, ofs: number, len: number, flags: number): number;
  /**
   * Bytes sent from arena [ofs, ofs+len); MSG_DONTWAIT|MSG_NOSIGNAL is added. A completion transport may take small sends
   * at once and tell of a failure later, by an event with ERR. One that answers -EAGAIN with the send in flight (the
   * simulator does, uring does not) pins the area in the buffer pool: freeing it is allowed and takes effect on completion;
   * the event OUT says that a call with the same `ofs` (len may have grown) gives the result.
   */
  send(fd: number, ofs: number, len: number, flags: number): number;
  shutdown(fd: number, how: number): number;
  /** Leaves the poll set (where registered) and closes. In-flight operations are cancelled and their areas given back later. */
  close(fd: number): number;
  setsockopt(fd: number, level: number, name: number, value: number): number;
  /** Option with a byte value (struct linger, device names) at arena [ofs, ofs+len). */
  setsockoptBytes(fd: number, level: number, name: number, ofs: number, len: number): number;
  /** Integer option, >= 0, or -errno. */
  getsockopt(fd: number, level: number, name: number): number;
  /** Option with a byte value (TCP_INFO) into arena [ofs, ofs+len): the bytes that there are, or -errno. */
  getsockoptBytes(fd: number, level: number, name: number, ofs: number, len: number): number;
  /** SO_ERROR: the pending errno as a positive number, 0 for none; or -errno when the call itself failed. */
  sockError(fd: number): number;
  /** Writes the sockaddr at `ofs` (128 bytes), returns its length or -errno. */
  getsockname(fd: number, ofs: number): number;
  getpeername(fd: number, ofs: number): number;
  /** Datagram to the address at [addrOfs, addrOfs+addrLen) (addrLen 0: connected socket). */
  sendto(fd: number, ofs: number, len: number, addrOfs: number, addrLen: number): number;
  /** An inherited descriptor becomes ours: O_NONBLOCK and close-on-exec are set. Returns fd or -errno (-ENOSYS without SYS_F_INHERIT). */
  adopt(fd: number): number;

  // -- splice ------------------------------------------------------------------------------------------------
  /** A pipe of about `bytes` (0: as the system gives): ends and real size in `ret[0..2]`. 0 or -errno. */
  pipe(bytes: number): number;
  /** splice(2) with MOVE|NONBLOCK plus `more` (1: SPLICE_F_MORE). Bytes moved, 0 at end of input, -errno. */
  splice(fdIn: number, fdOut: number, len: number, more: number): number;
  /** Plain close of a descriptor that was never polled (pipe ends). */
  closeRaw(fd: number): number;

  // -- readiness ----------------------------------------------------------------------------------------------
  /** Registers `fd` once, edge-triggered for IN|OUT|RDHUP; events come back with `gen`. */
  pollAdd(fd: number, gen: number): number;
  pollDel(fd: number): number;
  /**
   * Tells a completion transport what the layer above waits for: bit 0 receive, bit 1 send; and how receives are to be
   * awaited (SYS_RECV_*). Readiness transports ignore it (edge-triggered sets need no word). Never a system call.
   */
  want(fd: number, events: number, recvMode: number): void;
  /** Waits at most `timeoutMs` (-1: no limit, 0: does not wait) and fills `events`. Returns their number, or -errno. EINTR is 0. */
  poll(timeoutMs: number): number;

  // -- memory --------------------------------------------------------------------------------------------------
  /** Gives the pages of the idle arena range back to the system (contents become zero). */
  discard(ofs: number, len: number): void;

  // -- threads -------------------------------------------------------------------------------------------------
  /** A descriptor that another thread can make readable (eventfd), or -ENOSYS. */
  wakeFd(): number;
  /** Makes a wakeFd readable; callable from any thread. */
  wake(fd: number): number;

  // -- life inside the host loop (libuv) -------------------------------------------------------------------------
  /**
   * `rounds` is called once a turn of the host loop, in a place where blocking in `poll` is right (native), or on
   * activity and on the timer set by the last `poll` (js). Keeps the process alive until `hostStop`.
   */
  hostStart(rounds: () => void): void;
  hostStop(): void;
  /** Milliseconds until the host loop has something due: 0 now, -1 never. */
  hostTimeout(): number;
  /** Frees the arena mapping's pages and all descriptors of the sys itself. The object is dead afterwards. */
  destroy(): void;
}
