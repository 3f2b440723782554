// What files may hold: their length, names of single wait bits, and nothing that ties them to one machine or leaves a promise open.
import assert from 'node:assert/strict';
import test from 'node:test';
import ts from 'typescript';
import {
  filesBelow,
  lineOf,
  none,
  projectFiles,
  readSource,
  readText,
  sourcesBelow,
  walk,
  type Source,
} from './sources.js';

const LINES_MAX = 600;

/** C06, C08: looked at by the layers that own them alone; everybody else asks the masks. */
const WAIT_BITS = new Set(['CO_FL_WAIT_L4_CONN', 'CO_FL_WAIT_L6_CONN', 'CO_FL_HANDSHAKE']);
const WAIT_BIT_ROOMS = ['src/datapath/connection/', 'src/datapath/xprt/'];

function namedWaitBits(sources: readonly Source[]): string[] {
  const findings: string[] = [];
  for (const { file, tree } of sources) {
    if (WAIT_BIT_ROOMS.some((room) => file.startsWith(room))) continue;
    walk(tree, (node) => {
      if (ts.isIdentifier(node) && WAIT_BITS.has(node.text))
        findings.push(`${file}:${lineOf(tree, node)}: ${node.text}`);
    });
  }
  return findings;
}

// Written in pieces, so that this file does not find itself.
const UNWANTED: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`), 'an open promise'],
  [
    new RegExp(`(^|[\\s"'\`(=:])/(${['wo' + 'rk', 'ho' + 'me', 'ro' + 'ot', 'Us' + 'ers'].join('|')})/`),
    'a path of one machine',
  ],
  [
    new RegExp(['regis' + 'try\\.[a-z0-9-]+\\.', 'arti' + 'factory', 'regis' + 'try='].join('|'), 'i'),
    "a registry's name",
  ],
  [new RegExp('"resol' + 'ved": "http'), 'a download address'],
  [
    new RegExp(['eslint-' + 'disable', '@ts-' + 'ignore', '@ts-' + 'nocheck', '@ts-' + 'expect-error'].join('|')),
    'a way round the checks',
  ],
];
const BINARY = /\.(png|jpg|gif|ico|woff2?|node|bin|der|gz)$/;

function unwanted(file: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, i) =>
      UNWANTED.filter(([pattern]) => pattern.test(line)).map(
        ([, what]) => `${file}:${i + 1}: ${what}: ${line.trim().slice(0, 100)}`,
      ),
    );
}

test(`no file of ours has more than ${LINES_MAX} lines`, () => {
  const ours = ['src', 'test', 'scripts', 'native'].flatMap((dir) =>
    filesBelow(dir, ['.ts', '.mjs', '.js', '.cc', '.h', '.sh']),
  );
  const findings = ours
    .map((file) => [file, readText(file).trimEnd().split('\n').length] as const)
    .filter(([, lines]) => lines > LINES_MAX)
    .map(([file, lines]) => `${file}: ${lines} lines`);
  none(findings, 'split these');
});

test('C06 no single wait bit is named outside connection/ and xprt/', () => {
  none(namedWaitBits(sourcesBelow('src')), 'ask CO_FL_WAIT_XPRT or CO_FL_WAIT_L4L6 instead');
});

test('no tracked file names a machine, a registry or an open promise, or goes round the checks', () => {
  const files = projectFiles().filter((file) => !BINARY.test(file) && !file.includes('/corpus/'));
  none(
    files.flatMap((file) => unwanted(file, readText(file))),
    'unwanted texts',
  );
});

test('every source file says what it is in its first line', () => {
  const findings = ['src', 'test', 'scripts']
    .flatMap((dir) => filesBelow(dir, ['.ts', '.mjs']))
    .filter((file) => !/^(#![^\n]*\n)?(\/\/|\/\*)/.test(readText(file)));
  none(findings, 'no opening comment');
});

test('the text rules find what they are for', () => {
  const mux = readSource('src/datapath/mux/pt/x.ts', 'if ((f & CO_FL_WAIT_L4_CONN) !== 0) g(CO_FL_WAIT_XPRT);\n');
  assert.equal(namedWaitBits([mux]).length, 1);
  assert.equal(namedWaitBits([readSource('src/datapath/xprt/x.ts', 'g(CO_FL_HANDSHAKE);\n')]).length, 0);
  assert.equal(namedWaitBits([readSource('src/sched/x.ts', '// CO_FL_HANDSHAKE is not for us\n')]).length, 0);
  const bad = ['// TO' + 'DO later', "open('/wo" + "rk/x')", 'regis' + 'try.example.org', '// @ts-' + 'ignore'];
  for (const line of bad) assert.equal(unwanted('x', line).length, 1, line);
  for (const line of ['/usr/sbin/haproxy', 'a/ro' + 'ot/b', 'the work of it'])
    assert.deepEqual(unwanted('x', line), [], line);
});
