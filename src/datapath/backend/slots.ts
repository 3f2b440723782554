// Server slots and queues: a stream holds a slot from the moment it may connect until it ends; who finds none waits.
import { bugOn } from '../../base/bug.js';
import type { Server } from '../../proxy/server.js';
import type { Stream } from '../stream/stream.js';
import { SF_ASSIGNED } from '../stream/flags.js';

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

/** Hands free slots of `server` to those who wait: its own queue first, then the backend's. */
export function slotOffer(server: Server): void {
  const be = server.proxy;
  while (server.hasSlot) {
    const waiting = server.queue.first() ?? (server.usable ? be.queue.first() : null);
    if (waiting === null) return;
    const s = waiting as Stream;
    s.pendQueue!.remove(s);
    s.server = server;
    s.flags |= SF_ASSIGNED;
    slotTake(s, server);
    s.pendWake();
  }
}

/** Leaves the queue, where it stands in one. */
export function pendLeave(s: Stream): void {
  if (s.pendQueue !== null) s.pendQueue.remove(s);
}

/** Those who wait for `server` itself look for another one. Returns how many. */
export function slotRequeue(server: Server): number {
  let n = 0;
  for (let p = server.queue.first(); p !== null; p = server.queue.first(), n++) {
    const s = p as Stream;
    server.queue.remove(s);
    s.flags &= ~SF_ASSIGNED;
    s.pendWake();
  }
  return n;
}
