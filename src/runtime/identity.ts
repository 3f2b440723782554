// `chroot`, `user`, `group`, `uid` and `gid` of the global section: where and who the program is once its sockets are bound
// (manual 3.1).
import type { GlobalConf } from '../config/types.js';
import { binaryOf } from '../policy/sample/binary.js';
import { errnoName } from '../sys/errno.js';
import { loadAddon } from '../sys/load.js';

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

/** What the reference says of a jail that cannot be entered, and what it leaves open: why. */
export interface JailRefused {
  readonly alert: string;
  readonly why: string;
}

/** Changes the root directory: 0 or -errno; null where nothing can, and why. */
export type Chroot = ((path: string) => number) | { readonly reason: string };

/**
 * Enters the directory of `chroot`, before the identity changes: nobody else may afterwards. From here on names of files are
 * those of the jail (`log /dev/log`, UNIX sockets of servers), as with the reference. What the process reads once and late
 * is read before: the time zone. Null: it is inside.
 */
export function enterJail(dir: string, chroot: Chroot): JailRefused | null {
  const alert = `Cannot chroot(${dir}).`;
  if (typeof chroot !== 'function') return { alert, why: `'chroot' needs the native addon: ${chroot.reason}` };
  new Date().getTimezoneOffset();
  const err = chroot(binaryOf(dir));
  if (err === 0) return null;
  return { alert, why: REASONS[errnoName(err)] ?? errnoName(err) };
}

const REASONS: Readonly<Record<string, string>> = {
  EPERM: 'only root may change the root directory (or a process with CAP_SYS_CHROOT)',
  ENOENT: 'there is no such directory',
  ENOTDIR: 'it is no directory',
  EACCES: 'permission denied on the way to it',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
};

/** The addon's. */
export function processChroot(env: NodeJS.ProcessEnv): Chroot {
  const found = loadAddon(undefined, env);
  if (found.addon === null) return { reason: found.reason };
  return found.addon.chroot ?? { reason: 'the one found is older than this sluice, build it again' };
}
