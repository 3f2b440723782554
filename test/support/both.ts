// The reference and the subject side by side: the same configuration but for the ports, the same commands on the runtime CLI.
import { type PeerServer, listenPeers } from './peers.js';
import { freePort } from './ports.js';
import { type Program, startProgram } from './program.js';

/** Columns of `show stat` that depend on when one looks, or how fast the program was. */
export const STAT_TIMES = /^(lastchg|downtime|lastsess|[qcrt]time(_max)?|(conn_)?rate(_max)?)$/;

export class Both {
  readonly programs: readonly [reference: Program, sluice: Program];
  /** Ports of the listeners of each program. */
  readonly ports: readonly (readonly number[])[];
  /** The server behind both. */
  readonly origin: PeerServer;

  private constructor(programs: readonly [Program, Program], ports: readonly number[][], origin: PeerServer) {
    this.programs = programs;
    this.ports = ports;
    this.origin = origin;
  }

  /**
   * Starts both with the file that `config` makes of `listeners` free ports, the port of a server, and one that nobody listens
   * on. When this rejects, nothing is left running.
   */
  static async start(
    listeners: number,
    config: (ports: readonly number[], origin: number, closed: number) => string,
  ): Promise<Both> {
    const origin = await listenPeers();
    const closed = await freePort();
    const ports: number[][] = [];
    const programs: Program[] = [];
    try {
      for (const kind of ['reference', 'sluice'] as const) {
        const own: number[] = [];
        while (own.length < listeners) own.push(await freePort());
        ports.push(own);
        programs.push(await startProgram({ kind, config: config(own, origin.port, closed) }));
      }
    } catch (error) {
      for (const program of programs) await program.stop();
      await origin.stop();
      throw error;
    }
    return new Both([programs[0]!, programs[1]!], ports, origin);
  }

  /** Answers of both to `command`, with names in place of their own ports. */
  async ask(command: string): Promise<readonly [reference: string, sluice: string]> {
    const answers = await Promise.all(this.programs.map((x) => x.cli(command)));
    return [anonymous(answers[0]!, this.ports[0]!), anonymous(answers[1]!, this.ports[1]!)];
  }

  async stop(): Promise<void> {
    for (const program of this.programs) await program.stop();
    await this.origin.stop();
  }
}

function anonymous(text: string, ports: readonly number[]): string {
  return ports.reduce((t, port, i) => t.replaceAll(`:${port}`, `:port${i}`), text);
}
