// `sluice doc`: words from the tables, the nearest ones for a mistyped one.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { docCommand } from '../../../../src/runtime/commands/doc.js';

test('doc: shows syntax, place, status and arguments of a word', () => {
  const r = docCommand(['timeout', 'tunnel']);
  assert.equal(r.status, 0);
  assert.equal(
    r.stdout,
    `timeout tunnel <timeout>
  where:   defaults, listen, backend
  status:  implemented
  <timeout>  a time: a number of milliseconds, or a number with us, ms, s, m, h or d
`,
  );
});

test('doc: a word with several meanings shows each', () => {
  const { stdout } = docCommand(['maxconn']);
  const places = [...stdout.matchAll(/where: +(.*)/g)].map((m) => m[1]);
  assert.deepEqual(places, ['global', 'defaults, frontend, listen', 'bind lines', 'server lines', 'log-forward']);
});

test('doc: the first of two words, and the second alone, find both', () => {
  assert.match(docCommand(['rate-limit']).stdout, /^rate-limit sessions <rate>/);
  assert.match(docCommand(['tcplog']).stdout, /^option tcplog /);
});

test('doc: what is not there yet says so, and words of other sections are known', () => {
  assert.match(docCommand(['stick-table']).stdout, /status: {2}known to HAProxy, but not in sluice yet: an error/);
  assert.match(docCommand(['nameserver']).stdout, /where: {3}resolvers/);
  assert.match(docCommand(['http-request']).stdout, /of mode http, which is not in sluice yet/);
});

test('doc: sample fetches, converters and actions are words too', () => {
  assert.match(
    docCommand(['src']).stdout,
    /^src.*\n {2}where: {3}sample fetches\n {2}status: {2}implemented\n {2}manual: {2}chapter 7\.3\.3/m,
  );
  assert.match(docCommand(['ipmask']).stdout, /where: {3}converters/);
  assert.match(docCommand(['silent-drop']).stdout, /where: {3}tcp-request connection, tcp-request session/);
  assert.match(docCommand(['req.cook']).stdout, /status: {2}known to HAProxy, but not in sluice yet/);
});

test('doc: balancing says which algorithms choose as HAProxy does, and which do not', () => {
  const notes = (word: string): string[] =>
    [...docCommand([word]).stdout.matchAll(/^ {2}note: {4}(.*)$/gm)].map((m) => m[1]!);
  const [same, order, roundrobin, random, http] = notes('balance');
  assert.match(same!, /^source, hash and rdp-cookie choose the same server .* every hash-type$/);
  assert.match(order!, /^leastconn, first and static-rr choose in the same order/);
  assert.match(roundrobin!, /^roundrobin too, but after a change of weights or servers it is fair at once/);
  assert.match(random!, /^random draws numbers of its own/);
  assert.match(http!, /^uri, url_param and hdr need mode http/);
  // No algorithm of the syntax is left without a word.
  const syntax = docCommand(['balance']).stdout.split('\n')[0]!;
  for (const [word] of syntax.slice('balance '.length).matchAll(/[a-z][a-z_-]+(?=[ ([])/g))
    assert.ok(
      notes('balance').some((n) => n.split(/[ ,]+/).includes(word)),
      word,
    );
  assert.match(
    notes('hash-type').join('\n'),
    /same key goes to the same server .* map-based and consistent, each function/,
  );
  assert.deepEqual(notes('timeout client'), []);
});

test('doc: an unknown word is answered with the nearest ones, exit status 1', () => {
  const r = docCommand(['timeout', 'cleint']);
  assert.equal(r.status, 1);
  assert.match(r.stderr, /^sluice doc: there is no word 'timeout cleint'; did you mean 'timeout client'/);
  assert.match(docCommand(['zzzzzzzzzzzz']).stderr, /see sluice doc --list/);
});

test('doc: --list names every word of a place with its status', () => {
  const r = docCommand(['--list', 'bind', 'lines']);
  assert.match(r.stdout, /^bind lines\n/);
  assert.match(r.stdout, /\n {2}interface +implemented\n/);
  assert.equal(docCommand(['--list', 'nowhere']).status, 1);
  assert.ok(docCommand(['--list']).stdout.split('\n').length > 500);
});

test('doc: without a word it asks for one', () => {
  assert.equal(docCommand([]).status, 1);
  assert.match(docCommand(['--help']).stdout, /sluice doc KEYWORD/);
});
