// Numbers and texts of connection errors: the manual's table (7.3.3, fc_err_str) is the measure.
import '../../../support/strict.js';
import assert from 'node:assert/strict';
import test from 'node:test';
import { connErrorId, connErrorText } from '../../../../src/datapath/connection/errors.js';
import * as flags from '../../../../src/datapath/connection/flags.js';

test('errors have the numbers and the texts of the manual', () => {
  assert.equal(connErrorText(flags.CO_ER_NONE), 'Success');
  assert.equal(connErrorText(11), 'Connection closed while waiting for PROXY protocol header');
  assert.equal(connErrorText(16), 'Received an invalid PROXY protocol header');
  assert.equal(connErrorText(23), 'Received an unhandled protocol in the NetScaler Client IP header');
  assert.equal(connErrorText(41), 'SOCKS4 Proxy deny the request');
});

test('every error has a text, and the finer ones of ours count as general socket errors', () => {
  for (const [name, code] of Object.entries(flags)) {
    if (!name.startsWith('CO_ER_')) continue;
    assert.notEqual(connErrorText(code as number), '', name);
  }
  for (const code of [flags.CO_ER_REFUSED, flags.CO_ER_UNREACH, flags.CO_ER_TIMEOUT, flags.CO_ER_RESET]) {
    assert.equal(connErrorId(code), flags.CO_ER_SOCK_ERR);
  }
});
