// Answers of the reference, kept in vectors/time-net.tsv.
import { test } from 'node:test';
import { checkVectors } from '../../../support/samples.js';

test('dates and Host values answer as the reference does', () => {
  checkVectors('time-net');
});
