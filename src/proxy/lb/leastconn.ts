// balance leastconn (configuration manual 4.2 "balance"): the server with the fewest connections for its weight. The order is the
// reference's, derived from watching it: an idle server's load is 0, another one's (streams + 1) * 4096 / weight without the
// fraction, where the weight is in 16ths and its queued streams count; among equal loads the one whose load changed longest ago.
import type { Stream } from '../../datapath/stream/stream.js';
import type { Proxy } from '../proxy.js';
import type { Server } from '../server.js';
import { lbEligible } from './eligible.js';
import { NOT_IN_HEAP, ServerHeap } from './heap.js';
import type { LbAlgo } from './types.js';

const HEAVIEST = 4096; // 256 sixteen times

export class LeastConn implements LbAlgo {
  readonly name = 'leastconn';
  readonly deterministic = false;
  readonly dynamic = true;
  private readonly order = new ServerHeap(lessLoaded);
  private changes = 0;

  get active(): number {
    return this.order.length;
  }

  update(proxy: Proxy): void {
    const next = new Set(lbEligible(proxy));
    for (const s of proxy.servers) {
      const inOrder = s.lbIndex !== NOT_IN_HEAP;
      if (!next.has(s)) {
        if (inOrder) this.order.remove(s);
        continue;
      }
      if (inOrder && s.lbRest === s.effWeight) continue;
      s.lbRest = s.effWeight; // its weight at the last change
      this.place(s);
      if (inOrder) this.order.moved(s);
      else this.order.add(s);
    }
  }

  pick(_proxy: Proxy, _s: Stream | null, avoid: Server | null): Server | null {
    const found = this.order.first(takesOrQueues, avoid);
    if (found !== null || avoid === null || avoid.lbIndex === NOT_IN_HEAP) return found;
    return takesOrQueues(avoid) ? avoid : null;
  }

  taken(server: Server): void {
    if (server.lbIndex === NOT_IN_HEAP) return;
    this.place(server);
    this.order.moved(server);
  }

  left(server: Server): void {
    this.taken(server);
  }

  private place(s: Server): void {
    const streams = s.served + s.queue.length;
    s.lbPos = streams === 0 ? 0 : Math.floor(((streams + 1) * HEAVIEST) / s.effWeight);
    s.lbOrder = ++this.changes;
  }
}

/** It has a slot; or a queue that was given a length, which then counts like slots. */
function takesOrQueues(s: Server): boolean {
  if (s.conf.maxqueue === 0) return s.hasSlot;
  return s.served + s.queue.length < s.limit + s.conf.maxqueue;
}

function lessLoaded(a: Server, b: Server): boolean {
  return a.lbPos !== b.lbPos ? a.lbPos < b.lbPos : a.lbOrder < b.lbOrder;
}
