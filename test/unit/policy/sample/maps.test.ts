// Maps: how files are read, and which entry a key finds. Compared with the reference's answers for the same files.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { MAP_METHODS, type MapKey, readMap } from '../../../../src/policy/sample/maps.js';
import { readIp } from '../../../../src/policy/sample/ip.js';

const TEXT = `# c
a va
  b   vb with  spaces   
\tc\tvc\t
ab vab
abc vabc
a second
#x no
 #y yes
empty
/dir/sub d1
x.com dom
`;

function finder(method: string, text: string): (key: MapKey) => string | null {
  const index = MAP_METHODS[method]!(readMap(text), 'file');
  assert.ok(typeof index !== 'string');
  return (key) => index.find(key)?.entry.value ?? null;
}

test('files: comments in the first column, blanks around key and value', () => {
  assert.deepEqual(
    readMap(TEXT)
      .slice(0, 3)
      .map((e) => [e.key, e.value, e.line]),
    [
      ['a', 'va', 2],
      ['b', 'vb with  spaces', 3],
      ['c', 'vc', 4],
    ],
  );
  const str = finder('str', TEXT);
  assert.equal(str('#y'), 'yes');
  assert.equal(str('#x'), null);
  assert.equal(str('empty'), '');
  assert.equal(str('a'), 'va');
});

test('strings: the longest prefix; the first of the file for the other methods', () => {
  const beg = finder('beg', TEXT);
  assert.equal(beg('abcd'), 'vabc');
  assert.equal(beg('abx'), 'vab');
  assert.equal(finder('sub', TEXT)('zzabczz'), 'va');
  assert.equal(finder('end', TEXT)('xab'), 'vb with  spaces');
  const dir = finder('dir', TEXT);
  assert.deepEqual(['/dir/sub/z', 'dir/sub', '/dir', 'x/a?q'].map(dir), ['d1', 'd1', null, 'va']);
  const dom = finder('dom', TEXT);
  assert.deepEqual(['www.x.com', 'yx.com', 'x.com:80', 'com'].map(dom), ['dom', null, 'dom', null]);
});

test('networks: the finest, in both families, IPv4 inside IPv6 too', () => {
  const ip = finder(
    'ip',
    '10.0.0.0/8 ten\n10.1.0.0/16 sixteen\n10.1.2.3 host\n2001:db8::/32 doc\n192.168.0.0/255.0.255.0 odd\n',
  );
  const at = (text: string): string | null => ip(readIp(text)!);
  assert.deepEqual(['10.1.2.3', '10.1.9.9', '10.9.9.9', '11.1.1.1'].map(at), ['host', 'sixteen', 'ten', null]);
  assert.deepEqual(['2001:db8::1', '2002:a01:203::', '::ffff:10.1.2.3', '::10.1.9.9'].map(at), [
    'doc',
    'host',
    'host',
    'sixteen',
  ]);
  assert.equal(at('192.9.0.7'), 'odd');
  const all = finder('ip', '0.0.0.0/0 any\n');
  assert.equal(all(readIp('1.2.3.4')!), 'any');
  assert.equal(all(readIp('2a00::1')!), null);
});

test('integers and ranges; what is none is refused with its line', () => {
  const int = finder('int', '10:20 mid\n5 five\n1000: big\n:3 low\n15 shadow\n');
  assert.deepEqual([15n, 5n, 4n, 2000n, -7n, 21n].map(int), ['mid', 'five', null, 'big', 'low', null]);
  assert.equal(MAP_METHODS['int']!(readMap('1 a\nx b\n'), 'f'), "'x' is not a number at line 2 of file 'f'");
  assert.equal(
    MAP_METHODS['ip']!(readMap('10.0.0.0/33 b\n'), 'f'),
    "'10.0.0.0/33' is not a valid IPv4 or IPv6 address at line 1 of file 'f'",
  );
  const refused = MAP_METHODS['reg']!(readMap('[ x\n'), 'f');
  assert.ok(typeof refused === 'string');
  assert.match(refused, /^regex '\[' is invalid .* at line 1 of file 'f'$/);
});
