// Rings: the newest messages of so many bytes; readers at their own pace; those who hold what they have not read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogRing, type RingReader } from '../../../../src/observe/log/ring.js';

const newRing = (size: number, maxlen = size): LogRing => new LogRing('r', 'a ring', 'raw', size, maxlen);

function all(reader: RingReader): string[] {
  const out: string[] = [];
  for (let text = reader.take(); text !== null; text = reader.take()) out.push(text);
  return out;
}

test('what fits is kept, one byte more pushes the oldest out', () => {
  const ring = newRing(36); // three messages of 10 bytes and what each costs
  for (const c of 'abc') assert.equal(ring.write(`${c.repeat(10)}\n`), true);
  assert.deepEqual(all(ring.reader(false)), ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc']);
  ring.write('d\n');
  assert.deepEqual(all(ring.reader(false)), ['bbbbbbbbbb', 'cccccccccc', 'd']);
  assert.equal(ring.dropped, 0);
});

test('a message is cut to maxlen, and to what the ring can hold at all', () => {
  const ring = newRing(36, 4);
  ring.write('123456789\n');
  assert.deepEqual(all(ring.reader(false)), ['1234']);
  const small = newRing(8, 1000);
  assert.equal(small.write('123456789\n'), true);
  assert.deepEqual(all(small.reader(false)), ['123456']);
});

test('a reader that was overtaken goes on with the oldest that is left; a new one may begin at the end', () => {
  const ring = newRing(24);
  ring.write('a'.repeat(10));
  const slow = ring.reader(false);
  const fresh = ring.reader(false, true);
  for (const c of 'bcd') ring.write(c.repeat(10));
  assert.deepEqual(all(slow), ['c'.repeat(10), 'd'.repeat(10)]);
  assert.deepEqual(all(fresh), ['c'.repeat(10), 'd'.repeat(10)]);
});

test('nothing that a holder has not read is thrown away: new messages are lost instead, and counted', () => {
  const ring = newRing(24);
  const holder = ring.reader(true);
  ring.write('a'.repeat(10));
  ring.write('b'.repeat(10));
  assert.equal(ring.write('c'.repeat(10)), false);
  assert.equal(ring.dropped, 1);
  assert.equal(holder.take(), 'a'.repeat(10));
  assert.equal(ring.write('d'.repeat(10)), true);
  assert.deepEqual(all(holder), ['b'.repeat(10), 'd'.repeat(10)]);
  ring.release(holder);
  ring.write('e'.repeat(10));
  assert.equal(ring.write('f'.repeat(10)), true);
});

test('those who watch are called for each message until they are taken off', () => {
  const ring = newRing(100);
  let calls = 0;
  const wake = (): void => {
    calls++;
  };
  ring.watch(wake);
  ring.write('a');
  ring.write('b');
  ring.unwatch(wake);
  ring.write('c');
  assert.equal(calls, 2);
});

test('a ring that turned over many times holds its newest messages under their numbers', () => {
  const size = 1200; // a hundred messages of 10 bytes
  const ring = newRing(size);
  for (let i = 0; i < 1000; i++) {
    ring.write(String(i).padStart(10, '0'));
    const first = Math.max(0, i - 99);
    assert.deepEqual([ring.firstNumber, ring.endNumber], [first, i + 1]);
    assert.deepEqual([ring.at(first - 1), ring.at(i + 1)], [null, null]);
    assert.deepEqual([Number(ring.at(first)), Number(ring.at(i))], [first, i]);
  }
  assert.equal(all(ring.reader(false)).length, 100);
});
