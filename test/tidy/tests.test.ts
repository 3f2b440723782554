// The tests themselves: unit tests stand where their source stands, and each row of the contract has a test of its name.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import ts from 'typescript';
import { filesBelow, none, readSource, readText, ROOT, sourcesBelow, walk, type Source } from './sources.js';

/** Rows of the engine's contract that are proven in this version. */
const ROWS = [
  ...[
    'C01',
    'C02',
    'C03',
    'C04',
    'C06',
    'C07',
    'C08',
    'C09',
    'C10',
    'C11',
    'C13',
    'C14',
    'C15',
    'C16',
    'C18',
    'C19',
    'C20',
  ],
  ...['C22', 'C23', 'C25', 'C26', 'C30', 'C31', 'C32', 'C34'],
];

/** A title, or the constant start of one, that begins with rows: `C07 …`, `C06, C08 …`, `C07: …`. */
const TITLE = /^(C\d\d)((?:(?:, ?| and |\/)C\d\d)*)[ :]/;

function rowsOfTitle(title: string): string[] {
  const match = TITLE.exec(title);
  return match === null ? [] : [...match[0].matchAll(/C\d\d/g)].map(([row]) => row);
}

/** Rows that titles in a TypeScript test begin with. Tables of cases hold titles too, so any string counts. */
function rowsOfSource({ tree }: Source): string[] {
  const rows: string[] = [];
  walk(tree, (node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) rows.push(...rowsOfTitle(node.text));
  });
  return rows;
}

/** Rows that a scenario's title begins with. */
function rowsOfScenario(text: string): string[] {
  return rowsOfTitle(/^(?:vtest|varnishtest) "([^"]*)"/m.exec(text)?.[1] ?? '');
}

/** `test/unit/a/b.test.ts` and `b.aspect.test.ts` belong to `src/a/b.ts`, or to the folder `src/a/b` as a whole. */
function sourceOfTest(file: string): string {
  const stem = file.replace(/^test\/unit\//, '').replace(/\.test\.ts$/, '');
  const name = path.posix.basename(stem).split('.')[0]!;
  return path.posix.join('src', path.posix.dirname(stem), `${name}.ts`);
}

function hasSource(file: string): boolean {
  const source = path.join(ROOT, sourceOfTest(file));
  return existsSync(source) || existsSync(source.replace(/\.ts$/, ''));
}

test('every unit test stands where its source stands', () => {
  const findings = filesBelow('test/unit', ['.test.ts'])
    .filter((file) => !hasSource(file))
    .map((file) => `${file}: there is no ${sourceOfTest(file)}`);
  none(findings, 'unit tests without a source');
});

test('every row of the contract has a test that begins with its name', () => {
  const proven = new Set<string>();
  for (const source of sourcesBelow('test')) {
    if (source.file.endsWith('.test.ts') && !source.file.startsWith('test/tidy/')) {
      for (const row of rowsOfSource(source)) proven.add(row);
    }
  }
  for (const file of filesBelow('test/vtc', ['.vtc']))
    for (const row of rowsOfScenario(readText(file))) proven.add(row);
  const missing = ROWS.filter((row) => !proven.has(row));
  none(missing.length > 0 ? [missing.join(', ')] : [], 'no test begins with');
});

test('rows are read from titles, cases and scenarios', () => {
  assert.deepEqual(rowsOfTitle('C06, C08 the table'), ['C06', 'C08']);
  assert.deepEqual(rowsOfTitle('C07: a peer that ends at once'), ['C07']);
  assert.deepEqual(rowsOfTitle('as C07 says'), []);
  const source = readSource(
    'test/unit/x.test.ts',
    "test('C01 one', f);\ntest(`C02 with ${n}`, f);\n// C03 is not there\n",
  );
  assert.deepEqual(rowsOfSource(source), ['C01', 'C02']);
  assert.deepEqual(rowsOfScenario('# C09\nvarnishtest "C16 proto none"\n'), ['C16']);
});

test('a unit test may tell an aspect of its source', () => {
  assert.equal(sourceOfTest('test/unit/datapath/mux/pt/mux-pt.attach.test.ts'), 'src/datapath/mux/pt/mux-pt.ts');
  assert.equal(sourceOfTest('test/unit/base/ticks.test.ts'), 'src/base/ticks.ts');
});
