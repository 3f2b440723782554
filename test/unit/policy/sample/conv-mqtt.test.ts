// Answers of the reference, kept in vectors/mqtt.tsv.
import { test } from 'node:test';
import { checkVectors } from '../../../support/samples.js';

test('mqtt_is_valid and mqtt_field_value answer as the reference does', () => {
  checkVectors('mqtt');
});
