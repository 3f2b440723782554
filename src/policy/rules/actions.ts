// The table of actions: what a rule can do, and where. Later work adds rows.
import { addressActions } from './actions-address.js';
import { markActions } from './actions-mark.js';
import { varActions } from './actions-var.js';
import { verdictActions } from './actions-verdict.js';
import {
  type ActionDef,
  RULE_TCP_ALL,
  RULE_TCP_REQ,
  RULE_TCP_REQ_CONN,
  RULE_TCP_REQ_CONT,
  RULE_TCP_REQ_SESS,
  RULE_TCP_RES_CONT,
} from './types.js';

function later(word: string, rules: number, syntax: string): ActionDef {
  return { word, parens: syntax.startsWith(`${word}(`), rules, syntax, status: 'later', parse: null };
}

const CONTENT = RULE_TCP_REQ_CONT | RULE_TCP_RES_CONT;

/** Every action of the layer-4 rulesets. */
export const actionTable: readonly ActionDef[] = [
  ...verdictActions,
  ...varActions,
  ...addressActions,
  ...markActions,
  later('do-resolve', RULE_TCP_REQ_CONT, 'do-resolve(<var>,<resolvers>,[ipv4,ipv6]) <expr>'),
  later('sc-inc-gpc', RULE_TCP_ALL, 'sc-inc-gpc(<idx>,<sc-id>)'),
  later('sc-inc-gpc0', RULE_TCP_ALL, 'sc-inc-gpc0(<sc-id>)'),
  later('sc-inc-gpc1', RULE_TCP_ALL, 'sc-inc-gpc1(<sc-id>)'),
  later('sc-set-gpt', RULE_TCP_ALL, 'sc-set-gpt(<idx>,<sc-id>) { <int> | <expr> }'),
  later('sc-set-gpt0', RULE_TCP_ALL, 'sc-set-gpt0(<sc-id>) { <int> | <expr> }'),
  later('send-spoe-group', CONTENT, 'send-spoe-group <engine-name> <group-name>'),
  later('ot-group', CONTENT, 'ot-group <filter-name> <group-name>'),
  later('switch-mode', RULE_TCP_REQ_CONT, 'switch-mode http [ proto <name> ]'),
  later('track-sc0', RULE_TCP_REQ, 'track-sc0 <key> [table <table>]'),
  later('track-sc1', RULE_TCP_REQ, 'track-sc1 <key> [table <table>]'),
  later('track-sc2', RULE_TCP_REQ, 'track-sc2 <key> [table <table>]'),
  later('use-service', RULE_TCP_REQ_CONT, 'use-service <service-name>'),
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
