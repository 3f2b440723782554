// The table of actions: what a rule can do, and where. Later work adds rows.
import { addressActions } from './actions-address.js';
import { markActions } from './actions-mark.js';
import { varActions } from './actions-var.js';
import { verdictActions } from './actions-verdict.js';
import { later } from './rows.js';
import {
  type ActionDef,
  RULE_TCP_ALL,
  RULE_TCP_REQ,
  RULE_TCP_REQ_CONN,
  RULE_TCP_REQ_CONT,
  RULE_TCP_REQ_SESS,
  RULE_TCP_RES_CONT,
} from './types.js';

const CONTENT = RULE_TCP_REQ_CONT | RULE_TCP_RES_CONT;

/** Every action of the layer-4 rulesets. */
export const actionTable: readonly ActionDef[] = [
  ...verdictActions,
  ...varActions,
  ...addressActions,
  ...markActions,
  later('do-resolve(<var>,<resolvers>,[ipv4,ipv6]) <expr>', RULE_TCP_REQ_CONT),
  later('sc-inc-gpc(<idx>,<sc-id>)', RULE_TCP_ALL),
  later('sc-inc-gpc0(<sc-id>)', RULE_TCP_ALL),
  later('sc-inc-gpc1(<sc-id>)', RULE_TCP_ALL),
  later('sc-set-gpt(<idx>,<sc-id>) { <int> | <expr> }', RULE_TCP_ALL),
  later('sc-set-gpt0(<sc-id>) { <int> | <expr> }', RULE_TCP_ALL),
  later('send-spoe-group <engine-name> <group-name>', CONTENT),
  later('ot-group <filter-name> <group-name>', CONTENT),
  later('switch-mode http [ proto <name> ]', RULE_TCP_REQ_CONT),
  later('track-sc0 <key> [table <table>]', RULE_TCP_REQ),
  later('track-sc1 <key> [table <table>]', RULE_TCP_REQ),
  later('track-sc2 <key> [table <table>]', RULE_TCP_REQ),
  later('use-service <service-name>', RULE_TCP_REQ_CONT),
];

/** The row of the action that `word` is in rulesets `rule`; undefined for none. */
export function findAction(word: string, rule: number): ActionDef | undefined {
  const name = /^[^(]*/.exec(word)![0];
  const found = actionTable.find((a) => a.word === name && (a.rules & rule) !== 0);
  if (found === undefined) return undefined;
  // Without parentheses the actions that need them say so themselves.
  return found.parens || name === word ? found : undefined;
}

const EARLY = `'accept', 'reject', 'capture', 'expect-proxy', 'expect-netscaler-cip', 'track-sc0' ... 'track-sc2'`;
const COUNTERS = `'sc-inc-gpc(*)', 'sc-inc-gpc0(*)', 'sc-inc-gpc1(*)', 'sc-set-gpt(*)', 'sc-set-gpt0(*)'`;
const VARS = `'set-var-fmt(*)', 'set-var(*)', 'unset-var(*)'`;
const MARKS = `'set-log-level', 'set-nice'`;
const FRONT = `${EARLY}, ${COUNTERS}, ${VARS}, 'set-dst', 'set-dst-port', 'set-mark', 'set-src', 'set-src-port', 'set-tos', 'silent-drop'`;

/** The actions of each ruleset as the reference lists them. */
export const ACTION_LISTS: Readonly<Record<number, string>> = {
  [RULE_TCP_REQ_CONN]: FRONT,
  [RULE_TCP_REQ_SESS]: FRONT,
  [RULE_TCP_REQ_CONT]: `${EARLY}, 'ot-group', ${MARKS}, 'switch-mode', 'use-service', ${COUNTERS}, 'send-spoe-group', 'do-resolve(*)', ${VARS}, 'set-src', 'set-src-port', 'set-dst', 'set-dst-port', 'set-mark', 'set-tos', 'silent-drop', 'set-priority-class', 'set-priority-offset'`,
  [RULE_TCP_RES_CONT]: `'accept', 'close', 'reject', 'ot-group', ${MARKS}, ${COUNTERS}, 'send-spoe-group', ${VARS}, 'set-mark', 'set-tos', 'silent-drop'`,
};

/** Words of all actions of a ruleset. */
export function actionWords(rule: number): string[] {
  return actionTable.filter((a) => (a.rules & rule) !== 0).map((a) => a.word);
}
