// What the parsers of actions have in common: expressions as arguments, and the reference's words for what is wrong with them.
import type { SampleError, SampleExpression } from '../sample/types.js';
import {
  SMP_OPT_DIR_REQ,
  SMP_OPT_DIR_RES,
  SMP_VAL_BE_REQ_CNT,
  SMP_VAL_BE_RES_CNT,
  SMP_VAL_FE_CON_ACC,
  SMP_VAL_FE_REQ_CNT,
  SMP_VAL_FE_SES_ACC,
} from '../sample/types.js';
import { isSampleError, parseSampleWords } from '../sample/expr.js';
import { notAvailableText } from '../sample/use.js';
import { isLogFormat, logFormatStr, parseLogFormat } from '../sample/log-format.js';
import { PR_CAP_BE, PR_CAP_FE, type ProxyConf } from '../../config/types.js';
import { type ActionPlace, RULE_TCP_REQ_CONN, RULE_TCP_REQ_SESS, RULE_TCP_RES_CONT, type TextFormat } from './types.js';

/** SMP_VAL_* of a ruleset in `px`, and the reference's name of the place. */
export function placeOf(rule: number, px: ProxyConf): { readonly allowed: number; readonly name: string } {
  const fe = (px.caps & PR_CAP_FE) !== 0;
  if (rule === RULE_TCP_REQ_CONN) return { allowed: SMP_VAL_FE_CON_ACC, name: 'frontend tcp-request connection rule' };
  if (rule === RULE_TCP_REQ_SESS) return { allowed: SMP_VAL_FE_SES_ACC, name: 'frontend tcp-request session rule' };
  if (rule === RULE_TCP_RES_CONT) return { allowed: SMP_VAL_BE_RES_CNT, name: 'backend tcp-response content rule' };
  const be = (px.caps & PR_CAP_BE) !== 0;
  return {
    allowed: (fe ? SMP_VAL_FE_REQ_CNT : 0) | (be ? SMP_VAL_BE_REQ_CNT : 0),
    name: `${fe ? 'frontend' : 'backend'} tcp-request content rule`,
  };
}

export interface ReadExpr {
  readonly expr: SampleExpression;
  /** The word after it. */
  readonly next: number;
}

/** How the messages about an expression are made. */
export interface ExprWords {
  /** In front of every message: `'tcp-request content capture' : `. */
  readonly lead?: string;
  /** What `fetch method '…' extracts information from` names; null: such a use is not looked at. */
  readonly subject: string | null;
}

/** Reads the expression that starts at word `at`; null after a report. */
export function readExpr(place: ActionPlace, at: number, words: ExprWords): ReadExpr | null {
  const { line, px } = place;
  const rest: string[] = [];
  for (let i = at; i < line.count; i++) rest.push(line.arg(i));
  const parsed = parseSampleWords(rest, {
    px,
    dir: place.rule === RULE_TCP_RES_CONT ? SMP_OPT_DIR_RES : SMP_OPT_DIR_REQ,
    context: `${place.ruleset} expression`,
    file: line.file,
    line: line.number,
    column: line.pos(at).column,
  });
  if (isSampleError(parsed)) {
    reportExpr(place, at + parsed.word, parsed, words.lead ?? '');
    return null;
  }
  const { allowed } = placeOf(place.rule, px);
  const { expr } = parsed;
  if (words.subject !== null && (expr.use & allowed) === 0) {
    const subject = words.subject === '' ? /^[A-Za-z0-9._-]*/.exec(expr.text)![0] : words.subject;
    line.alert(at, 'not-here', (words.lead ?? '') + notAvailableText(subject, expr.use));
    return null;
  }
  return { expr, next: at + parsed.words };
}

function reportExpr(place: ActionPlace, at: number, e: SampleError, lead: string): void {
  const { line } = place;
  if (e.later) {
    line.alert(at, 'not-yet', e.message);
    return;
  }
  line.alert(at, 'bad-expression', lead + e.message, { nearest: e.nearest, expected: 'a sample expression' });
}

/** Word `at`, a decimal or 0x hexadecimal number; -1 after a report. */
export function readMark(place: ActionPlace, at: number): number {
  const { line } = place;
  const text = line.arg(at);
  if (text === '') {
    line.alert(at, 'missing-argument', `expects exactly 1 argument (integer/hex value)`);
    return -1;
  }
  const m = /^(?:0[xX][0-9a-fA-F]+|\d+)/.exec(text);
  const bad = m === null ? text : text.slice(m[0].length);
  if (m === null || bad !== '') {
    line.alert(at, 'not-a-number', `invalid character starting at '${bad}' (integer/hex value expected)`);
    return -1;
  }
  return Number(BigInt(m[0]) & 0xffffffffn);
}

/** Reads the log format in word `at`; null after a report. */
export function readFormat(place: ActionPlace, at: number): TextFormat | null {
  const { line, px } = place;
  const format = parseLogFormat(line.arg(at), {
    px,
    dir: place.rule === RULE_TCP_RES_CONT ? SMP_OPT_DIR_RES : SMP_OPT_DIR_REQ,
    vals: placeOf(place.rule, px).allowed,
    http: px.mode === 'http',
    context: `${place.ruleset} expression`,
    file: line.file,
    line: line.number,
    column: line.pos(at).column,
  });
  if (!isLogFormat(format)) {
    for (const e of format) reportExpr(place, at, e, '');
    return null;
  }
  return (ctx) => logFormatStr(format, ctx);
}
