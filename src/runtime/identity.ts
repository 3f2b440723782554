// `user`, `group`, `uid` and `gid` of the global section: who the program is once its sockets are bound (manual 3.1).
import type { GlobalConf } from '../config/types.js';

/** The calls that change a process; node's own, or a test's. */
export interface IdentityCalls {
  geteuid(): number;
  setgroups(groups: readonly number[]): void;
  setgid(id: number): void;
  setuid(id: number): void;
}

/**
 * Takes the identity asked for: no further groups, then the group, then the user. 0 stands for "not asked for", as with
 * the reference. Returns '' or what could not be done, in the reference's words; then the program must not go on.
 */
export function takeIdentity(global: Pick<GlobalConf, 'uid' | 'gid'>, calls: IdentityCalls): string {
  const { uid, gid } = global;
  if (uid <= 0 && gid <= 0) return '';
  if (calls.geteuid() === 0 && !works(() => calls.setgroups([]))) return 'Cannot drop supplementary groups.';
  if (gid > 0 && !works(() => calls.setgid(gid))) return `Cannot set gid ${gid}.`;
  if (uid > 0 && !works(() => calls.setuid(uid))) return `Cannot set uid ${uid}.`;
  return '';
}

function works(call: () => void): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

/** Node's calls. A system without users has none: asking for an identity fails there. */
export const processIdentity: IdentityCalls = {
  geteuid: () => process.geteuid?.() ?? -1,
  setgroups: (groups) => present(process.setgroups)(groups),
  setgid: (id) => present(process.setgid)(id),
  setuid: (id) => present(process.setuid)(id),
};

function present<T>(call: T | undefined): T {
  if (call === undefined) throw new Error('not on this system');
  return call;
}
