// What the runtime CLI is made of (management manual 9.3): its session, its commands, what it needs of the program.
// Declarations only.
import type { BindConf, CliLevel } from '../../config/types.js';
import type { Listener } from '../../datapath/proto/listener.js';
import type { Stream } from '../../datapath/stream/stream.js';
import type { Instance } from '../../runtime/instance.js';

/** What the CLI knows of the process around it; filled by the composition root. */
export interface CliEnv {
  readonly instance: Instance;
  /** Listeners of the stats sockets. */
  readonly sockets: readonly Listener[];
  readonly version: string;
  /** yyyy/mm/dd */
  readonly releaseDate: string;
  readonly node: string;
  /** Soft limit of descriptors. */
  readonly ulimitN: number;
  /** Connections at most as the start found them: what `set maxconn global` may not exceed. */
  readonly hardMaxconn: number;
}

/** How messages (not dumps) show their severity. */
export type SeverityOutput = BindConf['severityOutput'];

/** One connection of the CLI. */
export interface CliSession {
  readonly stream: Stream;
  level: CliLevel;
  /** Interactive: a prompt after each answer, no end after the first line. */
  prompt: boolean;
  severity: SeverityOutput;
  /** `experimental-mode on`, `expert-mode on`: commands that nobody should run by accident are there. */
  experimental: boolean;
  expert: boolean;
  /** An answer that had nothing more to say is asked again. */
  readonly wake: () => void;
}

export interface CliCall {
  readonly env: CliEnv;
  readonly session: CliSession;
  /** All words of the command, those of its name first. */
  readonly words: readonly string[];
  /** Text between `<<` and the empty line; null without. */
  readonly payload: string | null;
}

/** A message has a severity, which is shown where the client asked for it; a dump has none. */
export interface CliMessage {
  /** As in syslog: SEV_*. */
  readonly severity: number;
  readonly text: string;
}

/**
 * An answer: a message, or a dump: whole, or in pieces that are asked for as the client takes them. Each line ends in a
 * newline (but for the few of the reference that do not); no line is empty. Null for a piece: there is nothing now; it
 * is asked again after `session.wake`, and any input of the client ends it.
 */
export type CliAnswer = string | CliMessage | Iterable<string | null>;

export interface CliCommand {
  /** Its words, as many as it has: `show cli level`. */
  readonly name: string;
  /** With its arguments, as `help` shows it. */
  readonly usage: string;
  readonly help: string;
  /** Least level; commands above the session's are refused. */
  readonly level: CliLevel;
  /** Only in this mode of the session; others are told so. */
  readonly mode?: 'experimental' | 'expert';
  /** Left out of every list. */
  readonly hidden?: boolean;
  readonly run: (call: CliCall) => CliAnswer;
}
