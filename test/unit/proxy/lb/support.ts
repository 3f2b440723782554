// A backend for the tests of load balancing: servers s1, s2, … with what the test says of each.
import { newProxy, newServer } from '../../../../src/config/defaults.js';
import type { ServerConf } from '../../../../src/config/types.js';
import { muxPt } from '../../../../src/datapath/mux/pt.js';
import { addressInet } from '../../../../src/datapath/proto/address.js';
import type { Stream } from '../../../../src/datapath/stream/stream.js';
import { rawSock } from '../../../../src/datapath/xprt/raw-sock.js';
import type { LbAlgo } from '../../../../src/proxy/lb/types.js';
import { Proxy } from '../../../../src/proxy/proxy.js';
import { Server } from '../../../../src/proxy/server.js';

const HERE = { file: 'x.cfg', line: 1, column: 1, length: 1 };

export function backend(
  lb: LbAlgo,
  weights: readonly number[],
  tune?: (conf: ServerConf, i: number) => void,
): { px: Proxy; servers: Server[] } {
  const px = new Proxy(newProxy('backend', 'b', HERE));
  weights.forEach((weight, i) => {
    const conf = newServer(`s${i + 1}`, HERE);
    conf.weight = weight;
    conf.id = i + 1;
    tune?.(conf, i);
    px.servers.push(new Server(px, conf, addressInet('127.0.0.1', 80), null, muxPt, rawSock));
  });
  px.lb = lb;
  lb.update(px);
  return { px, servers: px.servers };
}

/** Chooses for `s`; the numbers of the servers, '-' for none. */
export function picks(px: Proxy, n: number, s: Stream | null = null): string {
  return Array.from({ length: n }, () => px.lb!.pick(px, s, null)?.name.slice(1) ?? '-').join('');
}

/** A slot of `server` is taken, or given back, as the streams do it. */
export function take(px: Proxy, server: Server): void {
  server.served++;
  px.lb!.taken(server);
}

export function leave(px: Proxy, server: Server): void {
  server.served--;
  px.lb!.left(server);
}
