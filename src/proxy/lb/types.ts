// What a load-balancing algorithm is. Declarations only.
import type { Proxy } from '../proxy.js';
import type { Server } from '../server.js';

export interface LbAlgo {
  /** Name as the configuration and `show stat` write it. */
  readonly name: string;
  /** The same request would get the same server again (hashes); false for those that just go on to the next. */
  readonly deterministic: boolean;
  /** Weights may change while it runs; static algorithms know a server's initial weight and 0 alone. */
  readonly dynamic: boolean;
  /** Servers that take part now. */
  readonly active: number;
  /** The set of usable servers or their weights changed. */
  update(proxy: Proxy): void;
  /** A server with a free slot, never `avoid` unless there is no other; null when all are full or none is usable. */
  pick(proxy: Proxy, avoid: Server | null): Server | null;
  /** A stream took, or left, a slot of `server`. */
  taken(server: Server): void;
  left(server: Server): void;
}
