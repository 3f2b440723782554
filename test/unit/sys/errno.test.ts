// Names of errno numbers: the common ones, also where a number has two.
import assert from 'node:assert/strict';
import test from 'node:test';
import { EAGAIN, ECONNRESET, EOPNOTSUPP, errnoName } from '../../../src/sys/errno.js';

test('a number with two names has the common one', () => {
  assert.equal(errnoName(EAGAIN), 'EAGAIN');
  assert.equal(errnoName(-EOPNOTSUPP), 'EOPNOTSUPP');
  assert.equal(errnoName(-ECONNRESET), 'ECONNRESET');
  assert.equal(errnoName(100_000), 'errno 100000');
});
