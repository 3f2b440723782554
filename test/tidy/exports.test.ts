// Dead exports: a function or class exported under src/ is imported somewhere in src/, test/ or scripts/. Types may stand alone:
// they name what a signature uses. A constant (CAPITALS) is vocabulary: it is dead only where its own file does not use it
// either. Catalogues of constants are whole by their nature.
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

/** True when `name` stands in the file more often than where it is declared. */
function usedAtHome({ tree }: Source, name: string): boolean {
  let seen = 0;
  walk(tree, (node) => {
    if (ts.isIdentifier(node) && node.text === name) seen++;
  });
  return seen > 1;
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
    for (const { name, line, typeOnly } of exports) {
      if (typeOnly || used.has(`${file}#${name}`) || ALLOWED.has(`${file}#${name}`)) continue;
      if (/^[A-Z][A-Z0-9_]*$/.test(name) && usedAtHome(source, name)) continue;
      findings.push(`${file}:${line}: ${name}`);
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
});
