// Flag families: each table names exactly the single bits that its file exports under its prefix; masks are unions of them.
// A number kept in some bits of a word is a field: `X_MASK` and `X_SHIFT` say where, the other `X_*` are its values.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { filesBelow, none, ROOT } from './sources.js';

interface Table {
  readonly prefix: string;
  readonly bits: Readonly<Record<string, number>>;
}

type Exported = Readonly<Record<string, unknown>>;

const TOP_BIT = 30; // bit 31 makes results of `&` and `|` negative

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && 'prefix' in value && 'bits' in value;
}

const isSingle = (value: number): boolean => value > 0 && (value & (value - 1)) === 0;

/** What is wrong with the fields below `prefix`; adds the names that they explain to `explained`. `taken`: bits of flags. */
function brokenFields(exported: Exported, prefix: string, taken: number, explained: Set<string>): string[] {
  const findings: string[] = [];
  let union = taken;
  for (const [maskName, mask] of Object.entries(exported)) {
    const field = /^(.*_)MASK$/.exec(maskName)?.[1];
    const shift = exported[`${field ?? ''}SHIFT`];
    if (field === undefined || typeof mask !== 'number' || typeof shift !== 'number' || !field.startsWith(prefix))
      continue;
    explained.add(maskName).add(`${field}SHIFT`);
    if ((union & mask) !== 0) findings.push(`${maskName} shares bits with something else`);
    if (mask < 0 || (mask & ((1 << shift) - 1)) !== 0) findings.push(`${maskName} does not begin at ${field}SHIFT`);
    union |= mask;
    const values = new Set<number>();
    for (const [name, value] of Object.entries(exported)) {
      if (typeof value !== 'number' || !name.startsWith(field) || explained.has(name)) continue;
      explained.add(name);
      if ((value & ~mask) !== 0) findings.push(`${name} lies outside ${maskName}`);
      if (values.has(value)) findings.push(`${name} has the value of another`);
      values.add(value);
    }
  }
  return findings;
}

/** What is wrong with the flag families among the exports of one module. */
function brokenFamilies(exported: Exported): string[] {
  const findings: string[] = [];
  const tables = Object.entries(exported).filter((entry): entry is [string, Table] => isTable(entry[1]));
  const prefixes = tables.map(([, table]) => table.prefix);
  for (const [tableName, { prefix, bits }] of tables) {
    let union = 0;
    for (const [name, bit] of Object.entries(bits)) {
      if (!Number.isInteger(bit) || !isSingle(bit) || bit > 2 ** TOP_BIT) {
        findings.push(`${tableName}: ${name} is no single bit of 0 to ${TOP_BIT}`);
      } else if ((union & bit) !== 0) findings.push(`${tableName}: ${name} shares its bit with another`);
      union |= bit;
      if (exported[prefix + name] !== bit)
        findings.push(`${tableName}: ${prefix}${name} is not exported with that value`);
    }
    const explained = new Set<string>();
    findings.push(...brokenFields(exported, prefix, union, explained));
    for (const [name, value] of Object.entries(exported)) {
      if (typeof value !== 'number' || !name.startsWith(prefix) || explained.has(name)) continue;
      // A longer prefix of the same file claims it: CF_ and CF_FL_.
      if (prefixes.some((other) => other.length > prefix.length && name.startsWith(other))) continue;
      // A negative one is the complement of a mask: what stays when those bits are cleared.
      if (isSingle(value) && bits[name.slice(prefix.length)] !== value) {
        findings.push(`${name} is a single bit and missing in ${tableName}`);
      } else if (!Number.isInteger(value) || ((value < 0 ? ~value : value) & ~union) !== 0) {
        findings.push(`${name} is no union of bits in ${tableName}`);
      }
    }
  }
  return findings;
}

const flagFiles = filesBelow('src', ['/flags.ts', 'flags.ts']).filter(
  (file) => path.posix.basename(file) === 'flags.ts' && file !== 'src/base/flags.ts',
);

for (const file of flagFiles) {
  test(`${file}: each family has a table that is complete, and whose bits are disjoint`, async () => {
    const exported = (await import(pathToFileURL(path.join(ROOT, file)).href)) as Record<string, unknown>;
    assert.ok(Object.values(exported).some(isTable), `${file} exports no FlagTable`);
    none(brokenFamilies(exported), file);
  });
}

test('the flag rule finds gaps, shared bits, wide values and masks of foreign bits', () => {
  const good = {
    A_X: 1,
    A_Y: 2,
    A_ALL: 3,
    A_NONE: 0,
    A_KEPT: ~3,
    B_Z: 7,
    A_TABLE: { prefix: 'A_', bits: { X: 1, Y: 2 } },
  };
  assert.deepEqual(brokenFamilies(good), []);
  assert.equal(brokenFamilies({ ...good, A_Q: 4 }).length, 1, 'a bit that is not in the table');
  assert.equal(brokenFamilies({ ...good, A_M: 5 }).length, 1, 'a mask with a bit of nobody');
  const table = (bits: Record<string, number>): Record<string, unknown> => ({ A_TABLE: { prefix: 'A_', bits } });
  assert.equal(brokenFamilies({ A_X: 1, A_Y: 1, ...table({ X: 1, Y: 1 }) }).length, 1, 'a shared bit');
  assert.equal(brokenFamilies({ A_X: 3, ...table({ X: 3 }) }).length, 1, 'two bits under one name');
  assert.equal(brokenFamilies({ A_X: 2 ** 31, ...table({ X: 2 ** 31 }) }).length > 0, true, 'bit 31');
  assert.equal(brokenFamilies({ A_X: 1, ...table({ X: 1, GONE: 2 }) }).length, 1, 'a name that is not exported');
});

test('the flag rule knows fields: values within the mask, distinct, on bits of their own', () => {
  const good = { A_X: 1, A_F_MASK: 0xf0, A_F_SHIFT: 4, A_F_P: 0x30, A_TABLE: { prefix: 'A_', bits: { X: 1 } } };
  assert.deepEqual(brokenFamilies(good), []);
  assert.equal(brokenFamilies({ ...good, A_F_Q: 0x130 }).length, 1, 'a value beyond the mask');
  assert.equal(brokenFamilies({ ...good, A_F_Q: 0x30 }).length, 1, 'a value twice');
  assert.equal(brokenFamilies({ ...good, A_F_MASK: 0xf1, A_F_SHIFT: 0 }).length, 1, 'bits of a flag');
});
