// Import ranks and cycles. The rules are functions over parsed sources, so that each is also shown to fail.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { COMPOSITION_ROOT, isDeclarations, rankOf, RANKS, roomOf } from './ranks.js';
import { none, readSource, readText, ROOT, sourcesBelow, type Source } from './sources.js';

const inSrc = (file: string): string => file.replace(/^src\//, '');

/** Files that lie in no room of the table. */
function homeless(sources: readonly Source[]): string[] {
  return sources
    .filter(({ file }) => rankOf(roomOf(inSrc(file)) ?? '') < 0)
    .map(({ file }) => `${file}: in no room of test/tidy/ranks.ts`);
}

/** Runtime imports that go up or sideways. */
function brokenRanks(sources: readonly Source[]): string[] {
  const findings: string[] = [];
  for (const { file, imports } of sources) {
    const from = inSrc(file);
    const room = roomOf(from);
    if (room === null || from === COMPOSITION_ROOT || room === 'top') continue;
    for (const { to, line, typeOnly } of imports) {
      if (to === null || typeOnly) continue;
      const target = inSrc(to);
      const targetRoom = roomOf(target);
      if (isDeclarations(target) || targetRoom === room) continue;
      if (targetRoom !== null && rankOf(targetRoom) < rankOf(room)) continue;
      findings.push(`${file}:${line}: ${room} may not import from ${targetRoom ?? 'nowhere'} (${target}) at run time`);
    }
  }
  return findings;
}

/** `flags.ts`, `ops.ts`, `types.ts` load nothing but each other. */
function impureDeclarations(sources: readonly Source[]): string[] {
  return sources
    .filter(({ file }) => isDeclarations(file))
    .flatMap(({ file, imports }) =>
      imports
        .filter(({ to, typeOnly }) => !typeOnly && (to === null || !isDeclarations(to)))
        .map(({ to, line }) => `${file}:${line}: declarations load ${to ?? 'a package'} at run time; use import type`),
    );
}

/** Relative imports of files that are not there. */
function dangling(sources: readonly Source[]): string[] {
  return sources.flatMap(({ file, imports }) =>
    imports
      .filter(({ to }) => to !== null && !existsSync(path.join(ROOT, to)))
      .map(({ to, line }) => `${file}:${line}: ${to!} does not exist`),
  );
}

/** One cycle of runtime imports for each group of files that import each other. */
function cycles(sources: readonly Source[]): string[] {
  const edges = new Map<string, string[]>();
  for (const { file, imports } of sources) {
    edges.set(
      file,
      imports.filter(({ to, typeOnly }) => to !== null && !typeOnly).map(({ to }) => to!),
    );
  }
  const done = new Set<string>();
  const onPath: string[] = [];
  const findings: string[] = [];
  const visit = (file: string): void => {
    const at = onPath.indexOf(file);
    if (at >= 0) {
      findings.push([...onPath.slice(at), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    onPath.push(file);
    for (const to of edges.get(file) ?? []) visit(to);
    onPath.pop();
    done.add(file);
  };
  for (const file of edges.keys()) visit(file);
  return findings;
}

/** Ranks as src/README.md shows them: a fenced block that starts with `ranks:`, a line (or `<`) for each rank. */
function ranksInReadme(text: string): string[][] | null {
  const block = /^```\w*\nranks:([^]*?)^```/m.exec(text)?.[1];
  if (block === undefined) return null;
  return block
    .split(/[<\n]/)
    .map((rank) => rank.split(/[\s,]+/).filter((room) => room !== ''))
    .filter((rank) => rank.length > 0);
}

test('every file under src/ lies in a room of the rank table', () => {
  none(homeless(sourcesBelow('src')), 'files without a room');
});

test('runtime imports go to rooms of lower rank or stay in the room', () => {
  none(brokenRanks(sourcesBelow('src')), 'imports against the ranks');
});

test('flags.ts, ops.ts and types.ts load only each other', () => {
  none(impureDeclarations(sourcesBelow('src')), 'declarations that load code');
});

test('relative imports name files that exist', () => {
  none(dangling([...sourcesBelow('src'), ...sourcesBelow('test')]), 'dangling imports');
});

test('there is no cycle of runtime imports', () => {
  none(cycles(sourcesBelow('src')), 'cycles');
});

test('src/README.md shows the rank table that is held here', () => {
  assert.ok(existsSync(path.join(ROOT, 'src/README.md')), 'there is no src/README.md');
  const shown = ranksInReadme(readText('src/README.md'));
  assert.ok(shown !== null, 'src/README.md has no fenced block that starts with "ranks:"');
  assert.deepEqual(shown, RANKS);
});

test('the rank rules find what they are for', () => {
  const up = readSource('src/base/x.ts', "import { a } from '../sched/task.js';\n");
  const sideways = readSource('src/sys/x.ts', "import { a } from '../trace/trace.js';\n");
  const typed = readSource('src/base/y.ts', "import type { a } from '../sched/task.js';\nexport type B = a;\n");
  const mixed = readSource('src/base/z.ts', "import { type A } from '../sched/task.js';\n");
  const open = readSource('src/base/w.ts', "import { A } from '../datapath/connection/flags.js';\n");
  const again = readSource('src/base/v.ts', "export { A } from '../datapath/mux/pt/mux-pt.js';\n");
  const lazy = readSource('src/base/u.ts', "await import('../observe/log/log.js');\n");
  const root = readSource('src/runtime/wiring.ts', "import { A } from '../extend/face.js';\n");
  const lines = brokenRanks([up, sideways, typed, mixed, open, again, lazy, root]).map(
    (finding) => finding.split(':')[0],
  );
  assert.deepEqual(lines, ['src/base/x.ts', 'src/sys/x.ts', 'src/base/z.ts', 'src/base/v.ts', 'src/base/u.ts']);
  assert.equal(homeless([readSource('src/datapath/x.ts', ''), readSource('src/policy/odd/x.ts', '')]).length, 2);
  assert.equal(impureDeclarations([readSource('src/fd/flags.ts', "import { a } from './fd.js';\n")]).length, 1);
});

test('the cycle rule finds a cycle of three and lets type imports pass', () => {
  const make = (file: string, to: string, kind = 'import'): Source =>
    readSource(`src/base/${file}.ts`, `${kind} { x } from './${to}.js';\n`);
  assert.deepEqual(cycles([make('a', 'b'), make('b', 'c'), make('c', 'a')]), [
    'src/base/a.ts -> src/base/b.ts -> src/base/c.ts -> src/base/a.ts',
  ]);
  assert.deepEqual(cycles([make('a', 'b'), make('b', 'a', 'import type')]), []);
});

test('the rank block of a README is read by lines and by signs', () => {
  assert.deepEqual(ranksInReadme('x\n```\nranks:\nbase\nsys, trace http\n```\n'), [['base'], ['sys', 'trace', 'http']]);
  assert.deepEqual(ranksInReadme('```text\nranks: base < sys\n  < sched\n```\n'), [['base'], ['sys'], ['sched']]);
  assert.equal(ranksInReadme('ranks: base\n'), null);
});
