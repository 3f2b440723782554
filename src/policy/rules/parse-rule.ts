// One rule: an action, and maybe a condition.
import { nearestWord } from '../../base/nearest.js';
import { conditionConflict, parseCondition } from '../acl/parse-condition.js';
import type { Condition } from '../acl/types.js';
import { ACTION_LISTS, actionWords, findAction } from './actions.js';
import type { ActionPlace, Rule } from './types.js';
import { placeOf } from './words.js';

/** Reads the rule whose action is word `at`; null after a report. */
export function parseRule(place: ActionPlace, at: number): Rule | null {
  const { line, rule, ruleset, who } = place;
  const word = line.arg(at);
  const def = findAction(word, rule);
  if (def === undefined) {
    const nearest = nearestWord(/^[^(]*/.exec(word)![0], actionWords(rule));
    const mean = nearest === '' ? '' : ` Did you mean '${nearest}' maybe ?`;
    line.alert(at, 'unknown-action', `'${ruleset}' expects ${ACTION_LISTS[rule]!} in ${who} (got '${word}').${mean}`, {
      keyword: ruleset,
      nearest,
      expected: 'an action',
    });
    return null;
  }
  if (def.parse === null) {
    const name = `${ruleset} ${def.word}`;
    line.alert(at, 'not-yet', `'${name}' is known to HAProxy, but not in sluice yet`, { keyword: name });
    return null;
  }
  const parsed = def.parse(place, at);
  if (parsed === null) return null;
  const cond = readCondition(place, parsed.next, line.arg(at));
  return cond === undefined ? null : { action: parsed.action, cond, position: line.pos(0) };
}

/** The condition at word `at`, null for none; undefined after a report. */
function readCondition(place: ActionPlace, at: number, action: string): Condition | null | undefined {
  const { line, rule, ruleset, who, px } = place;
  const word = line.arg(at);
  if (word === '') return null;
  if (word !== 'if' && word !== 'unless') {
    const text = `'${ruleset} ${action}' only accepts 'if' or 'unless', in ${who} (got '${word}')`;
    line.alert(at, 'extra-argument', text, { expected: "'if' or 'unless'" });
    return undefined;
  }
  const lead = `'${ruleset} ${action}' : error detected in ${who} while parsing '${word}' condition : `;
  const cond = parseCondition(line, at, px, place.scope, (message) => lead + message);
  if (cond === null) return undefined;
  const { allowed, name } = placeOf(rule, px);
  const conflict = conditionConflict(cond, allowed, name, ` in '${ruleset}'`);
  if (conflict !== '') line.warning(at, 'never-matches', conflict, { keyword: ruleset });
  return cond;
}

/** Whether a rule always ends the ruleset: what stands behind it can't be reached. */
export function isUnconditionalEnd(r: Rule): boolean {
  return r.cond === null && r.action.final;
}
