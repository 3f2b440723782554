// `show fd` (management manual 9.3, contract C28): a line for each descriptor, laid out as the reference's: its state, who
// handles its events, what the layers above say of it. What is ours stands behind: the connection's flags by name, and who
// waits for what.
import { decodeFlags } from '../../base/flags.js';
import { Connection, connFdIocb } from '../../datapath/connection/connection.js';
import { CO_FL_TABLE } from '../../datapath/connection/flags.js';
import { TARGET_SERVER } from '../../datapath/connection/types.js';
import type { FdIocb } from '../../datapath/fd/fdtab.js';
import { FD_EV_ACTIVE_R, FD_EV_ACTIVE_W, FD_POLL_RDHUP, FD_POLLED, fdStateLetters } from '../../datapath/fd/flags.js';
import type { Thread } from '../../datapath/fd/thread.js';
import { connLocal, connPeer } from '../../datapath/proto/address.js';
import { Listener } from '../../datapath/proto/listener.js';
import { Session } from '../../datapath/session/session.js';
import { AF_INET, AF_INET6, AF_UNIX } from '../../sys/constants.js';
import { looseInt } from './find.js';
import { fdPointer } from './pointer.js';
import type { CliAnswer, CliCall, CliCommand } from './types.js';

const FAMILIES: Readonly<Record<number, string>> = { [AF_INET]: 'ipv4', [AF_INET6]: 'ipv6', [AF_UNIX]: 'unix' };

/** By LI_*. */
const LI_SHORT: readonly string[] = ['NEW', 'RDY', 'FUL', 'LIM', 'PAU', 'CLO'];

const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0');

function iocbName(iocb: FdIocb, owner: unknown): string {
  if (iocb === connFdIocb) return 'sock_conn_iocb';
  return owner instanceof Listener ? 'sock_accept_iocb' : iocb.name;
}

/** `fam=ipv4 lport=80 rport=1234`; ports are those of the socket itself. */
function family(conn: Connection): string {
  const local = connLocal(conn);
  const fam = conn.ctrl === null ? '?' : (FAMILIES[conn.ctrl.family] ?? '?');
  if (local === null || local.family === AF_UNIX) return `fam=${fam}`;
  const peer = connPeer(conn);
  return `fam=${fam} lport=${local.port}${peer === null ? '' : ` rport=${peer.port}`}`;
}

function connText(conn: Connection): string {
  const back = conn.target.targetType === TARGET_SERVER;
  const { mux, xprt, subs, owner } = conn;
  const who = back ? `sv=${conn.target.targetName}` : `fe=${owner instanceof Session ? owner.fe.name : '?'}`;
  const muxText = mux === null ? 'nomux' : `mux=${mux.name} ctx=${fdPointer(conn.fd, 1)}`;
  const sub = subs === null ? 'sub=0' : `sub=${subs.events}/${subs.tasklet.process.name}`;
  const own = `${sub}${mux === null ? '' : ` ${mux.showFd(conn)}`} cfl=${decodeFlags(CO_FL_TABLE, conn.flags)}`;
  return ` back=${back ? 1 : 0} cflg=0x${hex(conn.flags, 8)} cerr=${conn.errCode} ${family(conn)} ${who} ${muxText} xprt=${xprt?.name ?? '?'} ${own}`;
}

function listenerText(l: Listener, names: ReadonlyMap<Listener, string>): string {
  const port = l.family === AF_UNIX ? '' : ` lport=${l.address.port}`;
  return ` l.st=${LI_SHORT[l.state]!} fe=${names.get(l) ?? '?'} fam=${FAMILIES[l.family] ?? '?'}${port}`;
}

/** Frontends by listener. */
function listenerNames(call: CliCall): ReadonlyMap<Listener, string> {
  const names = new Map<Listener, string>();
  for (const px of call.env.instance.proxies) for (const l of px.listeners) names.set(l, px.name);
  for (const l of call.env.sockets) names.set(l, 'GLOBAL');
  return names;
}

function line(thr: Thread, fd: number, names: ReadonlyMap<Listener, string>): string {
  const { fdtab } = thr;
  const iocb = fdtab.iocbOf(fd);
  if (iocb === null) return '';
  const owner = fdtab.ownerOf(fd);
  const state = fdtab.state[fd]!;
  const polled = (bit: number): number => ((state & FD_POLLED) !== 0 && (state & bit) !== 0 ? 1 : 0);
  const rest =
    owner instanceof Connection ? connText(owner) : owner instanceof Listener ? listenerText(owner, names) : '';
  return (
    `${String(fd).padStart(7)} : st=0x${hex(state, 6)}(${fdStateLetters(state)}) ref=0 gid=1 tmask=0x1 umask=0x0 ` +
    `prmsk=0x${polled(FD_EV_ACTIVE_R)} pwmsk=0x${polled(FD_EV_ACTIVE_W)} owner=${fdPointer(fd, 0)} ` +
    `iocb=0x1(${iocbName(iocb, owner)})${rest}${(state & FD_POLL_RDHUP) !== 0 ? ' rdhup' : ''}\n`
  );
}

function* all(call: CliCall): Generator<string> {
  const { thr } = call.env.instance;
  const names = listenerNames(call);
  for (let fd = 0; fd < thr.fdtab.state.length; fd++) {
    const text = line(thr, fd, names);
    if (text !== '') yield text;
  }
}

function showFd(call: CliCall): CliAnswer {
  const fd = call.words[2];
  if (fd === undefined) return all(call);
  return line(call.env.instance.thr, looseInt(fd), listenerNames(call));
}

export const showFdCommands: readonly CliCommand[] = [
  {
    name: 'show fd',
    usage: 'show fd [num]',
    help: 'dump list of file descriptors in use or a specific one',
    level: 'operator',
    run: showFd,
  },
];
