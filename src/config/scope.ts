// What the reading of a line may reach: the configuration in the making, the environment, the host's answers. Types and
// the one small class that carries them.

import type { IndexedTables } from './keyword.js';
import type { Reports } from './reports.js';
import type { Configuration, Position, ProxyConf, RingConf } from './types.js';

/** Questions about the system that the parser may have to ask; pure defaults in host.ts. */
export interface ConfigHost {
  /** Why descriptor `fd` cannot be a socket of ours ('Bad file descriptor'), '' when it can or nobody knows. */
  checkFd(fd: number): string;
  /** Number of a user, a group; -1 when unknown. */
  userId(name: string): number;
  /** Open descriptors that this process may have; -1 where that is not known. */
  descriptorLimit?(): number;
  groupId(name: string): number;
  /** A whole file as a binary string; `error` is a code (ENOENT, EISDIR, ...) or ''. */
  readFile?(path: string): { readonly text: string; readonly error: string };
  /** IPv4 address of a host name, null for none. */
  lookUpIpv4?(name: string): string | null;
  /** Why a file cannot be read: 'open' or 'read', '' when it can. */
  checkFile?(path: string): '' | 'open' | 'read';
}

/** A keyword that some transports cannot do, met in the file (C31). */
export interface LimitedUse {
  readonly word: string;
  readonly where: 'bind' | 'server' | 'proxy' | 'global' | 'option';
  readonly position: Position;
  readonly source: string;
}

export interface SectionState {
  /** 'global', 'defaults', 'frontend', 'backend', 'listen', or another section's word; '' before the first. */
  kind: string;
  /** Its name as `${.SECTION}` gives it: the kind where there is no name. */
  name: string;
  /** SEC_* bit; 0 where lines are not looked at (unknown and later sections). */
  bit: number;
  proxy: ProxyConf | null;
  ring: RingConf | null;
}

export class Scope {
  readonly config: Configuration;
  readonly reports: Reports;
  readonly host: ConfigHost;
  /** Environment as the configuration sees it; setenv and its like change it. */
  readonly env: Map<string, string>;
  /** One of its variables. */
  readonly envOf = (name: string): string | undefined => this.env.get(name);
  readonly index: IndexedTables;
  readonly limited: LimitedUse[] = [];
  readonly section: SectionState = { kind: '', name: '', bit: 0, proxy: null, ring: null };
  /** Keywords that may stand once: keyword to position, for the messages. */
  readonly seen = new Map<string, Position>();
  /** -dr and the like need no word here; -N gives this (0: unset). */
  readonly defaultMaxconn: number;
  /** `bind` lines may have port 0. */
  readonly portZero: boolean;

  constructor(
    config: Configuration,
    reports: Reports,
    host: ConfigHost,
    env: Map<string, string>,
    index: IndexedTables,
    defaultMaxconn: number,
    portZero: boolean,
  ) {
    this.config = config;
    this.reports = reports;
    this.host = host;
    this.env = env;
    this.index = index;
    this.defaultMaxconn = defaultMaxconn;
    this.portZero = portZero;
  }
}
