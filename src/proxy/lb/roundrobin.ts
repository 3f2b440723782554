// balance roundrobin (configuration manual 4.2 "balance"): each server in turn, according to its weight; smooth, so that a
// server of weight 2 is not chosen twice in a row among lighter ones. The order is the reference's, derived from watching it:
// time is counted in choices; a server that was chosen is due again total/weight later (an exact fraction: `lbPos` whole
// choices and `lbRest` parts of its weight). The one due earliest goes first; when none is due yet, the heaviest of those that
// were never chosen starts. Equal dates: the one with more weight beyond its parts, then the one chosen longest ago.
import { bugOnHot } from '../../base/bug.js';
import type { Stream } from '../../datapath/stream/stream.js';
import type { Proxy } from '../proxy.js';
import type { Server } from '../server.js';
import { lbEligible } from './eligible.js';
import { NOT_IN_HEAP, ServerHeap, takesMore } from './heap.js';
import type { LbAlgo } from './types.js';

const NEVER = -1; // `lbPos` of a server that was not chosen since it takes part

export class RoundRobin implements LbAlgo {
  readonly name = 'roundrobin';
  readonly deterministic = false;
  readonly dynamic = true;
  private servers: Server[] = [];
  /** Chosen before, by date; and never chosen, the heaviest first. */
  private readonly due = new ServerHeap(dueBefore);
  private readonly fresh = new ServerHeap(heavierBefore);
  private total = 0; // weights
  private pos = 0; // now
  private choices = 0;

  get active(): number {
    return this.servers.length;
  }

  update(proxy: Proxy): void {
    const next = lbEligible(proxy);
    const before = new Set(this.servers);
    this.due.clear();
    this.fresh.clear();
    this.total = next.reduce((sum, s) => sum + s.effWeight, 0);
    for (const s of next) {
      if (!before.has(s)) {
        s.lbPos = NEVER;
        s.lbRest = 0;
        s.lbOrder = proxy.servers.indexOf(s);
      }
      if (s.lbPos === NEVER) this.fresh.add(s);
      else {
        this.hasten(s);
        this.due.add(s);
      }
    }
    this.servers = next;
  }

  pick(_proxy: Proxy, _s: Stream | null, avoid: Server | null): Server | null {
    const due = this.due.first(takesMore, avoid);
    const fresh = this.fresh.length === 0 ? null : this.fresh.first(takesMore, avoid);
    const pos = this.pos + 1;
    const starts = fresh !== null && (due === null || due.lbPos > pos);
    const chosen = starts ? fresh : (due ?? fallback(avoid));
    if (chosen === null) return null;
    this.pos = pos;
    chosen.lbOrder = ++this.choices;
    if (chosen.lbPos === NEVER) {
      this.fresh.remove(chosen);
      this.move(chosen, pos);
      this.due.add(chosen);
    } else {
      this.move(chosen, chosen.lbPos);
      this.due.moved(chosen);
    }
    return chosen;
  }

  taken(): void {
    // the dates say it all
  }

  left(): void {
    // the dates say it all
  }

  /** After a change of weights `s` is due within its new interval from now: a heavier one does not wait for its old date. */
  private hasten(s: Server): void {
    const latest = this.pos + Math.ceil(this.total / s.effWeight);
    if (s.lbPos <= latest) return;
    s.lbPos = latest;
    s.lbRest = 0;
  }

  /** `s` was chosen at `from`: due again total/weight later. */
  private move(s: Server, from: number): void {
    bugOnHot(s.effWeight <= 0, 'roundrobin: chose a server without weight');
    const rest = s.lbRest + (this.total % s.effWeight);
    const carry = rest >= s.effWeight ? 1 : 0;
    s.lbRest = carry === 1 ? rest - s.effWeight : rest;
    s.lbPos = from + Math.floor(this.total / s.effWeight) + carry;
  }
}

/** The one to avoid, where it is all there is. */
function fallback(avoid: Server | null): Server | null {
  return avoid !== null && avoid.lbIndex !== NOT_IN_HEAP && avoid.hasSlot ? avoid : null;
}

/** `a` is due before `b`; both were chosen before. */
function dueBefore(a: Server, b: Server): boolean {
  if (a.lbPos !== b.lbPos) return a.lbPos < b.lbPos;
  const left = a.lbRest - a.effWeight - (b.lbRest - b.effWeight);
  return left !== 0 ? left < 0 : a.lbOrder < b.lbOrder;
}

function heavierBefore(a: Server, b: Server): boolean {
  return a.effWeight !== b.effWeight ? a.effWeight > b.effWeight : a.lbOrder < b.lbOrder;
}
