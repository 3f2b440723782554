// What the tests of the analysers share: a program in the simulator that logs into a ring, two servers, and a session of it.
import type { Manner } from '../../../../src/sys/sim/core.js';
import { type SimClient, SimProgram, type SimServer } from '../../../support/sim-program.js';

export const PORT = 8080;
export const SERVER_PORT = 9100;

export class Analysed {
  readonly p: SimProgram;
  /** Servers 127.0.0.2, .3 and .4, by last number. */
  readonly servers: ReadonlyMap<number, SimServer>;

  constructor(sections: string, manner: Manner = 'epoll') {
    const config = `
ring r
 format raw
 size 65536
defaults
 mode tcp
 log ring@r local0
 log-format "%b/%s %ts %U/%B %[var(txn.v)]"
 retries 0
 timeout client 100s
 timeout connect 5s
 timeout server 100s
${sections}`;
    this.p = new SimProgram(config, manner);
    this.servers = new Map([2, 3, 4].map((n) => [n, this.p.listen(`127.0.0.${n}`, SERVER_PORT)]));
  }

  /** A client that sent `text` a moment ago. */
  client(text: string): SimClient {
    const c = this.p.connect(PORT);
    if (text !== '') c.send(Buffer.from(text, 'latin1'));
    this.p.advance(10);
    return c;
  }

  /** Number of the server that has a new connection, with that; null: none has. */
  reached(): { n: number; s: SimClient } | null {
    for (const [n, server] of this.servers) {
      const s = server.accept();
      if (s !== null) return { n, s };
    }
    return null;
  }

  /** A session from its first bytes to its end: the number of the server that got it (0: none), and the line of its log. */
  session(text: string): { n: number; line: string } {
    const c = this.client(text);
    this.p.advance(500);
    const at = this.reached();
    at?.s.shut();
    c.shut();
    this.p.advance(50);
    at?.s.close();
    c.close();
    this.p.advance(50);
    return { n: at?.n ?? 0, line: this.p.logged('r').join('|') };
  }
}
