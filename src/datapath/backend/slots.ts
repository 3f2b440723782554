// Server slots and queues: a stream holds a slot from the moment it may connect until it ends; who finds none waits.
import { bugOn } from '../../base/bug.js';
import type { Server } from '../../proxy/server.js';
import type { Stream } from '../stream/stream.js';
import { SF_ASSIGNED, SF_REDISP } from '../stream/flags.js';
import { lbEligible } from '../../proxy/lb/eligible.js';
import { pendBefore } from '../../proxy/queue.js';

/** Takes a slot of `server` for `s`. */
export function slotTake(s: Stream, server: Server): void {
  bugOn(s.srvConn !== null, 'slot: taken twice');
  s.srvConn = server;
  server.served++;
  s.be.lb?.taken(server);
}

/** Gives the slot back; the next one in the queues gets it. */
export function slotRelease(s: Stream): void {
  const server = s.srvConn;
  if (server === null) return;
  s.srvConn = null;
  server.served--;
  s.be.lb?.left(server);
  slotOffer(server);
}

/**
 * Hands free slots of `server` to those who wait: in its own queue, and in the backend's where it may be chosen. Whoever comes
 * first by class and date goes first, its own before others.
 */
export function slotOffer(server: Server): void {
  const be = server.proxy;
  while (server.hasSlot) {
    const own = server.inMaint ? null : server.queue.first();
    const any = be.queue.length > 0 && mayServe(server) ? be.queue.first() : null;
    const next = own === null || (any !== null && pendBefore(any, own)) ? any : own;
    if (next === null) return;
    const s = next as Stream;
    s.pendQueue!.remove(s, true);
    s.server = server;
    s.flags |= SF_ASSIGNED;
    slotTake(s, server);
    s.pendWake();
  }
}

/** Load balancing may choose it: a backup only while it takes part. */
function mayServe(server: Server): boolean {
  return server.usable && (!server.backup || lbEligible(server.proxy).includes(server));
}

/**
 * Those who wait for `server` itself look for another one where `option redispatch` allows it (and `option persist` does not
 * forbid it). Returns how many.
 */
export function slotRequeue(server: Server): number {
  const { redispatch, options } = server.proxy.conf;
  if (!redispatch.on || options.persist) return 0;
  let n = 0;
  for (let p = server.queue.first(); p !== null; p = server.queue.first(), n++) {
    const s = p as Stream;
    pendLeave(s);
    s.flags = (s.flags & ~SF_ASSIGNED) | SF_REDISP;
    s.pendWake();
  }
  return n;
}

/** Leaves the queue, where it stands in one. */
export function pendLeave(s: Stream): void {
  if (s.pendQueue !== null) s.pendQueue.remove(s);
}
