// Authorities of targets, and whether a Host field says the same.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { authorityOf, portOf, sameAuthority } from '../../../src/http/authority.js';

test('paths and stars have no authority; user information is no part of one', () => {
  for (const [target, authority] of [
    ['/a:1', ''],
    ['*', ''],
    ['http://a/b', 'a'],
    ['http://u:p@a:1/b@c', 'a:1'],
    ['http://u@v@a', 'a'],
    ['http:///b', ''],
    ['http://a?x', 'a?x'],
    ['a:1', 'a:1'],
    ['a/b', 'a'],
    ['1x://a/', '1x:'],
    ['x:a', 'x:a'],
  ] as const) {
    assert.equal(authorityOf(target, false).authority, authority, target);
  }
});

test('ports that may be left out go by the scheme, and are both for CONNECT', () => {
  assert.deepEqual(authorityOf('http://a/', false).ports, ['80']);
  assert.deepEqual(authorityOf('HTTPS://a/', false).ports, ['443']);
  assert.deepEqual(authorityOf('x://a/', false).ports, []);
  assert.deepEqual(authorityOf('constructor://a/', false).ports, []);
  assert.deepEqual(authorityOf('a:1', false).ports, []);
  assert.deepEqual(authorityOf('a:1', true).ports, ['80', '443']);
});

test('the port is what stands behind the last colon', () => {
  assert.equal(portOf('a'), '');
  assert.equal(portOf('a:'), '');
  assert.equal(portOf('[::1]:5'), '5');
});

test('authorities are the same but for case and for a port that may be left out', () => {
  assert.ok(sameAuthority('a', 'A', []));
  assert.ok(sameAuthority('a:80', 'a', ['80']));
  assert.ok(sameAuthority('a', 'a:', ['80']));
  assert.ok(sameAuthority('a:443', 'a:', ['80', '443']));
  assert.ok(!sameAuthority('a:80', 'a', []));
  assert.ok(!sameAuthority('a:080', 'a', ['80']));
  assert.ok(!sameAuthority('a:80', 'a:443', ['80', '443']));
  assert.ok(!sameAuthority('a', 'b', ['80']));
});
