// balance roundrobin (configuration manual 4.2 "balance"): each server in turn, according to its weight; smooth, so that a
// server of weight 2 is not chosen twice in a row among lighter ones. The order is the reference's, derived from watching it:
// time is counted in choices; a server that was chosen is due again total/weight later (an exact fraction: `lbPos` whole
// choices and `lbRest` parts of its weight). The one due earliest goes first; when none is due yet, the heaviest of those that
// were never chosen starts. Equal dates: the heavier one, then the order of the file.
import { bugOnHot } from '../../base/bug.js';
import type { Proxy } from '../proxy.js';
import type { Server } from '../server.js';
import { lbEligible } from './eligible.js';
import type { LbAlgo } from './types.js';

const NEVER = -1; // `lbPos` of a server that was not chosen since it takes part
const REBASE = 2 ** 30; // positions are moved back when they grow beyond this

export class RoundRobin implements LbAlgo {
  readonly name = 'roundrobin';
  readonly deterministic = false;
  readonly dynamic = true;
  private servers: Server[] = [];
  private total = 0; // weights
  private pos = 0; // choices so far

  get active(): number {
    return this.servers.length;
  }

  update(proxy: Proxy): void {
    const next = lbEligible(proxy);
    for (const s of next) {
      if (this.servers.includes(s)) continue;
      s.lbPos = NEVER;
      s.lbRest = 0;
    }
    this.servers = next;
    this.total = next.reduce((sum, s) => sum + s.effWeight, 0);
  }

  pick(_proxy: Proxy, avoid: Server | null): Server | null {
    const { servers } = this;
    let due: Server | null = null;
    let fresh: Server | null = null;
    let avoided: Server | null = null;
    for (let i = 0; i < servers.length; i++) {
      const s = servers[i]!;
      if (!s.hasSlot) continue;
      if (s === avoid) {
        avoided = s;
        continue;
      }
      if (s.lbPos === NEVER) {
        if (fresh === null || s.effWeight > fresh.effWeight) fresh = s;
      } else if (due === null || before(s, due)) {
        due = s;
      }
    }
    const pos = ++this.pos;
    const starts = fresh !== null && (due === null || due.lbPos > pos);
    const chosen = starts ? fresh : (due ?? avoided);
    if (chosen === null) {
      this.pos--;
      return null;
    }
    this.move(chosen, chosen.lbPos === NEVER ? pos : chosen.lbPos);
    return chosen;
  }

  taken(): void {
    // the dates say it all
  }

  left(): void {
    // the dates say it all
  }

  /** `s` was chosen at `from`: due again total/weight later. */
  private move(s: Server, from: number): void {
    bugOnHot(s.effWeight <= 0, 'roundrobin: chose a server without weight');
    const rest = s.lbRest + (this.total % s.effWeight);
    const carry = rest >= s.effWeight ? 1 : 0;
    s.lbRest = carry === 1 ? rest - s.effWeight : rest;
    s.lbPos = from + Math.floor(this.total / s.effWeight) + carry;
    if (this.pos < REBASE) return;
    for (const x of this.servers) if (x.lbPos !== NEVER) x.lbPos = Math.max(0, x.lbPos - this.pos);
    this.pos = 0;
  }
}

/** `a` is due before `b`; both were chosen before. */
function before(a: Server, b: Server): boolean {
  if (a.lbPos !== b.lbPos) return a.lbPos < b.lbPos;
  const left = a.lbRest * b.effWeight - b.lbRest * a.effWeight;
  return left !== 0 ? left < 0 : a.effWeight > b.effWeight;
}
