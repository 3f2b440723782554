// Changes to servers while they run: administrative state, weight, limit, address (management manual 9.3, "set server",
// "set weight", "set maxconn server"). Each brings the load balancing up to date, keeps the times, and lets the streams go on
// that wait for a slot.
import { SF_ERR_DOWN, SF_ERR_UP } from '../datapath/stream/flags.js';
import type { Address } from '../datapath/proto/types.js';
import { lbEligible } from './lb/eligible.js';
import { CNT_QCUR } from './counters.js';
import type { Proxy } from './proxy.js';
import {
  type Server,
  SRV_ADMF_DRAIN,
  SRV_ADMF_FDRAIN,
  SRV_ADMF_FMAINT,
  SRV_ADMF_MAINT,
  SRV_ADMF_RMAINT,
  SRV_ADMIN_DRAIN,
  SRV_ADMIN_MAINT,
  SRV_ST_RUNNING,
  SRV_ST_STARTING,
  SRV_ST_STOPPED,
  SRV_ST_STOPPING,
} from './server.js';
import { slowstartBegin, slowstartEnd, srvEffectiveWeight } from './slowstart.js';

export const WEIGHT_MAX = 256;

/** `set server … state`: SRV_ADMIN_UP, SRV_ADMIN_MAINT or SRV_ADMIN_DRAIN, each in place of the others. */
export function srvSetAdmin(srv: Server, wish: number): void {
  const forced = SRV_ADMF_FMAINT | SRV_ADMF_FDRAIN;
  srvSetAdminFlags(srv, (srv.admin & ~forced) | (wish === SRV_ADMIN_MAINT || wish === SRV_ADMIN_DRAIN ? wish : 0));
}

/** All SRV_ADMF_* at once: for what is not forced by an operator (tracking, resolution). */
function srvSetAdminFlags(srv: Server, admin: number): void {
  const before = srv.admin;
  if (admin === before) return;
  const px = srv.proxy;
  const hadServers = lbEligible(px).length > 0;
  const wasMaint = srv.inMaint;
  const wasDrain = (before & SRV_ADMF_DRAIN) !== 0;
  const wasDown = srv.state === SRV_ST_STOPPED;
  srv.admin = admin;
  const isMaint = srv.inMaint;
  const isDrain = (admin & SRV_ADMF_DRAIN) !== 0;
  if (wasMaint !== isMaint) srvSetState(srv, isMaint ? SRV_ST_STOPPED : SRV_ST_RUNNING);
  else if (wasDrain !== isDrain) touch(srv);
  const requeued = refresh(px, srv, hadServers);
  say(srv, before, wasDown, requeued);
  sayEmpty(px, hadServers);
  if (px.host === null || wasMaint === isMaint) return;
  if (isMaint && srv.conf.onMarkedDown) px.host.shutdown(srv, SF_ERR_DOWN);
  if (!isMaint && srv.conf.onMarkedUp && !srv.backup && srv.usable) {
    for (const other of px.servers) if (other.backup) px.host.shutdown(other, SF_ERR_UP);
  }
}

/**
 * `set weight`: the user's weight, 0 to 256. Static algorithms take 0 and the initial weight alone. Returns '' or the
 * reference's text of the mistake.
 */
export function srvSetWeight(srv: Server, weight: number): string {
  if (weight < 0 || weight > WEIGHT_MAX) return `Absolute weight can only be between 0 and 256 inclusive.\n`;
  const px = srv.proxy;
  if (weight !== 0 && weight !== srv.weightInitial && px.lb !== null && !px.lb.dynamic)
    return `Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n`;
  if (weight === srv.weight) return '';
  const hadServers = lbEligible(px).length > 0;
  srv.weight = weight;
  srvEffectiveWeight(srv);
  refresh(px, srv, hadServers);
  sayEmpty(px, hadServers);
  return '';
}

/** `<weight>` or `<weight>%`, as `set weight` takes it. Returns '' or the reference's text of the mistake. */
export function srvSetWeightText(srv: Server, text: string): string {
  const m = /^([+-]?\d+)(.*)$/s.exec(text.trimStart());
  if (m === null) return 'Empty weight string empty or preceded by garbage';
  const n = Number(m[1]);
  if (m[2] === '') return srvSetWeight(srv, Math.max(-1, Math.min(n, WEIGHT_MAX + 1)));
  if (m[2] !== '%') return 'Trailing garbage in weight string';
  if (n < 0) return 'Relative weight must be positive.\n';
  return srvSetWeight(srv, Math.min(WEIGHT_MAX, Math.floor((srv.weightInitial * n) / 100)));
}

/** `set maxconn server`: 0 for no limit. */
export function srvSetMaxconn(srv: Server, maxconn: number): void {
  if (srv.minconn === srv.maxconn) srv.minconn = maxconn; // no ramp before, none now
  srv.maxconn = maxconn;
  srv.proxy.lb?.update(srv.proxy);
  srv.proxy.host?.offer(srv);
}

/**
 * `set server … addr`: where connections go from now on; those that exist stay. `offset` null: `address.port` counts,
 * otherwise the client's port plus it.
 */
export function srvSetAddress(srv: Server, address: Address, offset: number | null = null): void {
  srv.address = address;
  srv.mapPorts = offset !== null;
  srv.portOffset = offset ?? 0;
  srvSetAdminFlags(srv, srv.admin & ~SRV_ADMF_RMAINT); // it had none where its name was not known
}

/** `set server … health`: SRV_ST_RUNNING, SRV_ST_STOPPED or SRV_ST_STOPPING, until something says otherwise. */
export function srvSetHealth(srv: Server, state: number): void {
  srv.health = state === SRV_ST_STOPPED ? 0 : srv.conf.rise + srv.conf.fall - 1;
  const up = srv.state === SRV_ST_STARTING ? SRV_ST_RUNNING : srv.state;
  if (srv.inMaint || up === state) return;
  const px = srv.proxy;
  const hadServers = lbEligible(px).length > 0;
  srvSetState(srv, state);
  const requeued = refresh(px, srv, hadServers);
  const down = state === SRV_ST_STOPPED;
  const what = down ? 'DOWN' : state === SRV_ST_STOPPING ? 'stopping' : 'UP';
  const sessions = down
    ? `${srv.served} sessions active, ${requeued} requeued, ${srv.queue.length} remaining in queue.`
    : `${requeued} sessions requeued, ${px.be.v[CNT_QCUR]!} total in queue.`;
  const name = `${srv.backup ? 'Backup ' : ''}Server ${px.name}/${srv.name}`;
  const text = `${name} is ${what}, changed from CLI. ${counts(px, down ? 'left' : 'online')} ${sessions}`;
  px.host?.changed(px, down ? 'alert' : 'notice', text);
  sayEmpty(px, hadServers);
}

/** The one setter of `state`: keeps the times. */
function srvSetState(srv: Server, state: number): void {
  const before = srv.state;
  if (state === before) return;
  const px = srv.proxy;
  if (before === SRV_ST_STOPPED && px.host !== null) srv.downtimeMs += sinceChange(px, srv.lastChangeMs);
  if (state === SRV_ST_STOPPED) {
    srv.health = 0;
    slowstartEnd(srv);
  }
  if (before === SRV_ST_STOPPED && srv.conf.slowstartMs > 0 && px.host !== null) {
    srv.state = SRV_ST_STARTING;
    slowstartBegin(srv);
  } else {
    srv.state = state;
    srvEffectiveWeight(srv);
  }
  touch(srv);
}

/** Milliseconds a server, or a backend that has been so since `lastChangeMs` (0: the start), has been in its state. */
function sinceChange(px: Proxy, lastChangeMs: number): number {
  const clock = px.host!.sched.clock;
  return Math.max(0, clock[1]! - (lastChangeMs > 0 ? lastChangeMs : px.startMs));
}

function touch(srv: Server): void {
  const { host } = srv.proxy;
  if (host !== null) srv.lastChangeMs = host.sched.clock[1]!;
}

/** The backend after a change of `srv`: new tables, its own times, and the streams that may go on. Returns those requeued. */
function refresh(px: Proxy, srv: Server, hadServers: boolean): number {
  px.lb?.update(px);
  const hasServers = lbEligible(px).length > 0;
  const { host } = px;
  if (host === null) return 0;
  if (hadServers !== hasServers) {
    if (hasServers) px.downtimeMs += sinceChange(px, px.lastChangeMs);
    else px.downs++;
    px.lastChangeMs = host.sched.clock[1]!;
  }
  if (!srv.usable) return host.requeue(srv);
  host.offer(srv);
  return 0;
}

/** The reference's words for what became of `srv`: an alert where it served until now, else a notice. */
function say(srv: Server, before: number, wasDown: boolean, requeued: number): void {
  const px = srv.proxy;
  const { host } = px;
  if (host === null) return;
  const name = `${srv.backup ? 'Backup ' : ''}Server ${px.name}/${srv.name}`;
  const wasMaint = (before & SRV_ADMF_MAINT) !== 0;
  const wasDrain = (before & SRV_ADMF_DRAIN) !== 0;
  const isDrain = (srv.admin & SRV_ADMF_DRAIN) !== 0;
  if (!wasMaint && srv.inMaint && wasDown) {
    host.changed(px, 'notice', `${name} was DOWN and now enters maintenance.`);
  } else if (!wasMaint && srv.inMaint) {
    const text = `${name} is going DOWN for maintenance. ${counts(px, 'left')} ${srv.served} sessions active, ${requeued} requeued, ${srv.queue.length} remaining in queue.`;
    host.changed(px, wasDrain ? 'notice' : 'alert', text);
  } else if (wasMaint && !srv.inMaint) {
    host.changed(px, 'notice', `${name} is UP/${isDrain ? 'DRAIN' : 'READY'} (leaving forced maintenance).`);
    if (isDrain) host.changed(px, 'notice', `${name} remains in forced drain mode.`);
  } else if (!wasDrain && isDrain && !srv.inMaint) {
    const text = `${name} enters drain state. ${counts(px, 'online')} ${requeued} sessions requeued, ${px.be.v[CNT_QCUR]!} total in queue.`;
    host.changed(px, 'notice', text);
  } else if (wasDrain && !isDrain && !srv.inMaint) host.changed(px, 'notice', `${name} is UP (leaving forced drain).`);
}

function counts(px: Proxy, word: string): string {
  const active = px.servers.filter((s) => s.usable && !s.backup).length;
  const backup = px.servers.filter((s) => s.usable && s.backup).length;
  const onBackup = active === 0 && backup > 0 ? ' Running on backup.' : '';
  return `${active} active and ${backup} backup servers ${word}.${onBackup}`;
}

/** The backend lost its last server. */
function sayEmpty(px: Proxy, hadServers: boolean): void {
  if (!hadServers || lbEligible(px).length > 0) return;
  const kind = px.isFrontend ? 'proxy' : 'backend';
  px.host?.changed(px, 'emerg', `${kind} ${px.name} has no server available!`);
}
