// The hashes against values recorded from the reference's converters.
import assert from 'node:assert/strict';
import test from 'node:test';
import { hashAvalanche, hashCrc32, hashDjb2, hashSdbm, hashWt6 } from '../../../src/base/hash.js';

/** key: sdbm, djb2, wt6, crc32, then each with its avalanche argument. */
const RECORDED: readonly (readonly [string, ...number[]])[] = [
  ['a', 97, 177670, 1900802597, 3904355907, 1830748055, 3548763807, 1986649387, 1288200982],
  ['foobar', 2789440269, 4259602622, 3598755532, 2666930069, 2459849357, 152667056, 3369619819, 3414043836],
  ['192.0.2.1', 3096601971, 1346529534, 331454548, 3680567351, 1487155691, 791092658, 1894380125, 595141466],
  [
    'The quick brown fox jumps over the lazy dog',
    2359783795,
    885799134,
    3840389189,
    1095738169,
    4144961173,
    3419350371,
    2386649459,
    1090730130,
  ],
  ['\x00', 0, 177573, 1892670053, 3523407757, 2874071335, 876829347, 2004952122, 1927583040],
  [
    '\xff\xfe\x80\x00\x01',
    289243138,
    445829475,
    3751385116,
    4241324563,
    2885799346,
    3584668190,
    1275091817,
    1442101352,
  ],
];

test('sdbm, djb2, wt6 and crc32, plain and mixed, give what the reference gives', () => {
  for (const [key, ...want] of RECORDED) {
    const plain = [hashSdbm(key), hashDjb2(key), hashWt6(key), hashCrc32(key)];
    const got = [...plain, ...plain.map(hashAvalanche)];
    assert.deepEqual(got, want, JSON.stringify(key));
  }
});

test('the empty key has a value', () => {
  assert.deepEqual([hashSdbm(''), hashDjb2(''), hashWt6(''), hashCrc32('')], [0, 5381, 0xf99a0360, 0]);
});
