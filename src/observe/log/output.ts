// Where lines go. None of these ever waits: what does not go out at once is dropped and counted.
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { Thread } from '../../datapath/fd/thread.js';
import { SCRATCH_ADDR2 } from '../../datapath/fd/thread.js';
import { addressWrite } from '../../datapath/proto/address.js';
import type { Address } from '../../datapath/proto/types.js';
import { SO_SNDBUF, SOCK_DGRAM, SOL_SOCKET } from '../../sys/constants.js';
import { EAGAIN } from '../../sys/errno.js';

export interface LogOutput {
  /** Takes a line (binary string, with its line feed); false: it is dropped. */
  write(line: string): boolean;
  close(): void;
}

const SNDBUF_BYTES = 65536; // datagrams up to 64 KiB fit

/** One datagram a line, over UDP or to a UNIX socket. */
export class DatagramOutput implements LogOutput {
  private readonly thr: Thread;
  private readonly to: Address;
  private readonly area: number;
  private fd = -1;

  constructor(thr: Thread, to: Address) {
    this.thr = thr;
    this.to = to;
    this.area = thr.bufs.alloc(1);
  }

  write(line: string): boolean {
    const { sys, bufs } = this.thr;
    if (this.area < 0) return false;
    if (this.fd < 0) {
      const fd = sys.socket(this.to.family, SOCK_DGRAM);
      if (fd < 0) return false;
      this.fd = fd;
      sys.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, SNDBUF_BYTES);
    }
    const len = Math.min(line.length, bufs.sizeOf(this.area));
    const { u8 } = sys.arena;
    for (let i = 0; i < len; i++) u8[this.area + i] = line.charCodeAt(i);
    const addressLen = addressWrite(sys.arena, SCRATCH_ADDR2, this.to);
    return sys.sendto(this.fd, this.area, len, SCRATCH_ADDR2, addressLen) >= 0;
  }

  close(): void {
    if (this.fd >= 0) this.thr.sys.closeRaw(this.fd);
    this.fd = -1;
    if (this.area >= 0) this.thr.bufs.release(this.area);
  }
}

/**
 * A descriptor of the process: stdout, stderr, fd@N. A file takes everything. A pipe or a terminal is opened a second time without
 * blocking, so that the description that others share stays as it is; sockets are sent to without waiting. A line that was
 * taken in part is completed before the next one begins.
 */
export class DescriptorOutput implements LogOutput {
  private readonly thr: Thread;
  private readonly fd: number;
  private own = -1;
  private area = -1;
  private rest: Buffer | null = null;

  constructor(thr: Thread, fd: number) {
    this.thr = thr;
    this.fd = fd;
    try {
      const st = fstatSync(fd);
      if (st.isSocket()) this.area = thr.sys.name === 'js' ? -1 : thr.bufs.alloc(1);
      else if (!st.isFile() && process.platform === 'linux')
        this.own = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch {
      // written to as it is: each line then goes out or is dropped
    }
  }

  write(line: string): boolean {
    if (this.rest !== null && !this.put(this.rest)) return false;
    return this.put(Buffer.from(line, 'latin1')) || this.rest !== null;
  }

  /** True when all of it went; what is left of a part is in `rest`. */
  private put(bytes: Buffer): boolean {
    const n = this.area >= 0 ? this.send(bytes) : this.writeSome(bytes);
    if (n <= 0) return false;
    this.rest = n < bytes.length ? bytes.subarray(n) : null;
    return n >= bytes.length;
  }

  private send(bytes: Buffer): number {
    const { sys, bufs } = this.thr;
    const len = Math.min(bytes.length, bufs.sizeOf(this.area));
    sys.arena.u8.set(bytes.subarray(0, len), this.area);
    // As a datagram to whom it is connected: completion transports keep nothing in flight.
    return sys.sendto(this.fd, this.area, len, 0, 0);
  }

  private writeSome(bytes: Buffer): number {
    try {
      return writeSync(this.own >= 0 ? this.own : this.fd, bytes);
    } catch {
      return -EAGAIN;
    }
  }

  close(): void {
    if (this.own >= 0) closeSync(this.own);
    this.own = -1;
    if (this.area >= 0) this.thr.bufs.release(this.area);
    this.area = -1;
  }
}
