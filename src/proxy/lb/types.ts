// What a load-balancing algorithm is. Declarations only.
import type { Stream } from '../../datapath/stream/stream.js';
import type { Proxy } from '../proxy.js';
import type { Server } from '../server.js';

export interface LbAlgo {
  /** Name as the configuration and `show stat` write it. */
  readonly name: string;
  /** The same request would get the same server again (hashes): it waits for that one, and a retry goes there. */
  readonly deterministic: boolean;
  /** Weights may change while it runs; static algorithms know a server's initial weight and 0 alone. */
  readonly dynamic: boolean;
  /** Servers that take part now. */
  readonly active: number;
  /** The set of usable servers or their weights changed. */
  update(proxy: Proxy): void;
  /**
   * The server for `s` (null: for nobody in particular), never `avoid` unless there is no other. Those that are not
   * deterministic answer null when all are full; the others, and leastconn with `maxqueue`, may answer one without a slot,
   * whose queue it is then.
   */
  pick(proxy: Proxy, s: Stream | null, avoid: Server | null): Server | null;
  /** A stream took, or left, a slot of `server`. */
  taken(server: Server): void;
  left(server: Server): void;
}

/** The hash of what a stream is balanced by; -1 when it has no such thing. */
export type LbKey = (s: Stream) => number;
