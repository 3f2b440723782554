// Dead exports: a function exported under src/ is imported somewhere in src/, test/ or scripts/. Types and classes may stand
// alone: they name what a signature uses. A constant (CAPITALS) is vocabulary: it is dead only where its own file does not
// use it either, and where it belongs to no family of names with one beginning, which is whole by its nature.
import assert from 'node:assert/strict';
import test from 'node:test';
import ts from 'typescript';
import { TOP_FILES } from './ranks.js';
import { none, readSource, sourcesBelow, walk, type Source } from './sources.js';

const CATALOGUES = [/\/(flags|types)\.ts$/, /^src\/sys\/(errno|constants)\.ts$/];

/** `file#name` of exports that are kept although nobody imports them, each with its reason. */
const ALLOWED = new Set<string>([]);

function isFace(file: string): boolean {
  return TOP_FILES.includes(file.replace(/^src\//, ''));
}

/** Names that stand in the file more often than where they are declared. */
function usedAtHome({ tree }: Source): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  walk(tree, (node) => {
    if (!ts.isIdentifier(node)) return;
    if (seen.has(node.text)) twice.add(node.text);
    seen.add(node.text);
  });
  return twice;
}

const FAMILY_MIN = 3; // names with one beginning that make a catalogue

/** Beginnings (up to the first underscore) that several exported constants of the file share. */
function families({ exports }: Source): ReadonlySet<string> {
  const count = new Map<string, number>();
  for (const { name } of exports) {
    const start = /^[A-Z][A-Z0-9]*_/.exec(name)?.[0];
    if (start !== undefined) count.set(start, (count.get(start) ?? 0) + 1);
  }
  return new Set([...count].filter(([, names]) => names >= FAMILY_MIN).map(([start]) => start));
}

function deadExports(sources: readonly Source[]): string[] {
  const used = new Set<string>();
  for (const { imports } of sources) {
    for (const { to, names } of imports) for (const name of names) used.add(`${to ?? ''}#${name}`);
  }
  const findings: string[] = [];
  for (const source of sources) {
    const { file, exports } = source;
    if (!file.startsWith('src/') || isFace(file) || CATALOGUES.some((pattern) => pattern.test(file))) continue;
    if (used.has(`${file}#*`)) continue;
    const dead = exports.filter(
      ({ name, typeOnly }) => !typeOnly && !used.has(`${file}#${name}`) && !ALLOWED.has(`${file}#${name}`),
    );
    if (dead.length === 0) continue;
    const home = usedAtHome(source);
    const shared = families(source);
    for (const { name, line } of dead) {
      if (/^[A-Z]/.test(name) && home.has(name)) continue;
      if (shared.has(/^[A-Z][A-Z0-9]*_/.exec(name)?.[0] ?? '')) continue;
      findings.push(`${file}:${line}: ${name}${home.has(name) ? ' (used here only: need not be exported)' : ''}`);
    }
  }
  return findings;
}

test('every exported value is imported somewhere', () => {
  none(deadExports(['src', 'test', 'scripts'].flatMap((dir) => sourcesBelow(dir))), 'dead exports');
});

test('the dead-export rule finds a dead one and knows namespaces, re-exports, faces and vocabulary', () => {
  const one = readSource('src/base/a.ts', 'export const x = 1;\nexport function y(): void {}\nexport interface T {}\n');
  const two = readSource('src/base/b.ts', "import { x } from './a.js';\nexport const z = x;\n");
  assert.deepEqual(deadExports([one, two]), ['src/base/a.ts:2: y', 'src/base/b.ts:2: z']);
  const face = readSource('src/index.ts', "export { z } from './base/b.js';\nexport { y } from './base/a.js';\n");
  assert.deepEqual(deadExports([one, two, face]), []);
  const all = readSource('test/unit/base/a.test.ts', "import * as a from '../../../src/base/a.js';\na.y();\n");
  assert.deepEqual(deadExports([one, all]), []);
  const words = readSource('src/base/c.ts', 'export const A_MAX = 1;\nexport const B_MAX = A_MAX + 1;\n');
  assert.deepEqual(deadExports([words]), ['src/base/c.ts:2: B_MAX']);
  const family = readSource('src/base/d.ts', 'export const N_A = 0;\nexport const N_B = 1;\nexport const N_C = 2;\n');
  assert.deepEqual(deadExports([family]), []);
});
