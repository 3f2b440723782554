// Answers of the reference, kept in vectors/encode.tsv.
import { test } from 'node:test';
import { checkVectors } from '../../../support/samples.js';

test('digests, hashes and chunks of bytes answer as the reference does', () => {
  checkVectors('encode');
});
