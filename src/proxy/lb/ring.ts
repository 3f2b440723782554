// The ring of consistent hashing (configuration manual 4.2 "hash-type consistent"): each server stands at 16 places for each unit
// of its weight. The places, and which server a hash belongs to, are the reference's, derived from watching it: place j of the
// server with id i is the avalanche of 4096·i + j, and a hash belongs to the nearest place on the circle of 32 bits. So a change
// of one server moves the keys that it gets or had, and no others; and it depends on ids alone, not on names or order.
import { hashAvalanche } from '../../base/hash.js';
import type { Server } from '../server.js';

const PLACES_MAX = 4096; // of a server: ids lie that far apart
const INDEX = 0x10000; // a place and its server in one number

export class Ring {
  /** Places, ascending: place * INDEX + index into `servers`. */
  private places = new Float64Array(0);
  private readonly servers: Server[] = [];
  private readonly indexOf = new Map<Server, number>();
  private readonly counts: number[] = [];

  get length(): number {
    return this.places.length;
  }

  /** The servers that take part, with their weights. What did not change costs one pass over the ring. */
  update(next: readonly Server[]): void {
    const gone = new Set(this.indexOf.keys());
    const come: number[] = [];
    const go: number[] = [];
    for (const s of next) {
      gone.delete(s);
      this.resize(s, s.effWeight, come, go);
    }
    for (const s of gone) this.resize(s, 0, come, go);
    if (come.length > 0 || go.length > 0) this.places = merge(this.places, sorted(come), sorted(go));
  }

  /** The place nearest to `hash`: an index into the ring. */
  find(hash: number): number {
    const { places } = this;
    let low = 0;
    let high = places.length;
    const key = hash * INDEX;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (places[mid]! < key) low = mid + 1;
      else high = mid;
    }
    const after = low === places.length ? 0 : low;
    const before = low === 0 ? places.length - 1 : low - 1;
    const toBefore = (hash - Math.floor(places[before]! / INDEX)) >>> 0;
    const toAfter = (Math.floor(places[after]! / INDEX) - hash) >>> 0;
    return toBefore <= toAfter ? before : after;
  }

  at(place: number): Server {
    return this.servers[this.places[place]! % INDEX]!;
  }

  /** The first server from `place` on, around the ring, that `fits`; null when none does. */
  walk(place: number, fits: (s: Server) => boolean): Server | null {
    for (let i = 0, at = place; i < this.length; i++) {
      const s = this.at(at);
      if (fits(s)) return s;
      at = at + 1 === this.length ? 0 : at + 1;
    }
    return null;
  }

  private resize(s: Server, count: number, come: number[], go: number[]): void {
    let index = this.indexOf.get(s);
    if (index === undefined) {
      if (count === 0) return;
      index = this.servers.length;
      this.servers.push(s);
      this.indexOf.set(s, index);
      this.counts.push(0);
    }
    const had = this.counts[index]!;
    for (let j = had; j < count; j++) come.push(place(s, j, index));
    for (let j = count; j < had; j++) go.push(place(s, j, index));
    this.counts[index] = count;
  }
}

function place(s: Server, j: number, index: number): number {
  return hashAvalanche((Math.imul(s.id, PLACES_MAX) + j) | 0) * INDEX + index;
}

function sorted(list: readonly number[]): Float64Array {
  return Float64Array.from(list).sort();
}

/** `old` with `come` and without `go`; all ascending, each of `go` is in `old`. */
function merge(old: Float64Array, come: Float64Array, go: Float64Array): Float64Array<ArrayBuffer> {
  const out = new Float64Array(old.length + come.length - go.length);
  let to = 0;
  let c = 0;
  let g = 0;
  for (const value of old) {
    if (g < go.length && go[g] === value) {
      g++;
      continue;
    }
    while (c < come.length && come[c]! < value) out[to++] = come[c++]!;
    out[to++] = value;
  }
  while (c < come.length) out[to++] = come[c++]!;
  return out;
}
