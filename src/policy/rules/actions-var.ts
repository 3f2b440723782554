// set-var, set-var-fmt, unset-var (configuration manual 4.2, `http-request set-var`).
import { smpCast } from '../sample/casts.js';
import { SampleValue, smpStr } from '../sample/sample.js';
import { SMP_T_SINT, type Sample, type SampleContext } from '../sample/types.js';
import {
  parseVarConditions,
  parseVarName,
  type VarConditions,
  type VarName,
  varSetIf,
  varUnset,
} from '../sample/vars.js';
import { built } from './rows.js';
import { type Action, ACT_CONT, type ActionDef, type ActionPlace, type ParsedAction, RULE_TCP_ALL } from './types.js';
import { readExpr, readFormat } from './words.js';

const scratch = new SampleValue();

interface Named {
  readonly name: VarName;
  readonly conds: VarConditions;
}

/** The name and conditions in the parentheses of word `at`; null after a report. */
function readName(place: ActionPlace, at: number): Named | null {
  const { line } = place;
  const word = line.arg(at);
  const open = word.indexOf('(');
  const forms = `Expects 'set-var(<var-name>)', 'set-var-fmt(<var-name>)' or 'unset-var(<var-name>)'`;
  if (open < 0) {
    line.alert(at, 'missing-argument', `invalid or incomplete action '${word}'. ${forms}`);
    return null;
  }
  const close = word.lastIndexOf(')');
  if (close < open) {
    line.alert(at, 'missing-argument', `incomplete argument after action '${word}'. ${forms}`);
    return null;
  }
  const [text, ...rest] = word.slice(open + 1, close).split(',') as [string, ...string[]];
  const name = parseVarName(text);
  if (typeof name === 'string') {
    // The reference goes on to the end of the word in this message.
    const message = name.startsWith('invalid syntax at char') ? name.replace(/'$/, ")'") : name;
    line.alert(at, 'bad-variable', message, { expected: 'proc.x, sess.x, txn.x, req.x or res.x' });
    return null;
  }
  const conds = parseVarConditions(rest);
  if (typeof conds === 'string') {
    line.alert(at, 'unknown-word', conds, { expected: 'ifexists, ifnotempty, ifset, ifgt or another condition' });
    return null;
  }
  return { name, conds };
}

function parseSetVar(place: ActionPlace, at: number): ParsedAction | null {
  const named = readName(place, at);
  if (named === null) return null;
  const read = readExpr(place, at + 1, { subject: place.line.arg(at) });
  if (read === null) return null;
  const { expr } = read;
  const action: Action = {
    name: 'set-var',
    final: false,
    run: (ctx) => {
      if (expr.eval(ctx, scratch)) varSetIf(ctx, named.name, scratch, named.conds);
      return ACT_CONT;
    },
  };
  return { action, next: read.next };
}

function parseSetVarFmt(place: ActionPlace, at: number): ParsedAction | null {
  const named = readName(place, at);
  if (named === null) return null;
  const format = readFormat(place, at + 1);
  if (format === null) return null;
  const action: Action = {
    name: 'set-var-fmt',
    final: false,
    run: (ctx) => {
      scratch.flags = 0;
      smpStr(scratch, format(ctx));
      varSetIf(ctx, named.name, scratch, named.conds);
      return ACT_CONT;
    },
  };
  return { action, next: at + 2 };
}

function parseUnsetVar(place: ActionPlace, at: number): ParsedAction | null {
  const named = readName(place, at);
  if (named === null) return null;
  const action: Action = {
    name: 'unset-var',
    final: false,
    run: (ctx) => {
      varUnset(ctx, named.name);
      return ACT_CONT;
    },
  };
  return { action, next: at + 1 };
}

/** The value of `expr` as an integer, null without one. */
export function intOf(expr: { eval(ctx: SampleContext, smp: Sample): boolean }, ctx: SampleContext): bigint | null {
  if (!expr.eval(ctx, scratch) || !smpCast(scratch, SMP_T_SINT)) return null;
  return scratch.int;
}

export const varActions: readonly ActionDef[] = [
  built('set-var-fmt(<var-name>[,<cond>...]) <fmt>', RULE_TCP_ALL, parseSetVarFmt),
  built('set-var(<var-name>[,<cond>...]) <expr>', RULE_TCP_ALL, parseSetVar),
  built('unset-var(<var-name>)', RULE_TCP_ALL, parseUnsetVar),
];
