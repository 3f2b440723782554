// The stream-interface: joins an endpoint (a conn-stream, or an applet) to the two channels of a stream. Reads go to `ic`,
// `oc` is what it sends. In forwarding mode the two interfaces of a stream move bytes between themselves.
import { bug } from '../../base/bug.js';
import { TICK_ETERNITY } from '../../base/ticks.js';
import type { Task } from '../../sched/task.js';
import type { Channel } from '../channel/channel.js';
import type { ConnStream } from '../conn-stream/conn-stream.js';
import type { WaitEvent } from '../connection/wait-event.js';
import type { Thread } from '../fd/thread.js';
import { SI_ET_NONE, SI_MOVES, SI_ST_INI, SI_ST_NAMES } from './flags.js';
import type { SiOps } from './ops.js';

export class StreamInterface {
  readonly thr: Thread;
  flags: number; // SI_FL_*
  state = SI_ST_INI;
  prevState = SI_ST_INI; // state when process_stream last ended
  errType = SI_ET_NONE;
  exp = TICK_ETERNITY; // connect, queue, turn-around
  readonly ic: Channel;
  readonly oc: Channel;
  /** The stream's task: woken for what the interfaces cannot decide. */
  readonly task: Task;
  /** The other side of the stream; set once both exist. */
  other: StreamInterface | null = null;
  ops: SiOps;
  cs: ConnStream | null = null;
  /** The applet's own object where the endpoint is one. */
  appctx: unknown = null;
  waitEvent: WaitEvent | null = null; // for conn-streams
  finTimeoutMs = 0; // timeout client-fin / server-fin

  constructor(thr: Thread, flags: number, ic: Channel, oc: Channel, task: Task, ops: SiOps) {
    this.thr = thr;
    this.flags = flags;
    this.ic = ic;
    this.oc = oc;
    this.task = task;
    this.ops = ops;
  }
}

/** The one setter: only moves of SI_MOVES are lawful. */
export function siSetState(si: StreamInterface, to: number): void {
  if ((SI_MOVES[si.state]! & (1 << to)) === 0)
    bug(`si: ${SI_ST_NAMES[si.state]!} → ${SI_ST_NAMES[to]!} is no lawful move`);
  si.state = to;
}
