// `show fd` (management manual 9.3, contract C28): a line for each descriptor: its state, who handles its events, and what the
// layers above say of it.
import { decodeFlags } from '../../base/flags.js';
import { Connection, connFdIocb } from '../../datapath/connection/connection.js';
import { CO_FL_TABLE } from '../../datapath/connection/flags.js';
import { TARGET_SERVER } from '../../datapath/connection/types.js';
import type { FdIocb } from '../../datapath/fd/fdtab.js';
import { fdStateLetters } from '../../datapath/fd/flags.js';
import { LI_STATE_NAMES, Listener } from '../../datapath/proto/listener.js';
import { AF_INET, AF_INET6, AF_UNIX } from '../../sys/constants.js';
import type { CliAnswer, CliCall, CliCommand } from './types.js';

const FAMILIES: Readonly<Record<number, string>> = { [AF_INET]: 'ipv4', [AF_INET6]: 'ipv6', [AF_UNIX]: 'unix' };

function iocbName(iocb: FdIocb, owner: unknown): string {
  if (iocb === connFdIocb) return 'sock_conn_iocb';
  return owner instanceof Listener ? 'sock_accept_iocb' : iocb.name;
}

function connText(conn: Connection, call: CliCall): string {
  const back = conn.target.targetType === TARGET_SERVER;
  const flags = `cflg=0x${conn.flags.toString(16).padStart(8, '0')}(${decodeFlags(CO_FL_TABLE, conn.flags)})`;
  const mux = conn.mux === null ? 'mux=none' : `mux=${conn.mux.name} ${conn.mux.showFd(conn)}`;
  const sub = conn.subs === null ? 'sub=0' : `sub=${conn.subs.events}/${conn.subs.tasklet.process.name}`;
  return ` back=${back ? 1 : 0} ${flags} cerr=${conn.errCode} fam=${conn.ctrl?.name ?? '-'} ${nameOf(conn, call, back)} ${mux} xprt=${conn.xprt?.name ?? '-'} ${sub}`;
}

function nameOf(conn: Connection, call: CliCall, back: boolean): string {
  if (back) return `sv=${conn.target.targetName}`;
  return `fe=${frontendOf(call, conn.target as Listener)}`;
}

function frontendOf(call: CliCall, l: Listener): string {
  if (call.env.sockets.includes(l)) return 'GLOBAL';
  return call.env.instance.proxies.find((px) => px.listeners.includes(l))?.name ?? '?';
}

function listenerText(l: Listener, call: CliCall): string {
  const port = l.family === AF_UNIX ? '' : ` lport=${l.address.port}`;
  return ` l.st=${LI_STATE_NAMES[l.state]!} fe=${frontendOf(call, l)} fam=${FAMILIES[l.family] ?? '?'}${port}`;
}

function line(call: CliCall, fd: number): string {
  const { fdtab } = call.env.instance.thr;
  const iocb = fdtab.iocbOf(fd);
  if (iocb === null) return '';
  const owner = fdtab.ownerOf(fd);
  const state = fdtab.state[fd]!;
  const rest =
    owner instanceof Connection ? connText(owner, call) : owner instanceof Listener ? listenerText(owner, call) : '';
  const hex = state.toString(16).padStart(4, '0');
  return `${String(fd).padStart(7)} : st=0x${hex}(${fdStateLetters(state)}) iocb=${iocbName(iocb, owner)}${rest}\n`;
}

function* all(call: CliCall): Generator<string> {
  const { fdtab } = call.env.instance.thr;
  for (let fd = 0; fd < fdtab.state.length; fd++) {
    const text = line(call, fd);
    if (text !== '') yield text;
  }
}

function showFd(call: CliCall): CliAnswer {
  const fd = call.words[2];
  if (fd === undefined || !/^\d+$/.test(fd)) return all(call);
  return line(call, Number(fd));
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
