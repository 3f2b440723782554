// The forms of `show stat` and `show info` (management manual 9.1 to 9.3): CSV, typed lines, JSON.
import { describeField } from './describe.js';
import { MODULES_COLUMN, NATURES, ORIGINS, SCOPES, STAT_FIELDS, type StatField, TAGS_BY_ROW } from './fields.js';
import type { RowKind, StatRow } from './rows.js';

const PROCESS = 1; // number of the process, historical

const OBJECTS: Readonly<Record<RowKind, string>> = { F: 'Frontend', B: 'Backend', S: 'Server', L: 'Listener' };

export function csvHead(): string {
  return `# ${STAT_FIELDS.map((f) => f.name).join(',')},\n`;
}

export function csvRow(row: StatRow): string {
  let line = '';
  for (const { name } of STAT_FIELDS) line += `${csvText(row.values.get(name))},`;
  return `${line}\n`;
}

/** Quoted where it holds what would part columns (RFC 4180). */
function csvText(value: number | string | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function tagsOf(field: StatField, kind: RowKind): string {
  return TAGS_BY_ROW[`${kind}.${field.name}`] ?? field.tags;
}

/** Fields by the number that the typed and JSON forms give them. */
const NUMBERED: readonly StatField[] = STAT_FIELDS.filter((f) => f.name !== MODULES_COLUMN);

/** A line for each value: `F.2.0.5.smax.1:MMP:u32:1`, with `desc` also what it means. */
export function typedRow(row: StatRow, desc: boolean): string {
  let text = '';
  NUMBERED.forEach((field, pos) => {
    const value = row.values.get(field.name);
    if (value === undefined) return;
    text += `${row.kind}.${row.iid}.${row.sid}.${pos}.${field.name}.${PROCESS}:${tagsOf(field, row.kind)}:${field.kind}:${value}${desc ? `:"${describeField(field.name)}"` : ''}\n`;
  });
  return text;
}

/** One array of objects, no newline. */
export function jsonRow(row: StatRow): string {
  const items: unknown[] = [];
  NUMBERED.forEach((field, pos) => {
    const value = row.values.get(field.name);
    if (value === undefined) return;
    items.push({
      objType: OBJECTS[row.kind],
      proxyId: row.iid,
      id: row.sid,
      ...jsonField(pos, field.name, tagsOf(field, row.kind), field.kind, value),
    });
  });
  return JSON.stringify(items);
}

/** The part that `show stat json` and `show info json` share. */
export function jsonField(pos: number, name: string, tags: string, type: string, value: number | string): object {
  return {
    field: { pos, name },
    processNum: PROCESS,
    tags: { origin: ORIGINS[tags[0]!], nature: NATURES[tags[1]!], scope: SCOPES[tags[2]!] },
    value: { type, value },
  };
}
