// Answers of the reference, kept in vectors/protobuf.tsv.
import { test } from 'node:test';
import { checkVectors } from '../../../support/samples.js';

test('protobuf and ungrpc answer as the reference does', () => {
  checkVectors('protobuf');
});
