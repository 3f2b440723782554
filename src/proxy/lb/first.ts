// balance first (configuration manual 4.2 "balance"): the server of the lowest id that has a slot left.
import type { Stream } from '../../datapath/stream/stream.js';
import type { Proxy } from '../proxy.js';
import type { Server } from '../server.js';
import { lbEligible } from './eligible.js';
import type { LbAlgo } from './types.js';

export class First implements LbAlgo {
  readonly name = 'first';
  readonly deterministic = false;
  readonly dynamic = true;
  private servers: Server[] = [];
  /** No server before this one had a slot when it was last looked at. */
  private from = 0;
  private moving = false;

  get active(): number {
    return this.servers.length;
  }

  update(proxy: Proxy): void {
    this.servers = lbEligible(proxy).sort((a, b) => a.id - b.id);
    this.servers.forEach((s, i) => (s.lbIndex = i));
    this.from = 0;
    this.moving = this.servers.some((s) => s.minconn !== s.maxconn || s.conf.slowstartMs > 0);
  }

  pick(_proxy: Proxy, _s: Stream | null, avoid: Server | null): Server | null {
    const { servers } = this;
    // Where limits move by themselves, a full server may have a slot without anybody leaving.
    if (this.moving) this.from = 0;
    while (this.from < servers.length && !servers[this.from]!.hasSlot) this.from++;
    for (let i = this.from; i < servers.length; i++) {
      const s = servers[i]!;
      if (s !== avoid && s.hasSlot) return s;
    }
    return avoid !== null && servers[avoid.lbIndex] === avoid && avoid.hasSlot ? avoid : null;
  }

  taken(): void {
    // `from` moves when it is looked at
  }

  left(server: Server): void {
    if (server.lbIndex >= 0 && server.lbIndex < this.from) this.from = server.lbIndex;
  }
}
