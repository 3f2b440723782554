// MQTT packets, and the other readers of contents, against bytes cut anywhere and bytes of no sense: an answer, never an exception.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mqttRead } from '../../../../src/policy/sample/mqtt.js';
import { isSampleError } from '../../../../src/policy/sample/expr.js';
import { SampleValue } from '../../../../src/policy/sample/sample.js';
import { newContext, parseOf } from '../../../support/samples.js';

const CONNECT = '\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03cid';

test('a packet is short until its last byte is there, and read alike with bytes behind it', () => {
  for (let n = 0; n < CONNECT.length; n++) assert.equal(mqttRead(CONNECT.slice(0, n)), 'short', String(n));
  for (const text of [CONNECT, `${CONNECT}\x00\x00`]) {
    const packet = mqttRead(text);
    assert.ok(typeof packet !== 'string');
    assert.equal(packet.fields.get('client_identifier'), 'cid');
    assert.equal(packet.fields.get('keepalive'), '60');
  }
});

test('a length that never ends, and strings longer than their packet, are bad', () => {
  assert.equal(mqttRead('\x10\xff\xff\xff\xff\x01'), 'bad');
  assert.equal(mqttRead('\x10\x04\xff\xff\x00\x00'), 'bad');
  assert.equal(mqttRead('\x30\x00'), 'bad');
});

test('random bytes through every converter that reads a format never throw', () => {
  const chains = [
    ...[
      'mqtt_is_valid',
      'mqtt_field_value(connect,username)',
      'fix_is_valid',
      'fix_tag_value(35)',
      'protobuf(1.2,int32)',
    ],
    ...[
      'protobuf(1)',
      'ungrpc(1.1.1)',
      'b64dec',
      'ub64dec',
      'url_dec',
      'json(utf8)',
      'json_query($.a[0].b)',
      'hex2i',
      'be2dec(.,3)',
    ],
  ];
  const ctx = newContext();
  let seed = 3;
  const next = (): number => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8;
  for (const chain of chains) {
    for (let round = 0; round < 400; round++) {
      let hex = '';
      for (let n = 1 + (next() % 40); n > 0; n--)
        hex += (next() % 4 === 0 ? next() % 256 : next() % 20).toString(16).padStart(2, '0');
      const parsed = parseOf(`bin(${hex}),${chain}`);
      assert.ok(!isSampleError(parsed), chain);
      parsed.expr.eval(ctx, new SampleValue());
    }
  }
});
