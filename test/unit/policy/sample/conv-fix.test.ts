// Answers of the reference, kept in vectors/fix.tsv.
import { test } from 'node:test';
import { checkVectors } from '../../../support/samples.js';

test('fix_is_valid and fix_tag_value answer as the reference does', () => {
  checkVectors('fix');
});
