// The js transport under load: a forwarder of the plainest kind, written against the Sys interface as an edge-triggered epoll
// would have it. An edge that is lost is a flow that never ends; each byte is compared.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { AF_INET, SHUT_WR, SOCK_STREAM, SOCKADDR_MAX } from '../../../src/sys/constants.js';
import { EAGAIN, EINPROGRESS } from '../../../src/sys/errno.js';
import { EVENT_FD, EVENT_GEN, EVENT_STRIDE, SYS_POLL_ERR } from '../../../src/sys/types.js';
import { readAddr, writeAddr } from '../../../src/sys/js/address.js';
import { JsSys } from '../../../src/sys/js/js-sys.js';
import { check, until } from './js-bench.js';

const LIMIT = { timeout: 30_000 };
const AREA = 8192; // smaller than what node reads at once: every chunk is taken in pieces

interface Way {
  readonly from: number;
  readonly to: number;
  readonly ofs: number;
  start: number;
  end: number;
  eof: boolean;
}

class Forwarder {
  readonly sys = new JsSys({ arenaBytes: 16 * 1024 * 1024, eventsMax: 7 });
  readonly ways = new Map<number, { gen: number; ways: [Way, Way] }>();
  private readonly areas: number[] = [];
  private nextArea = 65536;
  private gen = 0;
  readonly lfd: number;
  readonly originPort: number;

  constructor(originPort: number) {
    this.originPort = originPort;
    this.lfd = check(this.sys.socket(AF_INET, SOCK_STREAM));
    check(this.sys.bind(this.lfd, 0, this.addr(0)));
    check(this.sys.listen(this.lfd, 1024));
    check(this.sys.pollAdd(this.lfd, 0));
  }

  get port(): number {
    check(this.sys.getsockname(this.lfd, 0));
    return readAddr(this.sys.arena.u8, 0, 16)!.port;
  }

  addr(port: number): number {
    return writeAddr(this.sys.arena.u8, 0, { family: AF_INET, host: '127.0.0.1', port, path: '' });
  }

  round(): void {
    const { sys } = this;
    const n = sys.poll(-1);
    const seen = Array.from(sys.events.slice(0, n * EVENT_STRIDE));
    for (let i = 0; i < n; i++) {
      const fd = seen[i * EVENT_STRIDE + EVENT_FD]!;
      if (fd === this.lfd) {
        this.accept();
        continue;
      }
      const pair = this.ways.get(fd);
      // Closed by its partner's event of the same batch, perhaps used again since: the generation tells.
      if (pair === undefined || pair.gen !== seen[i * EVENT_STRIDE + EVENT_GEN]) continue;
      const failed = (seen[i * EVENT_STRIDE]! & SYS_POLL_ERR) !== 0;
      if (this.pump(pair.ways[0]) || this.pump(pair.ways[1]) || failed) this.end(pair.ways, true);
      else if (pair.ways[0].eof && pair.ways[1].eof) this.end(pair.ways, false);
    }
  }

  private accept(): void {
    const { sys } = this;
    for (;;) {
      const client = sys.accept(this.lfd, SOCKADDR_MAX);
      if (client < 0) return assert.equal(client, -EAGAIN);
      const server = check(sys.socket(AF_INET, SOCK_STREAM));
      assert.equal(sys.connect(server, 0, this.addr(this.originPort)), -EINPROGRESS);
      const ways: [Way, Way] = [this.way(client, server), this.way(server, client)];
      const gen = ++this.gen;
      for (const fd of [client, server]) {
        this.ways.set(fd, { gen, ways });
        check(sys.pollAdd(fd, gen));
      }
    }
  }

  private way(from: number, to: number): Way {
    let ofs = this.areas.pop();
    if (ofs === undefined) {
      ofs = this.nextArea;
      this.nextArea += AREA;
    }
    return { from, to, ofs, start: 0, end: 0, eof: false };
  }

  /** Moves what moves; true when a side failed. */
  private pump(w: Way): boolean {
    const { sys } = this;
    for (;;) {
      if (w.start < w.end) {
        const n = sys.send(w.to, w.ofs + w.start, w.end - w.start, 0);
        if (n < 0) return n !== -EAGAIN;
        w.start += n;
        continue;
      }
      if (w.eof) return false;
      const n = sys.recv(w.from, w.ofs, AREA, 0);
      if (n < 0) return n !== -EAGAIN;
      if (n === 0) {
        w.eof = true;
        const rc = sys.shutdown(w.to, SHUT_WR);
        return rc < 0;
      }
      w.start = 0;
      w.end = n;
    }
  }

  private end(ways: [Way, Way], reset: boolean): void {
    const { sys } = this;
    for (const w of ways) {
      if (reset) {
        sys.arena.view.setInt32(0, 1, true);
        sys.arena.view.setInt32(4, 0, true);
        check(sys.setsockoptBytes(w.from, 1, 13, 0, 8));
      }
      check(sys.close(w.from));
      this.ways.delete(w.from);
      this.areas.push(w.ofs);
    }
  }
}

function sum(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex');
}

test('200 flows at once, both ways, a fifth killed: the others are whole, nothing is left', LIMIT, async (t) => {
  const origin = net.createServer({ allowHalfOpen: true }, (s) => {
    s.on('error', () => s.destroy());
    s.pipe(s);
  });
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  t.after(() => origin.close());
  const proxy = new Forwarder((origin.address() as net.AddressInfo).port);
  t.after(() => proxy.sys.destroy());
  proxy.sys.hostStart(() => proxy.round());

  const { port } = proxy;
  const flow = async (i: number): Promise<string> => {
    const body = randomBytes(i % 10 === 0 ? 0 : Math.floor(Math.random() ** 3 * 512 * 1024));
    const kill = i % 5 === 1;
    const s = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const pieces: Buffer[] = [];
    let got = 0;
    let failed = false as boolean;
    s.on('error', () => (failed = true));
    s.on('data', (d: Buffer) => {
      pieces.push(d);
      got += d.length;
      if (kill && got * 2 > body.length && !s.destroyed) s.resetAndDestroy();
    });
    s.on('connect', () => {
      if (kill && body.length < 1000) s.resetAndDestroy();
    });
    s.on('end', () => s.destroy());
    if (kill) s.write(body);
    else s.end(body);
    await new Promise((resolve) => s.once('close', resolve));
    if (kill) return 'killed';
    return !failed && sum(Buffer.concat(pieces)) === sum(body) ? 'whole' : `flow ${i}: ${got} of ${body.length}`;
  };
  const ends = await Promise.all(Array.from({ length: 200 }, (_, i) => flow(i)));
  assert.deepEqual([...new Set(ends)].sort(), ['killed', 'whole']);
  assert.equal(ends.filter((e) => e === 'whole').length, 160);
  await until(() => proxy.sys.open === 1 && proxy.sys.lingering.size === 0);
  assert.equal(proxy.ways.size, 0);
});
