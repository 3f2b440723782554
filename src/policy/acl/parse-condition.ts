// `if` and `unless` with what follows (configuration manual 7.2), and `acl` lines: ACLs by name, anonymous ones, predefined ones.
import { nearestWord } from '../../base/nearest.js';
import type { Line } from '../../config/line.js';
import type { Scope } from '../../config/scope.js';
import type { ProxyConf } from '../../config/types.js';
import { type AclError, aclError, type LineWords, parseAclExpr } from './parse-expr.js';
import { PREDEFINED } from './predefined.js';
import type { Acl, AclExpr, CondTerm, Condition } from './types.js';
import { fetchWordOf } from './words.js';

/** How a keyword words a mistake in its condition. */
export type Framing = (message: string) => string;

/**
 * Reads the condition whose `if` or `unless` is word `at`; it takes the rest of the line. Null after a report.
 * An empty condition never holds (`unless`: always), as with the reference.
 */
export function parseCondition(
  line: Line,
  at: number,
  px: ProxyConf,
  scope: Scope,
  framing: Framing,
): Condition | null {
  const suites: CondTerm[][] = [];
  let suite: CondTerm[] = [];
  let negated = false;
  let use = 0;
  for (let i = at + 1; i < line.count; i++) {
    let word = line.arg(i);
    if (word === 'or' || word === '||') {
      if (suite.length > 0) suites.push(suite);
      suite = [];
      negated = false;
      continue;
    }
    const column = i;
    for (; word.startsWith('!'); word = word.slice(1)) negated = !negated;
    if (word === '') continue;
    let acl: Acl;
    if (word === '{') {
      const end = closingBrace(line, i + 1);
      if (end < 0) {
        reportAclError(line, aclError(`missing closing '}' in condition`, i, { expected: "'}' as a word" }), framing);
        return null;
      }
      const expr = parseAclExpr(line, i + 1, end, px, scope);
      if ('message' in expr) {
        reportAclError(line, expr, framing);
        return null;
      }
      acl = { name: '', exprs: [expr], position: line.pos(column), use: expr.sample.use, used: true };
      i = end;
    } else {
      const found = findAcl(word, line, i, px, scope);
      if ('message' in found) {
        reportAclError(line, found, framing);
        return null;
      }
      acl = found;
      acl.used = true;
    }
    use |= acl.use;
    suite.push({ acl, negated });
    negated = false;
  }
  if (suite.length > 0) suites.push(suite);
  return { suites, unless: line.arg(at) === 'unless', use, position: line.pos(at), text: line.rest(at + 1) };
}

/** The word `}` from `from` on, before any empty word; -1 without one. */
function closingBrace(line: Line, from: number): number {
  for (let i = from; i < line.count && line.arg(i) !== ''; i++) if (line.arg(i) === '}') return i;
  return -1;
}

function findAcl(name: string, line: Line, at: number, px: ProxyConf, scope: Scope): Acl | AclError {
  const own = px.acls.get(name);
  if (own !== undefined) return own;
  if (!Object.hasOwn(PREDEFINED, name)) {
    const nearest = nearestWord(name, [...px.acls.keys(), ...Object.keys(PREDEFINED)]);
    return aclError(`no such ACL : '${name}'`, at, { nearest, expected: "an ACL's name, or '{'" });
  }
  // Read as if its words stood here.
  const words = PREDEFINED[name]!;
  const there: LineWords = {
    file: line.file,
    number: line.number,
    count: words.length,
    arg: (i) => words[i] ?? '',
    pos: () => line.pos(at),
    warning: () => undefined,
  };
  const expr = parseAclExpr(there, 0, words.length, px, scope);
  if ('message' in expr) return { ...expr, word: at, offset: -1 };
  const acl: Acl = { name, exprs: [expr], position: line.pos(at), use: expr.sample.use, used: true };
  px.acls.set(name, acl);
  return acl;
}

function reportAclError(line: Line, e: AclError, framing: Framing): void {
  const position = line.pos(e.word);
  const keyword = line.arg(0);
  if (e.later) {
    line.alert(e.word, 'not-yet', e.message);
    return;
  }
  const exact =
    e.offset < 0 || e.offset >= position.length
      ? position
      : { ...position, column: position.column + e.offset, length: 1 };
  line.reports.add('alert', 'bad-condition', framing(e.message), exact, {
    source: line.source,
    keyword,
    nearest: e.nearest,
    expected: e.expected,
  });
}

/** The rest of an `acl` line: adds to the ACL of that name. A line that cannot be read leaves its name known. */
export function parseAclLine(line: Line, px: ProxyConf, scope: Scope): void {
  const name = line.arg(1);
  const known = px.acls.get(name);
  const acl: Acl = known ?? { name, exprs: [], position: line.pos(0), use: 0, used: false };
  px.acls.set(name, acl);
  const expr = parseAclExpr(line, 2, line.count, px, scope);
  if ('message' in expr) {
    reportAclError(line, expr, (message) => `error detected while parsing ACL '${name}' : ${message}.`);
    acl.used = true; // no word about a line that is wrong already
    return;
  }
  acl.exprs.push(expr);
  acl.use |= expr.sample.use;
}

/**
 * The warning for a condition that looks at what is not there in its place; '' for none. `allowed`: SMP_VAL_* of the place,
 * `place` its name with the reference ('frontend tcp-request connection rule'), `ruleset` '' or ` in 'tcp-request connection'`.
 */
export function conditionConflict(cond: Condition, allowed: number, place: string, ruleset: string): string {
  if ((cond.use & ~allowed) === 0) return '';
  const acls = cond.suites.flatMap((s) => s.map((t) => t.acl));
  const blind = (e: AclExpr): boolean => (e.sample.use & allowed) === 0;
  for (const acl of acls) {
    if (acl.exprs.length === 0 || !acl.exprs.every(blind)) continue;
    if (acl.name !== '')
      return `acl '${acl.name}' will never match${ruleset} because it only involves keywords that are incompatible with '${place}'`;
    const word = fetchWordOf(acl.exprs[0]!.sample);
    return `anonymous acl will never match${ruleset} because it uses keyword '${word}' which is incompatible with '${place}'`;
  }
  for (const acl of acls) {
    const expr = acl.exprs.find(blind);
    if (expr === undefined) continue;
    const who = acl.name === '' ? 'anonymous acl' : `acl '${acl.name}'`;
    return `${who} involves keyword '${fetchWordOf(expr.sample)}' which is incompatible with '${place}'`;
  }
  return '';
}
