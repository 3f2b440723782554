// Hashes on a table (configuration manual 4.2 "hash-type map-based"): the hash modulo the length of the table is the place.
// Streams without a key take the table's servers in turn. A redispatch comes to the same server again, as with the reference:
// the table knows no other for that key.
import type { Stream } from '../../datapath/stream/stream.js';
import type { Proxy } from '../proxy.js';
import type { Server } from '../server.js';
import { StaticRr } from './static-rr.js';
import type { LbKey } from './types.js';

export class HashMap extends StaticRr {
  override readonly name: string;
  override readonly deterministic = true;
  private readonly key: LbKey;

  constructor(name: string, key: LbKey) {
    super();
    this.name = name;
    this.key = key;
  }

  override pick(_proxy: Proxy, s: Stream | null, avoid: Server | null): Server | null {
    const { table } = this;
    if (table.length === 0) return null;
    const hash = s === null ? -1 : this.key(s);
    if (hash < 0) return this.next(avoid);
    return table[hash % table.length]!;
  }
}
