// Hashes on the ring (configuration manual 4.2 "hash-type consistent", "hash-balance-factor"), and `balance random`, which draws
// its hashes.
import type { Stream } from '../../datapath/stream/stream.js';
import type { Proxy } from '../proxy.js';
import type { Server } from '../server.js';
import { lbEligible } from './eligible.js';
import { Ring } from './ring.js';
import type { LbAlgo, LbKey } from './types.js';

/** What both have: a ring, and a bound to the load of a server. */
abstract class OnRing implements LbAlgo {
  abstract readonly name: string;
  abstract readonly deterministic: boolean;
  readonly dynamic = true;
  protected readonly ring = new Ring();
  /** `hash-balance-factor`, percent; 0: no bound. */
  protected readonly factor: number;
  private servers: readonly Server[] = [];
  private weights = 0;
  private load = 0; // streams that hold a slot of one of `servers`

  constructor(factor: number) {
    this.factor = factor;
  }

  get active(): number {
    return this.servers.length;
  }

  update(proxy: Proxy): void {
    for (const s of this.servers) s.lbIndex = -1;
    this.servers = lbEligible(proxy);
    this.weights = 0;
    this.load = 0;
    for (const s of this.servers) {
      s.lbIndex = 0;
      s.lbOrder = this.weights; // of those before it
      this.weights += s.effWeight;
      this.load += s.served;
    }
    this.ring.update(this.servers);
  }

  abstract pick(proxy: Proxy, s: Stream | null, avoid: Server | null): Server | null;

  taken(server: Server): void {
    if (server.lbIndex >= 0) this.load++;
  }

  left(server: Server): void {
    if (server.lbIndex >= 0) this.load--;
  }

  /**
   * All streams, this one included, times the factor, rounded up, are the slots there are; each server has its part of them by
   * weight, and one at least. Derived from watching the reference: what is left over goes to where the sums of the weights
   * round up.
   */
  protected withinBound(s: Server): boolean {
    if (this.factor === 0) return true;
    const slots = Math.ceil(((this.load + 1) * this.factor) / 100);
    const each = Math.floor(slots / this.weights);
    const rest = slots % this.weights;
    const upTo = (weights: number): number => Math.floor((weights * rest) / this.weights);
    const own = each * s.effWeight + upTo(s.lbOrder + s.effWeight) - upTo(s.lbOrder);
    return s.served < Math.max(1, own);
  }
}

export class HashRing extends OnRing {
  readonly name: string;
  readonly deterministic = true;
  private readonly key: LbKey;
  private turn = 0;

  constructor(name: string, key: LbKey, factor: number) {
    super(factor);
    this.name = name;
    this.key = key;
  }

  pick(_proxy: Proxy, s: Stream | null, avoid: Server | null): Server | null {
    const { ring } = this;
    if (ring.length === 0) return null;
    const hash = s === null ? -1 : this.key(s);
    if (hash < 0) {
      // Nothing to go by: any, in turn.
      this.turn = (this.turn + 1) % ring.length;
      return ring.walk(this.turn, (x) => x.hasSlot && x !== avoid) ?? ring.walk(this.turn, (x) => x.hasSlot);
    }
    const place = ring.find(hash);
    const found = ring.at(place);
    if (found !== avoid && this.factor === 0) return found;
    return ring.walk(place, (x) => x !== avoid && this.withinBound(x)) ?? found;
  }
}

export class RandomDraws extends OnRing {
  readonly name = 'random';
  readonly deterministic = false;
  private readonly draws: number;
  private readonly random: () => number;

  /** `random`: as Math.random. */
  constructor(draws: number, factor: number, random: () => number = Math.random) {
    super(factor);
    this.draws = draws;
    this.random = random;
  }

  pick(_proxy: Proxy, _s: Stream | null, avoid: Server | null): Server | null {
    const { ring } = this;
    if (ring.length === 0) return null;
    const fits = (x: Server): boolean => x.hasSlot && x !== avoid && this.withinBound(x);
    let best: Server | null = null;
    for (let i = 0; i < this.draws; i++) {
      const place = ring.find(Math.floor(this.random() * 0x100000000));
      const drawn = ring.walk(place, fits);
      if (drawn === null) break; // nor will another draw find one
      if (best === null || lighter(drawn, best)) best = drawn;
    }
    if (best !== null) return best;
    return (
      ring.walk(0, (x) => x.hasSlot && x !== avoid) ??
      (avoid !== null && avoid.lbIndex >= 0 && avoid.hasSlot ? avoid : null)
    );
  }
}

/** Fewer streams for its weight, queued ones included. */
function lighter(a: Server, b: Server): boolean {
  return (a.served + a.queue.length) * b.effWeight < (b.served + b.queue.length) * a.effWeight;
}
