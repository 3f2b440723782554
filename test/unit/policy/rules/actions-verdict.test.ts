// silent-drop: how the client's connection vanishes, with and without the right to repair sockets.
import '../../../support/strict.js';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { newProxy } from '../../../../src/config/defaults.js';
import { type Connection, connNew } from '../../../../src/datapath/connection/connection.js';
import { CO_FL_ERROR, CO_FL_RST_ON_CLOSE } from '../../../../src/datapath/connection/flags.js';
import type { CtrlOps } from '../../../../src/datapath/connection/ops.js';
import type { Target } from '../../../../src/datapath/connection/types.js';
import type { Thread } from '../../../../src/datapath/fd/thread.js';
import type { Session } from '../../../../src/datapath/session/session.js';
import { findAction } from '../../../../src/policy/rules/actions.js';
import { ACT_DROP, type ActionPlace, RULE_TCP_REQ_CONN } from '../../../../src/policy/rules/types.js';
import { Proxy } from '../../../../src/proxy/proxy.js';
import { AF_INET, AF_INET6, AF_UNIX } from '../../../../src/sys/constants.js';

const HERE = { file: 'f', line: 1, column: 1, length: 0 };
const EPERM = 1;
const REPAIR = '6/19=1';

/** Drops a connection over a socket of `family` whose client is said to be at an address of `claimed`. */
function dropped(family: number, claimed: number, repair: boolean): { options: string[]; conn: Connection } {
  const options: string[] = [];
  const setsockopt = (_fd: number, level: number, name: number, value: number): number => {
    options.push(`${level}/${name}=${value}`);
    return repair ? 0 : -EPERM;
  };
  const conn = connNew({ sys: { setsockopt }, counters: { connections: 0 } } as unknown as Thread, {} as Target);
  conn.fd = 7;
  conn.ctrl = { family } as CtrlOps;
  conn.src = { family: claimed, host: '', port: 0, abstract: false, encoded: null };
  const parsed = findAction('silent-drop', RULE_TCP_REQ_CONN)!.parse!({} as ActionPlace, 2)!;
  const px = new Proxy(newProxy('frontend', 'f', HERE));
  const answer = parsed.action.run({ px, sess: { origin: conn } as Session, strm: null, opt: 0 });
  assert.equal(answer, ACT_DROP);
  assert.equal(parsed.next, 3);
  return { options, conn };
}

test('a socket under repair is closed without a word', () => {
  const { options, conn } = dropped(AF_INET, AF_INET, true);
  assert.deepEqual(options, [REPAIR]);
  assert.equal(conn.flags & CO_FL_RST_ON_CLOSE, 0);
  assert.notEqual(conn.flags & CO_FL_ERROR, 0);
});

test('without that right the RST gets one hop, by the family of the socket, whatever address it was given', () => {
  assert.deepEqual(dropped(AF_INET, AF_INET6, false).options, [REPAIR, '0/2=1']);
  assert.deepEqual(dropped(AF_INET6, AF_INET, false).options, [REPAIR, '41/16=1']);
  const { options, conn } = dropped(AF_UNIX, AF_INET, false);
  assert.deepEqual(options, [REPAIR]);
  assert.notEqual(conn.flags & CO_FL_RST_ON_CLOSE, 0);
});
