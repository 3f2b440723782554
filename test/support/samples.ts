// Sample expressions for tests: contexts made of nothing but a process, and the answers of the reference kept in files.
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import type { ProxyConf } from '../../src/config/types.js';
import { newProxy } from '../../src/config/defaults.js';
import { isSampleError, parseSampleExpr, type ParsedExpr } from '../../src/policy/sample/expr.js';
import { smpCast, TYPE_NAMES } from '../../src/policy/sample/casts.js';
import { SampleValue, smpInt, smpStr } from '../../src/policy/sample/sample.js';
import {
  SMP_OPT_FINAL,
  SMP_T_STR,
  type Sample,
  type SampleContext,
  type SampleError,
  type SampleProcess,
  type Unresolved,
} from '../../src/policy/sample/types.js';
import { resolveSampleArgs } from '../../src/policy/sample/resolve-args.js';
import { storeSet, VarStore } from '../../src/policy/sample/vars.js';
import { Proxy } from '../../src/proxy/proxy.js';

const NOWHERE = { file: 'test', line: 1, column: 1, length: 0 };

/** A process without proxies; `proc.one` is 1, `proc.word` is "b". */
export function newProcess(limits: Partial<SampleProcess['varLimits']> = {}): SampleProcess {
  const varLimits = { global: 0, proc: 0, sess: 0, txn: 0, reqres: 0, ...limits };
  const vars = new VarStore(null, varLimits.proc);
  const smp = new SampleValue();
  smpInt(smp, 1);
  if (limits.proc === undefined) {
    storeSet(vars, 'one', smp);
    smpStr(smp, 'b');
    storeSet(vars, 'word', smp);
  }
  return {
    vars,
    varLimits,
    stopping: false,
    nbthread: 1,
    bufsize: 16384,
    maxHeaders: 101,
    proxyOf: () => null,
    backendNamed: () => null,
    uniqueId: () => null,
    event: () => undefined,
    env: (name) => (name === 'HOME' ? '/root' : undefined),
    dateUs: () => 1_416_000_000_123_456n,
  };
}

/** No session, no stream: what the CLI's expressions have. */
export function newContext(process: SampleProcess = newProcess()): SampleContext {
  const px = new Proxy(newProxy('frontend', 'test', NOWHERE));
  px.process = process;
  return { px, sess: null, strm: null, opt: SMP_OPT_FINAL };
}

export function parseOf(text: string): ParsedExpr | SampleError {
  const unresolved: Unresolved[] = [];
  const parsed = parseSampleExpr(text, { px: null, dir: 0, context: 'CLI expression', unresolved });
  let wrong = '';
  const none = new Map<string, ProxyConf>();
  resolveSampleArgs(unresolved, { frontends: none, backends: none, rings: new Set() }, (_u, _code, message) => {
    wrong = message;
  });
  return wrong === ''
    ? parsed
    : { message: `parsing [CLI:0]: ${wrong.replace("'CFG'", "'CLI'")}`, at: 0, length: 0, nearest: '', later: false };
}

/** The expression at work: type and value as `get var` prints them, `-` without a sample, `! ` and the message for a mistake. */
export function answerOf(text: string, ctx: SampleContext): string {
  const parsed = parseOf(text);
  if (isSampleError(parsed)) return `! ${parsed.message}`;
  const smp = new SampleValue();
  if (!parsed.expr.eval(ctx, smp)) return '-';
  return `${TYPE_NAMES[smp.type]!}\t${valueText(smp)}`;
}

function valueText(smp: Sample): string {
  const text = new SampleValue();
  Object.assign(text, smp);
  if (smp.type !== SMP_T_STR && smp.type !== 7) smpCast(text, SMP_T_STR);
  const nul = smp.type === SMP_T_STR ? -1 : text.str.indexOf('\0'); // the CLI prints blocks as C strings
  return (nul < 0 ? text.str : text.str.slice(0, nul)).replace(/[^ -~]/g, '.');
}

/** Compares every line `expression TAB answer` of a file beside the tests with what we answer. */
export function checkVectors(name: string): void {
  const file = new URL(`../unit/policy/sample/vectors/${name}.tsv`, import.meta.url);
  const ctx = newContext();
  const wrong: string[] = [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  for (const line of lines) {
    const at = line.indexOf('\t');
    const text = line.slice(0, at);
    const wanted = line.slice(at + 1);
    const got = answerOf(text, ctx);
    if (got !== wanted && !got.endsWith('not in sluice yet'))
      wrong.push(`${text}\n    reference: ${wanted}\n    sluice:    ${got}`);
  }
  assert.equal(wrong.length, 0, `${wrong.length} of ${lines.length} differ:\n${wrong.join('\n')}`);
}
