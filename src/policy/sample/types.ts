// What a sample is, and what fetches and converters are (configuration manual 7.1, 7.3). Declarations only.
//
// Bytes are "binary strings": one UTF-16 unit for each byte, 0 to 255. So strings and binary blocks are searched, compared and
// matched by the same code, and nothing is lost or widened on the way to a log line.
import type { ProxyConf, ServerConf } from '../../config/types.js';
import type { Proxy } from '../../proxy/proxy.js';
import type { Session } from '../../datapath/session/session.js';
import type { VarLimits, VarStore } from './vars.js';
import type { Stream } from '../../datapath/stream/stream.js';

// Types of samples.
export const SMP_T_ANY = 0; // a converter that takes, or keeps, whatever comes
export const SMP_T_BOOL = 1;
export const SMP_T_SINT = 2; // signed, 64 bits
export const SMP_T_ADDR = 3; // either of the next two; no sample has it
export const SMP_T_IPV4 = 4;
export const SMP_T_IPV6 = 5;
export const SMP_T_STR = 6;
export const SMP_T_BIN = 7;
export const SMP_T_METH = 8; // HTTP method: its word in `str`

// Flags of a sample.
export const SMP_F_MAY_CHANGE = 0x01; // not final: more data may come (inspect-delay waits for it)
export const SMP_F_VOLATILE = 0x02; // another moment, another value
export const SMP_F_NOT_LAST = 0x04; // there is another value: fetch again, with the same sample

// Where a fetch finds its value: what must still be there when it runs (manual 7.3.2 to 7.3.6).
export const SMP_USE_INTRN = 0x0001; // internal state: everywhere
export const SMP_USE_L4CLI = 0x0002; // client's connection: from `tcp-request connection` on
export const SMP_USE_L5CLI = 0x0004; // client's session: from `tcp-request session` on
export const SMP_USE_TRACK = 0x0008; // tracked counters
export const SMP_USE_L6REQ = 0x0010; // bytes of the request, in its rules alone
export const SMP_USE_HRQHV = 0x0020; // HTTP request, volatile: in its rules alone
export const SMP_USE_HRQHP = 0x0040; // HTTP request, persistent: until the end
export const SMP_USE_BKEND = 0x0080; // chosen backend
export const SMP_USE_L4SRV = 0x0100; // server's connection
export const SMP_USE_L5SRV = 0x0200;
export const SMP_USE_L6RES = 0x0400; // bytes of the response, in its rules alone
export const SMP_USE_HRSHV = 0x0800;
export const SMP_USE_HRSHP = 0x1000;
export const SMP_USE_TXFIN = 0x2000; // known at the end: logs
export const SMP_USE_CONST = 0x4001; // constants: internal state that is there while the configuration is read, too
export const SMP_USE_SERVR = 0x8000; // chosen server

// Where an expression stands, and with it which SMP_USE_* bits can have a value: an expression whose bits have none in common
// with these is refused there (`useText` in use.ts has the words).
export const SMP_VAL_FE_CON_ACC = 0x000003; // tcp-request connection
export const SMP_VAL_FE_SES_ACC = 0x00000f; // tcp-request session
export const SMP_VAL_FE_REQ_CNT = 0x00007f; // tcp-request content, use_backend in a frontend
export const SMP_VAL_BE_REQ_CNT = 0x0000ff; // tcp-request content in a backend, use-server, balance, stick
export const SMP_VAL_BE_RES_CNT = 0x009fcf; // tcp-response content
export const SMP_VAL_FE_LOG_END = 0x00b3cf; // log lines
export const SMP_VAL_CFG_PARSER = 0x004000; // set-var of the global section
export const SMP_VAL_CLI_PARSER = 0x004001; // set var of the CLI

// `opt` of a context.
export const SMP_OPT_DIR_REQ = 0;
export const SMP_OPT_DIR_RES = 1;
export const SMP_OPT_FINAL = 2; // no more data will come: what may change is final

/** A sample in the making: filled by a fetch, changed in place by converters. One object serves a whole expression. */
export interface Sample {
  type: number; // SMP_T_*
  flags: number; // SMP_F_*
  /** STR, BIN, METH: binary string. */
  str: string;
  /** BOOL (0n, 1n), SINT. */
  int: bigint;
  /** IPV4, IPV6: 4 or 16 bytes, network order. Never written to by converters: replaced. */
  ip: Uint8Array;
  /** For fetches of several values (SMP_F_NOT_LAST): where to go on. */
  cursor: number;
}

/** What an evaluation may ask of the process: the instance, as `Proxy.process` has it. */
export interface SampleProcess {
  /** Variables of scope `proc`. */
  readonly vars: VarStore;
  readonly varLimits: VarLimits;
  readonly stopping: boolean;
  readonly nbthread: number;
  readonly bufsize: number;
  /** `tune.http.maxhdr`. */
  readonly maxHeaders: number;
  /** The live proxy of a configured one. */
  proxyOf(conf: ProxyConf): Proxy | null;
  /** A backend by its name; null for none. */
  backendNamed(name: string): Proxy | null;
  /** What `unique-id-format` makes of the stream; null without a format or a stream. */
  uniqueId(ctx: SampleContext): string | null;
  /** Environment variable as the configuration left it. */
  env(name: string): string | undefined;
  /** A message for a ring, `stdout` or `stderr`; binary string. */
  event(sink: string, text: string): void;
  /** Wall clock, µs since 1970. */
  dateUs(): bigint;
}

/** What an evaluation may look at. Streams and sessions are one of these for their whole life; see `SampleHost`. */
export interface SampleContext {
  /** Proxy whose rule is running. */
  px: Proxy;
  /** Null where there is none: health checks, CLI. */
  sess: Session | null;
  /** Null before a stream exists. */
  strm: Stream | null;
  /** SMP_OPT_*. */
  opt: number;
}

// Kinds of arguments.
export const ARG_STR = 1;
export const ARG_SINT = 2;
export const ARG_IPV4 = 3;
export const ARG_MASK4 = 4;
export const ARG_IPV6 = 5;
export const ARG_MASK6 = 6;
export const ARG_TIME = 7; // ms
export const ARG_SIZE = 8; // bytes
export const ARG_FE = 9; // frontend by name; '' for the current one
export const ARG_BE = 10;
export const ARG_SRV = 11; // [backend/]server
export const ARG_TABLE = 12; // stick table
export const ARG_REGEX = 13;
export const ARG_VAR = 14; // scope.name
export const ARG_PBUF = 15; // field number of protocol buffers: digits and dots
export const ARG_USERLIST = 16;
export const ARG_SINK = 17; // stdout, stderr, or a ring by name

/** An argument as parsed. References to proxies and servers are resolved by the resolve step (`Unresolved`). */
export interface Arg {
  kind: number; // ARG_*
  /** STR, REGEX (source), VAR (as written), and whatever was written for the other kinds; binary string. */
  str: string;
  /** SINT, TIME, SIZE. */
  int: number;
  /** SINT: all 64 bits of it. */
  big: bigint;
  /** IPV4, IPV6, MASK4, MASK6 (as bytes of a mask). */
  ip: Uint8Array | null;
  proxy: ProxyConf | null;
  server: ServerConf | null;
  /** What a `check` of the keyword made of it (compiled regular expression, variable). */
  ready: unknown;
}

export interface ArgSpec {
  /** ARG_* in order. */
  readonly kinds: readonly number[];
  /** How many must be given. */
  readonly min: number;
}

/** A sample fetch method. */
export interface FetchDef {
  readonly words: string;
  readonly args: ArgSpec;
  readonly outType: number;
  /** SMP_USE_* */
  readonly use: number;
  /** Section of the manual, for `sluice doc`. */
  readonly manual: string;
  /** Checks and prepares the arguments; '' or the text of the mistake. */
  readonly check?: (args: Arg[]) => string;
  /** Its arguments are of no effect: the warning that says so where there are any. */
  readonly ignoresArgs?: string;
  /** It reads what the system measures on the client's connection: logs have that kept when it is closed. */
  readonly measures?: boolean;
  /** Fills `smp`; false: there is none (SMP_F_MAY_CHANGE set: not yet). */
  readonly fetch: (smp: Sample, args: readonly Arg[], ctx: SampleContext) => boolean;
}

/** A converter. The sample has been cast to `inType` before `conv` is called. */
export interface ConverterDef {
  readonly words: string;
  readonly args: ArgSpec;
  readonly inType: number;
  readonly outType: number;
  readonly manual: string;
  readonly check?: (args: Arg[]) => string;
  readonly conv: (smp: Sample, args: readonly Arg[], ctx: SampleContext) => boolean;
}

/** A fetch and its converters, ready to run. Made by `parseSampleExpr` (expr.ts). */
export interface SampleExpression {
  /** As written. */
  readonly text: string;
  readonly outType: number;
  /** SMP_USE_* of its fetch. */
  readonly use: number;
  /** As in `FetchDef`. */
  readonly measures?: boolean;
  /** Evaluates into `smp`; false: no sample. */
  eval(ctx: SampleContext, smp: Sample): boolean;
  /** The value after the one in `smp` (SMP_F_NOT_LAST). */
  next(ctx: SampleContext, smp: Sample): boolean;
  /** Cast to a string (binary), null without a sample. */
  evalStr(ctx: SampleContext): string | null;
}

/** A mistake in an expression: the reference's words, and where in the text. */
export interface SampleError {
  readonly message: string;
  /** Offset in UTF-16 units into what was given to the parser, and length of what is wrong there. */
  readonly at: number;
  readonly length: number;
  readonly nearest: string;
  /** Known to the reference, not built yet. */
  readonly later: boolean;
}

/** A name in an argument that only the whole configuration can answer; the resolve step fills `arg`. */
export interface Unresolved {
  readonly arg: Arg;
  /** There is nothing to find, just this to be warned of; '' for all others. */
  readonly warning: string;
  readonly px: ProxyConf | null;
  /** `arg 1 of sample fetch keyword 'nbsrv' in ACL expression`: how the reference's message goes on. */
  readonly where: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}
