// Variables (configuration manual 7.3.2 `var`, 3.2 `tune.vars.*`): values with a name, kept by the process, a session or a stream.
//
//   proc   instance   made when the configuration is read, lives as long as the process
//   sess   session    until the client's connection ends
//   txn    stream     request and response
//   req    stream     until a server is connected to;  res: from then on
//
// Accounting is hierarchical: what a request keeps counts for its transaction, its session, the process and the global sum. A
// variable costs VAR_COST bytes and, for strings and blocks, its length.
import { TICK_ETERNITY } from '../../base/ticks.js';
import type { Session } from '../../datapath/session/session.js';
import { smpCopy } from './sample.js';
import {
  SMP_T_BIN,
  SMP_T_METH,
  SMP_T_SINT,
  SMP_T_STR,
  type Sample,
  type SampleContext,
  type SampleProcess,
} from './types.js';

export const VAR_PROC = 0;
export const VAR_SESS = 1;
export const VAR_TXN = 2;
export const VAR_REQ = 3;
export const VAR_RES = 4;
export const VAR_CHECK = 5;

const SCOPES: readonly string[] = ['proc', 'sess', 'txn', 'req', 'res', 'check'];

/** Bytes that any variable counts for, its value aside. */
const VAR_COST = 64;

/** `tune.vars.*-max-size`; 0: no limit. */
export interface VarLimits {
  global: number;
  proc: number;
  sess: number;
  txn: number;
  reqres: number;
}

export interface VarName {
  readonly scope: number; // VAR_*
  /** Without the scope. */
  readonly name: string;
}

/** A stored value: never changed in place. */
export type VarValue = Readonly<Sample>;

/** Variables of one scope. A value of null: it exists, and is not set. */
export class VarStore {
  readonly values = new Map<string, VarValue | null>();
  /** Bytes accounted here, those of the finer scopes included. */
  bytes = 0;
  /** Where this scope's bytes count too. */
  readonly parent: VarStore | null;
  /** 0: no limit. */
  readonly limit: number;

  constructor(parent: VarStore | null, limit: number) {
    this.parent = parent;
    this.limit = limit;
  }

  /** The end of the scope: its bytes are given back to the coarser ones. */
  release(): void {
    const own = this.bytes;
    for (let s = this.parent; s !== null; s = s.parent) s.bytes -= own;
    this.bytes = 0;
    this.values.clear();
  }
}

function charge(store: VarStore, bytes: number): boolean {
  for (let s: VarStore | null = store; s !== null; s = s.parent) {
    if (bytes > 0 && s.limit !== 0 && s.bytes + bytes > s.limit) return false;
  }
  for (let s: VarStore | null = store; s !== null; s = s.parent) s.bytes += bytes;
  return true;
}

function sizeOf(value: VarValue): number {
  return value.type === SMP_T_STR || value.type === SMP_T_BIN || value.type === SMP_T_METH ? value.str.length : 0;
}

/** The variable that `text` names, or what is wrong with it in the reference's words. */
export function parseVarName(text: string): VarName | string {
  if (text === '') return 'Empty variable name cannot be accepted';
  const dot = text.indexOf('.');
  const scope = dot < 0 ? -1 : SCOPES.indexOf(text.slice(0, dot));
  if (scope < 0 || dot === text.length - 1) {
    return `invalid variable name '${text}'. A variable name must be start by its scope. The scope can be 'proc', 'sess', 'txn', 'req', 'res' or 'check'`;
  }
  const name = text.slice(dot + 1);
  const bad = /[^A-Za-z0-9_.]/.exec(name);
  if (bad !== null) return `invalid syntax at char '${name.slice(bad.index)}'`;
  return { scope, name };
}

/** The store of `scope` in this context; null where there is none, or none yet and `create` is false. */
function storeOf(ctx: SampleContext, scope: number, create: boolean): VarStore | null {
  const process = ctx.px.process;
  if (process === null) return null;
  if (scope === VAR_PROC) return process.vars;
  const sess = ctx.sess ?? ctx.strm?.sess ?? null;
  if (sess === null || scope === VAR_CHECK) return null;
  if (scope === VAR_SESS) return sess.vars ?? (create ? sessionStore(sess, process) : null);
  const strm = ctx.strm;
  if (strm === null) return null;
  // What the request kept ends once a server is there; what is meant for the response begins then.
  const answered = strm.connectedTick !== TICK_ETERNITY;
  if (answered && strm.varsReq !== null) {
    strm.varsReq.release();
    strm.varsReq = null;
  }
  if (scope === (answered ? VAR_REQ : VAR_RES)) return null;
  if (scope === VAR_TXN && strm.varsTxn !== null) return strm.varsTxn;
  if (scope === VAR_REQ && strm.varsReq !== null) return strm.varsReq;
  if (scope === VAR_RES && strm.varsRes !== null) return strm.varsRes;
  if (!create) return null;
  const { varLimits } = process;
  strm.varsTxn ??= new VarStore(sessionStore(sess, process), varLimits.txn);
  if (scope === VAR_TXN) return strm.varsTxn;
  const store = new VarStore(strm.varsTxn, varLimits.reqres);
  if (scope === VAR_REQ) strm.varsReq = store;
  else strm.varsRes = store;
  return store;
}

function sessionStore(sess: Session, process: SampleProcess): VarStore {
  sess.vars ??= new VarStore(process.vars, process.varLimits.sess);
  return sess.vars;
}

/** The value, null where it does not exist or is not set. */
export function varGet(ctx: SampleContext, name: VarName): VarValue | null {
  return storeOf(ctx, name.scope, false)?.values.get(name.name) ?? null;
}

/** Whether it exists: it was set once (and maybe unset), or the configuration names it in scope `proc`. */
function varExists(ctx: SampleContext, name: VarName): boolean {
  return storeOf(ctx, name.scope, false)?.values.has(name.name) ?? false;
}

/** Copies `smp` into the variable; false where there is no such scope here, or no room. */
function varSet(ctx: SampleContext, name: VarName, smp: Readonly<Sample>): boolean {
  const store = storeOf(ctx, name.scope, true);
  return store !== null && storeSet(store, name.name, smp);
}

/** As `varSet`, into a store at hand (CLI, `set-var` of the global section). */
export function storeSet(store: VarStore, name: string, smp: Readonly<Sample>): boolean {
  const old = store.values.get(name);
  let bytes = sizeOf(smp);
  if (old === undefined) bytes += VAR_COST;
  else if (old !== null) bytes -= sizeOf(old);
  if (!charge(store, bytes)) return false;
  const value: Sample = { type: 0, flags: 0, str: '', int: 0n, ip: smp.ip, cursor: 0 };
  smpCopy(value, smp);
  value.flags = 0;
  store.values.set(name, value);
  return true;
}

/** Back to not set. Variables of scope `proc` go on to exist. */
export function varUnset(ctx: SampleContext, name: VarName): void {
  const store = storeOf(ctx, name.scope, false);
  const old = store?.values.get(name.name);
  if (store == null || old == null) return;
  charge(store, -sizeOf(old));
  store.values.set(name.name, null);
}

/** Conditions of `set-var`, VAR_IF_* bits. */
export type VarConditions = number;

const VAR_IF_EXISTS = 0x01;
const VAR_IF_NOT_EXISTS = 0x02;
const VAR_IF_EMPTY = 0x04;
const VAR_IF_NOT_EMPTY = 0x08;
const VAR_IF_SET = 0x10;
const VAR_IF_NOT_SET = 0x20;
const VAR_IF_GT = 0x40;
const VAR_IF_LT = 0x80;

const CONDITIONS: Readonly<Record<string, VarConditions>> = {
  ifexists: VAR_IF_EXISTS,
  ifnotexists: VAR_IF_NOT_EXISTS,
  ifempty: VAR_IF_EMPTY,
  ifnotempty: VAR_IF_NOT_EMPTY,
  ifset: VAR_IF_SET,
  ifnotset: VAR_IF_NOT_SET,
  ifgt: VAR_IF_GT,
  iflt: VAR_IF_LT,
};

/** Bits of the words, or what is wrong. */
export function parseVarConditions(words: readonly string[]): VarConditions | string {
  let bits = 0;
  for (const word of words) {
    const bit = Object.hasOwn(CONDITIONS, word) ? CONDITIONS[word] : undefined;
    if (bit === undefined) return `unknown condition "${word}"`;
    bits |= bit;
  }
  return bits;
}

/** As `varSet`, where all conditions hold; false where one does not. */
export function varSetIf(ctx: SampleContext, name: VarName, smp: Readonly<Sample>, conditions: VarConditions): boolean {
  return (conditions === 0 || conditionsHold(ctx, name, smp, conditions)) && varSet(ctx, name, smp);
}

function conditionsHold(ctx: SampleContext, name: VarName, smp: Readonly<Sample>, bits: VarConditions): boolean {
  const old = varGet(ctx, name);
  const exists = varExists(ctx, name);
  const text = smp.type === SMP_T_STR || smp.type === SMP_T_BIN || smp.type === SMP_T_METH;
  const empty = text && smp.str === '';
  if ((bits & VAR_IF_EXISTS) !== 0 && !exists) return false;
  if ((bits & VAR_IF_NOT_EXISTS) !== 0 && exists) return false;
  if ((bits & VAR_IF_EMPTY) !== 0 && !empty) return false;
  if ((bits & VAR_IF_NOT_EMPTY) !== 0 && empty) return false;
  if ((bits & VAR_IF_SET) !== 0 && old === null) return false;
  if ((bits & VAR_IF_NOT_SET) !== 0 && old !== null) return false;
  if (old === null || old.type !== SMP_T_SINT || smp.type !== SMP_T_SINT) return true;
  if ((bits & VAR_IF_GT) !== 0 && old.int <= smp.int) return false;
  return (bits & VAR_IF_LT) === 0 || old.int < smp.int;
}
