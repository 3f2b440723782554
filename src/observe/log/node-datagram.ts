// Datagrams where the transport has none of its own (`js`): node's sockets. UNIX datagrams do not exist there; a target that needs
// them loses its lines, and counts them.
import { createSocket, type Socket } from 'node:dgram';
import type { Address } from '../../datapath/proto/types.js';
import { AF_INET6, AF_UNIX } from '../../sys/constants.js';
import type { LogOutput } from './output.js';

const QUEUE_MAX = 1 << 20; // bytes that may wait for the socket

export class NodeDatagramOutput implements LogOutput {
  private readonly to: Address;
  private socket: Socket | null = null;
  private failed = false;

  constructor(to: Address) {
    this.to = to;
  }

  write(line: string): boolean {
    const { to } = this;
    if (to.family === AF_UNIX || this.failed) return false;
    if (this.socket === null) {
      this.socket = createSocket(to.family === AF_INET6 ? 'udp6' : 'udp4');
      this.socket.unref();
      this.socket.on('error', () => {
        this.failed = true;
      });
    }
    if (this.socket.getSendQueueSize() > QUEUE_MAX) return false;
    this.socket.send(Buffer.from(line, 'latin1'), to.port, to.host, () => undefined);
    return true;
  }

  close(): void {
    this.socket?.close();
    this.socket = null;
    this.failed = true;
  }
}
