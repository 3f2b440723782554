// Listening at once. `server.listen()` of node binds in the same call, but says so later: an error is thrown at the server's
// 'error' event from `process.nextTick`, and even a numeric host takes a turn through `dns.lookup`. A start-up that must
// report "address already in use" with its line cannot wait. What was found (node 20.20), and what is done about it:
//
//  - UNIX paths, abstract names and descriptors are bound inside the call; only the report of an error is put off;
//  - `net` calls the public `dns.lookup`, so for the length of the call it is replaced by one that answers a numeric
//    address at once: TCP then binds inside the call too;
//  - the error object passes through `process.nextTick` as an argument: a wrapper looks at it and passes it on.
//
// Both are back in place before the call returns; nothing else can run in between. Should another version of node not take
// these ways, listening goes on as node does it and a failure comes as the listener's error event: see `pending`.

import dns from 'node:dns';
import { isIP, type ListenOptions, type Server } from 'node:net';

/** Options of node's `listen`; an inherited descriptor is the form that its types leave out. */
export type ListenWhere = ListenOptions | { fd: number };

export interface ListenResult {
  /** 0, or -errno. */
  readonly rc: number;
  /** True where neither success nor failure was known at return. */
  readonly pending: boolean;
}

type LookupAnswer = (err: null, address: string | { address: string; family: number }[], family?: number) => void;

/** Calls `server.listen(where)` and tells how it went. `where.host`, where given, is a numeric address. */
export function listenNow(server: Server, where: ListenWhere): ListenResult {
  const dnsFace = dns as { lookup: unknown };
  const lookup = dnsFace.lookup;
  const nextTick = process.nextTick;
  let errno = 0;
  dnsFace.lookup = answerNumeric;
  process.nextTick = (callback: (...args: never[]) => void, ...args: unknown[]): void => {
    for (const arg of args) errno ||= errnoOf(arg);
    (nextTick as (fn: unknown, ...rest: unknown[]) => void)(callback, ...args);
  };
  try {
    server.listen(where);
  } finally {
    dnsFace.lookup = lookup;
    process.nextTick = nextTick;
  }
  if (errno !== 0) return { rc: -errno, pending: false };
  return { rc: 0, pending: !server.listening };
}

/** The positive errno of an error that libuv made, else 0. */
export function errnoOf(err: unknown): number {
  if (!(err instanceof Error)) return 0;
  const { errno } = err as NodeJS.ErrnoException;
  return typeof errno === 'number' ? Math.abs(errno) : 0;
}

function answerNumeric(host: string, options: { all?: boolean } | LookupAnswer, callback?: LookupAnswer): void {
  const family = isIP(host);
  if (typeof options === 'function') options(null, host, family);
  else if (options.all === true) callback!(null, [{ address: host, family }]);
  else callback!(null, host, family);
}
