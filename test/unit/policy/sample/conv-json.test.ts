// Answers of the reference, kept in vectors/json.tsv.
import { test } from 'node:test';
import { checkVectors } from '../../../support/samples.js';

test('json and json_query answer as the reference does', () => {
  checkVectors('json');
});
