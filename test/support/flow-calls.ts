// Follows one proxied TCP connection through a trace: the calls on the accepted descriptor ('client'), on the one that was
// connected to the server ('server'), their epoll_ctl, and the pipes they splice through. Everything else (waits,
// the listener's empty accepts, other connections, timers, wake-up pipes) is left out. What remains is printed in one
// form for both programs, so that two sequences can be compared and read side by side.

import type { TraceCall } from './strace-parse.js';

export type Role = 'client' | 'server' | 'pipe';

export interface FlowCall {
  readonly role: Role;
  readonly name: string;
  /** Return value, -1 on error (then `errno` says which). */
  readonly result: number;
  readonly errno: string;
  /** The call without descriptors, addresses and payload: `client recvfrom len=16384 = 5`. */
  readonly text: string;
  /** For `splice`: where the bytes went. */
  readonly to: Role | null;
  readonly args: readonly string[];
}

const ACCEPTS: ReadonlySet<string> = new Set(['accept', 'accept4']);
const RECEIVES: ReadonlySet<string> = new Set(['recvfrom', 'recvmsg', 'read', 'readv', 'recvmmsg']);
const SENDS: ReadonlySet<string> = new Set(['sendto', 'sendmsg', 'write', 'writev', 'sendmmsg', 'sendfile']);

export function isReceive(call: FlowCall): boolean {
  return RECEIVES.has(call.name);
}

export function isSend(call: FlowCall): boolean {
  return SENDS.has(call.name);
}

function portOf(args: readonly string[]): number {
  for (const arg of args) {
    const m = /sin6?_port=htons\((\d+)\)/.exec(arg);
    if (m) return Number(m[1]);
  }
  return -1;
}

function detail(call: TraceCall): string {
  const a = call.args;
  switch (call.name) {
    case 'recvfrom':
      return ` len=${a[2]}${a[3] === '0' ? '' : ` ${a[3]}`}`;
    case 'sendto':
      return ` len=${a[2]} ${a[3]}`;
    case 'read':
    case 'write':
      return ` len=${a[2]}`;
    case 'setsockopt':
      return ` ${a[2]} ${a[3]}`;
    case 'getsockopt':
      return ` ${a[2]}`;
    case 'epoll_ctl':
      return ` ${(a[1] ?? '').replace('EPOLL_CTL_', '')} ${/events=([^,}]*)/.exec(a[3] ?? '')?.[1] ?? ''}`.trimEnd();
    case 'shutdown':
      return ` ${a[1]}`;
    case 'fcntl':
      return ` ${a.slice(1).join(' ')}`;
    case 'splice':
      return ` len=${a[4]} ${a[5]}`;
    case 'accept4':
      return ` ${a[3]}`;
    default:
      return '';
  }
}

// Walks the trace once. Descriptor numbers are reused, so roles are only valid from open to close.
class Follower {
  readonly calls: FlowCall[] = [];
  #clientPort: number;
  #serverPort: number;
  #roles = new Map<number, Role>();
  #young = new Map<number, TraceCall[]>(); // sockets made after the accept, not connected yet
  #pipes = new Map<number, TraceCall[]>(); // pipe ends never spliced so far → the calls that made them
  #accepted = false;

  constructor(clientPort: number, serverPort: number) {
    this.#clientPort = clientPort;
    this.#serverPort = serverPort;
  }

  #add(role: Role, call: TraceCall, to: Role | null = null): void {
    const outcome = call.errno === '' ? String(call.result) : `-${call.errno}`;
    const opens = ACCEPTS.has(call.name) || call.name === 'socket';
    const who = to === null ? role : `${role}→${to}`;
    const text = `${who} ${call.name}${detail(call)} = ${opens && call.result >= 0 ? 'fd' : outcome}`;
    this.calls.push({ role, name: call.name, result: call.result, errno: call.errno, text, to, args: call.args });
  }

  #pipeUsed(fd: number): void {
    const made = this.#pipes.get(fd);
    if (made !== undefined) for (const call of made.splice(0)) this.#add('pipe', call); // both ends share the list
    this.#pipes.delete(fd);
    this.#roles.set(fd, 'pipe');
  }

  #splice(call: TraceCall): void {
    const from = Number(call.args[0]);
    const to = Number(call.args[2]);
    const fromRole = this.#roles.get(from);
    const toRole = this.#roles.get(to);
    if (fromRole === 'client' || fromRole === 'server') {
      this.#pipeUsed(to);
      this.#add(fromRole, call, 'pipe');
    } else if (toRole === 'client' || toRole === 'server') {
      this.#pipeUsed(from);
      this.#add('pipe', call, toRole);
    }
  }

  step(call: TraceCall): void {
    if (ACCEPTS.has(call.name)) {
      if (call.result >= 0 && portOf(call.args) === this.#clientPort) {
        this.#accepted = true;
        this.#roles.set(call.result, 'client');
        this.#add('client', call);
      }
      return;
    }
    if (call.name === 'pipe' || call.name === 'pipe2') {
      const ends = /\[(\d+), (\d+)\]/.exec(call.args[0] ?? '');
      const made = [call];
      if (ends) for (const end of [ends[1], ends[2]]) this.#pipes.set(Number(end), made);
      return;
    }
    if (!this.#accepted) return;
    if (call.name === 'splice') {
      this.#splice(call);
      return;
    }
    if (call.name === 'socket') {
      if (call.result >= 0) this.#young.set(call.result, [call]);
      return;
    }
    const fd = Number(call.name === 'epoll_ctl' ? call.args[2] : call.args[0]);
    const young = this.#young.get(fd);
    if (young !== undefined) {
      if (call.name === 'connect' && portOf(call.args) === this.#serverPort) {
        this.#young.delete(fd);
        this.#roles.set(fd, 'server');
        for (const earlier of young) this.#add('server', earlier);
        this.#add('server', call);
      } else if (call.name === 'close') this.#young.delete(fd);
      else young.push(call);
      return;
    }
    const role = this.#roles.get(fd);
    if (role !== undefined) {
      this.#add(role, call);
      if (call.name === 'close') this.#roles.delete(fd);
    } else this.#pipes.get(fd)?.push(call);
  }
}

/** The calls of the connection that came from local port `clientPort` and was passed on to `serverPort`. */
export function followConnection(calls: readonly TraceCall[], clientPort: number, serverPort: number): FlowCall[] {
  const follower = new Follower(clientPort, serverPort);
  for (const call of calls) follower.step(call);
  return follower.calls;
}

/** Two sequences in two columns, for the message of a failed comparison. */
export function sideBySide(
  leftName: string,
  left: readonly FlowCall[],
  rightName: string,
  right: readonly FlowCall[],
): string {
  const lines = [[`${leftName} (${left.length})`, `${rightName} (${right.length})`]];
  for (let i = 0; i < Math.max(left.length, right.length); i++) lines.push([left[i]?.text ?? '', right[i]?.text ?? '']);
  const width = Math.max(...lines.map(([l = '']) => l.length));
  return lines.map(([l = '', r = '']) => `  ${l.padEnd(width)} | ${r}`.trimEnd()).join('\n');
}
