// Answers of the reference, kept in vectors/string.tsv.
import { test } from 'node:test';
import { checkVectors } from '../../../support/samples.js';

test('strings and encodings answer as the reference does', () => {
  checkVectors('string');
});
