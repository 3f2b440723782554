// Socket options with a byte value, written through the thread's scratch area.
import { SO_LINGER, SOL_SOCKET } from '../../sys/constants.js';
import { SCRATCH_OPT, SCRATCH_OPT_BYTES, type Thread } from '../fd/thread.js';

/** SO_LINGER {on, 0 s}: the next close sends RST and drops what was not sent. */
export function sockSetRstOnClose(thr: Thread, fd: number): number {
  thr.sys.arena.view.setInt32(SCRATCH_OPT, 1, true);
  thr.sys.arena.view.setInt32(SCRATCH_OPT + 4, 0, true);
  return thr.sys.setsockoptBytes(fd, SOL_SOCKET, SO_LINGER, SCRATCH_OPT, 8);
}

/** An option whose value is a name (SO_BINDTODEVICE). */
export function sockSetName(thr: Thread, fd: number, level: number, option: number, name: string): number {
  const bytes = Buffer.from(`${name}\0`, 'latin1').subarray(0, SCRATCH_OPT_BYTES);
  thr.sys.arena.u8.set(bytes, SCRATCH_OPT);
  return thr.sys.setsockoptBytes(fd, level, option, SCRATCH_OPT, bytes.length);
}
