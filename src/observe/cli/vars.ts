// `get var` and `set var`: variables of scope `proc` (management manual 9.3).
import { textOf } from '../../policy/sample/binary.js';
import { smpCast } from '../../policy/sample/casts.js';
import { isSampleError, parseSampleExpr } from '../../policy/sample/expr.js';
import { isLogFormat, logFormatStr, parseLogFormat } from '../../policy/sample/log-format.js';
import { resolveSampleArgs } from '../../policy/sample/resolve-args.js';
import { SampleValue, smpCopy, smpStr } from '../../policy/sample/sample.js';
import {
  SMP_OPT_DIR_REQ,
  SMP_OPT_FINAL,
  SMP_T_BIN,
  SMP_T_BOOL,
  SMP_T_IPV4,
  SMP_T_IPV6,
  SMP_T_METH,
  SMP_T_SINT,
  SMP_T_STR,
  SMP_VAL_CLI_PARSER,
  type Sample,
  type SampleContext,
  type Unresolved,
} from '../../policy/sample/types.js';
import { notAvailableText } from '../../policy/sample/use.js';
import { parseVarName, storeSet, VAR_PROC, varGet } from '../../policy/sample/vars.js';
import type { ProxyConf } from '../../config/types.js';
import { cliErr, DONE } from './message.js';
import type { CliAnswer, CliCall, CliCommand } from './types.js';

const TYPES: Readonly<Record<number, string>> = {
  [SMP_T_BOOL]: 'bool',
  [SMP_T_SINT]: 'sint',
  [SMP_T_IPV4]: 'ipv4',
  [SMP_T_IPV6]: 'ipv6',
  [SMP_T_STR]: 'str',
  [SMP_T_BIN]: 'bin',
  [SMP_T_METH]: 'meth',
};

const NO_NAME = cliErr('Missing process-wide variable identifier.\n');

/** What expressions are evaluated in: no session, the process alone. */
function context(call: CliCall): SampleContext {
  return { px: call.session.stream.sess.fe, sess: null, strm: null, opt: SMP_OPT_FINAL };
}

function valueText(value: Readonly<Sample>): string {
  if (value.type === SMP_T_BOOL) return value.int === 0n ? '0' : '1';
  if (value.type === SMP_T_SINT) return String(value.int);
  if (value.type === SMP_T_IPV4 || value.type === SMP_T_IPV6) {
    const smp = new SampleValue();
    smpCopy(smp, value);
    return smpCast(smp, SMP_T_STR) ? smp.str : '';
  }
  return textOf(value.str).replace(/[^ -~\u00a0-\ud7ff\ue000-\u{10ffff}]/gu, '.');
}

function getVar(call: CliCall): CliAnswer {
  const text = call.words[2];
  if (text === undefined) return NO_NAME;
  const name = parseVarName(text);
  const value = typeof name === 'string' || name.scope !== VAR_PROC ? null : varGet(context(call), name);
  if (value === null) return cliErr('Variable not found.\n');
  return `${text}: type=${TYPES[value.type] ?? 'any'} value=<${valueText(value)}>\n`;
}

/** Names in arguments, found among the proxies of the instance; the first that is not there, in the reference's words. */
function resolve(call: CliCall, unresolved: readonly Unresolved[]): string {
  if (unresolved.length === 0) return '';
  const frontends = new Map<string, ProxyConf>();
  const backends = new Map<string, ProxyConf>();
  for (const px of call.env.instance.proxies) {
    if (px.isFrontend) frontends.set(px.name, px.conf);
    if (px.isBackend) backends.set(px.name, px.conf);
  }
  const rings = new Set(call.env.instance.logs.rings.keys());
  let wrong = '';
  resolveSampleArgs(unresolved, { frontends, backends, rings }, (_u, _code, message, _nearest, kind) => {
    if (kind !== 'warning') wrong ||= message;
  });
  return wrong;
}

/** Evaluates `text` into `smp`: '' or what is wrong. */
function evalInto(call: CliCall, name: string, format: boolean, text: string, smp: SampleValue): string {
  const unresolved: Unresolved[] = [];
  const place = { px: null, dir: SMP_OPT_DIR_REQ, context: 'CLI', file: 'CLI', line: 0, column: 0, unresolved };
  if (format) {
    const parsed = parseLogFormat(text, { ...place, vals: SMP_VAL_CLI_PARSER, http: false });
    if (!isLogFormat(parsed)) return parsed[0]?.message ?? '';
    const wrong = resolve(call, unresolved);
    if (wrong === '') smpStr(smp, logFormatStr(parsed, context(call)));
    return wrong;
  }
  const parsed = parseSampleExpr(text, place);
  if (isSampleError(parsed)) return parsed.message;
  const { expr } = parsed;
  if ((expr.use & SMP_VAL_CLI_PARSER) === 0) return notAvailableText(`set-var(${name})`, expr.use);
  const wrong = resolve(call, unresolved);
  if (wrong !== '') return wrong;
  return expr.eval(context(call), smp) ? '' : 'this expression has no value here';
}

function setVar(call: CliCall): CliAnswer {
  const [, , name, first, second] = call.words;
  if (name === undefined) return NO_NAME;
  if (first === undefined) return cliErr(`Missing either 'expr', 'fmt' or expression.\n`);
  if (second !== undefined && first !== 'expr' && first !== 'fmt')
    return cliErr(`'set var': arg type must be either 'expr' or 'fmt' but got '${first}'.`);
  const variable = parseVarName(name);
  if (typeof variable === 'string') return cliErr(variable);
  if (variable.scope !== VAR_PROC)
    return cliErr(`'set var': cannot set variable '${name}', only scope 'proc' is permitted here.`);
  const smp = new SampleValue();
  const wrong = evalInto(call, name, second !== undefined && first === 'fmt', second ?? first, smp);
  if (wrong !== '') return cliErr(wrong);
  const store = call.env.instance.samples?.vars;
  if (store === undefined || !storeSet(store, variable.name, smp)) return cliErr('No room for the variable.\n');
  return DONE;
}

export const varCommands: readonly CliCommand[] = [
  {
    name: 'get var',
    usage: 'get var <name>',
    help: 'retrieve contents of a process-wide variable',
    level: 'operator',
    run: getVar,
  },
  {
    name: 'set var',
    usage: 'set var <name> [fmt|expr] {<fmt>|<expr>}',
    help: 'set variable from an expression or a format',
    level: 'admin',
    mode: 'experimental',
    run: setVar,
  },
];
