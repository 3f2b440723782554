// One virtual descriptor of the js transport: what a kernel keeps for a socket, rebuilt over one `net.Socket` or
// `net.Server`. node pushes bytes; here they wait in a bounded queue until `recv` asks, and readiness is a word that
// `vsMask` derives from the state, as the kernel derives it, so that the edges look like those of epoll.
//
//   fresh --connect--> connecting --'connect'--> open --'error', both sides shut--> dead
//     `----listen----> listening                  accept gives open ones

import type net from 'node:net';
import { ECANCELED, ECONNRESET, EPIPE } from '../errno.js';
import { AF_UNIX } from '../constants.js';
import { SYS_POLL_ERR, SYS_POLL_HUP, SYS_POLL_IN, SYS_POLL_OUT, SYS_POLL_RDHUP } from '../types.js';
import { ipAddr, unixAddr, type NetAddr } from './address.js';
import { errnoOf } from './listen.js';

export const VS_FRESH = 0; // made by socket(), perhaps bound
export const VS_LISTENING = 1;
export const VS_CONNECTING = 2;
export const VS_OPEN = 3; // may be shut in one or both directions
export const VS_DEAD = 4; // connect failed, reset, or closed by both sides

/** Bytes queued above which reading pauses; node adds at most two of its 64 KiB reads before it obeys. */
export const RECV_QUEUE_BYTES = 64 * 1024;
/** Reading goes on at or below this. */
export const RECV_RESUME_BYTES = 16 * 1024;
/** Most bytes that node may hold for a peer that does not read. */
export const SEND_QUEUE_BYTES = 256 * 1024;
/** How long a closed socket may take to hand its last bytes to the kernel, milliseconds. */
export const LINGER_MS = 30_000;

/** What a virtual socket tells its sys. */
export interface VirtualSocketOwner {
  /** An edge: the readiness of `vs` may have changed for the better. */
  edge(vs: VirtualSocket): void;
}

const NOTHING = Buffer.alloc(0);
const OWNER = Symbol('sluice.js.owner');
type OwnedSocket = net.Socket & { [OWNER]: VirtualSocket };

/** A connection that waits in a listener's queue; its peer was asked for while it was surely there. */
export interface Waiting {
  readonly socket: net.Socket;
  readonly peer: NetAddr;
}

export class VirtualSocket {
  readonly fd: number;
  /** AF_*; of an adopted one it is known after adoption only. */
  family: number;
  readonly owner: VirtualSocketOwner;
  state = VS_FRESH;
  socket: net.Socket | null = null;
  server: net.Server | null = null;
  /** Generation given to pollAdd; -1: not in the poll set. */
  gen = -1;
  /** True while in the sys's list of edges. */
  queued = false;
  closed = false;
  /** Pending error as a positive errno; reading it takes it. */
  soError = 0;
  local: NetAddr | null = null;
  peer: NetAddr | null = null;
  // receiving
  chunks: Buffer[] = [];
  /** Bytes of `chunks[0]` already taken. */
  headTaken = 0;
  queuedBytes = 0;
  paused = false;
  fin = false;
  rdShut = false;
  // sending
  wrShut = false;
  /** A send fell short: the next drain is an edge. */
  sendBlocked = false;
  // options
  noDelay = false;
  keepAlive = false;
  keepIdleMs = 0;
  v6Only = false;
  resetOnClose = false;
  // listening
  waiting: Waiting[] = [];
  waitingMax = 0;
  /** Connections closed because the queue was full. */
  dropped = 0;

  constructor(fd: number, family: number, owner: VirtualSocketOwner) {
    this.fd = fd;
    this.family = family;
    this.owner = owner;
  }
}

/** Level-triggered readiness now, as SYS_POLL_* bits. */
export function vsMask(vs: VirtualSocket): number {
  const error = vs.soError !== 0 ? SYS_POLL_ERR : 0;
  switch (vs.state) {
    case VS_LISTENING:
      return error | (vs.waiting.length > 0 || error !== 0 ? SYS_POLL_IN : 0);
    case VS_CONNECTING:
      return 0;
    case VS_OPEN: {
      let mask = error;
      if (vs.queuedBytes > 0 || vs.fin || vs.rdShut) mask |= SYS_POLL_IN;
      if (vs.fin || vs.rdShut) mask |= SYS_POLL_RDHUP;
      if (vs.wrShut || vs.socket!.writableLength < SEND_QUEUE_BYTES) mask |= SYS_POLL_OUT;
      if ((vs.fin || vs.rdShut) && vs.wrShut) mask |= SYS_POLL_HUP;
      return mask;
    }
    case VS_DEAD:
      return error | SYS_POLL_IN | SYS_POLL_OUT | SYS_POLL_RDHUP | SYS_POLL_HUP;
    default:
      return SYS_POLL_OUT | SYS_POLL_HUP;
  }
}

/** Both sides are shut: node will close its socket by itself, and then knows its address no more. */
export function vsKeepName(vs: VirtualSocket): void {
  vs.local ??= ipAddr(vs.socket?.localAddress, vs.socket?.localPort);
}

/** Takes the pending error. */
export function vsTakeError(vs: VirtualSocket): number {
  const errno = vs.soError;
  vs.soError = 0;
  return errno;
}

/** Ties `socket` to `vs`. An accepted one comes paused: reading starts here, up to the queue's bound. */
export function vsAttach(vs: VirtualSocket, socket: net.Socket, state: number): void {
  vs.socket = socket;
  vs.state = state;
  (socket as OwnedSocket)[OWNER] = vs;
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('error', onError);
  socket.on('drain', onDrain);
  socket.on('close', onClose);
  if (state === VS_CONNECTING) socket.on('connect', onConnect);
  else socket.resume();
  socket.unref();
}

/** Copies queued bytes to `into[ofs, ofs+len)` (none where `into` is null) and takes them unless `peek`. Returns their number. */
export function vsTake(vs: VirtualSocket, into: Buffer | null, ofs: number, len: number, peek: boolean): number {
  let done = 0;
  let index = 0;
  let taken = vs.headTaken;
  while (done < len && index < vs.chunks.length) {
    const chunk = vs.chunks[index]!;
    const n = Math.min(len - done, chunk.length - taken);
    if (into !== null) chunk.copy(into, ofs + done, taken, taken + n);
    done += n;
    taken += n;
    if (taken === chunk.length) {
      taken = 0;
      if (peek) index++;
      else vs.chunks.shift();
    }
  }
  if (peek) return done;
  vs.headTaken = taken;
  vs.queuedBytes -= done;
  if (vs.paused && vs.queuedBytes <= RECV_RESUME_BYTES) {
    vs.paused = false;
    vs.socket?.resume();
  }
  return done;
}

/**
 * Closes as a kernel does: bytes already accepted by `send` still go out, then FIN; RST instead where linger 0 was set (at
 * once, nothing more goes out) or received bytes were not read. The socket is no one's afterwards.
 * Returns the socket while it still has bytes to hand over, else null.
 */
export function vsClose(vs: VirtualSocket): net.Socket | null {
  vs.closed = true;
  vs.gen = -1;
  if (vs.server !== null) closeServer(vs, vs.server);
  const socket = vs.socket;
  const tcp = vs.family !== AF_UNIX;
  const reset = tcp && (vs.resetOnClose || vs.queuedBytes > 0 || (socket?.readableLength ?? 0) > 0);
  vs.socket = null;
  vs.chunks = [];
  vs.queuedBytes = 0;
  if (socket === null) return null;
  vsDetach(socket);
  if (socket.destroyed) return null;
  if (!socket.connecting && socket.writableLength > 0 && !(tcp && vs.resetOnClose)) {
    linger(socket, reset);
    return socket;
  }
  if (reset && !socket.connecting) return resetNow(socket) ? null : socket;
  socket.destroy();
  return null;
}

/**
 * RST at once, pending writes are dropped. libuv refuses the reset while a shutdown is on its way, upon which node would lose
 * the descriptor: then the shutdown, a turn of the loop away, goes
 * first, and the result is false.
 */
function resetNow(socket: net.Socket): boolean {
  if (socket.writableEnded && !socket.writableFinished && socket.writableLength === 0) {
    socket.once('finish', () => {
      if (!socket.destroyed) resetNow(socket);
    });
    return false;
  }
  socket.resetAndDestroy();
  return true;
}

function closeServer(vs: VirtualSocket, server: net.Server): void {
  server.removeAllListeners('connection');
  server.removeAllListeners('error');
  server.on('error', ignore);
  server.on('connection', (late: net.Socket) => late.destroy());
  server.close(ignore);
  for (const { socket } of vs.waiting) reject(socket);
  vs.waiting = [];
  vs.server = null;
}

/** Puts `server` behind `vs` and collects its connections. */
export function vsServe(vs: VirtualSocket, server: net.Server): void {
  vs.server = server;
  server.on('connection', (socket: net.Socket) => onConnection(vs, socket));
  server.on('error', (err: Error) => {
    vs.soError = errnoOf(err) || ECANCELED;
    vs.owner.edge(vs);
  });
  server.unref();
}

function onConnection(vs: VirtualSocket, socket: net.Socket): void {
  socket.on('error', ignore);
  socket.unref();
  if (vs.waiting.length >= vs.waitingMax) {
    vs.dropped++;
    reject(socket);
    return;
  }
  const peer = ipAddr(socket.remoteAddress, socket.remotePort);
  vs.waiting.push({ socket, peer: peer ?? unnamed(vs.family) });
  vs.owner.edge(vs);
}

function unnamed(family: number): NetAddr {
  return family === AF_UNIX ? unixAddr('') : { family, host: '', port: 0, path: '' };
}

/** A connection that nobody will accept: RST, as the kernel answers when a listening socket goes away. */
function reject(socket: net.Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy();
  else resetNow(socket);
}

function vsDetach(socket: net.Socket): void {
  socket.off('data', onData);
  socket.off('end', onEnd);
  socket.off('error', onError);
  socket.off('drain', onDrain);
  socket.off('close', onClose);
  socket.off('connect', onConnect);
  socket.on('error', ignore);
}

/** Waits, with no reader, until the written bytes are the kernel's; keeps the process alive for that long. */
function linger(socket: net.Socket, reset: boolean): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.pause();
  socket.ref();
  socket.on('close', () => clearTimeout(timer));
  if (reset) {
    socket.write(Buffer.alloc(0), () => {
      if (!socket.destroyed) resetNow(socket);
    });
    return;
  }
  socket.end(() => socket.destroy());
}

function ignore(): void {
  // The peer of a socket that was closed here may fail as it likes.
}

// -- what node tells; `this` is the socket ----------------------------------------------------------------------

function onConnect(this: net.Socket): void {
  const vs = (this as OwnedSocket)[OWNER];
  vs.state = VS_OPEN;
  vs.owner.edge(vs);
}

function onData(this: net.Socket, chunk: Buffer): void {
  const vs = (this as OwnedSocket)[OWNER];
  if (vs.rdShut) return;
  vs.chunks.push(chunk);
  vs.queuedBytes += chunk.length;
  if (vs.queuedBytes > RECV_QUEUE_BYTES && !vs.paused) {
    vs.paused = true;
    this.pause();
  }
  vs.owner.edge(vs);
}

function onEnd(this: net.Socket): void {
  const vs = (this as OwnedSocket)[OWNER];
  vs.fin = true;
  if (vs.wrShut) vsKeepName(vs);
  else if (vs.family !== AF_UNIX && this.writableLength === 0) this.write(NOTHING, (err) => onProbed(vs, err));
  vs.owner.edge(vs);
}

/**
 * A RST in one event with the last bytes is an end of stream to libuv, which then looks no more. A send of no bytes puts
 * nothing on the wire, and fails where the connection is gone: that end was no FIN. Comes before the error event.
 */
function onProbed(vs: VirtualSocket, err: Error | null | undefined): void {
  if (err && !vs.closed && vs.state === VS_OPEN && !vs.wrShut) vs.fin = false;
}

function onDrain(this: net.Socket): void {
  const vs = (this as OwnedSocket)[OWNER];
  if (!vs.sendBlocked) return;
  vs.sendBlocked = false;
  vs.owner.edge(vs);
}

function onError(this: net.Socket, err: Error): void {
  const vs = (this as OwnedSocket)[OWNER];
  const errno = errnoOf(err);
  rescue(vs, this);
  // A failed write says EPIPE where the RST was not read first: for who sends, the reason is the reset.
  vs.soError = errno === 0 || (errno === EPIPE && !vs.wrShut && !vs.fin) ? ECONNRESET : errno;
  if (vs.state === VS_CONNECTING) vs.peer = null;
  vs.state = VS_DEAD;
  vs.owner.edge(vs);
}

function onClose(this: net.Socket): void {
  const vs = (this as OwnedSocket)[OWNER];
  vs.state = VS_DEAD;
  vs.owner.edge(vs);
}

/** Bytes that node still held when the socket failed were received before: they are delivered first. */
function rescue(vs: VirtualSocket, socket: net.Socket): void {
  if (vs.rdShut || socket.readableLength === 0) return;
  socket.off('data', onData);
  for (;;) {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    vs.chunks.push(chunk);
    vs.queuedBytes += chunk.length;
  }
}
