// The tables of fetches and converters beside those that the reference prints (-dKsmp, -dKcnv), where it is installed: the words it
// knows, where each fetch may stand, types, arguments.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TYPE_NAMES } from '../../../../src/policy/sample/casts.js';
import { CONVERTER_WORDS, CONVERTERS, FETCH_WORDS, FETCHES } from '../../../../src/policy/sample/tables.js';
import {
  SMP_VAL_BE_REQ_CNT,
  SMP_VAL_BE_RES_CNT,
  SMP_VAL_CFG_PARSER,
  SMP_VAL_CLI_PARSER,
  SMP_VAL_FE_CON_ACC,
  SMP_VAL_FE_LOG_END,
  SMP_VAL_FE_REQ_CNT,
  SMP_VAL_FE_SES_ACC,
} from '../../../../src/policy/sample/types.js';

const haproxy = ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/usr/bin/haproxy'].find((p) => existsSync(p));

/** Columns of the reference's table that are places of ours. */
const PLACES: readonly (readonly [column: number, vals: number])[] = [
  [0, SMP_VAL_FE_CON_ACC],
  [1, SMP_VAL_FE_SES_ACC],
  [2, SMP_VAL_FE_REQ_CNT],
  [6, SMP_VAL_BE_REQ_CNT],
  [11, SMP_VAL_BE_RES_CNT],
  [18, SMP_VAL_FE_LOG_END],
  [20, SMP_VAL_CFG_PARSER],
  [21, SMP_VAL_CLI_PARSER],
];

/** Ours: the other spelling of `res.ssl_hello_type`. */
const OWN_FETCHES = new Set(['rep.ssl_hello_type']);
/** The reference calls these numbers, and gives addresses. */
const MISTYPED = new Set(['bc_dst', 'bc_src']);

let dir = '';
let skip: string | false = haproxy === undefined ? 'haproxy is not installed' : false;

before(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'sluice-'));
  const version = haproxy === undefined ? '' : spawnSync(haproxy, ['-v'], { encoding: 'utf8' }).stdout;
  if (skip === false && !version.includes('version 2.6.')) skip = 'it is not HAProxy 2.6';
});

after(() => {
  rmSync(dir, { recursive: true });
});

/** Lines of `haproxy -dK...` for one class of keywords. */
function known(what: 'smp' | 'cnv'): string[] {
  const file = path.join(dir, 'a.cfg');
  writeFileSync(file, 'defaults\n timeout client 1s\nfrontend f\n mode tcp\n bind 127.0.0.1:1\n');
  const run = spawnSync(haproxy!, [`-dK${what}`, '-c', '-f', file], { encoding: 'utf8', timeout: 20_000 });
  return run.stdout.split('\n').filter((l) => l !== '' && !l.startsWith('#') && !l.startsWith('Configuration'));
}

test('fetches: where they may stand and what they are', (t) => {
  if (skip !== false) {
    t.skip(skip);
    return;
  }
  const rows = new Map<string, { places: string[]; type: string }>();
  for (const line of known('smp')) {
    const m = /^\[ (.*) \] ([A-Za-z0-9._+-]+)(?:\(.*\))?: (\w+)/.exec(line);
    if (m !== null) rows.set(m[2]!, { places: m[1]!.split(' '), type: m[3]! });
  }
  assert.ok(rows.size > 400);
  const own = new Set([...FETCHES.map((f) => f.words), ...FETCH_WORDS.map((w) => w.word)]);
  assert.deepEqual(
    [...rows.keys()].filter((w) => !own.has(w)),
    [],
  );
  for (const { words, use, outType } of FETCHES) {
    if (OWN_FETCHES.has(words)) continue;
    const row = rows.get(words);
    assert.ok(row !== undefined, words);
    for (const [column, vals] of PLACES) {
      assert.equal((use & vals) !== 0, row.places[column] === 'Y', `${words}, column ${column}`);
    }
    if (!MISTYPED.has(words)) assert.equal(TYPE_NAMES[outType], row.type, words);
  }
});

test('converters: what they take and what they make', (t) => {
  if (skip !== false) {
    t.skip(skip);
    return;
  }
  const rows = new Map<string, string>();
  for (const line of known('cnv')) {
    const m = /^([A-Za-z0-9._+-]+)(?:\(.*\))?: (\w+) => (\w+)$/.exec(line);
    if (m !== null) rows.set(m[1]!, `${m[3]!} to ${m[2]!}`); // it prints the result first
  }
  assert.ok(rows.size > 100);
  const own = new Set([...CONVERTERS.map((c) => c.words), ...CONVERTER_WORDS.map((w) => w.word)]);
  assert.deepEqual(
    [...rows.keys()].filter((w) => !own.has(w)),
    [],
  );
  for (const { words, inType, outType } of CONVERTERS) {
    assert.equal(`${TYPE_NAMES[inType]!} to ${TYPE_NAMES[outType]!}`, rows.get(words), words);
  }
});
