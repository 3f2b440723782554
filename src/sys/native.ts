// The native transport: epoll on Linux, kqueue on macOS and the BSDs. A thin face: most members are the addon's own functions
// kept as properties of the instance, so that a call goes from the caller's code straight into C++ with no frame between.
import { platform } from 'node:process';
import { readFileSync } from 'node:fs';
import { bug } from '../base/bug.js';
import { errnoName } from './errno.js';
import { loadAddon, NativeAddonError } from './load.js';
import type { Addon, NativeCalls } from './load.js';
import {
  EVENT_STRIDE,
  SYS_F_ABSTRACT,
  SYS_F_BINDDEV,
  SYS_F_BLOCKS,
  SYS_F_EPOLL,
  SYS_F_HALFOPEN,
  SYS_F_INHERIT,
  SYS_F_KQUEUE,
  SYS_F_RST,
  SYS_F_SOCKOPT,
  SYS_F_SPLICE,
} from './types.js';
import type { Arena, Sys } from './types.js';

export const ARENA_DEFAULT_BYTES = 2 ** 30; // reserved addresses, not memory: pages come on first touch
export const ARENA_MIN_BYTES = 2 ** 20;
export const ARENA_MAX_BYTES = 2 ** 31; // offsets are int32

const PAGE_BYTES = 4096; // size of a page that counts for pipes

const EVERYWHERE = SYS_F_SOCKOPT | SYS_F_INHERIT | SYS_F_RST | SYS_F_BLOCKS | SYS_F_HALFOPEN;
const ON_LINUX = EVERYWHERE | SYS_F_SPLICE | SYS_F_BINDDEV | SYS_F_ABSTRACT | SYS_F_EPOLL;
/** SYS_F_* bits of the native transport on this platform, known without opening it. */
export const NATIVE_FEATURES = platform === 'linux' ? ON_LINUX : EVERYWHERE | SYS_F_KQUEUE;

export interface NativeSysOptions {
  /** Bytes of the arena, a multiple of 64 KiB; ARENA_DEFAULT_BYTES when left out. */
  readonly arenaBytes?: number;
  /** An addon that is already loaded. */
  readonly addon?: Addon;
}

export class NativeSys implements Sys {
  readonly name: 'epoll' | 'kqueue';
  readonly features: number;
  readonly arena: Arena;
  readonly events: Int32Array;
  readonly eventsMax: number;
  readonly ret: Int32Array;
  readonly hostFd: number;
  readonly now: Sys['now'];
  readonly pause: (us: number) => number;
  readonly date: Sys['date'];
  readonly socket: Sys['socket'];
  readonly bind: Sys['bind'];
  readonly listen: Sys['listen'];
  readonly accept: Sys['accept'];
  readonly connect: Sys['connect'];
  readonly recv: Sys['recv'];
  readonly send: Sys['send'];
  readonly shutdown: Sys['shutdown'];
  readonly close: Sys['close'];
  readonly setsockopt: Sys['setsockopt'];
  readonly setsockoptBytes: Sys['setsockoptBytes'];
  readonly getsockopt: Sys['getsockopt'];
  readonly getsockoptBytes: Sys['getsockoptBytes'];
  readonly sockError: Sys['sockError'];
  readonly getsockname: Sys['getsockname'];
  readonly getpeername: Sys['getpeername'];
  readonly sendto: Sys['sendto'];
  readonly adopt: Sys['adopt'];
  readonly pipe: Sys['pipe'];
  readonly splice: Sys['splice'];
  readonly closeRaw: Sys['closeRaw'];
  readonly pollAdd: Sys['pollAdd'];
  readonly pollDel: Sys['pollDel'];
  readonly poll: Sys['poll'];
  readonly wakeFd: Sys['wakeFd'];
  readonly wake: Sys['wake'];
  readonly hostTimeout: Sys['hostTimeout'];
  /** The addon's side; for transports built on this one. */
  readonly calls: NativeCalls;

  constructor(calls: NativeCalls) {
    this.name = platform === 'linux' ? 'epoll' : 'kqueue';
    this.features = NATIVE_FEATURES;
    this.arena = {
      bytes: calls.arena.byteLength,
      u8: new Uint8Array(calls.arena),
      i32: new Int32Array(calls.arena),
      view: new DataView(calls.arena),
    };
    this.events = new Int32Array(calls.events);
    this.eventsMax = Math.floor(this.events.length / EVENT_STRIDE);
    this.ret = new Int32Array(calls.ret);
    this.hostFd = calls.hostFd;
    this.now = calls.now;
    this.pause = calls.pause;
    this.date = Date.now;
    this.socket = calls.socket;
    this.bind = calls.bind;
    this.listen = calls.listen;
    this.accept = calls.accept;
    this.connect = calls.connect;
    this.recv = calls.recv;
    this.send = calls.send;
    this.shutdown = calls.shutdown;
    this.close = calls.close;
    this.setsockopt = calls.setsockopt;
    this.setsockoptBytes = calls.setsockoptBytes;
    this.getsockopt = calls.getsockopt;
    this.getsockoptBytes = calls.getsockoptBytes;
    this.sockError = calls.sockError;
    this.getsockname = calls.getsockname;
    this.getpeername = calls.getpeername;
    this.sendto = calls.sendto;
    this.adopt = calls.adopt;
    this.pipe = calls.pipe;
    this.splice = calls.splice;
    this.closeRaw = calls.close;
    this.pollAdd = calls.pollAdd;
    this.pollDel = calls.pollDel;
    this.poll = calls.poll;
    this.wakeFd = calls.wakeFd;
    this.wake = calls.wake;
    this.hostTimeout = calls.hostTimeout;
    this.calls = calls;
  }

  /** Edge-triggered sets need no word. */
  want(_fd: number, _events: number, _recvMode: number): void {}

  discard(ofs: number, len: number): void {
    const err = this.calls.discard(ofs, len);
    if (err < 0) bug(`native: discard of [${ofs}, +${len}): ${errnoName(err)}`);
  }

  hostStart(rounds: () => void): void {
    const err = this.calls.hostStart(rounds);
    if (err < 0) bug(`native: hostStart: ${errnoName(err)}`);
  }

  hostStop(): void {
    this.calls.hostStop();
  }

  /** Stops the rounds and closes every descriptor that was made or adopted here and is still open. */
  destroy(): void {
    this.calls.destroy();
  }

  /**
   * How many pipes of `pipeBytes` this user may hold before the system shrinks them; -1: no limit, 0: no pipe of that size.
   * Source: pipe(7), /proc/sys/fs/pipe-max-size and pipe-user-pages-soft.
   */
  poolPipesLimit(pipeBytes: number): number {
    const unbound = process.getuid?.() === 0;
    const max = procNumber('/proc/sys/fs/pipe-max-size');
    if (max < 0 || (!unbound && pipeBytes > max)) return 0;
    const pages = procNumber('/proc/sys/fs/pipe-user-pages-soft');
    if (unbound || pages <= 0) return -1;
    return Math.floor((pages * PAGE_BYTES) / pipeBytes);
  }
}

/** Opens a native transport. Errors: RangeError for a size, NativeAddonError when the addon is missing or the system refuses. */
export function createNativeSys(options: NativeSysOptions = {}): NativeSys {
  const bytes = options.arenaBytes ?? ARENA_DEFAULT_BYTES;
  if (!Number.isInteger(bytes) || bytes < ARENA_MIN_BYTES || bytes > ARENA_MAX_BYTES || bytes % 65536 !== 0) {
    throw new RangeError(`arenaBytes: a multiple of 64 KiB between 1 MiB and 2 GiB, not ${bytes}`);
  }
  const loaded = options.addon === undefined ? loadAddon() : { addon: options.addon };
  if (loaded.addon === null) throw new NativeAddonError(`no native transport: ${loaded.reason}`);
  const calls = loaded.addon.open(bytes);
  if (typeof calls === 'number') {
    throw new NativeAddonError(`the system refuses an arena of ${bytes} bytes or a poll set: ${errnoName(calls)}`);
  }
  return new NativeSys(calls);
}

/** The number in a file of /proc, -1 where there is none. */
function procNumber(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, 'latin1'), 10);
  } catch {
    return -1;
  }
}
