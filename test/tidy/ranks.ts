// The rooms of src/ by rank, lowest first. A runtime import may go to a room of a lower line, or stay in its room.
// src/README.md shows the same table; a test compares the two.

export const RANKS: readonly (readonly string[])[] = [
  ['base'],
  ['sys', 'trace', 'http'],
  ['sched'],
  ['fd'],
  ['connection'],
  ['proto', 'xprt'],
  ['conn-stream'],
  ['mux', 'applet'],
  ['channel'],
  ['stream-interface'],
  ['session', 'proxy'],
  ['policy/sample', 'tables/stick'],
  ['policy/acl'],
  ['stream'],
  ['backend', 'policy/rules', 'policy/filter', 'resolvers'],
  ['analyse'],
  ['check', 'tables/peers', 'observe'],
  ['config'],
  ['extend'],
  ['runtime'],
];

/** On top of all rooms: the program, and the faces that the package exports. */
export const TOP_FILES: readonly string[] = ['main.ts', 'index.ts', 'testing.ts'];

/** The composition root: it alone may name everybody. */
export const COMPOSITION_ROOT = 'runtime/wiring.ts';

/** Folders that only hold rooms. */
const NESTING = ['policy', 'tables'];

/** Room of a file given by its path under src/ with forward slashes; null where it lies in none. */
export function roomOf(file: string): string | null {
  const parts = file.split('/');
  if (parts.length === 1) return TOP_FILES.includes(file) ? 'top' : null;
  const [first, second] = parts as [string, string];
  if (first === 'datapath') return parts.length > 2 ? second : null;
  if (NESTING.includes(first)) return parts.length > 2 ? `${first}/${second}` : null;
  return first;
}

/** Rank of a room, or -1 where the table has none of that name. */
export function rankOf(room: string): number {
  if (room === 'top') return RANKS.length;
  return RANKS.findIndex((rooms) => rooms.includes(room));
}

/** Declarations that may be read from anywhere. */
export function isDeclarations(file: string): boolean {
  return /(^|\/)(flags|ops|types)\.ts$/.test(file);
}
