// Reads the project's sources for the tidy tests: which files there are, what each imports when it runs and what it exports.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  /** Path of the imported file from the project's root; null for packages and node's own modules. */
  readonly to: string | null;
  readonly line: number;
  /** `import type`: gone when the program runs. */
  readonly typeOnly: boolean;
  /** Names taken; `*` for all of them. */
  readonly names: readonly string[];
}

export interface Export {
  readonly name: string;
  readonly line: number;
  /** Interfaces and type aliases. */
  readonly typeOnly: boolean;
}

export interface Source {
  /** From the project's root, with forward slashes: `src/base/ticks.ts`. */
  readonly file: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
}

/** Files below `dir` (from the root) that end in one of `endings`, sorted. */
export function filesBelow(dir: string, endings: readonly string[]): string[] {
  const full = path.join(ROOT, dir);
  if (!existsSync(full)) return [];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

const NOT_OURS = /^(node_modules|dist|build|prebuilds|\.tmp|\.git)\//;

/** What belongs to the project: tracked files and new ones that are not ignored. Without git, all that is no product. */
export function projectFiles(): string[] {
  const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const run = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
  const files =
    run.status === 0 ? run.stdout.split('\0') : filesBelow('.', ['']).filter((file) => !NOT_OURS.test(file));
  return [...new Set(files)].filter((file) => file !== '' && existsSync(path.join(ROOT, file))).sort();
}

export function readText(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

export function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}

/** Calls `see` for `node` and everything in it. */
export function walk(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => walk(child, see));
}

function resolve(from: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return path.posix.normalize(path.posix.join(path.posix.dirname(from), specifier)).replace(/\.js$/, '.ts');
}

/** `import type X`, or an import clause that is marked so as a whole; `import { type X }` still loads the module. */
function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function importedNames(clause: ts.ImportClause | undefined): string[] {
  if (clause === undefined) return [];
  const names: string[] = clause.name === undefined ? [] : ['default'];
  const bindings = clause.namedBindings;
  if (bindings === undefined) return names;
  if (ts.isNamespaceImport(bindings)) return [...names, '*'];
  return [...names, ...bindings.elements.map((element) => (element.propertyName ?? element.name).text)];
}

function importsOf(file: string, tree: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean, names: string[]): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    found.push({ to: resolve(file, specifier.text), line: lineOf(tree, node), typeOnly, names });
  };
  walk(tree, (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, isTypeOnly(node.importClause), importedNames(node.importClause));
    } else if (ts.isExportDeclaration(node)) {
      const clause = node.exportClause;
      const named = clause !== undefined && ts.isNamedExports(clause);
      const names = named ? clause.elements.map((element) => (element.propertyName ?? element.name).text) : ['*'];
      add(node, node.moduleSpecifier, node.isTypeOnly, names);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false, ['*']);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal, true, ['*']);
    }
  });
  return found;
}

function exportsOf(tree: ts.SourceFile): Export[] {
  const found: Export[] = [];
  const add = (node: ts.Node, name: string, typeOnly: boolean): void => {
    found.push({ name, line: lineOf(tree, node), typeOnly });
  };
  for (const statement of tree.statements) {
    if (ts.isExportDeclaration(statement) && statement.exportClause !== undefined) {
      if (!ts.isNamedExports(statement.exportClause)) continue;
      for (const element of statement.exportClause.elements) {
        add(element, element.name.text, statement.isTypeOnly || element.isTypeOnly);
      }
      continue;
    }
    const marks = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!marks.some((mark) => mark.kind === ts.SyntaxKind.ExportKeyword)) continue;
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations)
        if (ts.isIdentifier(name)) add(name, name.text, false);
    } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      if (statement.name !== undefined) add(statement, statement.name.text, false);
    } else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      add(statement, statement.name.text, true);
    }
  }
  return found;
}

/** Parses one file; `text` stands in for its contents (the tests of the rules use that). */
export function readSource(file: string, text = readText(file)): Source {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  return { file, text, tree, imports: importsOf(file, tree), exports: exportsOf(tree) };
}

const cache = new Map<string, Source[]>();

/** All TypeScript below `dir`, parsed once. */
export function sourcesBelow(dir: string): Source[] {
  let sources = cache.get(dir);
  if (sources === undefined) {
    sources = filesBelow(dir, ['.ts']).map((file) => readSource(file));
    cache.set(dir, sources);
  }
  return sources;
}

/** Fails with all findings at once; where in this folder that happens is of no interest. */
export function none(findings: readonly string[], what: string): void {
  if (findings.length === 0) return;
  const error = new Error(`${what}:\n  ${findings.join('\n  ')}`);
  error.stack = error.message;
  throw error;
}
