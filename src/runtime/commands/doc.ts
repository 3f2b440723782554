// `sluice doc KEYWORD`: syntax, sections, arguments and status of a word, from the tables that the parser works with.
import { type DocEntry, docArguments, docEntries, docFind, docNearest } from '../../config/doc.js';
import type { KeywordStatus } from '../../config/keyword.js';
import { keywordTables } from '../../config/keywords/tables.js';
import type { CommandOutput } from './check.js';

export const DOC_HELP = `sluice doc KEYWORD…
sluice doc --list [WHERE]

Shows what a word of the configuration is (keyword, option, action, sample fetch, converter): its syntax, the sections that it belongs to, its arguments, and whether sluice has
it. --list names every word, or those of one section or kind of line.

  sluice doc timeout client
  sluice doc --list 'server lines'
`;

const STATUS: Readonly<Record<KeywordStatus, string>> = {
  implemented: 'implemented',
  notice: 'accepted with a notice, of no effect here',
  later: 'known to HAProxy, but not in sluice yet: an error',
  http: 'of mode http, which is not in sluice yet; a tcp proxy takes and ignores it, as with HAProxy',
  removed: 'removed from HAProxy: an error that says what to use instead',
};

const NEAREST_MAX = 3;

export function docCommand(args: readonly string[]): CommandOutput {
  const entries = docEntries(keywordTables);
  const [first] = args;
  if (first === '--help' || first === '-h') return { status: 0, stdout: DOC_HELP, stderr: '' };
  if (first === undefined) return { status: 1, stdout: '', stderr: `sluice doc: which word?\n\n${DOC_HELP}` };
  if (first === '--list') return list(entries, args.slice(1).join(' '));
  const typed = args.join(' ').trim().replace(/\s+/g, ' ');
  const found = docFind(entries, typed);
  if (found.length > 0) return { status: 0, stdout: found.map(entryText).join('\n'), stderr: '' };
  const near = docNearest(entries, typed, NEAREST_MAX).map((w) => `'${w}'`);
  const hint = near.length === 0 ? `see sluice doc --list` : `did you mean ${near.join(', ')}?`;
  return { status: 1, stdout: '', stderr: `sluice doc: there is no word '${typed}'; ${hint}\n` };
}

function entryText(e: DocEntry): string {
  const lines = [e.syntax, `  where:   ${e.where.join(', ')}`, `  status:  ${STATUS[e.status]}`];
  if (e.manual !== '') lines.push(`  manual:  chapter ${e.manual}`);
  if (e.negatable) lines.push(`  prefix:  'no' and 'default' may stand in front`);
  if (e.ours) lines.push(`  ours:    unknown to HAProxy`);
  for (const [name, meaning] of docArguments(e)) lines.push(`  ${name}  ${meaning}`);
  for (const note of e.notes) lines.push(`  note:    ${note}`);
  return `${lines.join('\n')}\n`;
}

function list(entries: readonly DocEntry[], where: string): CommandOutput {
  const places = [...new Set(entries.flatMap((e) => e.where))];
  if (where !== '' && !places.includes(where)) {
    return { status: 1, stdout: '', stderr: `sluice doc: --list is of ${places.map((p) => `'${p}'`).join(', ')}\n` };
  }
  const lines = places
    .filter((p) => where === '' || p === where)
    .map((place) => {
      const words = entries.filter((e) => e.where.includes(place)).sort((a, b) => (a.words < b.words ? -1 : 1));
      return `${place}\n${words.map((e) => `  ${e.words.padEnd(40)} ${e.status}`).join('\n')}\n`;
    });
  return { status: 0, stdout: lines.join('\n'), stderr: '' };
}
