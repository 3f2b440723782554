// balance roundrobin (configuration manual 4.2 "balance"): each server in turn, according to its weight; smooth, so that a
// server of weight 2 is not chosen twice in a row among others. Each server has a date at which it is due; the earliest
// is chosen and its date moves by SCALE / weight. Equal dates: not the one just served, then the heaviest, then the one that
// waits longest, then the order of the file (the reference's sequences follow from these).
import { bugOnHot } from '../../base/bug.js';
import type { Proxy } from '../proxy.js';
import type { Server } from '../server.js';
import { lbEligible } from './eligible.js';
import type { LbAlgo } from './types.js';

const SCALE = 65536;
const TIE = 0.5; // dates are sums of fractions: this close is equal
const REBASE = 2 ** 40; // dates are moved back when they grow beyond this

export class RoundRobin implements LbAlgo {
  readonly name = 'roundrobin';
  private servers: Server[] = [];
  private seq = 0;

  update(proxy: Proxy): void {
    const next = lbEligible(proxy);
    const base = this.servers.length === 0 ? 0 : Math.min(...this.servers.map((s) => s.lbKey));
    for (const s of next) if (!this.servers.includes(s)) s.lbKey = base + SCALE / s.weight;
    this.servers = next;
  }

  pick(_proxy: Proxy, avoid: Server | null): Server | null {
    const { servers } = this;
    let best = -1;
    let second = -1;
    for (let i = 0; i < servers.length; i++) {
      const s = servers[i]!;
      if (!s.hasSlot) continue;
      if (s === avoid) {
        second = i;
        continue;
      }
      if (best < 0 || this.before(s, servers[best]!)) best = i;
    }
    if (best < 0) best = second;
    if (best < 0) return null;
    const chosen = servers[best]!;
    bugOnHot(chosen.weight <= 0, 'roundrobin: chose a server without weight');
    chosen.lbKey += SCALE / chosen.weight;
    if (chosen.lbKey > REBASE) for (const s of servers) s.lbKey -= REBASE;
    // The one just served goes behind those that are due at the same date.
    chosen.lbSeq = ++this.seq;
    return chosen;
  }

  /** True when `a` is to be chosen before `b`. */
  private before(a: Server, b: Server): boolean {
    const d = a.lbKey - b.lbKey;
    if (d < -TIE || d > TIE) return d < 0;
    if (this.seq !== 0 && (a.lbSeq === this.seq || b.lbSeq === this.seq)) return b.lbSeq === this.seq;
    return a.weight !== b.weight ? a.weight > b.weight : a.lbSeq < b.lbSeq;
  }

  taken(): void {
    // its dates say it all
  }

  left(): void {
    // its dates say it all
  }
}
