// Random lines and conditions through both programs: what the lexer makes of quotes, escapes and variables, and what `-cc` says,
// must be the reference's word for word. The seeds are fixed; a failure prints the text.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { type ConditionContext, conditionStatus } from '../../src/config/conditions.js';
import { parseConfiguration } from '../../src/config/parser.js';
import { haproxyReport } from '../../src/config/print-haproxy.js';

const CASES = 120; // of each kind: about ten milliseconds each for the reference's start
const haproxy = ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/usr/bin/haproxy'].find((p) => existsSync(p));
if (haproxy === undefined) console.log('haproxy is not installed: the comparison with the reference is left out');

const dir = mkdtempSync(join(tmpdir(), 'sluice-differential-'));
after(() => {
  rmSync(dir, { recursive: true });
});

class Chance {
  private state: number;
  constructor(seed: number) {
    this.state = seed;
  }
  below(n: number): number {
    this.state = (Math.imul(this.state, 1103515245) + 12345) & 0x7fffffff;
    return (this.state >>> 8) % n;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const ENV = { A: 'va', B: 'b b', S: ' x  y ', E: '', HOME: '/', Q: 'a"b' };

const PIECES = [
  ...[
    'a',
    'b',
    '\\',
    '\\\\',
    '"',
    "'",
    '"',
    "'",
    ' ',
    '\t',
    '#',
    '\\#',
    '\\ ',
    '\\"',
    "\\'",
    '\\n',
    '\\x41',
    '\\x4',
    '\\xg',
  ],
  ...[
    '$',
    '$A',
    '${A}',
    '${B}',
    '${A-x}',
    '${N-x}',
    '${N-}',
    '${N',
    '${A[*]}',
    '${S[*]}',
    '${S}',
    '${A[*]-d}',
    '${N[*]-d e}',
  ],
  ...[
    '${}',
    '$1',
    '$_',
    '${.LINE}',
    '${.FILE}',
    '${.SECTION}',
    '$.LINE',
    '${.X}',
    '${E}',
    '${E[*]}',
    '${A[1]}',
    '${A[*',
  ],
  ...['{', '}', '[', '-', '\\$', '\\{', 'é', '\\r', '\\t', '\\z', '${N-a b}', '${N-"q"}', '${N-\\}}', '\v', '\f', '\r'],
];

function someWord(chance: Chance): string {
  let text = '';
  for (let n = 1 + chance.below(6); n > 0; n--) text += chance.pick(PIECES);
  return chance.pick([text, `"${text}"`, `'${text}'`]);
}

/** Lead of the messages without process numbers, control characters and the lines that every run has. */
function messages(lines: readonly string[]): string[] {
  return lines
    .filter(
      (l) =>
        /^\[(ALERT|NOTICE|WARNING)/.test(l) && !/haproxy version|path to executable|Error\(s\) found|Fatal/.test(l),
    )
    .map((l) =>
      Array.from(l.replace(/\(\d+\)/, ''))
        .filter((c) => c >= ' ' && c !== '?')
        .join('')
        .trimEnd(),
    );
}

test('lines are cut into words as the reference does', { skip: haproxy === undefined }, () => {
  const chance = new Chance(20261122);
  const body = 'listen l\n bind :1\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n server s 1.1.1.1:1\n';
  for (let i = 0; i < CASES; i++) {
    const text = `global\n .notice ${someWord(chance)}\n${body}`;
    writeFileSync(join(dir, 'l.cfg'), text);
    const ref = spawnSync(haproxy!, ['-c', '-f', 'l.cfg'], { cwd: dir, env: ENV, encoding: 'utf8', timeout: 20000 });
    const result = parseConfiguration([{ name: 'l.cfg', text }], { env: ENV });
    const how = { pid: 1, version: '', executable: '', zeroWarning: false, listeners: 1 };
    const ours = haproxyReport(result, how).flatMap((l) => l.split('\n'));
    assert.deepEqual(messages(ours), messages(ref.stderr.split('\n')), JSON.stringify(text));
  }
});

const PREDICATES = [
  'streq',
  'strneq',
  'defined',
  'feature',
  'version_atleast',
  'ssllib_name_startswith',
  'nosuch',
  'stre',
  'true',
];
const ARGUMENTS = [
  ...[
    'a',
    'b',
    '',
    'HOME',
    'NOPE',
    '"x y"',
    "'q'",
    '2.6',
    '2.4',
    '3.0-dev1',
    'v2.5',
    '\\,',
    '\\ ',
    'a b',
    '"',
    '\\"',
    '\\n',
  ],
  ...['"${HOME}"', '${HOME}', ')', '(', '#', '$HOME', '1', 'x\\x41'],
];

function someTerm(chance: Chance, depth: number): string {
  const kind = chance.below(10);
  if (kind < 5) {
    const name = chance.pick(PREDICATES);
    const some = (): string => chance.pick(ARGUMENTS) + (chance.below(4) === 0 ? chance.pick(ARGUMENTS) : '');
    const args = Array.from({ length: chance.below(4) }, some).join(',');
    return chance.pick([name, `${name}(`, `${name}(${args}`, ...Array<string>(8).fill(`${name}(${args})`)]);
  }
  if (kind < 7) return chance.pick(['0', '1', '12', '-1', '+3', '0x1', '0x', '00', '1a', 'abc', '', '01']);
  if (kind === 7) return `!${chance.pick([' ', '', ''])}${someTerm(chance, depth)}`;
  if (kind === 8 && depth < 4) return `(${someCondition(chance, depth + 1)}${chance.pick([')', ')', ')', ''])}`;
  return '1';
}

function someCondition(chance: Chance, depth: number): string {
  let text = chance.pick(['', '', ' ']) + someTerm(chance, depth);
  for (let n = chance.below(3); n > 0; n--) {
    text += chance.pick([' ', '', '  ']) + chance.pick(['&&', '||', '&&', '||', '&', 'and']) + chance.pick([' ', '']);
    text += someTerm(chance, depth);
  }
  return text + chance.pick(['', '', ' ']);
}

test('conditions of -cc have the status and the message of the reference', { skip: haproxy === undefined }, () => {
  const chance = new Chance(11222026);
  const ctx: ConditionContext = {
    defined: (name) => name in ENV,
    feature: () => false,
    enabled: () => false,
    version: '2.6.12',
    sslVersion: '3.0.17',
    sslName: 'OpenSSL',
  };
  for (let i = 0; i < CASES; i++) {
    const text = someCondition(chance, 0);
    const ref = spawnSync(haproxy!, ['-cc', text], { env: ENV, encoding: 'utf8', timeout: 20000 });
    const ours = conditionStatus(text, (name) => (ENV as Record<string, string>)[name], ctx);
    const message = /\[ALERT\][^:]*: (.*)/s.exec(ref.stderr)?.[1]?.trimEnd() ?? '';
    assert.deepEqual([ours.status, ours.message], [ref.status, message], JSON.stringify(text));
  }
});
