// Slow start (configuration manual 5.2 "slowstart"): a server that came back takes its part bit by bit. Its weight grows in
// sixteenths, as the reference does it, and its limit of connections from 1 on. A timer brings the load balancing up to date.
import { tickAdd, TICK_ETERNITY } from '../base/ticks.js';
import { type TaskHandler, taskDestroy, taskNew, taskQueue } from '../sched/task.js';
import { type Server, SRV_ST_RUNNING, SRV_ST_STARTING, WEIGHT_SCALE } from './server.js';

const STEPS = 20; // of the time given
const STEP_MIN_MS = 1000;

/** `srv` has just become SRV_ST_STARTING; it is SRV_ST_RUNNING when the time is over. */
export function slowstartBegin(srv: Server): void {
  const { sched } = srv.proxy.host!;
  const task = srv.warmup ?? taskNew(sched, step, srv);
  srv.warmup = task;
  srv.warmupMs = sched.clock[0]!;
  srvEffectiveWeight(srv);
  arm(srv);
}

/** The server went away again, or the instance ends. */
export function slowstartEnd(srv: Server): void {
  if (srv.warmup === null) return;
  taskDestroy(srv.warmup);
  srv.warmup = null;
}

/** The weight that load balancing goes by follows from the user's and from slowstart: sixteenths of a weight of 1. */
export function srvEffectiveWeight(srv: Server): void {
  srv.effWeight = srv.weight * sixteenths(srv);
}

/** What a server in slow start has of its weight now, in percent (`throttle` of `show stat`); 100 for others. */
export function srvThrottle(srv: Server): number {
  return srv.weight === 0 ? 100 : Math.floor((srv.effWeight * 100) / (srv.weight * WEIGHT_SCALE));
}

function sixteenths(srv: Server): number {
  if (srv.state !== SRV_ST_STARTING || srv.proxy.lb?.dynamic === false) return WEIGHT_SCALE;
  return Math.min(WEIGHT_SCALE, Math.floor(srv.warmth * WEIGHT_SCALE) + 1);
}

function arm(srv: Server): void {
  const { sched } = srv.proxy.host!;
  const left = srv.warmupMs + srv.conf.slowstartMs - sched.clock[0]!;
  const every = Math.max(STEP_MIN_MS, Math.floor(srv.conf.slowstartMs / STEPS));
  srv.warmup!.expire = tickAdd(sched.now, Math.max(1, Math.min(every, Math.ceil(left))));
  taskQueue(srv.warmup!);
}

const step: TaskHandler = (task, context) => {
  const srv = context as Server;
  const px = srv.proxy;
  const host = px.host!;
  const over = srv.warmth >= 1;
  if (over) {
    srv.state = SRV_ST_RUNNING;
    srv.lastChangeMs = host.sched.clock[1]!;
  }
  srvEffectiveWeight(srv);
  px.lb?.update(px);
  host.offer(srv); // its limit grew
  if (over) {
    host.changed(px, 'notice', srvUpText(srv));
    srv.warmup = null;
    task.expire = TICK_ETERNITY;
    taskDestroy(task);
    return null;
  }
  arm(srv);
  return task;
};

/** The reference's words when a server is up. */
function srvUpText(srv: Server): string {
  const px = srv.proxy;
  const active = px.servers.filter((s) => s.usable && !s.backup).length;
  const backup = px.servers.filter((s) => s.usable && s.backup).length;
  const counts = `${active} active and ${backup} backup servers online.`;
  return `Server ${px.name}/${srv.name} is UP. ${counts} 0 sessions requeued, ${px.queue.length} total in queue.`;
}
