// balance static-rr (configuration manual 4.2 "balance"): the table's servers in turn. Its state is one index.
import type { Stream } from '../../datapath/stream/stream.js';
import type { Proxy } from '../proxy.js';
import type { Server } from '../server.js';
import { lbEligible } from './eligible.js';
import { lbTable } from './table.js';
import type { LbAlgo } from './types.js';

export class StaticRr implements LbAlgo {
  readonly name: string = 'static-rr';
  readonly deterministic: boolean = false;
  readonly dynamic = false;
  protected table: readonly Server[] = [];
  private at = 0;
  private servers = 0;

  get active(): number {
    return this.servers;
  }

  update(proxy: Proxy): void {
    const servers = lbEligible(proxy);
    this.servers = servers.length;
    this.table = lbTable(servers);
    if (this.at >= this.table.length) this.at = 0;
  }

  pick(_proxy: Proxy, _s: Stream | null, avoid: Server | null): Server | null {
    return this.next(avoid);
  }

  taken(): void {
    // the table does not care
  }

  left(): void {
    // the table does not care
  }

  /** The next one of the table that has a slot. */
  protected next(avoid: Server | null): Server | null {
    const { table } = this;
    let avoided = -1;
    for (let i = 0, at = this.at; i < table.length; i++) {
      const s = table[at]!;
      const after = at + 1 === table.length ? 0 : at + 1;
      if (s.hasSlot) {
        if (s !== avoid) {
          this.at = after;
          return s;
        }
        avoided = after;
      }
      at = after;
    }
    if (avoided < 0) return null;
    this.at = avoided;
    return avoid;
  }
}
