// errno numbers as the running platform has them, and their texts. Read once from node's own table.
import { constants } from 'node:os';

const E = constants.errno as Record<string, number>;
const one = (name: string, linux: number): number => E[name] ?? linux;

export const EPERM = one('EPERM', 1);
export const ENOENT = one('ENOENT', 2);
export const EINTR = one('EINTR', 4);
export const EIO = one('EIO', 5);
export const EBADF = one('EBADF', 9);
export const EAGAIN = one('EAGAIN', 11);
export const ENOMEM = one('ENOMEM', 12);
export const EACCES = one('EACCES', 13);
export const EINVAL = one('EINVAL', 22);
export const ENFILE = one('ENFILE', 23);
export const EMFILE = one('EMFILE', 24);
export const EPIPE = one('EPIPE', 32);
export const ENOSYS = one('ENOSYS', 38);
export const EPROTO = one('EPROTO', 71);
export const EOPNOTSUPP = one('EOPNOTSUPP', 95);
export const EADDRINUSE = one('EADDRINUSE', 98);
export const EADDRNOTAVAIL = one('EADDRNOTAVAIL', 99);
export const ENETUNREACH = one('ENETUNREACH', 101);
export const ECONNABORTED = one('ECONNABORTED', 103);
export const ECONNRESET = one('ECONNRESET', 104);
export const ENOBUFS = one('ENOBUFS', 105);
export const EISCONN = one('EISCONN', 106);
export const ENOTCONN = one('ENOTCONN', 107);
export const ETIMEDOUT = one('ETIMEDOUT', 110);
export const ECONNREFUSED = one('ECONNREFUSED', 111);
export const EHOSTUNREACH = one('EHOSTUNREACH', 113);
export const EALREADY = one('EALREADY', 114);
export const EINPROGRESS = one('EINPROGRESS', 115);
export const ECANCELED = one('ECANCELED', 125);

/** Second names of numbers that have two. */
const ALIASES = new Set(['EWOULDBLOCK', 'ENOTSUP', 'EDEADLOCK']);
const NAMES = new Map<number, string>(
  Object.entries(E)
    .filter(([name, no]) => !ALIASES.has(name) || !Object.entries(E).some(([n, x]) => x === no && !ALIASES.has(n)))
    .map(([name, no]) => [no, name]),
);

/** Name of an errno given as positive or negative number: `ECONNREFUSED`. */
export function errnoName(no: number): string {
  const n = Math.abs(no);
  return NAMES.get(n) ?? `errno ${n}`;
}
