// Whether io_uring works here: asked before the transport is chosen, without loading it.
import { ENOSYS } from '../errno.js';
import type { Addon } from '../load.js';
import { BUF_GROUP } from './buffers.js';
import { ringOpen } from './ring.js';
import { OPS_NEEDED, type UringAddon } from './types.js';

/** What the probe found. `err` 0: the transport works here; else the -errno that stands in the way. */
export interface UringProbe {
  readonly err: number;
  /** Opcodes that are needed and missing. */
  readonly missing: readonly number[];
  readonly features: number;
}

/** Whether io_uring works in this process: ENOSYS (old kernel), EPERM (seccomp, sysctl), or an operation missing. */
export function probeUring(addon: Addon): UringProbe {
  if (!hasUring(addon)) return { err: -ENOSYS, missing: [], features: 0 };
  const ops = new Uint8Array(256);
  const features = addon.uringProbe(ops);
  if (features < 0) return { err: features, missing: [], features: 0 };
  const missing = OPS_NEEDED.filter((op) => ops[op] !== 1);
  if (missing.length > 0) return { err: -ENOSYS, missing, features };
  const ring = ringOpen(addon, 8, 16, 0);
  if (typeof ring === 'number') return { err: ring, missing, features };
  const bufs = ring.handle.bufRing(BUF_GROUP, 8);
  ring.close();
  return { err: typeof bufs === 'number' ? bufs : 0, missing, features };
}

export function hasUring(addon: Addon): addon is Addon & UringAddon {
  return 'uringSetup' in addon && typeof addon.uringSetup === 'function';
}
