// Text of subcommands: amounts and tables; answers of the stats socket as rows.
import assert from 'node:assert/strict';
import test from 'node:test';
import { csvRows } from '../../../../src/runtime/commands/ask-stats.js';
import { byteText, countText, tableText } from '../../../../src/runtime/commands/text.js';

test('amounts are told in the unit that fits', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [64 << 20, '64.0 MiB'],
    [2 ** 50, '1024.0 TiB'],
  ];
  for (const [bytes, text] of cases) assert.equal(byteText(bytes), text);
  assert.equal(countText(1234567.4), '1,234,567');
});

test('columns of numbers stand right, the others left', () => {
  const rows = [
    ['name', 'bytes'],
    ['a', '5'],
    ['long', '12,345'],
  ];
  assert.equal(tableText(rows, '  '), '  name   bytes\n  a          5\n  long  12,345\n');
});

test('show stat is read by its columns, anything else gives no rows', () => {
  const rows = csvRows('# pxname,svname,scur,\nweb,FRONTEND,3,\nweb,one,,\n\n');
  assert.deepEqual(
    rows.map((r) => [r.get('svname'), r.get('scur')]),
    [
      ['FRONTEND', '3'],
      ['one', ''],
    ],
  );
  assert.deepEqual(csvRows('Unknown command'), []);
  assert.deepEqual(csvRows(''), []);
});
