// Rules: an action and its condition, where it stands, and what it answers (configuration manual 4.2). Declarations only.
import type { Line } from '../../config/line.js';
import type { Scope } from '../../config/scope.js';
import type { KeywordStatus } from '../../config/keyword.js';
import type { Position, ProxyConf } from '../../config/types.js';
import type { Proxy } from '../../proxy/proxy.js';
import type { Server } from '../../proxy/server.js';
import type { Condition } from '../acl/types.js';
import type { SampleContext, SampleExpression } from '../sample/types.js';

// What an action answers, and with it a ruleset.
export const ACT_CONT = 0; // go on with the next rule
export const ACT_ACCEPT = 1; // no further rule of this ruleset
export const ACT_YIELD = 2; // evaluate this rule again when something has changed
export const ACT_DENY = 3; // refuse the connection, session or contents
export const ACT_CLOSE = 4; // end the server's side (tcp-response content close)
export const ACT_DROP = 5; // the client is gone, and was not told
export const ACT_ERROR = 6; // could not be done: internal error

// Rulesets (where an action may stand), bits.
export const RULE_TCP_REQ_CONN = 0x01; // tcp-request connection
export const RULE_TCP_REQ_SESS = 0x02; // tcp-request session
export const RULE_TCP_REQ_CONT = 0x04; // tcp-request content
export const RULE_TCP_RES_CONT = 0x08; // tcp-response content
export const RULE_TCP_REQ = RULE_TCP_REQ_CONN | RULE_TCP_REQ_SESS | RULE_TCP_REQ_CONT;
export const RULE_TCP_ALL = RULE_TCP_REQ | RULE_TCP_RES_CONT;

/** An action ready to run. */
export interface Action {
  /** Its words without arguments: 'accept', 'set-var'. */
  readonly name: string;
  /** It keeps something of the contents: without an inspect-delay there may be none yet. */
  readonly needsContents?: boolean;
  /** Nothing after it is evaluated, whatever comes: accept, reject. */
  readonly final: boolean;
  /** Returns ACT_*. */
  run(ctx: SampleContext): number;
}

export interface Rule {
  readonly action: Action;
  /** Null: always. */
  readonly cond: Condition | null;
  readonly position: Position;
}

/** What the parser of an action gets: words of the line, and where it stands. */
export interface ActionPlace {
  readonly line: Line;
  readonly px: ProxyConf;
  readonly scope: Scope;
  /** RULE_* bit of the ruleset. */
  readonly rule: number;
  /** `frontend 'fe'`, `defaults section`: as messages name it. */
  readonly who: string;
  /** 'tcp-request content' */
  readonly ruleset: string;
}

/** What was read: the action, and the word after it (a condition, or the end of the line). */
export interface ParsedAction {
  readonly action: Action;
  readonly next: number;
}

/** Reads the action whose word stands at `at`; null after it has reported a mistake. */
export type ActionParser = (place: ActionPlace, at: number) => ParsedAction | null;

/** A row of the action table. */
export interface ActionDef {
  /** First word. */
  readonly word: string;
  /** An argument follows it in parentheses: `set-var(txn.x)`. */
  readonly parens: boolean;
  /** RULE_* where it may stand. */
  readonly rules: number;
  readonly syntax: string;
  readonly status: KeywordStatus;
  /** Null: not in sluice yet. */
  readonly parse: ActionParser | null;
}

/** tcp-request and tcp-response rules of a proxy. */
export interface TcpRules {
  reqConnection: Rule[];
  reqSession: Rule[];
  reqContent: Rule[];
  resContent: Rule[];
  /** `tcp-request inspect-delay`, ms; 0 none. */
  reqDelayMs: number;
  resDelayMs: number;
}

/** A log format, ready: text out of a context (binary string). */
export type TextFormat = (ctx: SampleContext) => string;

/** `use_backend NAME [if|unless ...]`. */
export interface SwitchingRule {
  /** As written. */
  readonly name: string;
  /** A name that is made at run time; null for a fixed one. */
  readonly format: TextFormat | null;
  readonly cond: Condition | null;
  readonly position: Position;
  /** Filled by the resolve step for fixed names. */
  proxy: ProxyConf | null;
}

/** `use-server NAME if|unless ...`. */
export interface ServerRule {
  readonly name: string;
  readonly format: TextFormat | null;
  readonly cond: Condition;
  readonly position: Position;
}

/** `force-persist` and `ignore-persist`. */
export interface PersistRule {
  readonly force: boolean;
  readonly cond: Condition;
}

/** The rules of a live proxy: those of its defaults section and its own, with names resolved. */
export interface ProxyRules {
  readonly reqConnection: readonly Rule[];
  readonly reqSession: readonly Rule[];
  readonly reqContent: readonly Rule[];
  readonly resContent: readonly Rule[];
  readonly reqDelayMs: number;
  readonly resDelayMs: number;
  readonly switching: readonly LiveSwitching[];
  readonly servers: readonly LiveServerRule[];
  /** The cookie of `persist rdp-cookie`. */
  readonly rdpCookie: SampleExpression | null;
  readonly persist: readonly PersistRule[];
}

export interface LiveSwitching {
  readonly cond: Condition | null;
  readonly proxy: Proxy | null;
  readonly format: TextFormat | null;
}

export interface LiveServerRule {
  readonly cond: Condition;
  readonly server: Server | null;
  readonly format: TextFormat | null;
}
