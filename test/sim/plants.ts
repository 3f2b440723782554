// Bugs put into the running engine on purpose: each wraps one slot of an ops table or of a thread's object, as a careless
// change would have left it. The simulator has to find every one of them.

import { channelIsEmpty } from '../../src/datapath/channel/channel.js';
import { CF_SHUTW, CF_SHUTW_NOW } from '../../src/datapath/channel/flags.js';
import { CS_FL_MAY_SPLICE, CS_FL_WANT_ROOM } from '../../src/datapath/conn-stream/flags.js';
import type { Connection } from '../../src/datapath/connection/connection.js';
import type { Thread } from '../../src/datapath/fd/thread.js';
import { muxNone, muxPt } from '../../src/datapath/mux/pt.js';
import { tcpv4 } from '../../src/datapath/proto/stream-socket.js';
import { siConnOps } from '../../src/datapath/stream-interface/si-conn.js';
import type { StreamInterface } from '../../src/datapath/stream-interface/stream-interface.js';
import { rawSock } from '../../src/datapath/xprt/raw-sock.js';
import type { Manner } from '../../src/sys/sim/core.js';
import type { SimSys } from '../../src/sys/sim/sim-sys.js';
import { EVENT_GEN, EVENT_STRIDE } from '../../src/sys/types.js';

export interface EnginePlant {
  readonly name: string;
  /** The manner that can show it. */
  readonly manner: Manner;
  /** Puts the bug in; the result takes it out. */
  put(sim: SimSys, thr: Thread): () => void;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Replaces one slot of `table` by what `wrap` makes of it; returns how to put it back. */
function wrapped<T extends object, K extends keyof T>(table: T, slot: K, wrap: (was: T[K]) => T[K]): () => void {
  const w = table as Writable<T>;
  const own = Object.prototype.hasOwnProperty.call(table, slot);
  const was = table[slot];
  w[slot] = wrap(was);
  return () => {
    if (own) w[slot] = was;
    else Reflect.deleteProperty(table, slot);
  };
}

/** True on every `n`th call. */
function every(n: number): () => boolean {
  let i = 0;
  return () => ++i % n === 0;
}

const both = (a: () => void, b: () => void) => (): void => {
  a();
  b();
};

const plant = (name: string, put: EnginePlant['put'], manner: Manner = 'epoll'): EnginePlant => ({ name, manner, put });

export const PLANTS: readonly EnginePlant[] = [
  plant('WANT_ROOM is dropped by the mux', () => {
    const drop = (was: typeof muxPt.rcvBuf): typeof muxPt.rcvBuf => {
      return (cs, buf, count, flags) => {
        const n = was(cs, buf, count, flags);
        cs.flags &= ~CS_FL_WANT_ROOM;
        return n;
      };
    };
    return both(wrapped(muxPt, 'rcvBuf', drop), wrapped(muxNone, 'rcvBuf', drop));
  }),
  plant('the FIN is forwarded before the data', () =>
    wrapped(siConnOps, 'chkSnd', (was) => (si: StreamInterface) => {
      if ((si.oc.flags & (CF_SHUTW | CF_SHUTW_NOW)) === CF_SHUTW_NOW && !channelIsEmpty(si.oc)) si.ops.shutw(si);
      was(si);
    }),
  ),
  plant('one event in forty is lost', (sim, thr) =>
    wrapped(thr.loop, 'dispatch', (was) => {
      const now = every(40);
      return (count) => {
        for (let i = 0; i < count; i++) if (now()) sim.events[i * EVENT_STRIDE + EVENT_GEN] = -1;
        return was(count);
      };
    }),
  ),
  plant('a subscription is forgotten', () =>
    wrapped(rawSock, 'subscribe', (was) => {
      const now = every(30);
      return (conn, ctx, events, es) => {
        if (!now()) was(conn, ctx, events, es);
      };
    }),
  ),
  plant('a descriptor is closed twice', () =>
    wrapped(tcpv4, 'close', (was) => {
      const now = every(7);
      return (conn: Connection) => {
        const { fd } = conn;
        was(conn);
        if (now()) conn.thr.sys.close(fd);
      };
    }),
  ),
  plant('a descriptor is not closed', (_sim, thr) =>
    wrapped(thr.fdtab, 'delete', (was) => {
      const now = every(7);
      return (fd) => {
        if (now()) thr.fdtab.remove(fd);
        else was.call(thr.fdtab, fd);
      };
    }),
  ),
  plant('a half-close is swallowed', () => wrapped(muxPt, 'shutw', () => () => undefined)),
  plant('a byte is sent twice', () =>
    wrapped(rawSock, 'sndBuf', (was) => {
      const now = every(20);
      return (conn, ctx, buf, count, flags) => {
        const n = was(conn, ctx, buf, count, flags);
        return n > 1 && now() ? n - 1 : n;
      };
    }),
  ),
  plant('a received byte is dropped', () =>
    wrapped(rawSock, 'rcvBuf', (was) => {
      const now = every(20);
      return (conn, ctx, buf, count, flags) => {
        const n = was(conn, ctx, buf, count, flags);
        if (n > 1 && now()) {
          buf.data -= 1;
          return n - 1;
        }
        return n;
      };
    }),
  ),
  plant('EAGAIN is not noted', (_sim, thr) => wrapped(thr.fdtab, 'cantRecv', () => () => undefined)),
  plant('a pipe is not given back', (_sim, thr) =>
    wrapped(thr.pipes, 'put', (was) => {
      const now = every(9);
      return (pipe) => {
        if (!now()) was.call(thr.pipes, pipe);
      };
    }),
  ),
  plant('a pipe is pooled with bytes in it', (_sim, thr) =>
    wrapped(thr.pipes, 'put', (was) => (pipe) => {
      pipe.data = 0;
      was.call(thr.pipes, pipe);
    }),
  ),
  plant('the pipe is used while the channel holds bytes', () => {
    const ahead = (was: typeof muxPt.rcvBuf): typeof muxPt.rcvBuf => {
      return (cs, buf, count, flags) => {
        const n = was(cs, buf, count, flags);
        const si = cs.data as StreamInterface | null;
        if (n <= 0 || si === null || (cs.flags & CS_FL_MAY_SPLICE) === 0 || si.ic.pipe !== null) return n;
        const pipe = si.thr.pipes.get(false);
        if (pipe === null) return n;
        si.ic.pipe = pipe;
        cs.conn!.mux!.rcvPipe!(cs, pipe, pipe.size);
        if (pipe.data > 0) return n;
        si.ic.pipe = null;
        si.thr.pipes.put(pipe);
        return n;
      };
    };
    return both(wrapped(muxPt, 'rcvBuf', ahead), wrapped(muxNone, 'rcvBuf', ahead));
  }),
  plant('a buffer is not given back', (_sim, thr) =>
    wrapped(thr.bufs, 'release', (was) => {
      const now = every(15);
      return (ofs) => {
        if (!now()) was.call(thr.bufs, ofs);
      };
    }),
  ),
  plant(
    'a buffer in flight is not pinned',
    (_sim, thr) =>
      both(
        wrapped(thr.bufs, 'pin', () => () => undefined),
        wrapped(thr.bufs, 'unpin', () => () => undefined),
      ),
    'uring',
  ),
];
