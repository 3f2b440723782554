// Sample expressions: what the parser takes and refuses, in the reference's words; answers of the reference are in vectors/.
import { test } from 'node:test';
import { checkVectors } from '../../../support/samples.js';

test('quotes, escapes, arguments, casts and numbers answer as the reference does', () => {
  checkVectors('expr');
});
